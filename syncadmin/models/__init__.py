"""What the administration of the sync remembers."""

from __future__ import annotations

from syncadmin.models.alerts import (
    Alert,
    AlertChannel,
    AlertClock,
    AlertDelivery,
    AlertKind,
    AlertState,
    Severity,
)
from syncadmin.models.api_use import ApiHour, ApiRequest, ApiRequestPerson, Purpose
from syncadmin.models.backfills import Backfill, KeptValue
from syncadmin.models.backlog import BacklogSample, ChangeCause
from syncadmin.models.bulk import BulkJob, BulkRow
from syncadmin.models.choices import SObject, Winner
from syncadmin.models.conflicts import FlipFlop, Resolution, SyncConflict
from syncadmin.models.connection import Connection
from syncadmin.models.decisions import Decision
from syncadmin.models.failures import FailureGroup, SyncFailure
from syncadmin.models.fields import FieldSync, ObjectField
from syncadmin.models.guard import GuardStop
from syncadmin.models.links import PendingCreate, PullCursor, RecordName, SyncState
from syncadmin.models.previews import PreviewItem, SyncPreview
from syncadmin.models.reconciles import ReconcileFinding, ReconcileRun, ReconcileSeen
from syncadmin.models.retention import Pruning, Retention
from syncadmin.models.runs import SyncRun, SyncStep
from syncadmin.models.schema import SchemaChange
from syncadmin.models.tokens import ApiToken
from syncadmin.models.tombstones import Tombstone
from syncadmin.models.who import SyncRule
from syncadmin.models.workers import Worker

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertClock",
    "AlertDelivery",
    "AlertKind",
    "AlertState",
    "ApiHour",
    "ApiRequest",
    "ApiRequestPerson",
    "ApiToken",
    "Backfill",
    "BacklogSample",
    "BulkJob",
    "BulkRow",
    "ChangeCause",
    "Connection",
    "Decision",
    "FailureGroup",
    "FieldSync",
    "FlipFlop",
    "GuardStop",
    "KeptValue",
    "ObjectField",
    "PendingCreate",
    "PreviewItem",
    "Pruning",
    "PullCursor",
    "Purpose",
    "ReconcileFinding",
    "ReconcileRun",
    "ReconcileSeen",
    "RecordName",
    "Resolution",
    "Retention",
    "SObject",
    "SchemaChange",
    "Severity",
    "SyncConflict",
    "SyncFailure",
    "SyncPreview",
    "SyncRule",
    "SyncRun",
    "SyncState",
    "SyncStep",
    "Tombstone",
    "Winner",
    "Worker",
]
