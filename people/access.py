"""Who may do what with people. Logged-in users without the permission get 403; others are sent to the login.

Three groups, of which the project's other apps may give more rights to each:
viewers read, marketers change, administrators do both (and configure the sync, which is not ours to say).
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.auth.decorators import permission_required

VIEWER, MARKETER, ADMINISTRATOR = "Viewer", "Marketer", "Administrator"

viewer = permission_required("people.view_person", raise_exception=True)
marketer = permission_required("people.change_person", raise_exception=True)

_VIEW = ("view_person", "view_personfield", "view_leadowner", "view_activity")
_CHANGE = (
    "add_person",
    "change_person",
    "delete_person",
    "add_importfile",
    "change_importfile",
    "view_importfile",
)
RIGHTS = {
    VIEWER: _VIEW,
    MARKETER: _VIEW + _CHANGE,
    ADMINISTRATOR: (*_VIEW, *_CHANGE, "add_personfield", "change_personfield", "change_leadowner"),
}


def create_groups(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After each migration: the groups exist and have our rights, whatever else they were given."""
    group_model = installed.get_model("auth", "Group")
    permissions = installed.get_model("auth", "Permission").objects.using(using)
    for name, codenames in RIGHTS.items():
        group, _ = group_model.objects.using(using).get_or_create(name=name)
        group.permissions.add(
            *permissions.filter(content_type__app_label=sender.label, codename__in=codenames)
        )


def create_standard_fields(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After each migration, and after a test emptied the database: every standard field is registered."""
    from people.standard_fields import standard_rows

    field_model = sender.get_model("PersonField")
    known = set(field_model.objects.using(using).values_list("name", flat=True))
    missing = [field_model(**row) for row in standard_rows() if row["name"] not in known]
    field_model.objects.using(using).bulk_create(missing, ignore_conflicts=True)
