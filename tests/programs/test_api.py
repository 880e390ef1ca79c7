"""/api/v1/: what programs find, in pages that stay fast, and what they are told when they ask wrongly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from people.models import Activity, ActivityType, LeadOwner, Person, PersonState
from syncadmin.api.docs import described
from syncadmin.api.serving import document
from syncadmin.models import ApiToken, SyncFailure, SyncRun, SyncState
from syncadmin.services.tokens import create_token
from tests.conftest import NOW
from tests.programs.conftest import Ask

LISTS = ("people/", "activities/", "runs/", "failures/")


@pytest.fixture
def something(
    make_person: Callable[..., Person], make_activity: Callable[..., Activity], make_run: Callable[..., SyncRun],
    make_failure: Callable[..., SyncFailure], owner: LeadOwner,
) -> dict[str, int]:  # fmt: skip
    """One of each; the ids."""
    person = make_person(
        first_name="Ana", company="Acme", annual_revenue="1234.50", date_of_birth="1990-02-03", score=7,
        custom={"colour": "Red", "size": 3}, sfdc_type="Lead", sfdc_id="00Q000000000001AAA", owner=owner,
    )  # fmt: skip
    return {
        "people/": person.pk,
        "activities/": make_activity(
            person=person, attributes={"field": "city", "old": "", "new": "Rome"}
        ).pk,
        "runs/": make_run().pk,
        "failures/": make_failure(person=person).pk,
    }


def everything(ask: Ask, path: str, **query: Any) -> list[dict[str, Any]]:
    """All items, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = ask(path, **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.content
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


# --- What is told ----------------------------------------------------------------------------------------
def test_the_openapi_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


@pytest.mark.parametrize("path", LISTS)
def test_answers_are_what_the_document_says(path: str, ask: Ask, something: dict[str, int]) -> None:
    for address, given in ((path, path), (f"{path}{something[path]}/", f"{path}{{{_singular(path)}_id}}/")):
        told = document()["paths"][f"/api/v1/{given}"]["get"]["responses"]["200"]
        schema = told["content"]["application/json"]["schema"]
        answer = ask(address)
        assert answer.status_code == 200
        Draft202012Validator({**schema, "components": document()["components"]}).validate(answer.json())


def _singular(path: str) -> str:
    names = {"people/": "person", "activities/": "activity", "runs/": "run", "failures/": "failure"}
    return names[path]


def test_a_person_is_told_with_all_values(ask: Ask, something: dict[str, int]) -> None:
    told = ask(f"people/{something['people/']}/").json()
    assert (told["first_name"], told["annual_revenue"], told["date_of_birth"]) == (
        "Ana",
        "1234.50",
        "1990-02-03",
    )
    assert told["custom"] == {"colour": "Red", "size": 3}
    assert told["owner"] == {"sfdc_id": "005000000000001AAA", "kind": "user", "name": "Maria"}
    assert told["sync_state"] == "in_step"
    assert told["updated_at"] == "2026-11-22T12:00:00Z"


def test_an_owner_who_is_not_known_yet_is_told_by_id(ask: Ask, make_person: Callable[..., Person]) -> None:
    person = make_person(owner_id="00G000000000009AAA")
    assert ask(f"people/{person.pk}/").json()["owner"] == {
        "sfdc_id": "00G000000000009AAA", "kind": "queue", "name": "",
    }  # fmt: skip


def test_a_cycle_is_told_with_its_steps(ask: Ask, something: dict[str, int]) -> None:
    (run,) = ask("runs/").json()["items"]
    assert [(step["operation"], step["updated"]) for step in run["steps"]] == [("pull", 5), ("push", 5)]


def test_a_failure_is_told_in_words(ask: Ask, something: dict[str, int]) -> None:
    (failure,) = ask("failures/", state="open").json()["items"]
    assert failure["message"] == "Required fields are missing: [Company]"
    assert failure["title"]
    assert failure["advice"]


# --- Pages ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_everybody_comes_once_however_many_have_the_same_moment(
    order: str, ask: Ask, make_person: Callable[..., Person]
) -> None:
    ids = [make_person(at=NOW + timedelta(seconds=number // 5)).pk for number in range(17)]
    found = [item["id"] for item in everything(ask, "people/", limit=3, order=order)]
    assert found == (ids if order == "oldest" else ids[::-1])


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_activities_of_one_type_come_page_by_page(
    order: str, ask: Ask, make_activity: Callable[..., Activity]
) -> None:
    types = ("new_person", "change_owner", "conflict")
    made = [make_activity(types[n % 3], at=NOW + timedelta(seconds=n // 4)) for n in range(21)]
    wanted = [each.pk for each in made if each.type == "change_owner" and each.at > NOW]
    found = everything(
        ask, "activities/", type="change_owner", since="2026-11-22T12:00:01Z", limit=2, order=order
    )
    assert [item["id"] for item in found] == (wanted if order == "oldest" else wanted[::-1])
    cursor = ask("activities/", type="conflict", limit=2).json()["next_cursor"]
    assert ask("activities/", type="new_person", cursor=cursor).status_code == 400
    assert ask("activities/", cursor=cursor).status_code == 400


@pytest.mark.parametrize("path", LISTS)
def test_pages_follow_each_other_in_every_list(
    path: str, ask: Ask, make_activity: Callable[..., Activity], make_run: Callable[..., SyncRun],
    make_failure: Callable[..., SyncFailure],
) -> None:  # fmt: skip
    for _ in range(5):
        make_activity()
        make_run()
        make_failure()
    whole = [item["id"] for item in ask(path).json()["items"]]
    assert [item["id"] for item in everything(ask, path, limit=2)] == whole
    assert len(whole) >= 5


def test_who_changes_meanwhile_is_not_missed(ask: Ask, make_person: Callable[..., Person]) -> None:
    people = [make_person(at=NOW + timedelta(seconds=number)) for number in range(4)]
    first = ask("people/", limit=2).json()
    Person.objects.filter(pk=people[0].pk).update(updated_at=NOW + timedelta(minutes=1))
    rest = ask("people/", cursor=first["next_cursor"]).json()["items"]
    assert [item["id"] for item in rest] == [people[2].pk, people[3].pk, people[0].pk]


@pytest.mark.parametrize("path", LISTS)
def test_the_number_of_statements_does_not_grow(
    path: str, ask: Ask, make_activity: Callable[..., Activity], make_run: Callable[..., SyncRun],
    make_failure: Callable[..., SyncFailure], owner: LeadOwner,
) -> None:  # fmt: skip
    def statements() -> int:
        with CaptureQueriesContext(database) as captured:
            assert ask(path).status_code == 200
        return len(captured)

    def more(number: int) -> None:
        for _ in range(number):
            make_activity()
            make_run()
            make_failure()
        Person.objects.update(owner=owner)

    more(1)
    few = statements()
    more(12)
    assert statements() == few
    assert few <= 6


def test_a_cycle_under_way_holds_back_what_a_reader_may_be_sure_of(
    ask: Ask, make_run: Callable[..., SyncRun]
) -> None:
    before = ask("people/").json()["complete_until"]
    make_run("running", at=NOW - timedelta(hours=1))
    assert before > "2026-11-22T10:55:00Z"
    assert ask("people/").json()["complete_until"] == "2026-11-22T10:55:00Z"


# --- Filters ----------------------------------------------------------------------------------------------
def test_people_are_found_by_what_is_asked(
    ask: Ask, make_person: Callable[..., Person], owner: LeadOwner
) -> None:
    def names(**query: Any) -> list[str]:
        return [item["last_name"] for item in ask("people/", **query).json()["items"]]

    lead = make_person(
        last_name="Lead", email="lead@x.example", sfdc_type="Lead", sfdc_id="00Q1", owner=owner
    )
    make_person(last_name="Contact", sfdc_type="Contact", sfdc_id="0031", changed_at=NOW)
    make_person(last_name="Refused", failed_at=NOW, at=NOW + timedelta(days=1))
    make_person(last_name="Nobody", at=NOW - timedelta(days=1))
    SyncState.objects.create(sfdc_id="00Q000000000001AAA", object="Lead", person=lead, synced_at=NOW)
    assert names(sfdc_type="Lead") == ["Lead"]
    assert names(email="lead@x.example") == names(email="LEAD@x.example") == ["Lead"]
    assert names(sfdc_id="00Q000000000001AAA") == ["Lead"]
    assert names(owner=owner.pk) == ["Lead"]
    assert names(state="waiting") == ["Contact"]
    assert names(state="failing") == ["Refused"]
    assert names(state="not_in_sfdc") == ["Nobody"]
    assert names(updated_since="2026-11-22T12:00:00Z") == ["Lead", "Contact", "Refused"]
    assert names(updated_since="2026-11-22T14:00:00+02:00", sfdc_type="Contact") == ["Contact"]
    assert names(updated_since="2026-11-22") == ["Lead", "Contact", "Refused"]


def test_the_others_are_found_by_what_is_asked(
    ask: Ask, make_activity: Callable[..., Activity], make_run: Callable[..., SyncRun],
    make_failure: Callable[..., SyncFailure],
) -> None:  # fmt: skip
    def ids(path: str, **query: Any) -> list[int]:
        return [item["id"] for item in ask(path, **query).json()["items"]]

    old, new = NOW - timedelta(days=3), NOW
    first, merge = make_activity(at=old), make_activity("merge_people", at=new)
    assert ids("activities/", person=first.person_id) == [first.pk]
    assert ids("activities/", type="merge_people") == [merge.pk]
    assert ids("activities/", since=NOW.isoformat()) == [merge.pk]
    bad, good = make_run("failed", at=old), make_run(at=new)
    assert ids("runs/", state="failed") == [bad.pk]
    assert ids("runs/", since=NOW.isoformat()) == [good.pk]
    done, held = (
        make_failure("resolved", at=old),
        make_failure(direction="pull", code="SEVERAL_MATCHES", at=new),
    )
    assert ids("failures/", state="resolved") == ids("failures/", person=done.person_id) == [done.pk]
    assert ids("failures/", code="SEVERAL_MATCHES") == ids("failures/", direction="pull") == [held.pk]
    assert ids("failures/", since=NOW.isoformat(), object="Lead") == [held.pk]


def test_every_state_and_every_type_can_be_asked_for(ask: Ask) -> None:
    assert {ask("people/", state=state).status_code for state in PersonState.values} == {200}
    assert {ask("activities/", type=type).status_code for type in ActivityType.values} == {200}


# --- What hasn't changed ------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", LISTS)
def test_what_has_not_changed_is_not_sent_again(path: str, ask: Ask, something: dict[str, int]) -> None:
    for address in (path, f"{path}{something[path]}/"):
        known = ask(address)["ETag"]
        again = ask(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")


def test_a_changed_person_is_sent_again(ask: Ask, something: dict[str, int]) -> None:
    for address in ("people/", f"people/{something['people/']}/"):
        known = ask(address)["ETag"]
        Person.objects.update(last_name=f"Other{address}")
        assert ask(address, headers={"If-None-Match": known}).status_code == 200


# --- Errors --------------------------------------------------------------------------------------------------
WRONG = [
    ("people/", {"limit": "0"}, "limit"), ("people/", {"limit": "501"}, "limit"), ("people/", {"limit": "x"}, "limit"),
    ("people/", {"updated_since": "yesterday"}, "updated_since"),
    ("people/", {"updated_since": "0001-01-01T00:00:00+14:00"}, None),
    ("people/", {"sfdc_type": "Account"}, "sfdc_type"), ("people/", {"state": "x"}, "state"),
    ("people/", {"email": "a\0b"}, None), ("people/", {"order": "random"}, "order"),
    ("activities/", {"person": "9" * 30}, "person"), ("activities/", {"type": "x"}, "type"),
    ("runs/", {"state": "open"}, "state"), ("failures/", {"state": "running"}, "state"),
    ("people/" + "9" * 30 + "/", {}, "person_id"), ("people/0/", {}, "person_id"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query", "parameter"), WRONG)
def test_a_senseless_question_is_refused_in_words(
    path: str, query: dict[str, str], parameter: str | None, ask: Ask
) -> None:
    answer = ask(path, **query)
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert error["code"] == "invalid_parameter"
    assert error["message"]
    assert parameter is None or error["parameter"] == parameter


def test_a_misspelt_filter_does_not_return_everybody(ask: Ask) -> None:
    answer = ask("people/", mail="a@x.example")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unknown_parameter"
    assert "email" in answer.json()["error"]["message"]


CURSORS = [
    "x",
    "e30",
    "W10",
    "bnVsbA",
    "WyJydW5zIiwib2xkZXN0IiwxXQ",
    "WyJwZW9wbGUiLCJvbGRlc3QiLCJ4IiwxXQ",
    "%F0%9F%98%80",
]


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_forged_cursor_is_refused(cursor: str, ask: Ask) -> None:
    answer = ask("people/", cursor=cursor)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_cursor"


def test_a_cursor_is_of_one_list_and_one_order(ask: Ask, make_person: Callable[..., Person]) -> None:
    for _ in range(3):
        make_person()
    cursor = ask("people/", limit=1).json()["next_cursor"]
    assert ask("people/", cursor=cursor).status_code == 200
    assert ask("people/", cursor=cursor, order="newest").status_code == 400
    assert ask("runs/", cursor=cursor).status_code == 400


@pytest.mark.parametrize(
    "path", ["people/999/", "runs/999/", "activities/999/", "failures/999/", "nothing/", "people", ""]
)
def test_what_there_is_not_is_404_in_json(path: str, ask: Ask) -> None:
    answer = ask(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert Client().get("/api/v2/").json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["people/", "people/1/", "openapi.json"])
def test_nothing_can_be_changed(method: str, path: str, token: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
    answer = getattr(strict, method)(f"/api/v1/{path}")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert answer["Allow"] == "GET, HEAD"


def test_503_in_json_without_the_database(ask: Ask) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("no database")

    with connections["default"].execute_wrapper(refuse):
        answer = ask("people/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


# --- Who may ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", LISTS)
def test_without_a_token_nothing_is_told(path: str, db: None) -> None:
    answer = Client().get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "token_missing"


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_a_log_in_is_no_token(role: str, as_user: Callable[[str], Any]) -> None:
    assert as_user(role).get("/api/v1/people/").status_code == 401


NO_TOKENS = [
    "Basic YTpi",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Token x",
    "Bearer sya_00000000_" + "A" * 43,
    "bearer \udcff",
]


@pytest.mark.parametrize("header", NO_TOKENS)
def test_what_is_no_token_of_ours_is_refused(header: str, db: None) -> None:
    answer = Client().get("/api/v1/people/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_for_metrics_reads_no_people(db: None) -> None:
    _, text = create_token("Prometheus", ApiToken.Scope.METRICS, None, None, NOW)
    answer = Client().get("/api/v1/people/", headers={"Authorization": f"Bearer {text}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_a_token_has_so_many_calls_a_minute(ask: Ask, settings: Any, time_machine: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    time_machine.move_to("2026-11-22T12:00:10Z", tick=False)
    left = [ask("runs/")["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    answer = ask("runs/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limited")
    assert answer["Retry-After"] == "50"
    time_machine.move_to("2026-11-22T12:01:00Z", tick=False)
    assert ask("runs/").status_code == 200


def test_answers_are_kept_by_no_cache_for_others(ask: Ask) -> None:
    answer = ask("people/")
    assert "private" in answer["Cache-Control"]
    assert "Authorization" in answer["Vary"]


# --- The page about it --------------------------------------------------------------------------------------
def test_the_page_shows_every_operation_parameter_and_field(as_user: Callable[[str], Any]) -> None:
    page = as_user("viewer").get("/api/v1/docs/").content.decode()
    for _, operations in described(document()).groups:
        for operation in operations:
            assert operation.path in page
            for value in (*operation.parameters, *operation.answer):
                assert f"<code>{value.name}</code>" in page
    assert "<script>" not in page
    assert " style=" not in page


def test_the_document_is_for_who_is_logged_in_and_for_tokens(as_user: Callable[[str], Any], ask: Ask) -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 401
    assert Client().get("/api/v1/docs/").status_code == 302
    assert ask("openapi.json").json()["openapi"].startswith("3.1")
    assert as_user("viewer").get("/api/v1/openapi.json").json() == document()
