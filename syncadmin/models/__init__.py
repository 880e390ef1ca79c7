"""What the administration of the sync remembers."""

from __future__ import annotations

from syncadmin.models.api_use import ApiHour, ApiRequest, ApiRequestPerson, Purpose
from syncadmin.models.backfills import Backfill, KeptValue
from syncadmin.models.bulk import BulkJob, BulkRow
from syncadmin.models.choices import SObject, Winner
from syncadmin.models.connection import Connection
from syncadmin.models.failures import SyncFailure
from syncadmin.models.fields import FieldSync, ObjectField
from syncadmin.models.guard import GuardStop
from syncadmin.models.links import PendingCreate, PullCursor, RecordName, SyncState
from syncadmin.models.previews import PreviewItem, SyncPreview
from syncadmin.models.reconciles import ReconcileFinding, ReconcileRun, ReconcileSeen
from syncadmin.models.runs import SyncRun, SyncStep
from syncadmin.models.schema import SchemaChange
from syncadmin.models.tombstones import Tombstone
from syncadmin.models.who import SyncRule

__all__ = [
    "ApiHour",
    "ApiRequest",
    "ApiRequestPerson",
    "Backfill",
    "BulkJob",
    "BulkRow",
    "Connection",
    "FieldSync",
    "GuardStop",
    "KeptValue",
    "ObjectField",
    "PendingCreate",
    "PreviewItem",
    "PullCursor",
    "Purpose",
    "ReconcileFinding",
    "ReconcileRun",
    "ReconcileSeen",
    "RecordName",
    "SObject",
    "SchemaChange",
    "SyncFailure",
    "SyncPreview",
    "SyncRule",
    "SyncRun",
    "SyncState",
    "SyncStep",
    "Tombstone",
    "Winner",
]
