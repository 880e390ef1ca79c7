"""What every page shows: the state of the sync, in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from syncadmin.models import Connection

#: Never needed to show a page; with a wrong encryption key, reading them would be an error on every one.
SECRETS = ("client_secret", "password", "security_token", "access_token")


def sync_state(request: HttpRequest) -> dict[str, Any]:
    """``connection``: the connection, or None; looked up only by pages that show it, and without its secrets."""
    return {"connection": SimpleLazyObject(lambda: Connection.objects.defer(*SECRETS).first())}
