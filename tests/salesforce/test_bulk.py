"""Bulk jobs: what goes in by a file and comes back by others, and what is done about the network on the way."""

from __future__ import annotations

import time
from typing import Any

import pytest

from syncadmin.salesforce.bulk_csv import UpdateCsv, can_carry, cell, errors_in, scratch
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.sync import bulk as limits
from syncadmin.sync.bulk import BulkKind, BulkState
from syncadmin.sync.ports import Poll, SyncError
from tests.salesforce.conftest import Emulator, new_lead

FIELDS = ("LastName", "Email", "NumberOfEmployees", "AnnualRevenue", "DoNotCall")


def leads(org: SalesforceOrg, number: int) -> list[str]:
    return [result.id for result in org.write([new_lead(n) for n in range(number)])]


def ended(org: SalesforceOrg, kind: BulkKind, job: str) -> BulkState:
    for _ in range(500):
        state = org.bulk.state(kind, job)
        if state.has_ended:
            return state
        time.sleep(0.02)
    raise AssertionError(state)


def upload(org: SalesforceOrg, job: str, changes: dict[str, dict[str, Any]]) -> None:
    with org.bulk.new_file() as file:
        for id, fields in changes.items():
            assert file.add(id, fields)
        org.bulk.upload(job, file)


def update(org: SalesforceOrg, changes: dict[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The codes of the refusals by the id of each record."""
    job = org.bulk.begin_update("Lead")
    upload(org, job, changes)
    org.bulk.close(job)
    assert ended(org, BulkKind.INGEST, job).is_complete
    return {each.key: tuple(error.code for error in each.errors) for each in org.bulk.outcomes(job)}


def written(*rows: tuple[str, dict[str, Any]]) -> str:
    with UpdateCsv() as file, scratch() as target:
        for id, fields in rows:
            file.add(id, fields)
        file.write_to(target)
        target.seek(0)
        return target.read().decode()


# -- the file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "#N/A"), (True, "true"), (False, "false"), (3, "3"), (2.5, "2.5"), (1e22, "10000000000000000000000"),
        (0.0000001, "0.0000001"), ("2026-01-02", "2026-01-02"), ("A;B", "A;B"),
    ],
)  # fmt: skip
def test_a_cell_says_a_value_as_its_type_wants(value: Any, expected: str) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize("value", ["#N/A", "#n/a", "", "x" * 32_001, "a\x00b"])
def test_what_a_cell_can_not_say_is_not_put_in(value: str) -> None:
    assert not can_carry(value)
    with UpdateCsv() as file:
        assert not file.add("00Q000000000001AAA", {"Title": value})


def test_the_file_has_the_columns_that_are_needed_and_leaves_other_fields_alone() -> None:
    found = written(("1", {"Title": 'a, "b"\nc'}), ("2", {"City": None}))
    assert found == 'Id,Title,City\n1,"a, ""b""\nc",\n2,,#N/A\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
         [("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ("LastName",))]),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--",
         [("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", ())]),
        ("A_B:one:X,Y --C_D:two:--", [("A_B", "one", ("X", "Y")), ("C_D", "two", ())]),
        ("no idea", [("UNKNOWN_EXCEPTION", "no idea", ())]),
    ],
)  # fmt: skip
def test_a_refusal_is_read_from_its_cell(text: str, expected: list[Any]) -> None:
    assert [(error.code, error.message, error.fields) for error in errors_in(text)] == expected


# -- writing ----------------------------------------------------------------------------------------------


def test_each_record_gets_its_own_values_and_its_own_answer(org: SalesforceOrg, emulator: Emulator) -> None:
    ids = leads(org, 3)
    text = 'Ada "the first"\nof, all'
    emulator.rule(
        validation={"object": "Lead", "formula": "City = 'London'", "message": "Closed.", "field": "City"}
    )
    changes: dict[str, dict[str, Any]] = {
        ids[0]: {"Title": text, "NumberOfEmployees": 7, "DoNotCall": True, "AnnualRevenue": 2500000},
        ids[1]: {"City": "London"},
        ids[2]: {"Email": None},
    }
    answers = update(org, dict(reversed(changes.items())))
    assert answers == {ids[0]: (), ids[1]: ("FIELD_CUSTOM_VALIDATION_EXCEPTION",), ids[2]: ()}
    found = org.fetch("Lead", ids, ["Title", "City", *FIELDS])
    first = found[ids[0]]
    assert (first["Title"], first["NumberOfEmployees"], first["DoNotCall"], first["AnnualRevenue"]) == (
        text, 7, True, 2_500_000,
    )  # fmt: skip
    assert (found[ids[1]]["City"], found[ids[2]]["Email"]) == (None, None)
    assert (found[ids[2]]["LastName"], first["Email"]) == ("Nr 2", "nr0@example.com")  # left alone


def test_an_update_runs_no_assignment_rule(org: SalesforceOrg, emulator: Emulator) -> None:
    (id,) = leads(org, 1)
    before = org.fetch("Lead", [id], ["OwnerId"])[id]["OwnerId"]
    queue = org.poll([Poll("Lead", ())]).owners[-1].id
    emulator.rule(
        assignment={
            "name": "All",
            "object": "Lead",
            "active": True,
            "entries": [{"criteria": [], "assign_to": queue}],
        }
    )
    update(org, {id: {"City": "Paris"}})
    assert org.fetch("Lead", [id], ["OwnerId"])[id]["OwnerId"] == before


def test_a_job_whose_field_is_unknown_fails_as_a_whole_and_says_why(org: SalesforceOrg) -> None:
    (id,) = leads(org, 1)
    job = org.bulk.begin_update("Lead")
    changes = {id: {"Nonsense__c": "x"}}
    upload(org, job, changes)
    org.bulk.close(job)
    state = ended(org, BulkKind.INGEST, job)
    assert not state.is_complete
    assert "Nonsense__c" in state.message


def test_an_update_costs_four_calls_beside_the_waiting(org: SalesforceOrg, emulator: Emulator) -> None:
    (id,) = leads(org, 1)
    before = org.api_calls, emulator.api_calls()
    update(org, {id: {"City": "Paris"}})
    mine, theirs = org.api_calls - before[0], emulator.api_calls() - before[1]
    looks = len(
        [r for r in emulator.requests("/jobs/ingest/") if r["method"] == "GET" and "esults" not in r["path"]]
    )
    assert mine == theirs == 5 + looks


def test_a_lost_answer_to_the_closing_is_settled_by_asking_for_the_state(
    org: SalesforceOrg, emulator: Emulator
) -> None:
    (id,) = leads(org, 1)
    for drop in ("before", "after"):
        emulator.fail(drop=drop, match="*jobs/ingest/*", method="PATCH", times=1)
        assert update(org, {id: {"City": drop}}) == {id: ()}
        emulator.heal()


def test_an_upload_whose_answer_is_lost_is_not_sent_again(org: SalesforceOrg, emulator: Emulator) -> None:
    (id,) = leads(org, 1)
    job = org.bulk.begin_update("Lead")
    changes = {id: {"City": "Paris"}}
    emulator.fail(drop="after", match="*batches*", times=1)
    with pytest.raises(SyncError, match="LOST_ANSWER"):
        upload(org, job, changes)
    assert len(emulator.requests("/batches")) == 1


def test_an_upload_goes_on_after_the_session_expired(org: SalesforceOrg, emulator: Emulator) -> None:
    (id,) = leads(org, 1)
    job = org.bulk.begin_update("Lead")
    changes = {id: {"City": "Paris"}}
    emulator.expire_sessions()
    upload(org, job, changes)
    org.bulk.close(job)
    assert ended(org, BulkKind.INGEST, job).is_complete
    assert org.fetch("Lead", [id], ["City"])[id]["City"] == "Paris"


def test_a_job_can_be_stopped_before_it_begins_and_is_left_alone_after_its_end(org: SalesforceOrg) -> None:
    job = org.bulk.begin_update("Lead")
    assert org.bulk.state(BulkKind.INGEST, job).is_waiting_for_data
    for _ in range(2):
        org.bulk.abort(BulkKind.INGEST, job)
        assert org.bulk.state(BulkKind.INGEST, job).state == "Aborted"


def test_a_job_that_is_gone_says_so(org: SalesforceOrg) -> None:
    with pytest.raises(SyncError) as caught:
        org.bulk.state(BulkKind.INGEST, "750000000000001AAA")
    assert caught.value.code == "NOT_FOUND"


# -- reading ----------------------------------------------------------------------------------------------


def read(org: SalesforceOrg, poll: Poll) -> list[dict[str, Any]]:
    job = org.bulk.begin_query(poll)
    assert ended(org, BulkKind.QUERY, job).is_complete
    found, locator = [], None
    while locator != "":
        part = org.bulk.rows(poll.object, job, locator or "")
        found += [record for page in part.pages for record in page]
        locator = part.next
    return found


def test_records_come_as_rest_has_them(org: SalesforceOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PART", 2)
    org.write(
        [
            new_lead(1, Title='a "b"\nc,d', NumberOfEmployees=3, AnnualRevenue=2.5, DoNotCall=True),
            *(new_lead(n) for n in range(2, 6)),
        ]
    )
    poll = Poll("Lead", ("LastName", "Title", "Owner.Name", *FIELDS))
    by_rest = org.poll([poll]).pages["Lead"].records
    by_bulk = read(org, poll)
    key = lambda record: record["Id"]  # noqa: E731
    assert sorted(by_bulk, key=key) == sorted(by_rest, key=key)


def test_deleted_records_are_read_as_well(org: SalesforceOrg, emulator: Emulator) -> None:
    ids = leads(org, 2)
    org._transport.call("DELETE", f"composite/sobjects?ids={ids[0]}")
    found = {record["Id"]: record["IsDeleted"] for record in read(org, Poll("Lead", ()))}
    assert found == {ids[0]: True, ids[1]: False}


def test_a_contact_without_an_account_has_no_account(org: SalesforceOrg) -> None:
    org.write([new_lead(1)])
    org._transport.call("POST", "sobjects/Contact", {"LastName": "Byron"})
    poll = Poll("Contact", ("LastName", "Account.Name"))
    assert read(org, poll)[0]["Account"] is None
    assert read(org, poll) == org.poll([poll]).pages["Contact"].records


def test_nothing_found_is_no_record(org: SalesforceOrg) -> None:
    assert read(org, Poll("Lead", ("LastName",))) == []


def test_a_result_that_breaks_off_is_taken_again(org: SalesforceOrg, emulator: Emulator) -> None:
    ids = leads(org, 5)
    poll = Poll("Lead", ("LastName",))
    job = org.bulk.begin_query(poll)
    ended(org, BulkKind.QUERY, job)
    emulator.fail(truncate=100, match="*results*", times=1)
    part = org.bulk.rows("Lead", job, "")
    assert {record["Id"] for page in part.pages for record in page} == set(ids)
    assert part.next == ""
    assert len(emulator.requests("/results")) == 2
