"""A rule as it is typed into its form: what can be asked, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from people.models import FieldGroup, FieldType, PersonField
from people.values import clean_value
from syncadmin.models import ObjectField, SyncRule
from syncadmin.services.who.words import operator_label
from syncadmin.sync.conditions import (
    BARE,
    MAX_DAYS,
    MAX_VALUES,
    OPERATORS,
    Condition,
    Kind,
    Operator,
    condition,
    kind_of,
)
from syncadmin.sync.fields import TYPE_OF_SALESFORCE

OF_PEOPLE = (SyncRule.Kind.INCLUSION, SyncRule.Kind.EXCLUSION)
#: Salesforce's long texts can't be asked for in a query.
_LONGEST_AREA = 255
#: The sync's own affairs, and what changes with every look at a record.
_NEVER = frozenset(
    {
        "Id", "IsDeleted", "MasterRecordId", "SystemModstamp", "LastModifiedDate", "LastModifiedById", "IsConverted",
        "ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "LastViewedDate",
        "LastReferencedDate", "LastActivityDate",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field that a rule can ask about."""

    name: str
    label: str
    type: str
    choices: tuple[str, ...] = ()
    group: str = ""
    now_alone: bool = False
    """Nothing that becomes true by the passing of time can be asked: nobody would look at the record again."""

    @property
    def operators(self) -> list[tuple[str, str]]:
        kind = kind_of(self.type)
        return [
            (operator.value, operator_label(operator, kind))
            for operator in OPERATORS[kind]
            if not (self.now_alone and operator is Operator.PAST_DAYS)
        ]


@dataclass(slots=True)
class Line:
    """One condition as it was typed. Several values are separated by semicolons."""

    field: str = ""
    operator: str = ""
    value: str = ""
    error: str = ""

    @property
    def is_bare(self) -> bool:
        return self.operator in BARE


@dataclass(slots=True)
class Draft:
    """A rule in the making."""

    kind: str
    is_on: bool = False
    match_any: bool = False
    lines: list[Line] = field(default_factory=list)
    error: str = ""

    @property
    def is_of_people(self) -> bool:
        return self.kind in OF_PEOPLE

    @property
    def is_wrong(self) -> bool:
        return bool(self.error or any(line.error for line in self.lines))


def asked_fields(kind: str) -> dict[str, AskedField]:
    """What a rule of this kind can ask about, by name, in the order of the form."""
    if kind in OF_PEOPLE:
        labels = dict(FieldGroup.choices)
        known = PersonField.objects.all()
        return {
            each.name: AskedField(
                each.name, each.label, each.type, tuple(each.choices), str(labels[each.group])
            )
            for each in sorted(known, key=lambda each: (FieldGroup.values.index(each.group), each.position))
        }
    offered = [each for each in ObjectField.objects.filter(object=kind, is_present=True) if _is_offered(each)]
    return {
        each.name: AskedField(
            each.name, _label(each), TYPE_OF_SALESFORCE[each.type], tuple(each.choices),
            str(_("Custom fields") if each.is_custom else _("Standard fields")), now_alone=True,
        )
        for each in sorted(offered, key=lambda each: (each.is_custom, each.label.lower()))
    }  # fmt: skip


def _label(each: ObjectField) -> str:
    return each.label if each.label == each.name else f"{each.label} ({each.name})"


def _is_offered(each: ObjectField) -> bool:
    """Changes of a formula don't move the record's stamp, so nobody would see that it meets the filter by now."""
    is_long = each.type == "textarea" and each.length > _LONGEST_AREA
    known = each.type in TYPE_OF_SALESFORCE and each.type != "encryptedstring"
    return known and not (is_long or each.is_calculated or each.name in _NEVER)


def draft_of(kept: SyncRule) -> Draft:
    """A stored rule, to be edited."""
    lines = [
        Line(each["field"], each["operator"], "; ".join(str(value) for value in each["values"]))
        for each in kept.conditions
    ]
    return Draft(kept.kind, kept.is_on, kept.match_any, lines)


def read(draft: Draft, fields: Mapping[str, AskedField]) -> tuple[Condition, ...]:
    """The conditions of a draft; what is wrong is noted in it."""
    found = []
    for line in draft.lines:
        if not (line.field or line.value.strip()):
            continue
        try:
            found.append(_condition(line, fields))
        except ValidationError as error:
            line.error = " ".join(error.messages)
    return tuple(found)


def _condition(line: Line, fields: Mapping[str, AskedField]) -> Condition:
    if line.field not in fields:
        raise ValidationError(_("Choose a field."))
    asked = fields[line.field]
    if line.operator not in dict(asked.operators):
        raise ValidationError(_("Choose what to ask of this field."))
    values = [] if line.is_bare else list(_values(line, asked))
    try:
        return condition(asked.name, asked.type, line.operator, values)
    except ValueError:
        raise ValidationError(_("This value can’t be used here: it is missing, or too long.")) from None


def _values(line: Line, asked: AskedField) -> Iterable[object]:
    if line.operator == Operator.PAST_DAYS:
        return [_days(line.value)]
    several = line.operator == Operator.ONE_OF
    texts = [text.strip() for text in (line.value.split(";") if several else [line.value])]
    texts = [text for text in texts if text]
    if not texts:
        raise ValidationError(_("Enter a value."))
    if len(texts) > MAX_VALUES:
        raise ValidationError(_("At most %s values fit.") % MAX_VALUES)
    return [_value(text, kind_of(asked.type)) for text in texts]


def _days(text: str) -> int:
    if not text.strip().isdecimal() or int(text) > MAX_DAYS:
        raise ValidationError(_("Enter a number of days."))
    return int(text)


_PLAIN = {
    Kind.NUMBER: FieldType.NUMBER,
    Kind.DATE: FieldType.DATE,
    Kind.MOMENT: FieldType.DATE,
    Kind.ID: FieldType.REFERENCE,
}


def _value(text: str, kind: Kind) -> Any:
    """What was typed, as the rule keeps it: dates and numbers may be written as on people's forms."""
    return clean_value(PersonField(type=_PLAIN[kind]), text) if kind in _PLAIN else text
