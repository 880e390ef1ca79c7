"""The words of every decision: what is said of an entry, and of how a person stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from people.models import ActivityType
from syncadmin.models import Decision
from syncadmin.services.timeline.facts import Facts, SyncFacts
from syncadmin.services.timeline.item_words import _WORDS, tell_item
from syncadmin.services.timeline.standing import say
from syncadmin.services.timeline.words import GROUPS, Names, tell_activity, tell_decision
from syncadmin.sync.findings import Item, Who

NAMES = Names({"city": "City"}, {"city": "It is not pushed: the field’s direction is Off."})
CITY = {"field": "city", "label": "City", "old": "Ulm", "new": "Bonn"}
MARIA = "Salesforce: Maria Gomez"
T = ActivityType


@pytest.mark.parametrize(("kind", "attributes", "source", "group", "words"), [
    (T.NEW_PERSON, {"sfdc_id": "00Q", "object": "Contact"}, MARIA, "life", "A Contact that nobody here had"),
    (T.NEW_PERSON, {"values": {}}, "CSV import", "life", "Made here."),
    (T.CHANGE_DATA_VALUE, CITY, MARIA, "pulled", "City changed in Salesforce Seen changed in Salesforce by Maria"),
    (T.CHANGE_DATA_VALUE, CITY, "Salesforce", "pulled", "Seen changed in Salesforce, and taken over."),
    (T.CHANGE_DATA_VALUE, CITY | {"reason": "Typo"}, "Edit page", "changed", "Typo It is not pushed: the field’s"),
    (T.SYNC_UPDATES_TO_SFDC, {"fields": ["City", "Phone"], "way": "rest"}, "", "pushed", "Fields: City, Phone. By"),
    (T.SYNC_UPDATES_TO_SFDC, {"fields": ["City"], "way": "bulk 750A"}, "", "pushed", "By the Bulk API: job 750A."),
    (T.SYNC_UPDATES_TO_SFDC, {"asked_owner": "Marco", "owner": "Sarah"}, "", "pushed",
     "The owner alone. Owner asked for: Marco. Owner got: Sarah."),
    (T.SYNC_TO_SFDC, {"note": "created", "owner": "Sarah", "way": "rest"}, "", "pushed", "A Lead was created."),
    (T.SYNC_TO_SFDC, {"note": "linked", "object": "Contact"}, "", "matched", "Linked to the one Contact with the same"),
    (T.SYNC_TO_SFDC, {"note": "excluded", "reason": "Country is Germany"}, "", "skipped", "forbids it: Country is"),
    (T.SYNC_TO_SFDC, {"note": "duplicate_for_queue", "asked_owner": "APAC"}, "", "pushed", "Owner asked for: APAC."),
    (T.CHANGE_OWNER, {"old": "A", "new": "B"}, MARIA, "owner", "In Salesforce, by Maria Gomez."),
    (T.CONVERT_PERSON, {"from": "00Q", "to": "003"}, MARIA, "life", "goes on as the Contact"),
    (T.MERGE_PEOPLE, {"from": "00Q", "to": "00R"}, MARIA, "life", "merged into another one"),
    (T.MERGE_PEOPLE, {"loser_id": 7, "name": "Ada", "email": "a@b.c"}, "", "life", "Ada (a@b.c), person 7 until then"),
    (T.DELETED_FROM_SFDC, {"sfdc_id": "00Q"}, MARIA, "life", "The person stays"),
    (T.DELETED_FROM_SFDC, {"note": "duplicate_deleted"}, MARIA, "life", "The duplicate Lead of the queue was deleted"),
    (T.RESTORED_IN_SFDC, {"sfdc_id": "00Q"}, MARIA, "life", "is there again"),
    (T.CONFLICT, {"label": "City", "ours": "Ulm", "theirs": "Bonn", "winner": "ours", "reason": "both_changed",
                  "theirs_by": MARIA}, "", "conflict",
     "Both sides changed it between two syncs. In Salesforce it was changed by Maria Gomez. The rule: the winner"),
    (T.CONFLICT, {"label": "City", "winner": "salesforce", "reason": "blank_never_overwrites"}, "", "conflict",
     "The rule: the value wins over the blank, whichever side it is on. Salesforce’s value stayed."),
    (T.SYNC_FAILED, {"code": "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": ["city"]}, "", "refused",
     "locked (UNABLE_TO_LOCK_ROW) Field: City."),
    (T.SYNC_FAILED, {"code": "NEVER_HEARD_OF", "message": "what it said"}, "", "refused", "said (NEVER_HEARD_OF)"),
    ("something_new", {"note": "A note", "reason": "a reason"}, "", "life", "something_new A note a reason"),
])  # fmt: skip
def test_an_entry_of_the_log_is_a_sentence(
    kind: str, attributes: dict[str, Any], source: str, group: str, words: str
) -> None:
    told = tell_activity(kind, attributes, source, NAMES)
    assert words in " ".join([told.title, *told.sentences])
    assert (told.group.value, told.group in GROUPS) == (group, True)


@pytest.mark.parametrize("kind", T.values)
def test_no_entry_needs_anything(kind: str) -> None:
    told = tell_activity(kind, {}, "", Names())
    assert told.title
    assert "None" not in " ".join([told.title, *told.sentences])


@pytest.mark.parametrize(("kind", "words"), [
    ("unchanged", "Maria Gomez changed the Lead, but no field that syncs from there differs"),
    ("echo", "it is as we had written it"), ("outside", "Maria Gomez changed the Lead, and it doesn’t meet the record"),
    ("stale", "older than what is known"), ("second", "it never changes the person"), ("held", "can’t be guessed"),
    ("excluded", "forbids to push this person: Country is Germany."), ("kept", "neither side changes the other"),
    ("nothing", "Salesforce has all that is to go there"),
])  # fmt: skip
def test_a_decision_that_changed_nothing_is_a_sentence(kind: str, words: str) -> None:
    told = tell_decision(kind, "Lead", MARIA, "Country is Germany")
    assert words in " ".join(told.sentences)
    assert "%(" not in told.title + " ".join(told.sentences)


def test_every_kind_of_decision_has_words() -> None:
    assert all(tell_decision(kind, "", "").sentences for kind in Decision.Kind.values)


@pytest.mark.parametrize("kind", sorted(_WORDS))
def test_everything_that_a_cycle_would_do_has_words(kind: str) -> None:
    told = tell_item(Item(kind, Who(1, "Ada"), "city", "City", "Ulm", "Bonn", "ours", "both_changed"))
    assert (told.what, told.text, told.tone) != ("", "", "")


# --- How a person stands ------------------------------------------------------------------------------------------
RUNS = SyncFacts(is_ready=True)
LEAD = Facts(RUNS, object="Lead", is_linked=True)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def refused(state: str = "open", retry_at: datetime | None = None, assign_to: str = "keep") -> Any:
    failure = SimpleNamespace(
        state=state, retry_at=retry_at, message="No.", attempts=3, assign_to=assign_to, ignored_because=""
    )
    return SimpleNamespace(failure=failure, advice="Correct it.", standing=SimpleNamespace(text="Waits."))


@pytest.mark.parametrize(("facts", "code"), [
    (LEAD, "in_step"),
    (replace(LEAD, waits=True), "waits"),
    (replace(LEAD, is_linked=False), "unlinked"),
    (replace(LEAD, waits=True, excluded="Country is Germany"), "excluded"),
    (replace(LEAD, outside_since=NOW), "outside"),
    (replace(LEAD, is_deleted=True), "deleted"),
    (replace(LEAD, waits=True, bulk_job="750"), "in_bulk"),
    (replace(LEAD, waits=True, refused=refused(), is_held_back=True), "refused"),
    (replace(LEAD, waits=True, refused=refused(retry_at=NOW), is_held_back=True), "later"),
    (replace(LEAD, waits=True, refused=refused(), is_held_back=False), "again"),
    (replace(LEAD, waits=True, refused=refused("ignored"), is_held_back=True), "ignored"),
    (Facts(RUNS), "no_rule"),
    (Facts(RUNS, has_inclusion=True), "not_included"),
    (Facts(RUNS, has_inclusion=True, is_included=True), "included"),
    (Facts(RUNS, refused=refused(), is_held_back=False), "no_rule"),
    (Facts(RUNS, refused=refused(assign_to="rules"), is_held_back=True), "refused"),
    (Facts(RUNS, refused=refused(assign_to="rules")), "again"),
    (replace(LEAD, is_deleted=True, refused=refused(assign_to="rules")), "again"),
    (Facts(RUNS, is_being_created=True), "creating"),
    (Facts(RUNS, is_being_created=True, is_lost=True), "lost"),
])  # fmt: skip
def test_one_reason_decides_about_a_person(facts: Facts, code: str) -> None:
    (said,) = say(facts)
    assert said.code == code
    assert said.title
    assert "%(" not in said.title + said.text


@pytest.mark.parametrize(("sync", "code"), [
    (SyncFacts(), "not_connected"), (replace(RUNS, awaits_start=True, is_paused=True), "not_started"),
    (replace(RUNS, is_paused=True), "paused"), (replace(RUNS, is_stopped=True), "stopped"),
    (replace(RUNS, problem="Login refused."), "failing"),
])  # fmt: skip
def test_a_sync_that_does_not_run_is_said_beside_it(sync: SyncFacts, code: str) -> None:
    said = say(replace(LEAD, sync=sync))
    assert [one.code for one in said] == ["in_step", code]
