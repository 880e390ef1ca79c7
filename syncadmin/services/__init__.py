"""What the product can do; pages, commands and jobs call these and nothing deeper."""

from __future__ import annotations

from syncadmin.services.backlog.now import backlog_now
from syncadmin.services.backlog.samples import on_backlog
from syncadmin.services.connecting import OtherOrgError, check_connection, connect, learn_org
from syncadmin.services.cycle.run import run_sync_cycle
from syncadmin.services.cycle.schedule import (
    NotStartedError,
    pause,
    request_cycle,
    start_due_cycle,
    start_syncing,
)
from syncadmin.services.fields.backfills import cancel_backfill, start_backfill, work_on_backfill
from syncadmin.services.fields.rows import FieldRow, field_rows
from syncadmin.services.fields.sync import Change, Choice, plan_changes, save_changes
from syncadmin.services.outcomes import SyncOutcome
from syncadmin.services.owners import offered_owners, save_offered
from syncadmin.services.people import (
    NotConnectedError,
    check_owner,
    contacts_among,
    ready_connection,
    sync_people,
)
from syncadmin.services.preview.previews import preview_now, request_preview, run_preview
from syncadmin.services.queue import enqueue, on_requeue, requeue_lost
from syncadmin.sync.assignment import AssignTo

__all__ = [
    "AssignTo",
    "Change",
    "Choice",
    "FieldRow",
    "NotConnectedError",
    "NotStartedError",
    "OtherOrgError",
    "SyncOutcome",
    "backlog_now",
    "cancel_backfill",
    "check_connection",
    "check_owner",
    "connect",
    "contacts_among",
    "enqueue",
    "field_rows",
    "learn_org",
    "offered_owners",
    "on_backlog",
    "on_requeue",
    "pause",
    "plan_changes",
    "preview_now",
    "ready_connection",
    "request_cycle",
    "request_preview",
    "requeue_lost",
    "run_preview",
    "run_sync_cycle",
    "save_changes",
    "save_offered",
    "start_backfill",
    "start_due_cycle",
    "start_syncing",
    "sync_people",
    "work_on_backfill",
]  # fmt: skip
