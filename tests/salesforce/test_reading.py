from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from syncadmin.salesforce.composite import PartRefused
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.salesforce.reading import server_time, settled
from syncadmin.sync.ports import SYSTEM_FIELDS, Page, Poll, SyncError
from tests.salesforce.conftest import Emulator, change, new_lead

LEADS = Poll("Lead", ("Email", "LastName", "Owner.Name"))
CONTACTS = Poll("Contact", ("Email", "Account.Name"))


def test_an_idle_cycle_costs_exactly_one_api_call(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.tell("POST", "clock", {"advance_seconds": 2})
    first = org.poll([LEADS, CONTACTS])
    known = {object: schema.stamp for object, schema in first.schemas.items()}
    idle = [
        replace(poll, since=first.server_time, known_schema=known[poll.object]) for poll in (LEADS, CONTACTS)
    ]
    before = emulator.api_calls()
    answer = org.poll(idle)
    assert emulator.api_calls() - before == 1
    assert answer.schemas == {}
    assert {object: page.records for object, page in answer.pages.items()} == {"Lead": [], "Contact": []}


@pytest.mark.parametrize(
    ("modified", "date", "known"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", "Sun, 22 Nov 2026 12:00:01 GMT", "Sun, 22 Nov 2026 12:00:00 GMT"),
        ("Sun, 22 Nov 2026 12:00:00 GMT", "Sun, 22 Nov 2026 12:00:00 GMT", "Sun, 22 Nov 2026 11:59:59 GMT"),
        ("", "Sun, 22 Nov 2026 12:00:00 GMT", ""),
    ],
)
def test_a_schema_of_this_very_second_is_asked_for_once_more(modified: str, date: str, known: str) -> None:
    assert settled(modified, date) == known


def test_an_unknown_schema_comes_with_the_poll(org: SalesforceOrg) -> None:
    schemas = org.poll([LEADS, CONTACTS]).schemas
    assert set(schemas) == {"Lead", "Contact"}
    assert "LastName" in {field["name"] for field in schemas["Lead"].fields}
    assert parsedate_to_datetime(schemas["Lead"].stamp)


def test_users_and_queues_come_with_the_poll(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.reset("demo")
    owners = org.poll([LEADS]).owners
    assert {owner.kind for owner in owners} == {"user", "queue"}
    assert all(owner.id.startswith("005" if owner.kind == "user" else "00G") for owner in owners)
    assert all(owner.name for owner in owners)
    assert {owner.is_active for owner in owners} == {True, False}


def test_five_thousand_leads_come_in_three_pages_each_once(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.reset("5000")
    page = org.poll([LEADS]).pages["Lead"]
    sizes, ids = [len(page.records)], [record["Id"] for record in page.records]
    while page.next:
        page = org.read_on(page)
        sizes.append(len(page.records))
        ids += [record["Id"] for record in page.records]
    assert (sizes, len(set(ids)), page.total) == ([2000, 2000, 1000], 5000, 5000)


def test_reading_goes_on_behind_a_record_in_a_crowd_of_equal_stamps(
    emulator: Emulator, org: SalesforceOrg
) -> None:
    org.write([new_lead(number) for number in range(10)])
    records = org.poll([LEADS]).pages["Lead"].records
    middle = (records[4]["SystemModstamp"], records[4]["Id"])
    rest = org.poll([replace(LEADS, since=records[0]["SystemModstamp"], after=middle)]).pages["Lead"].records
    assert [record["Id"] for record in rest] == [record["Id"] for record in records[5:]]


def test_records_are_plain_and_have_their_system_fields(emulator: Emulator, org: SalesforceOrg) -> None:
    org.write([new_lead()])
    (record,) = org.poll([LEADS]).pages["Lead"].records
    assert set(record) == {*SYSTEM_FIELDS["Lead"], "Email", "LastName", "Owner"}
    assert set(record["Owner"]) == {"Name"}


def test_deleted_records_are_read(emulator: Emulator, org: SalesforceOrg) -> None:
    id = org.write([new_lead()])[0].id
    org._transport.call("DELETE", f"sobjects/Lead/{id}")
    assert org.poll([LEADS]).pages["Lead"].records[0]["IsDeleted"] is True
    assert org.fetch("Lead", [id], [])[id]["IsDeleted"] is True


def test_a_field_that_was_just_hidden_is_named(emulator: Emulator, org: SalesforceOrg) -> None:
    with pytest.raises(PartRefused) as caught:
        org.poll([replace(LEADS, fields=("Nowhere__c",)), CONTACTS])
    error = caught.value
    assert (error.code, error.object, error.field, error.permanent) == (
        "INVALID_FIELD",
        "Lead",
        "Nowhere__c",
        True,
    )
    assert error.message.startswith("Lead.Nowhere__c: No such column")


def test_an_object_without_access_is_named(org: SalesforceOrg) -> None:
    with pytest.raises(PartRefused) as caught:
        org.poll([Poll("Nothing__c", ())])
    assert caught.value.object == "Nothing__c"


def test_the_time_is_that_of_the_server() -> None:
    assert server_time("Sun, 22 Nov 2026 01:02:03 GMT") == "2026-11-22T01:02:03.000+0000"
    with pytest.raises(SyncError):
        server_time("")


def test_the_server_time_can_be_polled_with(org: SalesforceOrg) -> None:
    assert org.poll([replace(LEADS, since=org.poll([LEADS]).server_time)]).pages["Lead"].records == []


def test_more_than_three_objects_do_not_fit_into_a_poll(org: SalesforceOrg) -> None:
    with pytest.raises(ValueError, match="three"):
        org.poll([LEADS] * 4)


def test_a_page_may_not_lead_elsewhere(org: SalesforceOrg) -> None:
    for next in (None, "https://evil.example/services/data/v64.0/query/01g-2000", "/services/oauth2/token"):
        with pytest.raises(ValueError, match="no page"):
            org.read_on(Page([], next, 0))


def test_ten_thousand_ids_cost_one_call(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.reset("3000")
    page = org.poll([LEADS]).pages["Lead"]
    ids = [record["Id"] for record in (*page.records, *org.read_on(page).records)]
    unknown = [f"00Q00000009{number:04}EAA" for number in range(7000)]
    before = org.api_calls
    found = org.fetch("Lead", [*ids, *unknown], ["Email"])
    assert org.api_calls - before == 1
    assert set(found) == set(ids)


def test_ids_that_are_none_are_left_out(org: SalesforceOrg) -> None:
    assert org.fetch("Lead", ["", "x", "1' OR Name != '", "00Q000000000001AAA"], []) == {}


def test_people_are_found_by_e_mail_in_any_case(org: SalesforceOrg) -> None:
    org.write([new_lead(1, Email="Ann.O'Neil@Example.com"), new_lead(2)])
    found = org.find(
        [" ANN.o'neil@example.COM", "", "nobody@example.com"], {"Lead": ["LastName"], "Contact": []}
    )
    assert [record["LastName"] for record in found["Lead"]] == ["Nr 1"]
    assert found["Contact"] == []


def test_a_thousand_e_mails_cost_one_call(org: SalesforceOrg) -> None:
    org.poll([LEADS])
    before = org.api_calls
    org.find([f"{number}@example.com" for number in range(2_000)], {"Lead": [], "Contact": []})
    assert org.api_calls - before == 2


def test_more_matches_than_fit_on_a_page_are_all_found(org: SalesforceOrg) -> None:
    org.write([new_lead(number, Email="info@example.com") for number in range(2100)])
    assert len(org.find(["info@example.com"], {"Lead": []})["Lead"]) == 2100


def test_what_the_sync_user_created_is_found(org: SalesforceOrg) -> None:
    ids = [result.id for result in org.write([new_lead(1), new_lead(2)])]
    assert [record["Id"] for record in org.find_created("Lead", timedelta(minutes=1), ["Email"])] == ids
    org.write([change(ids[0], LastName="Renamed")])
    assert len(org.find_created("Lead", timedelta(minutes=1), [])) == 2
