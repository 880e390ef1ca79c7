"""What every page shows: the state of the sync, in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from syncadmin.models import Alert, Connection

#: Never needed to show a page; with a wrong encryption key, reading them would be an error on every one.
SECRETS = ("client_secret", "password", "security_token", "access_token")


def sync_state(request: HttpRequest) -> dict[str, Any]:
    """``connection``: the connection, or None; looked up only by pages that show it, and without its secrets.

    ``open_alerts``: how many alerts are not over.
    """
    return {
        "connection": SimpleLazyObject(lambda: Connection.objects.defer(*SECRETS).first()),
        "open_alerts": SimpleLazyObject(lambda: Alert.objects.filter(closed_at=None).count()),
    }
