"""Rules in words: on the pages, on the activity log, in the outcome of a click."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.models import PersonField
from people.values import display
from syncadmin.sync.conditions import Condition, Kind, Operator, Rule

O = Operator  # noqa: E741 - said a dozen times below
OPERATOR_LABELS = {
    O.IS: gettext_lazy("is"), O.IS_NOT: gettext_lazy("is not"), O.ONE_OF: gettext_lazy("is one of"),
    O.STARTS_WITH: gettext_lazy("starts with"), O.CONTAINS: gettext_lazy("contains"),
    O.GREATER: gettext_lazy("is greater than"), O.LESS: gettext_lazy("is less than"),
    O.BEFORE: gettext_lazy("is before"), O.AFTER: gettext_lazy("is after"),
    O.PAST_DAYS: gettext_lazy("is in the past days"), O.IS_TRUE: gettext_lazy("is ticked"),
    O.IS_FALSE: gettext_lazy("is not ticked"), O.IS_EMPTY: gettext_lazy("is empty"),
    O.IS_NOT_EMPTY: gettext_lazy("is not empty"),
}  # fmt: skip
#: Values of a list that are repeated in words.
SHOWN = 5


def operator_label(operator: Operator, kind: Kind) -> str:
    """What an operator is called for a kind of field."""
    if operator is Operator.ONE_OF and kind is Kind.CHOICES:
        return _("includes one of")
    return str(OPERATOR_LABELS[operator])


def in_words(condition: Condition, labels: Mapping[str, str]) -> str:
    """``Country is one of Germany, Austria``."""
    label = labels.get(condition.field, condition.field)
    if condition.operator is Operator.PAST_DAYS:
        days = int(str(condition.values[0]))
        return f"{label} " + ngettext("is in the past %s day", "is in the past %s days", days) % days
    values = [_shown(condition, value) for value in condition.values[:SHOWN]]
    more = len(condition.values) - SHOWN
    if more > 0:
        values.append(ngettext("%s more", "%s more", more) % more)
    return f"{label} {operator_label(condition.operator, condition.kind)} {', '.join(values)}".rstrip()


def _shown(condition: Condition, value: object) -> str:
    kind = "date" if condition.kind is Kind.MOMENT else condition.type
    return display(PersonField(type=kind), value)


def rule_in_words(rule: Rule, labels: Mapping[str, str]) -> str:
    """All conditions in one line."""
    joint = _(" or ") if rule.any else _(" and ")
    return joint.join(in_words(condition, labels) for condition in rule.conditions)
