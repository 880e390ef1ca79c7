"""Who is never pushed: by the cycle, by a click, by a flow step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from people.models import PersonField
from syncadmin.services.who.words import rule_in_words
from syncadmin.store import who
from syncadmin.store.pushed import Pushed
from syncadmin.sync.assignment import Action, Step
from syncadmin.sync.conditions import Rule
from syncadmin.sync.predicates import holds
from syncadmin.sync.pushes import PushPlan
from syncadmin.sync.records import LinkedPerson

CODE = "EXCLUDED"


def without_excluded(
    people: Mapping[int, LinkedPerson], now: datetime
) -> tuple[dict[int, LinkedPerson], list[Pushed]]:
    """Those of these people whom no exclusion rule keeps from being pushed, and what is told of the others."""
    rule = who.exclusion()
    if rule is None:
        return dict(people), []
    today, reason = who.days(now), exclusion_in_words(rule)
    never = {pk for pk, person in people.items() if holds(rule, person.values, today)}
    told = [Pushed(PushPlan(people[pk], Step(Action.NOT_SENT)), excluded=reason) for pk in sorted(never)]
    return {pk: person for pk, person in people.items() if pk not in never}, told


def exclusion_in_words(rule: Rule) -> str:
    """The rule, as a person's page and log tell it."""
    if not rule.conditions:  # which no administrator can save
        return _("The exclusion rule can’t be read any more, so nobody is pushed.")
    labels = dict(PersonField.objects.filter(name__in=rule.fields).values_list("name", "label"))
    return rule_in_words(rule, labels)
