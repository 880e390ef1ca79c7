"""Who may see and change what: viewers read, marketers edit people and sync, administrators configure."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required

from people.access import marketer, viewer

administrator = permission_required("syncadmin.change_connection", raise_exception=True)

__all__ = ["administrator", "marketer", "viewer"]


def ensure_permissions(**_: Any) -> None:
    """Give administrators the right to configure the sync. Called after each migration."""
    from django.contrib.auth.models import Group, Permission

    group, _created = Group.objects.get_or_create(name="Administrator")
    group.permissions.add(*Permission.objects.filter(content_type__app_label="syncadmin"))
