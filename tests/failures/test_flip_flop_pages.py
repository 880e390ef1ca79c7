"""The flip-flops page: what bounces, who sets it, and letting it go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from people.services import create_person, edit_person
from syncadmin.models import FieldSync, FlipFlop, SyncState
from syncadmin.services import Choice, plan_changes, save_changes
from syncadmin.services.fields.rows import field_rows
from tests.flow import Stage

pytestmark = pytest.mark.django_db
NOW = timezone.now()
READ, WRITE = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}
PAGE, RELEASE = "/sync/conflicts/flip-flops/", "/sync/conflicts/flip-flops/release/"
PAGES = [
    (PAGE, "get", READ),
    (f"{PAGE}export/", "get", READ),
    (RELEASE, "post", WRITE),
    ("/sync/conflicts/resolutions/{job}/", "get", READ),
    ("/sync/conflicts/resolutions/{job}/cancel/", "post", WRITE),
]
FLOW = {"name": "Cities", "object": "Lead", "field": "City", "formula": '"Bonn"'}


def flip_flop(number: int = 0, **values: Any) -> FlipFlop:
    person = create_person({"last_name": f"Byron{number}", "city": "Ulm"}, source="test", now=NOW)
    return FlipFlop.objects.create(
        **{
            "person": person, "object": "Lead", "field": "city", "label": "City", "ours": "Ulm", "theirs": "Bonn",
            "ours_by": "CSV import", "theirs_by": "Salesforce: Sarah Bennett", "rounds": 3, "since": NOW,
            "stopped_at": NOW, **values,
        }
    )  # fmt: skip


@pytest.fixture
def job(db: None) -> Any:
    from syncadmin.models import Resolution

    return Resolution.objects.create(kind="again", requested_at=NOW, heartbeat_at=NOW, total=3)


@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator"])
@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_a_page_is_open_to_those_who_may_and_403_to_the_others(
    page: str, method: str, allowed: set[str], role: str, job: Any, as_user: Callable[[str], Any]
) -> None:
    status = getattr(as_user(role), method)(page.format(job=job.pk)).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], job: Any, client: Any
) -> None:
    assert getattr(client, method)(page.format(job=job.pk))["Location"].startswith("/login/")


@pytest.mark.parametrize("query", [
    "page=0", "field=nonsense", "state=x", "since=yesterday", "until=9999-12-31", "q=%00", "sort=nonsense",
])  # fmt: skip
@pytest.mark.parametrize("page", [PAGE, f"{PAGE}export/"])
def test_no_query_string_breaks_a_page(page: str, query: str, as_user: Callable[[str], Any]) -> None:
    flip_flop()
    assert as_user("viewer").get(f"{page}?{query}").status_code == 200


def test_the_page_explains_itself_while_it_is_empty(as_user: Callable[[str], Any]) -> None:
    assert "Nothing bounces" in as_user("viewer").get(PAGE).content.decode()


def test_a_row_tells_both_values_who_sets_them_and_since_when(as_user: Callable[[str], Any]) -> None:
    flip_flop()
    page = as_user("marketer").get(PAGE).content.decode()
    for words in ("Ulm", "CSV import", "Bonn", "Salesforce: Sarah Bennett", "bouncing since", "Stopped"):
        assert words in page
    assert "Keep ours once" not in as_user("viewer").get(PAGE).content.decode()


def test_what_was_rewritten_within_our_own_save_is_an_automation(as_user: Callable[[str], Any]) -> None:
    flip_flop(in_our_save=True, theirs_by="Salesforce: Sync User")
    page = as_user("viewer").get(PAGE).content.decode()
    assert "an automation in Salesforce, within the save of our push" in page


def test_the_tab_of_the_conflicts_page_says_how_many_are_stopped(as_user: Callable[[str], Any]) -> None:
    flip_flop(1)
    flip_flop(2, state="released")
    assert as_user("viewer").get("/sync/conflicts/").context["stopped"] == 1


def test_the_person_is_told_of_on_their_page(as_user: Callable[[str], Any]) -> None:
    found = flip_flop()
    page = as_user("viewer").get(f"/people/{found.person_id}/").content.decode()
    assert "bounces between two values" in page
    FlipFlop.objects.update(state="ended", decision="equal", decided_at=NOW)
    assert "bounces" not in as_user("viewer").get(f"/people/{found.person_id}/").content.decode()


def test_the_export_has_what_the_filters_found(as_user: Callable[[str], Any]) -> None:
    flip_flop()
    browser = as_user("viewer")
    assert "City,Ulm,CSV import,Bonn" in browser.get(f"{PAGE}export/").getvalue().decode()
    assert len(browser.get(f"{PAGE}export/?state=ended").getvalue().decode().splitlines()) == 1


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}export/"])
def test_the_statements_of_a_page_do_not_grow_with_its_rows(path: str, as_user: Callable[[str], Any]) -> None:
    browser = as_user("marketer")

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            b"".join(browser.get(path))
        return len(caught)

    flip_flop(1)
    flip_flop(2)
    few = statements()
    for number in range(3, 20):
        flip_flop(number)
    assert statements() == few


# --- With Salesforce ----------------------------------------------------------------------------------------
@pytest.fixture
def person(stage: Stage) -> Person:
    """Somebody whose city something here sets to Hamburg, and a flow in Salesforce to Bonn."""
    person = stage.person_as("lead")
    stage.emulator.rules(automation=FLOW)
    bounce(stage, person)
    assert FlipFlop.objects.get().state == "stopped"
    return person


def bounce(stage: Stage, person: Person, rounds: int = 4) -> None:
    for _ in range(rounds):
        edit_person(person.pk, {"city": "Hamburg"}, source="Campaign", now=timezone.now())
        stage.cycle()
        stage.cycle()
    person.refresh_from_db()


def pushes(stage: Stage, person: Person) -> int:
    return len(stage.log(person, "sync_updates_to_sfdc"))


def decide(stage: Stage, decision: str) -> None:
    stage.browser.post(RELEASE, {"ids": [FlipFlop.objects.get(state="stopped").pk], "decision": decision})


def sides(stage: Stage, person: Person) -> tuple[str, str]:
    person.refresh_from_db()
    return person.city, stage.leads()[0]["City"]


def test_ours_once_is_one_more_push_and_no_other_if_it_is_rewritten_again(
    stage: Stage, person: Person
) -> None:
    before = pushes(stage, person)
    decide(stage, "ours")
    bounce(stage, person)
    assert pushes(stage, person) == before + 1
    assert list(FlipFlop.objects.order_by("pk").values_list("state", flat=True)) == ["released", "stopped"]


def test_ours_once_ends_it_when_nothing_rewrites_any_more(stage: Stage, person: Person) -> None:
    stage.emulator.rules(automation={**FLOW, "active": False})
    decide(stage, "ours")
    stage.cycle()
    stage.cycle()
    assert sides(stage, person) == ("Hamburg", "Hamburg")


def test_ours_is_what_it_is_by_now(stage: Stage, person: Person) -> None:
    stage.emulator.rules(automation={**FLOW, "active": False})
    stage.edit(person, city="Genf")
    decide(stage, "ours")
    stage.cycle()
    assert sides(stage, person) == ("Genf", "Genf")


def test_salesforces_value_is_taken_over_and_the_field_goes_on(stage: Stage, person: Person) -> None:
    decide(stage, "theirs")
    assert sides(stage, person) == ("Bonn", "Bonn")
    stage.cycle()
    stage.emulator.rules(automation={**FLOW, "active": False})
    stage.emulator.edit("Lead", person.sfdc_id, City="Genf")
    stage.cycle()
    assert sides(stage, person) == ("Genf", "Genf")


def test_tried_again_it_has_three_rounds(stage: Stage, person: Person) -> None:
    before = pushes(stage, person)
    decide(stage, "again")
    bounce(stage, person, rounds=5)
    assert pushes(stage, person) == before + 3


def test_a_decision_is_on_the_activity_log(stage: Stage, person: Person) -> None:
    decide(stage, "again")
    (entry,) = stage.log(person, "field_released")
    assert (entry.actor.username, entry.attributes["decision"]) == ("marketer", "again")
    page = stage.browser.get(f"/people/{person.pk}/").content.decode()
    assert "Field Sync Resumed" in page
    assert "It bounced 3 times" in page


def test_nobody_decides_twice_nor_something_else(stage: Stage, person: Person) -> None:
    pk = FlipFlop.objects.get().pk
    for decision in ("settings", "nonsense", ""):
        stage.browser.post(RELEASE, {"ids": [pk], "decision": decision})
    assert FlipFlop.objects.get().state == "stopped"
    stage.browser.post(RELEASE, {"ids": [pk], "decision": "again"})
    answer = stage.browser.post(RELEASE, {"ids": [pk], "decision": "theirs"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert FlipFlop.objects.get().decision == "again"


@pytest.mark.parametrize(("direction", "city"), [("from_salesforce", "Bonn"), ("to_salesforce", "Hamburg")])
def test_a_field_whose_direction_is_changed_is_released_and_ends_as_chosen(
    direction: str, city: str, stage: Stage, person: Person
) -> None:
    key = f"s{FieldSync.objects.get(field__name='city').pk}"
    assert any(row.key == key for row in field_rows())
    save_changes(plan_changes({key: Choice(direction)}), fill=False, now=timezone.now())
    assert FlipFlop.objects.get().decision == "settings"
    stage.cycle()
    assert sides(stage, person) == (city, "Bonn")
    for _ in range(2):
        stage.cycle()
    assert not FlipFlop.objects.filter(state="stopped").exists()


def test_a_full_check_says_that_it_is_stopped(stage: Stage, person: Person) -> None:
    from syncadmin.models import ReconcileFinding
    from syncadmin.services.reconcile import checks

    run = checks.start_check(timezone.now(), None)
    while run.is_open:
        checks.work_on_check(run.pk, timezone.now)
        run.refresh_from_db()
    assert ReconcileFinding.objects.get().reason == "stopped"


def test_the_report_and_what_the_engine_goes_by_agree(stage: Stage, person: Person) -> None:
    def told() -> tuple[bool, bool]:
        rounds = SyncState.objects.get(is_deleted=False).rounds or {}
        stopped = FlipFlop.objects.filter(state="stopped").exists()
        return stopped, bool(rounds.get("city", {}).get("stopped"))

    assert told() == (True, True)
    decide(stage, "again")
    assert told() == (False, False)
