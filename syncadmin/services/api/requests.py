"""The log of requests: what is kept of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncadmin.models import Connection
from syncadmin.store import api_use


def prune_requests(before: datetime) -> int:
    """Remove what was asked before a moment; how many requests. May be repeated, and broken off anywhere."""
    return api_use.prune(before)


def oldest_kept(now: datetime) -> datetime:
    """From when on requests are kept, as the setting says: what is older may be pruned."""
    days = Connection.objects.values_list("request_log_days", flat=True).first()
    return now - timedelta(days=days or 0)
