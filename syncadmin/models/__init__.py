"""What the administration of the sync remembers."""

from __future__ import annotations

from syncadmin.models.choices import SObject, Winner
from syncadmin.models.connection import Connection
from syncadmin.models.failures import SyncFailure
from syncadmin.models.fields import FieldSync, ObjectField
from syncadmin.models.links import PendingCreate, PullCursor, SyncState
from syncadmin.models.runs import SyncRun, SyncStep

__all__ = [
    "Connection",
    "FieldSync",
    "ObjectField",
    "PendingCreate",
    "PullCursor",
    "SObject",
    "SyncFailure",
    "SyncRun",
    "SyncState",
    "SyncStep",
    "Winner",
]
