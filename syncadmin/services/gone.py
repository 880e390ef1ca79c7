"""Records that no query shows any more: deleted for good, or hidden?"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime

from syncadmin.sync.ports import Org, RawRecord, SyncError


def gone_for_good(org: Org, object: str, ids: Sequence[str], now: datetime) -> dict[str, RawRecord]:
    """What no query shows is deleted only if Salesforce says so: sharing rules may hide it as well. One API call."""
    if not ids:
        return {}
    found: dict[str, str] = {}
    with contextlib.suppress(SyncError):  # not every user may ask; then nobody is taken for deleted
        found = org.find_deleted(object, ids, now)
    return {pk: {"Id": pk, "IsDeleted": True, "SystemModstamp": at} for pk, at in found.items()}
