"""What was refused for good is sent again once the settings have changed: this counts their changes."""

from __future__ import annotations

from django.db.models import F

from syncadmin.models import Connection


def settings_changed() -> None:
    """Fields, rules or settings are others now: whatever was refused under the old ones is tried once more.

    Called by whoever changes them, in the same transaction.
    """
    Connection.objects.update(settings_version=F("settings_version") + 1)
