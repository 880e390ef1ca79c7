"""Sync Person to SFDC: the table of outcomes."""

from __future__ import annotations

import pytest

from syncadmin.sync.assignment import (
    KEEP,
    RULES,
    Action,
    AssignKind,
    AssignTo,
    decide_step,
    missing,
    with_defaults,
)

USER = AssignTo(AssignKind.USER, "005Fe0000000001IAA")
QUEUE = AssignTo(AssignKind.QUEUE, "00GFe0000000001MAA")


@pytest.mark.parametrize(
    ("object", "is_deleted", "assign", "action", "owner", "by_rules"),
    [
        ("", False, RULES, Action.CREATE_LEAD, "", True),
        ("", False, USER, Action.CREATE_LEAD, USER.owner_id, False),
        ("", False, QUEUE, Action.CREATE_LEAD, QUEUE.owner_id, False),
        ("Lead", False, RULES, Action.UPDATE, "", False),
        ("Lead", False, USER, Action.UPDATE, USER.owner_id, False),
        ("Lead", False, QUEUE, Action.UPDATE, QUEUE.owner_id, False),
        ("Contact", False, RULES, Action.UPDATE, "", False),
        ("Contact", False, USER, Action.UPDATE, USER.owner_id, False),
        ("Contact", False, QUEUE, Action.UPDATE_AND_DUPLICATE, QUEUE.owner_id, False),
        ("Lead", True, RULES, Action.CREATE_LEAD, "", True),
        ("Contact", True, USER, Action.CREATE_LEAD, USER.owner_id, False),
        ("Contact", True, QUEUE, Action.CREATE_LEAD, QUEUE.owner_id, False),
        ("", False, KEEP, Action.NOT_SENT, "", False),
        ("Lead", True, KEEP, Action.NOT_SENT, "", False),
        ("Lead", False, KEEP, Action.UPDATE, "", False),
    ],
)
def test_the_table(
    object: str, is_deleted: bool, assign: AssignTo, action: Action, owner: str, by_rules: bool
) -> None:
    step = decide_step(object=object, is_deleted=is_deleted, has_duplicate=False, assign=assign)
    assert (step.action, step.owner_id, step.auto_assign) == (action, owner, by_rules)


def test_a_second_duplicate_is_never_made_the_first_is_given_to_the_queue() -> None:
    step = decide_step(object="Contact", is_deleted=False, has_duplicate=True, assign=QUEUE)
    assert step.action is Action.UPDATE_AND_MOVE_DUPLICATE


def test_a_contact_for_a_queue_is_refused_where_so_configured() -> None:
    step = decide_step(
        object="Contact", is_deleted=False, has_duplicate=False, assign=QUEUE, refuse_contact_queue=True
    )
    assert step.action is Action.REFUSE_QUEUE


@pytest.mark.parametrize("text", ["rules", "user:005Fe0000000001IAA", "queue:00GFe0000000001MAA"])
def test_an_owner_reads_as_it_is_written(text: str) -> None:
    assert str(AssignTo.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "rules:1", "user", "user:", "queue:abc", "nobody:005Fe0000000001", "user:'; --"]
)
def test_nonsense_is_no_owner(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        AssignTo.parse(text)


def test_defaults_fill_what_is_empty_and_nothing_else() -> None:
    filled = with_defaults({"LastName": None, "Company": "Acme"}, {"LastName": "Unknown", "Company": "None"})
    assert filled == {"LastName": "Unknown", "Company": "Acme"}
    assert missing(with_defaults({}, {"Company": ""}), ["LastName", "Company"]) == ("LastName", "Company")
