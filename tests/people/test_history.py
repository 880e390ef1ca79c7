"""The history of a field: every value it had, by whom, and back to any of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from people.history import history_of
from people.models import Activity, Person, PersonField
from people.services import create_person, edit_person, merge_people

NOW = timezone.now()


@pytest.fixture
def person(marketer: User) -> Person:
    made = create_person(
        {"last_name": "Byron", "city": "Ulm"}, source="CSV import", now=NOW - timedelta(hours=3)
    )
    for hours, city in ((2, "Bonn"), (1, "Rome")):
        edit_person(
            made.pk, {"city": city}, source="Edit page", actor=marketer, now=NOW - timedelta(hours=hours)
        )
    made.refresh_from_db()
    return made


def field(name: str = "city") -> PersonField:
    return PersonField.objects.get(name=name)


def test_every_value_is_told_with_who_gave_it(person: Person) -> None:
    history = history_of(person, field())
    assert [(one.value, one.entry and one.entry.source, one.is_now) for one in history.values] == [
        ("Rome", "Edit page", True), ("Bonn", "Edit page", False), ("Ulm", "CSV import", False),
    ]  # fmt: skip


def test_what_was_there_before_the_log_began_is_told_too(person: Person) -> None:
    Activity.objects.filter(type="new_person").update(attributes={"sfdc_id": "00Q"})
    assert [(one.value, one.at is None) for one in history_of(person, field()).values][-1] == ("Ulm", True)


def test_a_field_that_never_changed_has_the_value_of_now(person: Person) -> None:
    (one,) = history_of(person, field("company")).values
    assert (one.value, one.is_now, one.key) == (None, True, "")


def test_a_value_that_nobody_logged_is_the_one_of_now(person: Person) -> None:
    Person.objects.update(city="Oslo")
    person.refresh_from_db()
    values = [(one.value, one.is_now) for one in history_of(person, field()).values]
    assert values[:2] == [("Oslo", True), ("Rome", False)]


def test_a_value_taken_in_a_merge_is_told(person: Person) -> None:
    other = create_person({"last_name": "Byron", "company": "Acme"}, source="test", now=NOW)
    merge_people(person.pk, other.pk, source="Merge page", now=NOW)
    person.refresh_from_db()
    newest = history_of(person, field("company")).values[0]
    assert (newest.value, newest.is_now, newest.entry and newest.entry.type) == ("Acme", True, "merge_people")


def test_setting_back_is_an_ordinary_edit_with_its_reason(
    person: Person, as_user: Callable[[str], Client]
) -> None:
    Person.objects.filter(pk=person.pk).update(sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    key = history_of(person, field()).values[1].key
    page = f"/people/{person.pk}/fields/city/"
    assert "Set back to this value" in as_user("marketer").get(page).content.decode()
    answer = as_user("marketer").post(f"{page}set-back/", {"to": key, "reason": "A typo <b>"}, follow=True)
    assert "waits to be pushed" in answer.content.decode()
    person.refresh_from_db()
    assert (person.city, person.changed_at is not None) == ("Bonn", True)
    entry = person.activities.filter(type="change_data_value").latest("at")
    assert entry.attributes["reason"] == "Set back to an earlier value: A typo <b>"
    assert (entry.source, entry.actor and entry.actor.username) == ("Field history", "marketer")


@pytest.mark.parametrize(("name", "values"), [
    ("annual_revenue", ["100.5", "200"]), ("num_employees", [5, 7]), ("date_of_birth", ["2000-01-31", "2001-02-03"]),
    ("unsubscribed", [True, False]), ("notes", ["a\nb", "c"]), ("score", [1, None]),
])  # fmt: skip
def test_values_of_every_type_come_back(
    db: None, name: str, values: list[Any], as_user: Callable[[str], Client]
) -> None:
    from people.values import as_text, canonical, clean_value

    person = create_person({"last_name": "B"}, source="test", now=NOW)
    stored = [clean_value(field(name), as_text(value)) for value in values]
    for value in stored:
        edit_person(person.pk, {name: value}, source="test", now=timezone.now())
    key = history_of(Person.objects.get(), field(name)).values[1].key
    as_user("marketer").post(f"/people/{person.pk}/fields/{name}/set-back/", {"to": key})
    assert canonical(Person.objects.get().value(name)) == canonical(stored[0])


@pytest.mark.parametrize(("prepare", "words"), [
    (lambda: PersonField.objects.filter(name="city").update(is_read_only=True), "comes from Salesforce alone"),
    (lambda: PersonField.objects.filter(name="city").update(type="picklist", choices=["Oslo"]), "doesn’t fit any more"),
    (lambda: Person.objects.update(city="Bonn"), "has this value already"),
    (lambda: Activity.objects.all().delete(), "isn’t in the history"),
])  # fmt: skip
def test_what_can_not_be_set_back_is_refused_in_words(
    person: Person, as_user: Callable[[str], Client], prepare: Callable[[], Any], words: str
) -> None:
    key = history_of(person, field()).values[1].key
    before = Activity.objects.filter(source="Field history").count()
    prepare()
    answer = as_user("marketer").post(f"/people/{person.pk}/fields/city/set-back/", {"to": key}, follow=True)
    assert words in answer.content.decode()
    assert Activity.objects.filter(source="Field history").count() == before


@pytest.mark.parametrize("to", ["", "x", "-", "9-new", "1-x", "²-new", "a" * 500])
def test_nonsense_sets_nothing_back(person: Person, as_user: Callable[[str], Client], to: str) -> None:
    answer = as_user("marketer").post(f"/people/{person.pk}/fields/city/set-back/", {"to": to}, follow=True)
    assert "isn’t in the history" in answer.content.decode()


def test_a_read_only_field_offers_nothing_and_says_why(
    person: Person, as_user: Callable[[str], Client]
) -> None:
    PersonField.objects.filter(name="city").update(is_read_only=True)
    page = as_user("marketer").get(f"/people/{person.pk}/fields/city/").content.decode()
    assert "Set back to this value" not in page
    assert "Set it in Salesforce" in page


def test_a_viewer_looks_and_nothing_more(person: Person, as_user: Callable[[str], Client]) -> None:
    page = as_user("viewer").get(f"/people/{person.pk}/fields/city/").content.decode()
    assert "Bonn" in page
    assert "Set back to this value" not in page


def test_the_history_is_exported(person: Person, as_user: Callable[[str], Client]) -> None:
    text = as_user("viewer").get(f"/people/{person.pk}/fields/city/?csv").getvalue().decode()
    assert "Bonn,marketer,Edit page" in text
    assert as_user("viewer").get(f"/people/{person.pk}/fields/nonsense/").status_code == 404


def test_a_history_costs_as_many_statements_whatever_its_length(
    person: Person, as_user: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    Activity.objects.bulk_create(
        Activity(person=person, type="change_data_value", at=NOW - timedelta(days=n),
                 attributes={"field": "city", "old": str(n), "new": str(n + 1)})
        for n in range(1, 400)
    )  # fmt: skip
    browser = as_user("marketer")
    with django_assert_max_num_queries(14):
        page = browser.get(f"/people/{person.pk}/fields/city/").content.decode()
    assert "Older values are on the timeline" in page
