"""The settings of the sync, apart from the log-in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from syncadmin.models import Connection
from syncadmin.services.api.waiting import go_on
from syncadmin.services.settings_version import settings_changed

NAMES = (
    "pause_minutes", "lead_winner", "contact_winner", "matching", "contact_queue", "default_last_name",
    "default_company", "external_id_field", "guard_share", "guard_least", "max_tries", "reconcile_hour",
    "deleted_here", "api_allowance", "request_log", "request_log_bodies",
)  # fmt: skip

#: What decides who is sent, and with which values: what was refused may be accepted after a change of these.
_WHAT_IS_SENT = (
    "lead_winner", "contact_winner", "matching", "contact_queue", "default_last_name", "default_company",
    "external_id_field", "max_tries",
)  # fmt: skip


def save_settings(values: Mapping[str, Any]) -> bool:
    """Store settings, nothing else of the connection; a shorter or longer pause moves the next cycle.

    False without a connection. KeyError for a name that is no setting.
    """
    if unknown := values.keys() - set(NAMES):
        raise KeyError(f"not a setting: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        known = Connection.objects.select_for_update().only(*NAMES, "next_cycle_at").first()
        if known is None:
            return False
        before = {name: getattr(known, name) for name in NAMES}
        changes = dict(values)
        if known.next_cycle_at and "pause_minutes" in values:
            longer = timedelta(minutes=values["pause_minutes"] - known.pause_minutes)
            changes["next_cycle_at"] = known.next_cycle_at + longer
        if "reconcile_hour" in values:
            changes["next_reconcile_at"] = None  # the scheduler notes the next night
        Connection.objects.filter(pk=known.pk).update(**changes)
        if _decides_what_is_sent(before, values):
            settings_changed()
        if "api_allowance" in values and values["api_allowance"] != known.api_allowance:
            go_on(timezone.now())
    return True


def _decides_what_is_sent(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return any(name in values and values[name] != before[name] for name in _WHAT_IS_SENT)
