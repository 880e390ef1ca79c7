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
from syncadmin.health import freshness, missing_migrations
from syncadmin.models import SyncRun
from syncadmin.views.state import sync_state

NO_DATABASE = {"status": "error", "database": "error"}


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, 503 when it doesn't; ``sync`` and the times tell whether cycles go on."""
    try:
        return JsonResponse({"status": "ok", "database": "ok", **_cycles()})
    except DatabaseError:
        return JsonResponse(NO_DATABASE, status=503)


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


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all: whoever gets none may start it anew. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 if requests may be sent here: the database answers, and has all that this code needs. Else 503."""
    try:
        missing = missing_migrations()
    except DatabaseError:
        return JsonResponse(NO_DATABASE, status=503)
    if missing:
        return JsonResponse({"status": "error", "database": "ok", "migrations": "missing"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok", "migrations": "applied"})


@login_not_required
@never_cache
@require_safe
def sync(request: HttpRequest) -> JsonResponse:
    """200 if the sync keeps up, or isn't meant to; 503 if it should and doesn't.

    With ``?strict=1`` also 503 when it is paused, not started or not connected.
    """
    try:
        found = freshness(timezone.now())
    except DatabaseError:
        return JsonResponse(NO_DATABASE, status=503)
    is_well = found.is_well(strictly=request.GET.get("strict") == "1")
    told = {
        "status": "ok" if is_well else "error",
        "sync": found.name,
        "fresh": found.is_well(strictly=True),
        "last_good_cycle_at": found.good_at.isoformat() if found.good_at else None,
        "within_minutes": int(found.within.total_seconds() // 60),
    }
    return JsonResponse(told, status=200 if is_well else 503)
