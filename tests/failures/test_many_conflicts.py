"""Take the other value of many conflicts at once; fields that conflict often; the table conflicts are found in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Activity, Person, PersonField
from people.services import create_person, edit_person, merge_people
from syncadmin import tasks
from syncadmin.models import FieldSync, Resolution, SyncConflict
from syncadmin.services.queue import requeue_lost
from syncadmin.services.review import resolving
from syncadmin.services.review.taking import Fate, fate_of
from tests.failures.test_conflicts import conflict_of
from tests.flow import Stage

NOW = timezone.now()
RESOLVE = "/sync/conflicts/resolve/"


@pytest.fixture
def city(db: None) -> PersonField:
    field = PersonField.objects.get(name="city")
    FieldSync.objects.create(field=field, lead_field="City", contact_field="MailingCity")
    return field


def people(number: int, **values: Any) -> list[Person]:
    return [
        create_person({"last_name": f"P{n}", "city": "Ulm"} | values, source="test", now=NOW)
        for n in range(number)
    ]


def cities() -> list[str]:
    return list(Person.objects.order_by("pk").values_list("city", flat=True))


@pytest.mark.parametrize(
    ("now", "stayed", "other", "locked", "fate"),
    [
        ("a", "a", "b", False, Fate.CHANGED),
        ("b", "a", "b", False, Fate.ALREADY),
        ("c", "a", "b", False, Fate.OVERTAKEN),
        ("", "a", None, False, Fate.ALREADY),
        ("", None, "b", False, Fate.CHANGED),
        ("a", "a", "b", True, Fate.LOCKED),
        ("b", "a", "b", True, Fate.ALREADY),
        ("c", "a", "b", True, Fate.LOCKED),
    ],
)
def test_only_the_very_value_that_won_gives_way(
    now: Any, stayed: Any, other: Any, locked: bool, fate: Fate
) -> None:
    assert fate_of(now, stayed, other, locked=locked) is fate


def test_those_that_are_ticked_get_the_other_value_and_the_page_says_how_many(
    city: PersonField, as_user: Callable[[str], Any]
) -> None:
    found = [conflict_of(person) for person in people(3)]
    edit_person(found[1].person_id, {"city": "Genf"}, source="test", now=NOW)
    answer = as_user("marketer").post(RESOLVE, {"ids": [c.pk for c in found]}, follow=True)
    assert cities() == ["Bonn", "Genf", "Bonn"]
    page = answer.content.decode()
    assert "2 values were changed." in page
    assert "1 had been edited since and was left alone." in page
    assert list(SyncConflict.objects.order_by("pk").values_list("state", flat=True)) == [
        "taken", "overtaken", "taken"
    ]  # fmt: skip


def test_each_change_is_an_edit_of_whoever_clicked(city: PersonField, as_user: Callable[[str], Any]) -> None:
    (person,) = people(1)
    as_user("marketer").post(RESOLVE, {"ids": [conflict_of(person).pk]})
    entry = person.activities.get(type="change_data_value")
    assert (entry.source, entry.actor.username) == ("Conflicts page", "marketer")
    assert entry.attributes["reason"] == "Took the other value of a conflict"


def test_all_means_all_that_the_filter_shows_and_nothing_else(
    city: PersonField, as_user: Callable[[str], Any]
) -> None:
    one, other = people(2)
    conflict_of(one)
    conflict_of(other, winner="salesforce", ours="Genf", theirs="Ulm")
    browser = as_user("marketer")
    browser.post(RESOLVE, {"all": "1", "filter": "winner=salesforce"})
    assert cities() == ["Ulm", "Genf"]
    browser.post(RESOLVE, {"all": "1", "filter": "winner=nonsense"})
    assert cities() == ["Ulm", "Genf"]


def test_several_conflicts_of_one_field_are_decided_in_their_order(
    city: PersonField, as_user: Callable[[str], Any]
) -> None:
    (person,) = people(1, city="C")
    conflict_of(person, ours="A", theirs="B")
    conflict_of(person, ours="C", theirs="D")
    as_user("marketer").post(RESOLVE, {"all": "1", "filter": ""})
    assert cities() == ["D"]
    assert list(SyncConflict.objects.order_by("pk").values_list("state", flat=True)) == ["overtaken", "taken"]


def test_a_field_that_can_not_be_edited_stands_and_is_counted(
    city: PersonField, as_user: Callable[[str], Any]
) -> None:
    PersonField.objects.filter(pk=city.pk).update(is_read_only=True)
    conflict = conflict_of(people(1)[0])
    answer = as_user("marketer").post(RESOLVE, {"ids": [conflict.pk]}, follow=True)
    assert "1 can’t be edited here." in answer.content.decode()
    conflict.refresh_from_db()
    assert (conflict.state, conflict.resolution_id) == ("stands", None)


def test_nothing_ticked_changes_nothing(city: PersonField, as_user: Callable[[str], Any]) -> None:
    conflict_of(people(1)[0])
    answer = as_user("marketer").post(RESOLVE, {"ids": ["x", "-1", "9" * 30]}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert not Resolution.objects.exists()


# --- Many ------------------------------------------------------------------------------------------------
@pytest.fixture
def many(city: PersonField, monkeypatch: pytest.MonkeyPatch) -> list[SyncConflict]:
    monkeypatch.setattr(resolving, "AT_ONCE", 2)
    monkeypatch.setattr(resolving, "PORTION", 2)
    return [conflict_of(person) for person in people(7)]


def request_all(as_user: Callable[[str], Any]) -> Resolution:
    as_user("marketer").post(RESOLVE, {"all": "1", "filter": ""})
    return Resolution.objects.latest("pk")


def test_many_are_left_to_the_worker_and_the_page_shows_how_far_it_is(
    many: list[SyncConflict], as_user: Callable[[str], Any]
) -> None:
    job = request_all(as_user)
    assert (job.state, job.total, set(cities())) == ("queued", 7, {"Ulm"})
    browser = as_user("viewer")
    assert "begins as soon as the worker is free" in browser.get(job.get_absolute_url()).content.decode()
    tasks.resolve(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed, set(cities())) == ("done", 7, {"Bonn"})
    page = browser.get(job.get_absolute_url()).content.decode()
    assert "7 values were changed." in page
    assert "hx-trigger" not in page


def test_a_job_that_is_doubled_or_done_again_changes_nothing_twice(
    many: list[SyncConflict], as_user: Callable[[str], Any]
) -> None:
    job = request_all(as_user)
    for _ in range(3):
        tasks.resolve(job.pk)
    Resolution.objects.update(state="queued")
    tasks.resolve(job.pk)
    job.refresh_from_db()
    assert job.changed == 7
    assert Activity.objects.filter(type="change_data_value").count() == 7


def test_a_job_whose_worker_is_killed_in_the_middle_goes_on_with_the_rest(
    many: list[SyncConflict], as_user: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request_all(as_user)
    take, calls = resolving.take_portion, []

    def dies(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            take(*args)  # all of it is written, and nothing committed
            raise KeyboardInterrupt
        return take(*args)

    monkeypatch.setattr(resolving, "take_portion", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.resolve(job.pk)
    assert cities().count("Bonn") == 4
    monkeypatch.undo()
    requeue_lost(timezone.now() + timedelta(minutes=11))
    tasks.resolve(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed, set(cities())) == ("done", 7, {"Bonn"})
    assert Activity.objects.filter(type="change_data_value").count() == 7


def test_a_cancelled_job_leaves_the_rest_as_it_was_and_another_may_take_it(
    many: list[SyncConflict], as_user: Callable[[str], Any]
) -> None:
    job = request_all(as_user)
    as_user("marketer").post(f"{job.get_absolute_url()}cancel/")
    tasks.resolve(job.pk)
    assert set(cities()) == {"Ulm"}
    tasks.resolve(request_all(as_user).pk)
    assert set(cities()) == {"Bonn"}


def test_what_one_job_is_about_no_other_takes(
    many: list[SyncConflict], as_user: Callable[[str], Any]
) -> None:
    first = request_all(as_user)
    assert request_all(as_user) == first


def test_a_portion_costs_the_same_however_many_are_in_it(
    city: PersonField, marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(number: int) -> int:
        for person in people(number):
            conflict_of(person)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            resolving.request(SyncConflict.objects.all(), "take_other", NOW, marketer)
        return len(caught)

    assert statements(2) == statements(40)


# --- Fields that conflict often ---------------------------------------------------------------------------
def test_a_field_that_conflicts_often_is_pointed_out_with_advice_and_a_way_to_follow_it(
    city: PersonField, as_user: Callable[[str], Any]
) -> None:
    (person,) = people(1)
    for number in range(25):
        conflict_of(person, winner="salesforce" if number == 0 else "ours")
    page = as_user("administrator").get("/sync/conflicts/").content.decode()
    assert "It conflicted 25 times in the last 7 days." in page
    assert "Our value stayed in 96 % of them." in page
    assert "let Salesforce win" in page
    assert f'/sync/fields/#f-s{FieldSync.objects.get(field=city).pk}"' in page
    assert "often" not in as_user("viewer").get("/sync/conflicts/?field=city").content.decode()


def test_old_conflicts_and_differences_at_a_first_link_point_nothing_out(
    city: PersonField, as_user: Callable[[str], Any]
) -> None:
    (person,) = people(1)
    for _ in range(25):
        conflict_of(person, reason="first_link")
        SyncConflict.objects.filter(pk=conflict_of(person).pk).update(at=NOW - timedelta(days=8))
    assert "conflict often" not in as_user("viewer").get("/sync/conflicts/").content.decode()


# --- The table --------------------------------------------------------------------------------------------
def test_each_conflict_is_on_the_log_and_in_the_table_under_one_id(stage: Stage) -> None:
    person = stage.person_as("lead")
    stage.emulator.edit("Lead", person.sfdc_id, City="Bonn")
    stage.cycle()
    entry = person.activities.get(type="conflict")
    row = SyncConflict.objects.get()
    assert (row.pk, row.person_id, row.at, row.run_id) == (entry.pk, person.pk, entry.at, entry.run_id)
    assert (row.field, row.object, row.winner) == ("city", "Lead", "ours")
    assert (row.ours, row.theirs) == ("Hamburg", "Bonn")


def test_conflicts_go_along_when_people_are_merged_and_away_when_they_are_deleted(city: PersonField) -> None:
    winner, loser = people(2)
    conflict = conflict_of(loser)
    merge_people(winner.pk, loser.pk, source="test", now=NOW)
    conflict.refresh_from_db()
    assert conflict.person_id == winner.pk
    winner.delete()
    assert not SyncConflict.objects.exists()


def test_the_migration_carries_over_what_the_log_tells_and_what_was_taken(city: PersonField) -> None:
    from importlib import import_module

    from django.apps import apps

    standing, taken = (conflict_of(person) for person in people(2))
    told = {"field": "city", "label": "City", "old": "Ulm", "new": "Bonn"}
    Activity.objects.create(
        person=taken.person, type="change_data_value", at=NOW, source="Conflicts page", attributes=told
    )
    SyncConflict.objects.all().delete()
    migration = import_module("syncadmin.migrations.0010_flip_flops")
    for _ in range(2):
        migration.carry_over(apps, None)
    rows = {row.pk: row for row in SyncConflict.objects.all()}
    assert {pk: row.state for pk, row in rows.items()} == {standing.pk: "stands", taken.pk: "taken"}
    row = rows[standing.pk]
    assert (row.field, row.ours, row.theirs, row.winner) == ("city", "Ulm", "Bonn", "ours")
    assert row.theirs_by == "Salesforce: Sarah Bennett"


@pytest.mark.parametrize("path", ["/sync/conflicts/", "/sync/conflicts/export/"])
def test_the_statements_of_a_page_do_not_grow_with_its_rows(
    path: str, city: PersonField, as_user: Callable[[str], Any]
) -> None:
    browser = as_user("marketer")

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            b"".join(browser.get(path))
        return len(caught)

    for person in people(2):
        conflict_of(person)
    few = statements()
    for person in people(20):
        conflict_of(person)
    assert statements() == few
