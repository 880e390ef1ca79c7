"""What every page shows: the state of the sync, in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from syncadmin.models import Connection


def sync_state(request: HttpRequest) -> dict[str, Any]:
    """``connection``: the connection, or None; looked up only by pages that show it."""
    return {"connection": SimpleLazyObject(lambda: Connection.objects.first())}
