"""Before a change of the field sync is saved: whom it would change, by what both sides last agreed on."""

from __future__ import annotations

from typing import Any

import pytest

from syncadmin.models import FieldSync
from syncadmin.services import Choice, plan_changes
from syncadmin.services.fields.effects import Effect, effect_on_people
from tests.cycle.conftest import Ada, Desk
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db


def effect_of(name: str, choice: Choice) -> Effect:
    return effect_on_people(plan_changes({f"s{FieldSync.objects.get(field__name=name).pk}": choice}))


def off(name: str) -> None:
    FieldSync.objects.filter(field__name=name).update(direction="off")


def test_an_edit_made_while_the_field_was_off_would_go_to_salesforce(desk: Desk, ada: Ada) -> None:
    off("job_title")
    desk.edit(ada[0], job_title="Mathematician")
    effect = effect_of("job_title", Choice("both"))
    assert (effect.people, effect.unknown) == (1, 0)
    (sample,) = effect.samples
    assert (sample.name, sample.old, sample.new, sample.there) == (
        "Ada Byron",
        "Countess",
        "Mathematician",
        True,
    )


def test_a_field_that_only_comes_from_salesforce_takes_its_value_back(desk: Desk, ada: Ada) -> None:
    desk.edit(ada[0], job_title="Mathematician")
    (sample,) = effect_of("job_title", Choice("from_salesforce")).samples
    assert (sample.old, sample.new, sample.there) == ("Mathematician", "Countess", False)


def test_who_is_in_step_doesnt_change(desk: Desk, ada: Ada) -> None:
    off("job_title")
    assert effect_of("job_title", Choice("both")).people == 0


def test_what_was_never_agreed_on_only_salesforce_knows(desk: Desk, ada: Ada) -> None:
    off("website")
    assert effect_of("website", Choice("both")).unknown == 1


def test_the_number_of_queries_does_not_grow(
    desk: Desk, emulator: Emulated, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", Title="T")
    desk.done()
    with django_assert_max_num_queries(12):
        effect = effect_of("job_title", Choice("from_salesforce"))
    assert effect.looked_at == effect.linked == 30
