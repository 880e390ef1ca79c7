"""The only writers of people: what they write, and what they leave on the activity log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people import batches, services
from people.fields import UnknownField
from people.models import Activity, ActivityType, Person, PersonField
from people.standard_fields import STANDARD_FIELDS
from tests.people.conftest import NOW

LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def shoe_size() -> PersonField:
    return services.add_field(label="Shoe size", type="integer")


def log_of(person: Person, kind: str = ActivityType.CHANGE_DATA_VALUE) -> list[Activity]:
    return list(person.activities.filter(type=kind).order_by("id"))


def test_every_standard_field_is_registered_in_its_order() -> None:
    rows = PersonField.objects.filter(is_custom=False).order_by("position")
    assert [(row.name, row.label, row.type, row.length) for row in rows] == [
        (field.name, field.label, field.type, field.length) for field in STANDARD_FIELDS
    ]
    assert [row.position for row in rows] == list(range(0, len(STANDARD_FIELDS) * 10, 10))


def test_every_standard_field_is_a_column_of_person() -> None:
    columns = {field.name for field in Person._meta.concrete_fields}
    assert {field.name for field in STANDARD_FIELDS} <= columns
    assert Person(state="Berlin").state == "Berlin"


def test_the_groups_have_their_rights() -> None:
    rights = {
        group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()
    }
    assert "view_person" in rights["Viewer"]
    assert "change_person" not in rights["Viewer"]
    assert {"view_person", "change_person", "delete_person"} <= rights["Marketer"] & rights["Administrator"]


def test_a_new_person_has_its_values_and_a_new_person_activity(
    marketer: User, shoe_size: PersonField
) -> None:
    values = {"last_name": "Lee", "email": "a@b.example", "shoe_size": 41, "city": ""}
    person = services.create_person(values, actor=marketer, source="New person page", now=NOW)
    person.refresh_from_db()
    assert (person.last_name, person.custom, person.created_at) == ("Lee", {"shoe_size": 41}, NOW)
    assert person.changed_at is None
    [activity] = person.activities.all()
    assert (activity.type, activity.actor, activity.source) == ("new_person", marketer, "New person page")


def test_a_change_leaves_an_activity_with_both_values_and_who_did_it(marketer: User, person: Person) -> None:
    changes = {"city": "Berlin", "annual_revenue": Decimal("5.50"), "last_name": "Lee"}
    changed = services.edit_person(
        person.pk, changes, actor=marketer, source="Edit page", reason="asked for", now=LATER
    )
    assert changed == ["city", "annual_revenue"]
    first, second = log_of(person)
    assert first.attributes == {
        "field": "city", "label": "City", "old": None, "new": "Berlin", "reason": "asked for",
    }  # fmt: skip
    assert second.attributes["new"] == 5.5
    assert (first.actor, first.source, first.at) == (marketer, "Edit page", LATER)


def test_a_change_counts_the_version_and_waits_if_the_person_is_in_salesforce(
    make_person: Callable[..., Person],
) -> None:
    here, there = make_person(), make_person(sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    for person in (here, there):
        services.edit_person(person.pk, {"city": "Bonn"}, source="test", now=LATER)
        person.refresh_from_db()
    assert (here.version, here.changed_at, here.updated_at) == (2, None, LATER)
    assert (there.version, there.changed_at) == (2, LATER)


def test_a_change_that_changes_nothing_leaves_no_trace(person: Person) -> None:
    same = {"last_name": "Lee", "city": "", "unsubscribed": False, "score": None}
    assert services.edit_person(person.pk, same, source="test", now=LATER) == []
    person.refresh_from_db()
    assert (person.version, person.updated_at) == (1, NOW)
    assert not person.activities.exists()


def test_a_blank_custom_value_is_absent(person: Person, shoe_size: PersonField) -> None:
    services.edit_person(person.pk, {"shoe_size": 41}, source="test", now=LATER)
    services.edit_person(person.pk, {"shoe_size": None}, source="test", now=LATER)
    person.refresh_from_db()
    assert person.custom == {}
    assert [entry.attributes["new"] for entry in log_of(person)] == [41, None]


def test_a_field_that_people_do_not_have_is_refused(person: Person) -> None:
    with pytest.raises(UnknownField, match="password"):
        services.edit_person(person.pk, {"password": "x"}, source="test", now=LATER)
    with pytest.raises(UnknownField):
        services.create_person({"sfdc_id": "x"}, source="test", now=LATER)
    with pytest.raises(Person.DoesNotExist):
        services.edit_person(0, {"city": "x"}, source="test", now=LATER)


def test_people_are_deleted_with_their_logs_and_the_others_stay(make_person: Callable[..., Person]) -> None:
    gone, stays = make_person(), make_person()
    services.edit_person(gone.pk, {"city": "Bonn"}, source="test", now=LATER)
    assert services.delete_people([gone.pk, 0], source="test", now=LATER) == 1
    assert list(Person.objects.all()) == [stays]
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Lead Score", "lead_score"), ("Größe (cm)", "grosse_cm"), ("Owner", "owner_2"), ("Id", "id_2"),
        ("State", "state_2"), ("日本", "field"), ("2nd", "f_2nd"), ("Custom", "custom_2"),
    ],
)  # fmt: skip
def test_a_new_field_is_named_after_its_label_and_never_like_another(label: str, name: str) -> None:
    field = services.add_field(label=label)
    assert field.name == name
    assert field.is_custom
    assert services.add_field(label=label).name != name


def test_merging_keeps_the_winner_fills_its_blanks_and_sums_the_score(
    make_person: Callable[..., Person], shoe_size: PersonField
) -> None:
    winner = make_person(city="Bonn", score=10, sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    loser = make_person(city="Berlin", score=20, phone="1", custom={"shoe_size": 41}, unsubscribed=True)
    services.edit_person(loser.pk, {"country": "DE"}, source="test", now=NOW)
    merged = services.merge_people(winner.pk, loser.pk, source="Salesforce", run_id=7, now=LATER)
    merged.refresh_from_db()
    assert (merged.pk, merged.city, merged.phone, merged.score) == (winner.pk, "Bonn", "1", 30)
    assert (merged.custom, merged.country, merged.sfdc_id) == ({"shoe_size": 41}, "DE", "00Q000000000001AAA")
    assert merged.changed_at == LATER
    assert not Person.objects.filter(pk=loser.pk).exists()
    kinds = list(merged.activities.order_by("id").values_list("type", flat=True))
    assert kinds == ["change_data_value", "merge_people"]
    merge = merged.activities.get(type="merge_people")
    assert merge.run_id == 7
    assert merge.attributes["loser_id"] == loser.pk
    assert merge.attributes["fields"]["score"] == [10, 30]


def test_a_winner_that_is_not_in_salesforce_takes_the_link_of_the_loser(
    make_person: Callable[..., Person],
) -> None:
    winner, loser = make_person(), make_person(sfdc_id="003000000000001AAA", sfdc_type="Contact")
    merged = services.merge_people(winner.pk, loser.pk, source="test", now=LATER)
    assert (merged.sfdc_id, merged.sfdc_type) == ("003000000000001AAA", "Contact")


def test_nobody_is_merged_with_itself_or_with_nobody(person: Person) -> None:
    with pytest.raises(ValueError, match="itself"):
        services.merge_people(person.pk, person.pk, source="test", now=LATER)
    with pytest.raises(Person.DoesNotExist):
        services.merge_people(person.pk, 0, source="test", now=LATER)


def _rows(count: int) -> list[dict[str, Any]]:
    return [
        {"last_name": f"Lee{i}", "email": f"l{i}@x.example", "shoe_size": i + 1, "unsubscribed": True}
        for i in range(count)
    ]


def test_many_people_are_written_as_one_would_be(shoe_size: PersonField, marketer: User) -> None:
    one = services.create_person(_rows(1)[0], actor=marketer, source="s", now=NOW)
    assert batches.create_people(_rows(1), actor=marketer, source="s", now=NOW) == 1
    other = Person.objects.exclude(pk=one.pk).get()
    changes = {"city": "Bonn", "annual_revenue": Decimal("7.25"), "shoe_size": None, "score": 3}
    services.edit_person(one.pk, changes, actor=marketer, source="e", now=LATER)
    assert batches.edit_people({other.pk: changes}, actor=marketer, source="e", now=LATER) == 1
    rows = []
    for pk in (one.pk, other.pk):
        person = Person.objects.values().get(pk=pk)
        log = list(
            Activity.objects.filter(person_id=pk)
            .order_by("id")
            .values("type", "at", "actor", "source", "attributes")
        )
        del person["id"]
        rows.append((person, log))
    assert rows[0] == rows[1]


def test_the_statements_do_not_grow_with_the_people(shoe_size: PersonField) -> None:
    counts = []
    for number in (10, 100):
        Person.objects.all().delete()
        with CaptureQueriesContext(
            connection,
        ) as created:
            batches.create_people(_rows(number), source="s", now=NOW)
        changes = {pk: {"city": "Bonn"} for pk in Person.objects.values_list("pk", flat=True)}
        with CaptureQueriesContext(connection) as edited:
            assert batches.edit_people(changes, source="s", now=LATER) == number
        counts.append((len(created), len(edited)))
    assert counts[0] == counts[1]
