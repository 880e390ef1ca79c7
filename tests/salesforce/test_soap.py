"""Merging and converting: what only SOAP can do, with the session, the errors and the care of REST."""

from __future__ import annotations

import pytest

from syncadmin.salesforce import soap
from syncadmin.salesforce.faults import Expired
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.sync.ports import Operation, SyncError, Write
from tests.salesforce.conftest import Emulator, new_lead


@pytest.fixture
def leads(org: SalesforceOrg) -> list[str]:
    return [result.id for result in org.write([new_lead(1), new_lead(2), new_lead(3)])]


def test_two_leads_are_merged_into_a_third_in_one_call(org: SalesforceOrg, leads: list[str]) -> None:
    before = org.api_calls
    result = org.merge("Lead", leads[0], leads[1:])
    assert (result.ok, result.id, org.api_calls - before) == (True, leads[0], 1)
    found = org.fetch("Lead", leads, ["Email"])
    assert [found[pk]["MasterRecordId"] for pk in leads] == [None, leads[0], leads[0]]
    assert found[leads[0]]["Email"] == "nr1@example.com"


def test_a_refusal_is_told_with_its_code(org: SalesforceOrg, leads: list[str]) -> None:
    contact = org.write([Write(Operation.CREATE, "Contact", {"LastName": "C"})])[0].id
    (error,) = org.merge("Lead", leads[0], [contact]).errors
    assert error.code == "INVALID_ID_FIELD"


def test_an_expired_session_is_renewed(org: SalesforceOrg, emulator: Emulator, leads: list[str]) -> None:
    emulator.expire_sessions()
    assert org.merge("Lead", leads[0], leads[1:2]).ok


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_merge_whose_answer_is_lost_is_not_repeated(
    org: SalesforceOrg, emulator: Emulator, leads: list[str], drop: str
) -> None:
    emulator.fail(drop=drop, match="*Soap*", times=1)
    assert org.merge("Lead", leads[0], leads[1:2]).lost
    master = org.fetch("Lead", leads, [])[leads[1]]["MasterRecordId"]
    assert master == (leads[0] if drop == "after" else None)


def test_a_lead_is_converted_into_a_contact_that_is_there(org: SalesforceOrg, leads: list[str]) -> None:
    account = org.write([Write(Operation.CREATE, "Account", {"Name": "A"})])[0].id
    contact = org.write([Write(Operation.CREATE, "Contact", {"LastName": "C", "AccountId": account})])[0].id
    owner = org.fetch("Contact", [contact], [])[contact]["OwnerId"]
    assert org.convert_lead(leads[0], contact, account=account, owner=owner).id == contact
    lead = org.fetch("Lead", leads[:1], [])[leads[0]]
    assert (lead["IsConverted"], lead["ConvertedContactId"]) == (True, contact)


def test_no_more_than_two_are_merged_at_once(org: SalesforceOrg) -> None:
    for losers in ([], ["1", "2", "3"]):
        with pytest.raises(ValueError, match="one or two"):
            org.merge("Lead", "0", losers)


def test_what_is_no_answer_of_salesforce_is_taken_for_none() -> None:
    with pytest.raises(SyncError, match="NOT_SALESFORCE"):
        soap.read_fault("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    fault = soap.read_fault(
        "<a><Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>x</faultstring></Fault></a>"
    )
    assert isinstance(fault, Expired)
