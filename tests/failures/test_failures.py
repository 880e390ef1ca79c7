"""The failures page: what was refused, why, and what can be done; retry, ignore, export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import FlowStepRun
from people import sfdc
from people.models import LeadOwner, Person
from people.services import create_person, edit_person
from syncadmin.models import Connection, SyncFailure, SyncRun
from syncadmin.store.failure_groups import put_into_groups
from syncadmin.store.waiting import pending
from tests.flow import Stage

NOW = timezone.now()
READ, WRITE = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}
PAGES = [
    ("/sync/failures/", "get", READ),
    ("/sync/failures/{failure}/", "get", READ),
    ("/sync/failures/export/", "get", READ),
    ("/sync/failures/ignore/", "post", WRITE),
    ("/sync/failures/assign/", "post", WRITE),
    ("/sync/failures/cancel/", "post", WRITE),
    ("/sync/failures/{failure}/create/", "post", WRITE),
    ("/sync/failures/{failure}/link/", "post", WRITE),
]


@pytest.fixture
def ready(db: None) -> Connection:
    return Connection.objects.create(pk=1, instance_url="http://127.0.0.1:1", org_id="00D000000000001AAA")


@pytest.fixture
def person(db: None) -> Person:
    return create_person({"last_name": "Byron", "email": "ada@acme.example"}, source="test", now=NOW)


def refuse(person: Person | None, **values: Any) -> SyncFailure:
    defaults: dict[str, Any] = {
        "direction": "push", "object": "Lead", "code": "STRING_TOO_LONG", "message": "Phone: data value too large",
        "fields": ["phone"], "values": {"phone": "0123"}, "first_at": NOW, "last_at": NOW,
    }  # fmt: skip
    failure = SyncFailure(person=person, **(defaults | values))
    put_into_groups([failure], NOW)
    failure.save()
    if person is not None and failure.state == "open":
        sfdc.mark_failing([person.pk], NOW)
    return failure


@pytest.fixture
def failure(ready: Connection, person: Person) -> SyncFailure:
    return refuse(person)


@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator"])
@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_a_page_is_open_to_those_who_may_and_403_to_the_others(
    page: str, method: str, allowed: set[str], role: str, failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    status = getattr(as_user(role), method)(page.format(failure=failure.pk)).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], failure: SyncFailure, client: Any
) -> None:
    assert getattr(client, method)(page.format(failure=failure.pk))["Location"].startswith("/login/")


@pytest.mark.parametrize("query", [
    "page=0", "page=x", "per_page=0", "state=nonsense", "code=%00", "code=" + "x" * 300, "q=%00", "direction=up",
    "object=Account", "sort=nonsense", "sort=-person", "sort=tries&sort=-since", "q=a+b", "state=", "group=x",
    "group=99999999999999999999", "group=0", "field=%00", "field=nothing", "owner=x", "step=x", "cycle=-1", "since=x",
    "since=2026-01-01&until=2999-12-31", "assignee=me", "assignee=x", "assignee=nobody", "assignee=" + "9" * 30,
    "all=1",
])  # fmt: skip
@pytest.mark.parametrize("page", ["/sync/failures/", "/sync/failures/export/"])
def test_no_query_string_breaks_a_page(
    page: str, query: str, failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    assert as_user("viewer").get(f"{page}?{query}").status_code == 200


def test_an_unknown_failure_is_404(as_user: Callable[[str], Any]) -> None:
    assert as_user("viewer").get("/sync/failures/999999/").status_code == 404


# --- Shown ----------------------------------------------------------------------------------------------
def test_the_page_is_calm_while_nothing_is_refused(as_user: Callable[[str], Any]) -> None:
    assert "Nothing is refused" in as_user("viewer").get("/sync/failures/").content.decode()


def test_a_row_names_rule_field_value_and_leads_to_the_field_that_must_be_corrected(
    failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    page = as_user("marketer").get("/sync/failures/").content.decode()
    for words in (
        "The text is too long",
        "data value too large",
        "Phone Number",
        "0123",
        "Shorten the value",
    ):
        assert words in page
    assert f"/people/{failure.person_id}/edit/#id_phone" in page


def test_the_summary_counts_each_code_and_says_what_to_do(
    failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    other = create_person({"last_name": "Lee"}, source="test", now=NOW)
    refuse(other, code="MISSING_REQUIRED", fields=["company"], values={"company": None})
    page = as_user("viewer").get("/sync/failures/").content.decode()
    assert "Last Name or Company is missing" in page
    assert "Shorten the value" in page


@pytest.mark.parametrize(("query", "found"), [
    ("", True), ("state=resolved", False), ("code=STRING_TOO_LONG", True), ("code=OTHER", False),
    ("direction=pull", False), ("object=Contact", False), ("q=byron", True), ("q=nobody", False),
])  # fmt: skip
def test_filters_narrow_the_list(
    query: str, found: bool, failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    table = as_user("viewer").get(f"/sync/failures/?{query}").context["table"]
    assert (table.paginator.count == 1) is found


def test_a_next_try_is_promised_to_people_who_are_in_salesforce_or_shall_be(
    ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    failure = refuse(
        person, code="UNABLE_TO_LOCK_ROW", retry_at=NOW + timedelta(minutes=5), is_permanent=False
    )
    browser, url = as_user("viewer"), f"/sync/failures/{failure.pk}/"
    SyncFailure.objects.update(person_version=person.version)
    assert "Next try" not in browser.get(url).content.decode()
    SyncFailure.objects.update(assign_to="rules")
    assert "Next try" in browser.get(url).content.decode()
    SyncFailure.objects.update(assign_to="keep")
    Person.objects.update(sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    assert "try 2 of 10" in browser.get(url).content.decode()


def test_a_field_that_people_do_not_have_is_named_as_salesforce_names_it(
    ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    refuse(person, fields=["Region__c"], values={})
    page = as_user("marketer").get("/sync/failures/").content.decode()
    assert "Region__c" in page
    assert "#id_" not in page


def test_a_persons_page_shows_its_open_failures_and_nothing_otherwise(
    failure: SyncFailure, person: Person, as_user: Callable[[str], Any]
) -> None:
    browser = as_user("marketer")
    page = browser.get(person.get_absolute_url()).content.decode()
    assert "The text is too long" in page
    assert "Shorten the value" in page
    assert 'action="/campaigns/retry/"' in page
    SyncFailure.objects.update(state="resolved")
    assert "The text is too long" not in browser.get(person.get_absolute_url()).content.decode()


def test_viewers_get_no_buttons(failure: SyncFailure, person: Person, as_user: Callable[[str], Any]) -> None:
    for url in ("/sync/failures/", f"/sync/failures/{failure.pk}/", person.get_absolute_url()):
        page = as_user("viewer").get(url).content.decode()
        assert "Retry</button>" not in page
        assert "/edit/" not in page


def test_the_export_has_what_the_filters_found(failure: SyncFailure, as_user: Callable[[str], Any]) -> None:
    browser = as_user("viewer")
    text = browser.get("/sync/failures/export/").getvalue().decode("utf-8-sig")
    assert "STRING_TOO_LONG" in text
    assert "Phone Number: 0123" in text
    assert len(browser.get("/sync/failures/export/?code=OTHER").getvalue().decode().splitlines()) == 1


def test_the_list_costs_the_same_for_one_row_and_for_many(
    ready: Connection, as_user: Callable[[str], Any], django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        refuse(create_person({"last_name": f"P{number}"}, source="test", now=NOW))
    browser = as_user("marketer")
    with django_assert_max_num_queries(26):
        browser.get("/sync/failures/")


# --- Retry ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("asked", "again"), [("", "rules"), ("keep", "rules"), ("rules", "rules")])
def test_a_retry_syncs_the_person_with_the_owner_that_was_asked_for(
    asked: str, again: str, ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    failure = refuse(person, assign_to=asked)
    answer = as_user("marketer").post("/campaigns/retry/", {"only": failure.pk, "back": "person"})
    run = FlowStepRun.objects.get()
    assert run.parameters == {"assign_to": again}
    assert answer["Location"] == f"{person.get_absolute_url()}?run={run.pk}#person-sync"


def test_a_retry_of_many_makes_one_run_for_each_owner(
    ready: Connection, as_user: Callable[[str], Any]
) -> None:
    LeadOwner.objects.create(sfdc_id="005000000000001AAA", kind="user", name="Ann")
    for number, asked in enumerate(["", "rules", "user:005000000000001AAA"]):
        refuse(create_person({"last_name": f"P{number}"}, source="test", now=NOW), assign_to=asked)
    data = {"code": "STRING_TOO_LONG", "direction": "push"}
    assert as_user("marketer").post("/campaigns/retry/", data)["Location"] == "/campaigns/"
    runs = {run.parameters["assign_to"]: run.total for run in FlowStepRun.objects.all()}
    assert runs == {"rules": 2, "user:005000000000001AAA": 1}


def test_a_retry_for_an_owner_who_is_gone_says_so(
    ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    failure = refuse(person, assign_to="user:005000000000009AAA")
    answer = as_user("marketer").post("/campaigns/retry/", {"ids": failure.pk}, follow=True)
    assert "with another owner" in answer.content.decode()
    assert not FlowStepRun.objects.exists()


@pytest.mark.parametrize("data", [{}, {"ids": "abc"}, {"only": "9" * 30}, {"code": "NOTHING"}])
def test_a_retry_of_nothing_does_nothing(
    data: dict[str, str], failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    answer = as_user("marketer").post("/campaigns/retry/", data)
    assert answer["Location"] == "/sync/failures/"
    assert not FlowStepRun.objects.exists()


def test_the_button_of_a_row_retries_that_row_alone(
    failure: SyncFailure, as_user: Callable[[str], Any]
) -> None:
    other = refuse(create_person({"last_name": "Lee"}, source="test", now=NOW))
    as_user("marketer").post("/campaigns/retry/", {"ids": [failure.pk], "only": other.pk})
    assert [item.person_id for item in FlowStepRun.objects.get().items.all()] == [other.person_id]


# --- Ignore -----------------------------------------------------------------------------------------------
def test_ignoring_asks_for_a_reason_and_keeps_it(failure: SyncFailure, as_user: Callable[[str], Any]) -> None:
    browser = as_user("marketer")
    assert browser.post("/sync/failures/ignore/", {"ids": failure.pk}).status_code == 200
    assert browser.post("/sync/failures/ignore/", {"ids": failure.pk, "reason": " "}).status_code == 422
    browser.post("/sync/failures/ignore/", {"ids": failure.pk, "reason": "A test record"})
    failure.refresh_from_db()
    assert (failure.state, failure.ignored_because) == ("ignored", "A test record")
    assert (failure.resolved_at, failure.ignored_at is not None) == (None, True)
    assert "A test record" in browser.get(f"/sync/failures/{failure.pk}/").content.decode()


def test_who_is_ignored_is_pushed_no_more_until_somebody_edits_it(
    ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    Person.objects.update(sfdc_id="00Q000000000001AAA", sfdc_type="Lead", changed_at=NOW, failed_at=NOW)
    failure = refuse(person, person_version=person.version)
    as_user("marketer").post("/sync/failures/ignore/", {"ids": failure.pk, "reason": "Not worth it"})
    person.refresh_from_db()
    assert person.failed_at is None
    assert not pending(NOW).exists()
    edit_person(person.pk, {"phone": "1"}, source="test", now=NOW)
    assert pending(NOW).exists()


# --- With Salesforce ---------------------------------------------------------------------------------------
def test_what_a_cycle_was_refused_is_retried_by_a_click(stage: Stage) -> None:
    person = stage.person_as("lead", phone="0" * 60)
    run = _cycle()
    failure = stage.failure(person)
    assert (failure.code, failure.fields, failure.run) == ("STRING_TOO_LONG", ["phone"], run)
    stage.edit(person, phone="0123")
    stage.browser.post("/campaigns/retry/", {"only": failure.pk})
    assert stage.work().state == "done"
    failure.refresh_from_db()
    assert failure.state == "resolved"


def _cycle() -> SyncRun | None:
    from syncadmin.services import run_sync_cycle

    return run_sync_cycle("command", lambda: datetime.now(tz=NOW.tzinfo))
