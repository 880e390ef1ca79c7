"""Explain now says what the next cycle then does, and writes nothing; Check shows both sides, and repairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.models import Activity, Person
from syncadmin.models import Connection, Decision, FieldSync, PendingCreate, SyncFailure, SyncState
from syncadmin.services import sync_people
from syncadmin.services.timeline.check import check_person, repair_person
from syncadmin.services.timeline.explain import Explained, explain_now
from tests.cycle.conftest import Ada, Desk
from tests.cycle.test_who_may_sync import germans, rule
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db


class Asker:
    """Asks about people, and sees that nothing is written by it."""

    def __init__(self, emulator: Emulated) -> None:
        self.emulator = emulator

    def __call__(self, person: Person, calls: int) -> Explained:
        before, spent = self._all(), self.emulator.api_calls()
        found = explain_now(Person.objects.get(pk=person.pk), timezone.now)
        assert self._all() == before
        assert self.emulator.api_calls() - spent == found.api_calls == calls
        return found

    def _all(self) -> list[Any]:
        tables = (Person, SyncState, Activity, SyncFailure, PendingCreate, Decision)
        rows: list[Any] = [list(model.objects.order_by("pk").values()) for model in tables]  # type: ignore[attr-defined]
        return [
            rows,
            self.emulator.query("SELECT Id, LastName, Title, Phone, City, SystemModstamp FROM Lead"),
        ]


@pytest.fixture
def ask(emulator: Emulated, connection: Connection) -> Asker:
    Connection.objects.update(is_paused=False, started_at=timezone.now())
    return Asker(emulator)


def codes(found: Explained) -> list[str]:
    return [one.code for one in found.said]


def items(found: Explained) -> list[tuple[str, str, Any]]:
    return [(item.kind, item.label, item.new) for item in found.items]


# --- Explain now ----------------------------------------------------------------------------------------------
def test_who_is_in_step_stays_so(ask: Asker, desk: Desk, emulator: Any, ada: Ada) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    found = ask(ada[0], calls=1)
    assert (codes(found), items(found), found.reads) == (["in_step"], [], False)


def test_what_was_changed_here_is_pushed(ask: Asker, desk: Desk, emulator: Any, ada: Ada) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    desk.edit(ada[0], job_title="Baroness")
    found = ask(ada[0], calls=1)
    assert (codes(found), items(found)) == (["waits"], [("push", "Job Title", "Baroness")])
    desk.done()
    assert emulator.read("Lead", ada[1])["Title"] == "Baroness"


def test_what_was_changed_there_is_taken_over(ask: Asker, desk: Desk, emulator: Any, ada: Ada) -> None:
    emulator.edit("Lead", ada[1], Title="Duchess")
    found = ask(ada[0], calls=1)
    assert (found.reads, items(found)) == (True, [("change", "Job Title", "Duchess")])
    desk.done()
    assert Person.objects.get().job_title == "Duchess"


def test_a_conflict_is_told_with_its_winner(ask: Asker, desk: Desk, emulator: Any, ada: Ada) -> None:
    emulator.edit("Lead", ada[1], Title="Duchess")
    desk.edit(ada[0], job_title="Baroness")
    (item,) = ask(ada[0], calls=1).items
    assert (item.kind, item.old, item.new, item.winner) == ("push", "Duchess", "Baroness", "ours")


def test_what_departs_is_followed_in_thought_alone(ask: Asker, desk: Desk, emulator: Any, ada: Ada) -> None:
    emulator.delete("Lead", ada[1])
    assert [item.kind for item in ask(ada[0], calls=1).items] == ["delete"]
    desk.done()
    assert codes(ask(ada[0], calls=0)) == ["deleted"]


def test_who_is_not_in_salesforce_hears_why_at_no_call(ask: Asker, desk: Desk) -> None:
    person = desk.person(last_name="Noether", company="Göttingen", email="n@example.com")
    assert codes(ask(person, calls=0)) == ["no_rule"]
    germans("inclusion")
    assert codes(ask(person, calls=0)) == ["not_included"]
    germans("exclusion")
    desk.edit(person, country="Germany")
    assert codes(ask(person, calls=0)) == ["excluded"]


@pytest.mark.parametrize(("there", "kind", "calls"), [(0, "create", 1), (1, "link", 2), (2, "fail", 1)])
def test_who_is_included_is_looked_up_as_the_cycle_does(
    ask: Asker, desk: Desk, emulator: Any, there: int, kind: str, calls: int
) -> None:
    rule("Lead", ("Industry", "is", ["Banking"]))  # keeps the records from coming down by themselves
    desk.done()
    for number in range(there):
        emulator.create(LastName=f"N{number}", Company="G", Email="n@example.com")
    person = desk.person(last_name="Noether", company="Göttingen", email="n@example.com", country="Germany")
    germans("inclusion")
    found = ask(person, calls=calls)
    assert codes(found) == ["included"]
    assert found.items[0].kind == kind


def test_a_missing_company_is_told_before_it_is_refused(ask: Asker, desk: Desk) -> None:
    person = desk.person(last_name="Noether")
    rule("inclusion")
    (item,) = ask(person, calls=0).items
    assert (item.kind, item.reason) == ("fail", "MISSING_REQUIRED")
    desk.done()
    assert codes(ask(person, calls=0)) == ["refused"]
    desk.edit(person, company="Göttingen")
    assert codes(ask(person, calls=0)) == ["again"]


def test_an_excluded_change_is_not_pushed_and_differs(
    ask: Asker, desk: Desk, emulator: Any, ada: Ada
) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    germans("exclusion")
    desk.edit(ada[0], country="Germany")
    found = ask(ada[0], calls=1)
    assert (codes(found), items(found)) == (["excluded"], [])
    assert [(each.rule.name, each.cause.value) for each in found.stays] == [("country", "excluded")]


def test_a_refusal_that_is_permanent_waits_and_a_transient_one_tells_when(
    ask: Asker, desk: Desk, emulator: Any, ada: Ada
) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    emulator.rules(
        validation={"object": "Lead", "formula": "Title = 'Bad'", "message": "Not that.", "field": "Title"}
    )
    desk.edit(ada[0], job_title="Bad")
    desk.done()
    found = ask(ada[0], calls=1)
    assert (codes(found), items(found)) == (["refused"], [])
    assert "Not that." in found.said[0].text
    SyncFailure.objects.update(is_permanent=False, retry_at=timezone.now() + timezone.timedelta(minutes=12))
    found = ask(ada[0], calls=1)
    assert (codes(found), found.said[0].at is not None) == (["later"], True)
    SyncFailure.objects.update(retry_at=timezone.now())
    assert codes(ask(ada[0], calls=1)) == ["again"]
    SyncFailure.objects.update(state="ignored", retry_at=None)
    assert codes(ask(ada[0], calls=1)) == ["ignored"]


def test_fields_that_are_off_or_one_way_are_told(ask: Asker, desk: Desk, emulator: Any, ada: Ada) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    FieldSync.objects.filter(field__name="job_title").update(direction="off")
    FieldSync.objects.filter(field__name="phone").update(direction="from_salesforce")
    desk.done()
    desk.edit(ada[0], job_title="Baroness", phone="2")
    found = ask(ada[0], calls=1)
    assert "Job Title" in found.off
    assert items(found) == [("change", "Phone Number", "1")]  # what comes from there alone is set back
    desk.done()
    assert (Person.objects.get().phone, emulator.read("Lead", ada[1])["Title"]) == ("1", "Countess")


def test_a_paused_sync_is_told_beside_what_a_cycle_would_do(ask: Asker, desk: Desk, ada: Ada) -> None:
    desk.edit(ada[0], job_title="Baroness")
    Connection.objects.update(is_paused=True, started_at=timezone.now())
    found = ask(ada[0], calls=1)
    assert codes(found) == ["waits", "paused"]
    assert items(found) == [("push", "Job Title", "Baroness")]


def test_outside_the_record_filter_nothing_goes_either_way(
    ask: Asker, desk: Desk, emulator: Any, ada: Ada
) -> None:
    rule("Lead", ("Industry", "is", ["Banking"]))
    desk.done()
    desk.edit(ada[0], job_title="Baroness")
    found = ask(ada[0], calls=1)
    assert (codes(found), items(found)) == (["outside"], [])


def test_a_salesforce_that_does_not_answer_is_said_in_words(ask: Asker, emulator: Any, ada: Ada) -> None:
    emulator.fault(status=503, times=20)
    found = explain_now(ada[0], timezone.now)
    assert found.problem is not None
    assert codes(found) == ["in_step"]


def test_the_page_tells_it(ada: Ada, desk: Desk, as_user: Callable[[str], Client]) -> None:
    desk.edit(ada[0], job_title="Baroness")
    page = as_user("viewer").post(f"/people/{ada[0].pk}/explain/").content.decode()
    for words in (
        "Pushed to Salesforce",
        "Job Title",
        "Baroness",
        "It took 1 API call.",
        "Nothing was written.",
    ):
        assert words in page


# --- Check against Salesforce -------------------------------------------------------------------------------------
def test_a_check_shows_both_sides_and_the_base_in_one_call(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    desk.edit(ada[0], job_title="Baroness")
    spent = emulator.api_calls()
    checked = check_person(ada[0], timezone.now)
    assert emulator.api_calls() - spent == checked.api_calls == 1
    (one,) = checked.differing
    assert (one.rule.name, one.ours, one.theirs, one.base) == (
        "job_title",
        "Baroness",
        "Countess",
        "Countess",
    )
    assert (one.reason, one.is_pushable) == ("Waiting", True)
    assert {each.rule.name for each in checked.equal} > {"last_name", "phone", "email"}


@pytest.mark.parametrize(
    ("action", "here", "there"), [("ours", "Here", "Here"), ("theirs", "Countess", "Countess")]
)
def test_one_click_settles_a_field(
    desk: Desk,
    emulator: Emulated,
    ada: Ada,
    action: str,
    here: str,
    there: str,
    as_user: Callable[[str], Client],
) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    Person.objects.update(job_title="Here", phone="9")  # so that no cycle would
    browser = as_user("marketer")
    page = browser.post(f"/people/{ada[0].pk}/check/").content.decode()
    assert page.count("Unexplained.") == 2
    answer = browser.post(
        f"/people/{ada[0].pk}/check/repair/", {"action": f"{action} job_title"}, follow=True
    )
    assert "In step now." in answer.content.decode()
    person = Person.objects.get()
    assert (person.job_title, emulator.read("Lead", ada[1])["Title"]) == (here, there)
    # A push is one of the whole person; what is taken is taken of this field alone.
    assert (person.phone, emulator.read("Lead", ada[1])["Phone"]) == ("9", "9" if action == "ours" else "1")
    entry = person.activities.latest("pk")
    assert (entry.source, entry.actor and entry.actor.username) == ("Check against Salesforce", "marketer")


def test_a_repair_that_is_refused_says_why(desk: Desk, emulator: Emulated, ada: Ada, marketer: Any) -> None:
    emulator.rules(
        validation={"object": "Lead", "formula": "Title = 'Bad'", "message": "Not that.", "field": "Title"}
    )
    Person.objects.update(job_title="Bad")
    result = repair_person(Person.objects.get(), "ours", ["job_title"], marketer, timezone.now)
    assert (result.state, "Not that." in result.words) == ("failed", True)


def test_a_record_that_is_gone_is_followed(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    emulator.delete("Lead", ada[1])
    checked = check_person(ada[0], timezone.now)
    assert (checked.fate, checked.differing) == ("deleted", [])
    result = repair_person(ada[0], "sync", [], None, timezone.now)
    assert result.state == "repaired"
    assert Person.objects.get().sfdc_is_deleted


def test_a_link_that_is_gone_is_made_again(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    SyncState.objects.all().delete()
    assert check_person(ada[0], timezone.now).reason == "unlinked"
    assert repair_person(ada[0], "sync", [], None, timezone.now).state == "repaired"
    assert SyncState.objects.get().person == ada[0]


def test_who_is_nowhere_has_nothing_to_compare_with(desk: Desk, as_user: Callable[[str], Client]) -> None:
    person = desk.person(last_name="Noether")
    page = as_user("marketer").post(f"/people/{person.pk}/check/").content.decode()
    assert "has no record in Salesforce" in page
    for action in ("theirs", "nonsense", ""):
        answer = as_user("marketer").post(f"/people/{person.pk}/check/repair/", {"action": action})
        assert answer.status_code == 302


def test_the_other_value_survives_a_click_in_between(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    """Ours was pushed by somebody else meanwhile: repairing says that both are in step."""
    desk.edit(ada[0], job_title="Baroness")
    sync_people([ada[0].pk], "rules", now=timezone.now(), source="click")
    assert repair_person(ada[0], "ours", ["job_title"], None, timezone.now).state == "repaired"
