"""Which page of flow steps is open to whom, what it shows, and what it does with addresses nobody should type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from campaigns.models import FlowStepItem, FlowStepRun
from campaigns.services import MAX_ATTEMPTS, PATIENCE, requeue_lost
from people.models import Person
from people.services import create_person
from syncadmin.models import Connection
from tests.flow import Stage

READ, WRITE = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}
PAGES = [
    ("/campaigns/", "get", READ),
    ("/campaigns/runs/{run}/", "get", READ),
    ("/campaigns/runs/{run}/progress/", "get", READ),
    ("/campaigns/runs/{run}/export/", "get", READ),
    ("/campaigns/runs/{run}/retry/", "post", WRITE),
    ("/campaigns/sync/", "get", WRITE),
    ("/campaigns/sync/", "post", WRITE),
    ("/campaigns/sync/effect/", "post", WRITE),
    ("/campaigns/retry/", "post", WRITE),
]
NOW = timezone.now()


@pytest.fixture
def ready(db: None) -> Connection:
    """A connection that has worked once; nothing here asks Salesforce for anything."""
    return Connection.objects.create(pk=1, instance_url="http://127.0.0.1:1", org_id="00D000000000001AAA")


@pytest.fixture
def person(db: None) -> Person:
    return create_person({"last_name": "Byron", "company": "Acme"}, source="test", now=NOW)


@pytest.fixture
def run(ready: Connection, person: Person, marketer: User) -> FlowStepRun:
    run = FlowStepRun.objects.create(
        step="sync_person_to_sfdc",
        parameters={"assign_to": "rules"},
        requested_by=marketer,
        requested_at=NOW,
        total=1,
    )
    FlowStepItem.objects.create(run=run, person=person)
    return run


def finish(run: FlowStepRun, state: str = "failed", **outcome: Any) -> None:
    run.items.update(state=state, outcome=outcome)
    FlowStepRun.objects.filter(pk=run.pk).update(
        state="done", started_at=NOW, ended_at=NOW - timedelta(minutes=1)
    )


@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator"])
@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_a_page_is_open_to_those_who_may_and_403_to_the_others(
    page: str, method: str, allowed: set[str], role: str, run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    status = getattr(as_user(role), method)(page.format(run=run.pk)).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], run: FlowStepRun, client: Any
) -> None:
    answer = getattr(client, method)(page.format(run=run.pk))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("page", ["/campaigns/retry/", "/campaigns/sync/effect/", "/campaigns/runs/1/retry/"])
def test_what_changes_something_takes_a_post(page: str, as_user: Callable[[str], Any]) -> None:
    assert as_user("marketer").get(page).status_code == 405


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 18])
@pytest.mark.parametrize("page", ["", "progress/", "export/"])
def test_an_unknown_run_is_404(page: str, pk: str, as_user: Callable[[str], Any]) -> None:
    assert as_user("viewer").get(f"/campaigns/runs/{pk}/{page}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=abc", "page=" + "9" * 5000, "per_page=0", "per_page=1000000", "state=nonsense", "state=%00",
     "ids=x&seen=y", "ids=" + "9" * 30, "sort=password", "run=abc", "run=" + "9" * 40],
)  # fmt: skip
@pytest.mark.parametrize("page", ["/campaigns/", "/campaigns/runs/{run}/", "/campaigns/runs/{run}/progress/",
                                  "/campaigns/runs/{run}/export/", "/people/{person}/"])  # fmt: skip
def test_no_query_string_breaks_a_page(
    page: str, query: str, run: FlowStepRun, person: Person, as_user: Callable[[str], Any]
) -> None:
    assert as_user("marketer").get(f"{page.format(run=run.pk, person=person.pk)}?{query}").status_code == 200


def test_the_list_explains_itself_while_it_is_empty(as_user: Callable[[str], Any]) -> None:
    assert "No flow steps yet" in as_user("viewer").get("/campaigns/").content.decode()


def test_the_list_shows_who_asked_for_what_and_how_it_went(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    finish(run, "failed", action="failed", code="UNREACHABLE", message="No way")
    page = as_user("viewer").get("/campaigns/").content.decode()
    for words in ("marketer", "Sync Person to SFDC", "Assignment rules", "Done"):
        assert words in page
    assert '<span class="text-danger fw-medium">1</span>' in page


def test_without_a_connection_the_step_is_not_offered_and_the_page_says_how_to_connect(
    person: Person, as_user: Callable[[str], Any]
) -> None:
    page = as_user("administrator").get("/campaigns/sync/?ids=1").content.decode()
    assert "Salesforce is not connected" in page
    assert 'href="/sync/connection/"' in page
    page = as_user("marketer").get(person.get_absolute_url()).content.decode()
    assert "An administrator makes the connection." in page
    assert "Sync now" not in page
    assert (
        as_user("marketer").post("/campaigns/sync/", {"ids": person.pk, "assign_to": "rules"}).status_code
        == 409
    )


def test_viewers_see_no_form_on_a_persons_page(
    ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    assert "Sync now" not in as_user("viewer").get(person.get_absolute_url()).content.decode()
    assert "Sync now" in as_user("marketer").get(person.get_absolute_url()).content.decode()


# --- Live -------------------------------------------------------------------------------------------------
def test_a_run_is_asked_about_every_second_until_it_is_done(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    browser, url = as_user("viewer"), f"/campaigns/runs/{run.pk}/progress/?seen=0"
    answer = browser.get(url)
    assert 'hx-trigger="every 1s"' in answer.content.decode()
    assert "HX-Trigger-After-Settle" not in answer
    finish(run, "done", action="created", object="Lead", sfdc_id="00Q000000000001AAA")
    answer = browser.get(url)
    assert "hx-trigger" not in answer.content.decode()
    assert "flow-done" in answer["HX-Trigger-After-Settle"]


def test_progress_moves_the_table_only_when_there_is_more(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    run.items.update(state="done")
    browser = as_user("viewer")
    assert (
        "flow-moved" in browser.get(f"/campaigns/runs/{run.pk}/progress/?seen=0")["HX-Trigger-After-Settle"]
    )
    assert "HX-Trigger-After-Settle" not in browser.get(f"/campaigns/runs/{run.pk}/progress/?seen=1")


def test_a_run_that_waits_long_says_that_no_worker_seems_to_run(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    browser, url = as_user("viewer"), f"/campaigns/runs/{run.pk}/"
    FlowStepRun.objects.update(requested_at=timezone.now())
    assert "manage.py worker" not in browser.get(url).content.decode()
    FlowStepRun.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    assert "manage.py worker" in browser.get(url).content.decode()


def test_a_persons_page_shows_the_run_that_was_started_there(
    run: FlowStepRun, person: Person, as_user: Callable[[str], Any]
) -> None:
    browser, url = as_user("marketer"), f"{person.get_absolute_url()}?run={run.pk}"
    assert f"/campaigns/runs/{run.pk}/progress/?ids={person.pk}" in browser.get(url).content.decode()
    finish(run, "done", action="created", object="Lead", sfdc_id="00Q000000000001AAA", owner="Sarah Bennett")
    page = browser.get(url).content.decode()
    assert "Lead created" in page
    assert 'href="http://127.0.0.1:1/00Q000000000001AAA"' in page
    assert "Sarah Bennett" in page


def test_one_person_is_sent_back_to_its_own_page(
    ready: Connection, person: Person, as_user: Callable[[str], Any]
) -> None:
    data = {"ids": person.pk, "assign_to": "rules", "back": "person"}
    answer = as_user("marketer").post("/campaigns/sync/", data)
    run = FlowStepRun.objects.get()
    assert answer["Location"] == f"{person.get_absolute_url()}?run={run.pk}#person-sync"


# --- What became of each person ----------------------------------------------------------------------------
def test_a_refusal_names_rule_field_value_and_what_to_do(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    finish(
        run, action="failed", code="STRING_TOO_LONG", message="Phone: data value too large (max length=40)",
        refused={"phone": "012345"},
    )  # fmt: skip
    page = as_user("marketer").get(f"/campaigns/runs/{run.pk}/").content.decode()
    for words in (
        "The text is too long",
        "data value too large",
        "Phone Number",
        "012345",
        "Shorten the value",
    ):
        assert words in page
    assert f"/people/{run.items.get().person_id}/edit/#id_phone" in page


def test_an_owner_that_differs_from_the_one_asked_for_is_marked(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    asked, given = "005000000000001AAA", "005000000000002AAA"
    finish(run, "done", action="created", asked=f"user:{asked}", owner="Ann", owner_id=given)
    assert "not as asked" in as_user("viewer").get(f"/campaigns/runs/{run.pk}/").content.decode()
    finish(run, "done", action="created", asked=f"user:{given}", owner="Ann", owner_id=given)
    assert "not as asked" not in as_user("viewer").get(f"/campaigns/runs/{run.pk}/").content.decode()


def test_the_table_can_be_narrowed_to_a_state(run: FlowStepRun, as_user: Callable[[str], Any]) -> None:
    finish(run, "done", action="unchanged")
    browser = as_user("viewer")
    assert "Nothing to send" in browser.get(f"/campaigns/runs/{run.pk}/?state=done").content.decode()
    assert "Nothing to send" not in browser.get(f"/campaigns/runs/{run.pk}/?state=failed").content.decode()


def test_the_export_has_a_line_per_person_and_no_formulas(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    finish(run, action="failed", code="X", message="=cmd()")
    text = as_user("viewer").get(f"/campaigns/runs/{run.pk}/export/").getvalue().decode("utf-8-sig")
    header, line = text.splitlines()
    assert header.startswith("person_id,name,email,state,outcome,sfdc_id")
    assert "Byron" in line
    assert "'=cmd()" in line


def test_those_who_failed_are_retried_with_the_same_owner(
    run: FlowStepRun, as_user: Callable[[str], Any]
) -> None:
    finish(run, action="failed", code="UNREACHABLE", message="No way")
    as_user("marketer").post(f"/campaigns/runs/{run.pk}/retry/")
    again = FlowStepRun.objects.exclude(pk=run.pk).get()
    assert again.parameters == run.parameters
    assert [item.person_id for item in again.items.all()] == [run.items.get().person_id]


def test_nobody_is_retried_who_did_not_fail(run: FlowStepRun, as_user: Callable[[str], Any]) -> None:
    finish(run, "done", action="created")
    as_user("marketer").post(f"/campaigns/runs/{run.pk}/retry/", {"ids": run.items.get().person_id})
    assert FlowStepRun.objects.count() == 1


# --- Jobs that get lost --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("state", "heard"), [("queued", None), ("running", NOW)])
def test_a_lost_run_is_queued_again_once_and_keeps_the_time_it_was_asked_for(
    run: FlowStepRun, state: str, heard: Any, django_capture_on_commit_callbacks: Any
) -> None:
    FlowStepRun.objects.update(state=state, heartbeat_at=heard)
    later = NOW + PATIENCE + timedelta(seconds=1)
    with django_capture_on_commit_callbacks() as jobs:
        requeue_lost(later)
        requeue_lost(later + timedelta(seconds=5))
    run.refresh_from_db()
    assert len(jobs) == 1
    assert (run.state, run.requested_at) == ("queued", NOW)


def test_a_run_that_keeps_killing_its_worker_is_ended_and_says_so(run: FlowStepRun) -> None:
    FlowStepRun.objects.update(state="running", heartbeat_at=NOW, attempts=MAX_ATTEMPTS)
    requeue_lost(NOW + PATIENCE + timedelta(seconds=1))
    run.refresh_from_db()
    assert run.state == "done"
    assert "worker stopped" in run.error
    assert run.items.get().outcome["code"] == "WORKER_GONE"


def test_a_large_selection_is_started_in_a_few_statements(
    ready: Connection, marketer: User, django_assert_max_num_queries: Any
) -> None:
    from campaigns.services import start_sync_to_sfdc

    Person.objects.bulk_create(
        Person(last_name=f"P{n}", created_at=NOW, updated_at=NOW) for n in range(4_100)
    )
    ids = list(Person.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(60):
        run = start_sync_to_sfdc(ids, "rules", user=marketer, now=NOW)
    assert run.total == run.items.count() == 4_100


def test_a_click_reaches_salesforce_through_the_queue(
    connection: Connection, emulator: Any, as_user: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr("django_q.conf.Conf.SYNC", True)
    stage = Stage(emulator, as_user("marketer"))
    with django_capture_on_commit_callbacks(execute=True):
        stage.post(stage.person())
    assert FlowStepRun.objects.get().state == "done"
    assert len(stage.leads()) == 1


def test_a_run_that_ends_while_its_page_is_made_is_asked_for_once_more(
    run: FlowStepRun, person: Person, as_user: Callable[[str], Any]
) -> None:
    """The rest of the page was read before the end; only the panel's next look has it loaded anew."""
    finish(run)
    FlowStepRun.objects.update(state="done", ended_at=timezone.now())
    browser, url = as_user("marketer"), f"{person.get_absolute_url()}?run={run.pk}"
    assert "hx-trigger" in _panel(browser.get(url))
    assert "hx-trigger" not in _panel(browser.get(url, headers={"HX-Request": "true"}))
    FlowStepRun.objects.update(ended_at=timezone.now() - timedelta(seconds=5))
    assert "hx-trigger" not in _panel(browser.get(url))


def _panel(answer: Any) -> str:
    return str(answer.content.decode().split('id="person-run"')[1].split(">")[0])
