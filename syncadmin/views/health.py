"""Whether the installation works, for load balancers and monitoring; open to everybody, and so without details."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from syncadmin import queries
from syncadmin.models import SyncRun
from syncadmin.views.state import sync_state


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, 503 when it doesn't; ``sync`` and the times tell whether cycles go on."""
    try:
        return JsonResponse({"status": "ok", "database": "ok", **_cycles()})
    except DatabaseError:
        return JsonResponse({"status": "error", "database": "error"}, status=503)


def _cycles() -> dict[str, Any]:
    connection, last = queries.connection(), queries.last_run()
    return {
        "sync": sync_state(connection, last, timezone.now()).name,
        "running": last is not None and last.state == SyncRun.State.RUNNING,
        "last_cycle_at": last.started_at.isoformat() if last else None,
        "next_cycle_at": connection.next_cycle_at.isoformat()
        if connection and connection.next_cycle_at
        else None,
    }
