"""What administrators chose, compiled into the engine's rules."""

from __future__ import annotations

from syncadmin.models import Connection, FieldSync, ObjectField, SObject
from syncadmin.sync.fields import Direction, FieldRule, ObjectRules, Winner


def load_rules(connection: Connection) -> dict[str, ObjectRules]:
    """The rules of every object, by object name. A field that is gone or hidden is left out."""
    known = {(field.object, field.name): field for field in ObjectField.objects.filter(is_present=True)}
    syncs = list(FieldSync.objects.exclude(direction=Direction.OFF).select_related("field"))
    return {
        object: ObjectRules(
            object,
            tuple(rule for sync in syncs if (rule := _rule(connection, object, sync, known))),
            tuple(
                name
                for (owner, name), field in known.items()
                if owner == object and field.is_required and field.is_createable
            ),
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
        winner=Winner(sync.winner or default),
        blank_never_overwrites=sync.blank_never_overwrites,
        createable=field is not None and field.is_createable,
        updateable=field is not None and field.is_updateable,
        label=sync.field.label,
    )
