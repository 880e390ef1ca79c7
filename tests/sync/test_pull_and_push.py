"""One record, one person: what the engine makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from syncadmin.sync.assignment import KEEP, RULES
from syncadmin.sync.fields import Direction, FieldRule, ObjectRules
from syncadmin.sync.overlap import OVERLAP, overlap_start, resume
from syncadmin.sync.pulls import decide_pull
from syncadmin.sync.pushes import PushSettings, choose_match, decide_push
from syncadmin.sync.records import LinkedPerson, PullKind

LEAD = ObjectRules(
    "Lead",
    (
        FieldRule("last_name", "LastName"),
        FieldRule("company", "Company"),
        FieldRule("email", "Email", "email"),
        FieldRule(
            "grade", "Grade__c", direction=Direction.FROM_SALESFORCE, createable=False, updateable=False
        ),
    ),
    ("LastName", "Company"),
)
CONTACT = ObjectRules("Contact", (FieldRule("company", "Account.Name", direction=Direction.FROM_SALESFORCE),))
SETTINGS = PushSettings({"Lead": LEAD, "Contact": CONTACT})


def raw(**fields: Any) -> dict[str, Any]:
    return {"Id": "00Q1", "LastName": "Byron", "Company": "Engines", "Email": "a@b.example", **fields}


def person(**attributes: Any) -> LinkedPerson:
    values = attributes.pop("values", {"last_name": "Byron", "company": "Engines", "email": "a@b.example"})
    return LinkedPerson(1, 1, values, **attributes)


@pytest.mark.parametrize(
    ("record", "linked", "namesakes", "kind"),
    [
        (raw(), None, [], PullKind.NEW),
        (raw(), None, [person()], PullKind.LINK),
        (raw(), None, [person(sfdc_id="00Q9")], PullKind.HOLD),
        (raw(), None, [person(), person()], PullKind.HOLD),
        (raw(Company="New"), person(sfdc_id="00Q1", is_duplicate_lead=True), [], PullKind.IGNORE),
        (raw(Company="New"), person(sfdc_id="00Q1", base={"company": "Engines"}), [], PullKind.UPDATE),
        (raw(), person(sfdc_id="00Q1"), [], PullKind.UNCHANGED),
        (raw(OwnerId="005X"), person(sfdc_id="00Q1", owner_id="005Y"), [], PullKind.UPDATE),
        (raw(), person(sfdc_id="00Q1", is_deleted=True), [], PullKind.UPDATE),
    ],
)
def test_what_a_record_means(
    record: dict[str, Any], linked: LinkedPerson | None, namesakes: list[LinkedPerson], kind: PullKind
) -> None:
    assert decide_pull(record, LEAD, linked, namesakes).kind is kind


def test_a_relationship_is_read_and_never_written() -> None:
    assert CONTACT.read({"Account": {"Name": "Engines"}}) == {"company": "Engines"}
    assert CONTACT.read({"Account": None}) == {"company": None}
    assert CONTACT.to_salesforce({"company": "x"}) == {}


def test_a_create_sends_what_may_be_sent_and_no_blanks() -> None:
    values = {"last_name": "Byron", "company": "Engines", "email": None, "grade": "A"}
    plan = decide_push(person(values=values), None, RULES, SETTINGS)
    ((_, write),) = plan.writes
    assert (write.fields, write.auto_assign) == ({"LastName": "Byron", "Company": "Engines"}, True)


def test_without_what_is_required_nothing_is_sent() -> None:
    plan = decide_push(person(values={"last_name": "Byron"}), None, RULES, SETTINGS)
    assert (plan.writes, plan.missing) == ([], ("Company",))


def test_a_cycle_creates_nobody() -> None:
    assert decide_push(person(), None, KEEP, SETTINGS).writes == []


def test_several_matches_are_never_guessed() -> None:
    assert choose_match({"Lead": [], "Contact": []}) is None
    assert choose_match({"Lead": [raw()], "Contact": []}) == ("Lead", raw())
    assert choose_match({"Lead": [raw()], "Contact": [raw(Id="0031")]}) == ["00Q1", "0031"]


def test_a_poll_begins_an_overlap_before_the_last_one_began() -> None:
    assert OVERLAP.total_seconds() == 600
    assert overlap_start("2026-01-01T00:05:00.000+0000") == "2025-12-31T23:55:00.000+0000"
    assert overlap_start("") == ""


@pytest.mark.parametrize(
    ("position", "since", "after"),
    [
        # nothing was left half read
        (None, "2026-01-01T11:50:00.000+0000", None),
        # long before the unfinished poll began: nothing can have appeared there since
        ("2026-01-01T12:00:00.000+0000", "2026-01-01T11:50:00.000+0000", "2026-01-01T12:00:00.000+0000"),
        # within the overlap: late commits may lie behind the position, so it is passed once more
        ("2026-01-01T12:55:00.000+0000", "2026-01-01T12:50:00.000+0000", None),
    ],
)
def test_an_unfinished_poll_goes_on_without_missing_late_commits(
    position: str | None, since: str, after: str | None
) -> None:
    start = resume(
        "2026-01-01T12:00:00.000+0000",
        "2026-01-01T13:00:00.000+0000",
        (position, "00Q1") if position else None,
    )
    assert (start.since, start.after[0] if start.after else None) == (since, after)
