"""What administrators chose, compiled into the engine's rules."""

from __future__ import annotations

from django.utils import timezone

from syncadmin.models import Connection, FieldSync, ObjectField, SObject
from syncadmin.store.who import record_filters
from syncadmin.sync.fields import Direction, FieldRule, ObjectRules, Winner, fits


def load_rules(connection: Connection) -> dict[str, ObjectRules]:
    """The rules of every object, by object name.

    Left out: a field that is gone or hidden, one whose type has changed to what its person field can't hold, and one
    whose values are being converted at this moment.
    """
    known = {(field.object, field.name): field for field in ObjectField.objects.filter(is_present=True)}
    syncs = list(
        FieldSync.objects.exclude(direction=Direction.OFF).exclude(is_converting=True).select_related("field")
    )
    filters = record_filters(timezone.now())
    return {
        object: ObjectRules(
            object,
            tuple(rule for sync in syncs if (rule := _rule(connection, object, sync, known))),
            tuple(
                name
                for (owner, name), field in known.items()
                if owner == object and field.is_required and field.is_createable
            ),
            filters.get(object),
        )
        for object in SObject.values
    }


def _rule(
    connection: Connection, object: str, sync: FieldSync, known: dict[tuple[str, str], ObjectField]
) -> FieldRule | None:
    api_name = sync.lead_field if object == SObject.LEAD else sync.contact_field
    followed = "." in api_name
    field = known.get((object, api_name))
    if not api_name or (field is None and not followed):
        return None
    if field is not None and not fits(sync.field.type, field.type):
        return None
    direction = Direction(sync.direction)
    read_only = followed or (field is not None and field.is_read_only)
    if read_only and direction is Direction.TO_SALESFORCE:
        return None
    default = connection.lead_winner if object == SObject.LEAD else connection.contact_winner
    return FieldRule(
        name=sync.field.name,
        api_name=api_name,
        type=sync.field.type,
        direction=Direction.FROM_SALESFORCE if read_only else direction,
        winner=_winner(sync, default),
        blank_never_overwrites=sync.blank_never_overwrites,
        createable=field is not None and field.is_createable,
        updateable=field is not None and field.is_updateable,
        label=sync.field.label,
        relation=field.relationship_name if field is not None and field.is_name_readable else "",
    )


def _winner(sync: FieldSync, default: str) -> Winner:
    """The field's own choice, else the object's. A tick is never lost unless somebody chose that for the field."""
    if sync.field.type == "boolean":
        return Winner(sync.winner or Winner.OPTED_OUT)
    return Winner(sync.winner if sync.winner in (Winner.OURS, Winner.SALESFORCE) else default)
