"""What the product can do; pages, commands and jobs call these and nothing deeper."""

from __future__ import annotations

from syncadmin.services.connecting import OtherOrgError, check_connection, connect, learn_org
from syncadmin.services.cycle import run_sync_cycle
from syncadmin.services.field_sync import Change, Choice, FieldRow, field_rows, plan_changes, save_changes
from syncadmin.services.outcomes import SyncOutcome
from syncadmin.services.owners import offered_owners, save_offered
from syncadmin.services.people import (
    NotConnectedError,
    check_owner,
    contacts_among,
    ready_connection,
    sync_people,
)
from syncadmin.services.queue import enqueue, on_requeue, requeue_lost
from syncadmin.services.schedule import pause, request_cycle, start_due_cycle
from syncadmin.sync.assignment import AssignTo

__all__ = [
    "AssignTo",
    "Change",
    "Choice",
    "FieldRow",
    "NotConnectedError",
    "OtherOrgError",
    "SyncOutcome",
    "check_connection",
    "check_owner",
    "connect",
    "contacts_among",
    "enqueue",
    "field_rows",
    "learn_org",
    "offered_owners",
    "on_requeue",
    "pause",
    "plan_changes",
    "ready_connection",
    "request_cycle",
    "requeue_lost",
    "run_sync_cycle",
    "save_changes",
    "save_offered",
    "start_due_cycle",
    "sync_people",
]  # fmt: skip
