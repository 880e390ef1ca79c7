"""Conflicts: both values are kept, and the one that lost can be taken after all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.models import Activity, Person, PersonField
from people.services import create_person
from syncadmin.models import Connection, FieldSync, SyncConflict
from syncadmin.services.review.conflicts import as_stored
from tests.flow import Stage

NOW = timezone.now()
READ, WRITE = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}
PAGES = [
    ("/sync/conflicts/", "get", READ),
    ("/sync/conflicts/export/", "get", READ),
    ("/sync/conflicts/resolve/", "post", WRITE),
    ("/sync/conflicts/{conflict}/take/", "post", WRITE),
]


@pytest.fixture
def person(db: None) -> Person:
    return create_person({"last_name": "Byron", "city": "Ulm"}, source="test", now=NOW)


def conflict_of(person: Person, **attributes: Any) -> SyncConflict:
    defaults = {"field": "city", "label": "City", "ours": "Ulm", "theirs": "Bonn", "winner": "ours",
                "reason": "both_changed", "theirs_by": "Salesforce: Sarah Bennett"}  # fmt: skip
    told = defaults | attributes
    entry = Activity.objects.create(person=person, type="conflict", at=NOW, attributes=told)
    return SyncConflict.objects.create(id=entry.pk, person=person, at=NOW, object="Lead", **told)


@pytest.fixture
def conflict(person: Person) -> SyncConflict:
    field = PersonField.objects.get(name="city")
    FieldSync.objects.create(field=field, lead_field="City", contact_field="MailingCity")
    return conflict_of(person)


@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator"])
@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_a_page_is_open_to_those_who_may_and_403_to_the_others(
    page: str,
    method: str,
    allowed: set[str],
    role: str,
    conflict: SyncConflict,
    as_user: Callable[[str], Any],
) -> None:
    status = getattr(as_user(role), method)(page.format(conflict=conflict.pk)).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], conflict: SyncConflict, client: Any
) -> None:
    assert getattr(client, method)(page.format(conflict=conflict.pk))["Location"].startswith("/login/")


@pytest.mark.parametrize("query", [
    "page=0", "per_page=0", "field=nonsense", "winner=x", "state=x", "object=x",
    "since=yesterday", "since=0000-00-00", "until=9999-12-31",
    "q=%00", "sort=nonsense", "sort=-person&sort=at",
])  # fmt: skip
@pytest.mark.parametrize("page", ["/sync/conflicts/", "/sync/conflicts/export/"])
def test_no_query_string_breaks_a_page(
    page: str, query: str, conflict: SyncConflict, as_user: Callable[[str], Any]
) -> None:
    assert as_user("viewer").get(f"{page}?{query}").status_code == 200


def test_the_page_explains_itself_while_it_is_empty(as_user: Callable[[str], Any]) -> None:
    assert "No conflicts so far" in as_user("viewer").get("/sync/conflicts/").content.decode()


def test_a_row_shows_both_values_who_won_and_why(
    conflict: SyncConflict, as_user: Callable[[str], Any]
) -> None:
    page = as_user("marketer").get("/sync/conflicts/").content.decode()
    for words in (
        "Ulm",
        "Bonn",
        "stayed",
        "Both sides changed it",
        "Salesforce: Sarah Bennett",
        "Take Salesforce’s",
    ):
        assert words in page
    assert "Take Salesforce’s" not in as_user("viewer").get("/sync/conflicts/").content.decode()


@pytest.mark.parametrize(("query", "found"), [
    ("field=city", True), ("state=stands", True), ("state=taken", False), ("object=Lead", True),
    ("object=Contact", False),
    ("winner=ours", True), ("winner=salesforce", False), ("q=byron", True), ("q=nobody", False),
    (f"since={NOW - timedelta(days=1):%Y-%m-%d}", True), (f"since={NOW + timedelta(days=2):%Y-%m-%d}", False),
    (f"until={NOW - timedelta(days=2):%Y-%m-%d}", False),
])  # fmt: skip
def test_filters_narrow_the_list(
    query: str, found: bool, conflict: SyncConflict, as_user: Callable[[str], Any]
) -> None:
    table = as_user("viewer").get(f"/sync/conflicts/?{query}").context["table"]
    assert (table.paginator.count == 1) is found


def test_the_export_has_what_the_filters_found(conflict: SyncConflict, as_user: Callable[[str], Any]) -> None:
    browser = as_user("viewer")
    assert "Lead,City,Ulm,Bonn,ours" in browser.get("/sync/conflicts/export/").getvalue().decode()
    assert len(browser.get("/sync/conflicts/export/?winner=salesforce").getvalue().decode().splitlines()) == 1


# --- The other value -----------------------------------------------------------------------------------------
def test_taking_the_other_value_is_an_edit_with_its_reason(
    conflict: SyncConflict, as_user: Callable[[str], Any]
) -> None:
    as_user("marketer").post(f"/sync/conflicts/{conflict.pk}/take/")
    conflict.person.refresh_from_db()
    assert conflict.person.city == "Bonn"
    entry = conflict.person.activities.get(type="change_data_value")
    assert entry.attributes["reason"] == "Took the other value of a conflict"
    assert (entry.source, entry.actor.username) == ("Conflicts page", "marketer")


def test_a_conflict_whose_field_holds_the_other_value_says_so_and_offers_nothing(
    conflict: SyncConflict, as_user: Callable[[str], Any]
) -> None:
    browser = as_user("marketer")
    browser.post(f"/sync/conflicts/{conflict.pk}/take/")
    page = browser.get("/sync/conflicts/").content.decode()
    assert "taken: the field holds it" in page
    assert f"/sync/conflicts/{conflict.pk}/take/" not in page
    answer = browser.post(f"/sync/conflicts/{conflict.pk}/take/", follow=True)
    assert "holds the other value already" in answer.content.decode()
    assert conflict.person.activities.filter(type="change_data_value").count() == 1


@pytest.mark.parametrize("field", ["gone", "status"])
def test_a_field_that_is_gone_or_read_only_can_not_be_taken(
    field: str, person: Person, as_user: Callable[[str], Any]
) -> None:
    PersonField.objects.filter(name="status").update(is_read_only=True)
    conflict = conflict_of(person, field=field, label="Some field", theirs="Open")
    browser = as_user("marketer")
    assert "Some field" in browser.get("/sync/conflicts/").content.decode() or field == "status"
    answer = browser.post(f"/sync/conflicts/{conflict.pk}/take/", follow=True)
    assert "edited here" in answer.content.decode()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(
    back: str, conflict: SyncConflict, as_user: Callable[[str], Any]
) -> None:
    answer = as_user("marketer").post(f"/sync/conflicts/{conflict.pk}/take/", {"back": back})
    assert answer["Location"] == "/sync/conflicts/"


def test_only_conflicts_can_be_taken(person: Person, as_user: Callable[[str], Any]) -> None:
    other = person.activities.get(type="new_person")
    assert as_user("marketer").post(f"/sync/conflicts/{other.pk}/take/").status_code == 404


@pytest.mark.parametrize(("name", "value"), [
    ("city", None), ("city", "Ulm"), ("annual_revenue", 1234.5), ("annual_revenue", None), ("score", 7),
    ("date_of_birth", "1815-12-10"), ("unsubscribed", True), ("unsubscribed", False),
])  # fmt: skip
def test_a_value_of_each_type_comes_back_as_it_was(person: Person, name: str, value: Any) -> None:
    from people.services import edit_person
    from people.values import canonical

    field = PersonField.objects.get(name=name)
    edit_person(person.pk, {name: as_stored(field, value)}, source="test", now=NOW)
    person.refresh_from_db()
    assert canonical(person.value(name)) == value


# --- With Salesforce -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("winner", ["ours", "salesforce"])
def test_the_value_that_lost_reaches_both_sides_once_it_is_taken(stage: Stage, winner: str) -> None:
    Connection.objects.update(lead_winner=winner)
    person = stage.person_as("lead")
    stage.emulator.edit("Lead", person.sfdc_id, City="Bonn")
    stage.cycle()
    lost = {"ours": "Bonn", "salesforce": "Hamburg"}[winner]
    person.refresh_from_db()
    assert person.city != lost

    conflict = person.activities.get(type="conflict")
    stage.browser.post(f"/sync/conflicts/{conflict.pk}/take/")
    stage.cycle()

    person.refresh_from_db()
    assert (person.city, stage.leads()[0]["City"]) == (lost, lost)
    assert person.activities.filter(type="conflict").count() == 1
