from __future__ import annotations

import pytest

from syncadmin.salesforce.auth import Credentials
from syncadmin.salesforce.batches import chunked_calls, collections
from syncadmin.salesforce.collections import Delivery
from syncadmin.salesforce.composite import PartAnswer
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.sync.ports import Operation, Poll, SyncError, Write
from tests.salesforce.conftest import Emulator, change, new_lead

LEADS = [Poll("Lead", ("LastName", "Email"))]


def stored(org: SalesforceOrg) -> list[dict[str, object]]:
    return org.poll(LEADS).pages["Lead"].records


def external_id_field(org: SalesforceOrg) -> str:
    fields = org.poll(LEADS).schemas["Lead"].fields
    return next(str(field["name"]) for field in fields if field["externalId"] and field["type"] == "string")


def test_a_thousand_records_cost_one_call_and_answers_keep_their_order(org: SalesforceOrg) -> None:
    org.poll(LEADS)
    before = org.api_calls
    results = org.write([new_lead(number) for number in range(1000)])
    assert org.api_calls - before == 1
    names = {record["Id"]: record["LastName"] for record in stored(org)}
    assert [names[result.id] for result in results] == [f"Nr {number}" for number in range(1000)]
    assert all(result.ok and result.created for result in results)


def test_leads_and_contacts_share_a_call_and_answers_keep_their_order(org: SalesforceOrg) -> None:
    org.poll(LEADS)
    before = org.api_calls
    contact = Write(Operation.CREATE, "Contact", {"LastName": "C"})
    results = org.write([new_lead(1), contact, new_lead(2), contact])
    assert [result.id[:3] for result in results] == ["00Q", "003", "00Q", "003"]
    assert org.api_calls - before == 1


def test_one_bad_record_never_stops_the_others(org: SalesforceOrg) -> None:
    bad = Write(Operation.CREATE, "Lead", {"Company": "ACME"})
    first, second, third = org.write([new_lead(1), bad, new_lead(3, Email="nonsense")])
    assert first.ok
    assert [(error.code, error.fields) for error in second.errors] == [
        ("REQUIRED_FIELD_MISSING", ("LastName",))
    ]
    assert [(error.code, error.fields) for error in third.errors] == [("INVALID_EMAIL_ADDRESS", ("Email",))]
    assert not any(error.transient for error in (*second.errors, *third.errors))


def test_updates_tell_what_became_of_each(org: SalesforceOrg) -> None:
    id = org.write([new_lead()])[0].id
    good, gone = org.write([change(id, LastName="New"), change("00Q000000000000EAA", LastName="X")])
    assert (good.ok, good.created, good.id) == (True, False, id)
    assert not gone.ok
    assert stored(org)[0]["LastName"] == "New"


def test_a_value_can_be_cleared(org: SalesforceOrg) -> None:
    id = org.write([new_lead()])[0].id
    assert org.write([change(id, Email=None)])[0].ok
    assert stored(org)[0]["Email"] is None


@pytest.mark.parametrize("auto_assign", [True, False])
def test_every_write_says_whether_assignment_rules_run(auto_assign: bool) -> None:
    writes = [
        new_lead(1, auto_assign=auto_assign),
        new_lead(2, auto_assign=auto_assign, Ext__c="x"),
        change("00Q000000000000EAA", auto_assign=auto_assign, LastName="X"),
    ]
    batches = collections(enumerate(writes), "Ext__c")
    assert len(batches) == 3
    wanted = {"Sforce-Auto-Assign": "TRUE" if auto_assign else "FALSE"}
    assert [dict(batch.part.headers) for batch in batches] == [wanted] * 3


def test_assignment_rules_run_only_where_they_are_asked_for(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.reset("demo")
    user = org.identity().user_id
    queue = next(owner.id for owner in org.poll(LEADS).owners if owner.kind == "queue")
    everything = [{"criteria": [], "assign_to": queue}]
    emulator.rule(assignment=[{"name": "Standard", "object": "Lead", "active": True, "entries": everything}])
    results = org.write([new_lead(1), new_lead(2, auto_assign=True)])
    ids = [result.id for result in results]
    org.write([change(ids[0], Title="unassigned")])
    owners = org.fetch("Lead", ids, [])
    assert [owners[id]["OwnerId"] for id in ids] == [user, queue]
    org.write([change(ids[0], Title="assigned", auto_assign=True)])
    assert org.fetch("Lead", ids, [])[ids[0]]["OwnerId"] == queue


def test_a_create_whose_answer_is_lost_is_not_sent_again(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(drop="after", match="/composite", times=1)
    (result,) = org.write([new_lead()])
    assert (result.lost, result.ok, result.errors) == (True, False, ())
    assert len(stored(org)) == 1


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"truncate": 100}, {"status": 502}])
def test_a_create_is_lost_whenever_it_may_have_been_done(
    emulator: Emulator, org: SalesforceOrg, fault: dict[str, object]
) -> None:
    emulator.fail(**fault, match="/composite", times=1)
    assert org.write([new_lead()])[0].lost
    assert len(emulator.requests("/composite")) <= 1


def test_a_create_that_was_certainly_not_done_is_sent_again(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(status=503, match="/composite", times=1)
    assert org.write([new_lead()])[0].ok
    assert len(stored(org)) == 1


def test_an_update_whose_answer_is_lost_is_sent_again_even_beside_a_create(
    emulator: Emulator, org: SalesforceOrg
) -> None:
    id = org.write([new_lead(1)])[0].id
    emulator.fail(drop="after", match="/composite", times=1)
    created, updated = org.write([new_lead(2), change(id, LastName="New")])
    assert created.lost
    assert updated.ok
    assert sorted(str(record["LastName"]) for record in stored(org)) == ["New", "Nr 2"]


def test_a_locked_record_is_sent_again_alone(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(error_code="UNABLE_TO_LOCK_ROW", match="/composite", times=1, records=1)
    results = org.write([new_lead(1), new_lead(2)])
    assert [result.ok for result in results] == [True, True]
    assert len(stored(org)) == 2


def test_a_record_that_stays_locked_is_a_transient_refusal(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(error_code="UNABLE_TO_LOCK_ROW", match="/composite")
    (result,) = org.write([new_lead()])
    assert [(error.code, error.transient) for error in result.errors] == [("UNABLE_TO_LOCK_ROW", True)]
    assert len(emulator.requests("/composite")) == 3


def test_nothing_written_at_all_is_an_exception(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(error_code="REQUEST_LIMIT_EXCEEDED", match="/composite")
    with pytest.raises(SyncError):
        org.write([new_lead()])


def test_what_is_written_is_told_even_if_the_next_call_fails(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(error_code="REQUEST_LIMIT_EXCEEDED", match="/composite", after=1)
    results = org.write([new_lead(number) for number in range(1500)])
    assert [result.ok for result in results] == [True] * 1000 + [False] * 500
    assert {error.code for result in results[1000:] for error in result.errors} == {"REQUEST_LIMIT_EXCEEDED"}
    assert all(error.transient for result in results[1000:] for error in result.errors)


def test_a_create_with_an_external_id_is_done_once_however_often_it_is_sent(
    emulator: Emulator, credentials: Credentials
) -> None:
    emulator.reset("demo")
    external_id = external_id_field(SalesforceOrg(credentials))
    org = SalesforceOrg(credentials, external_id_field=external_id)
    emulator.fail(drop="after", match="/composite", times=1)
    lead = new_lead(1, **{external_id: "person 1/2"})
    (first,) = org.write([lead])
    (second,) = org.write([lead])
    assert first.ok
    assert (second.ok, second.created, second.id) == (True, False, first.id)


def test_without_the_external_id_in_the_record_it_is_a_plain_create() -> None:
    (batch,) = collections([(0, new_lead())], "Ext__c")
    assert (batch.part.method, batch.repeatable) == ("POST", False)


def test_a_call_has_five_collections_of_two_hundred() -> None:
    batches = collections(enumerate(new_lead(number) for number in range(1201)), "")
    assert [len(batch.places) for batch in batches] == [200] * 6 + [1]
    assert [len(call) for call in chunked_calls(batches)] == [5, 2]


def test_a_collection_refused_as_a_whole_gives_each_record_the_error(
    emulator: Emulator, org: SalesforceOrg
) -> None:
    emulator.fail(error_code="UNKNOWN_EXCEPTION", match="/composite/sobjects")
    results = org.write([new_lead(1), new_lead(2)])
    assert [error.code for result in results for error in result.errors] == ["UNKNOWN_EXCEPTION"] * 2
    assert all(error.transient for result in results for error in result.errors)


def test_a_collection_spoilt_by_one_record_is_sent_again_one_by_one(org: SalesforceOrg) -> None:
    writes = [new_lead(1), new_lead(2)]
    delivery = Delivery(org._transport, writes, "")
    (batch,) = collections(enumerate(writes), "")
    delivery.read(batch, PartAnswer(400, [{"errorCode": "JSON_PARSER_ERROR", "message": "no"}], {}))
    assert delivery.spoilt == [0, 1]
    delivery.send_singly(delivery.spoilt)
    assert [delivery.results[place].ok for place in (0, 1)] == [True, True]
    assert len(stored(org)) == 2


def test_records_can_be_written_one_by_one_in_one_call(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.reset("demo")
    external_id = external_id_field(org)
    id = org.write([new_lead(1)])[0].id
    keyed = {external_id: "person 1/2"}
    writes = [
        change(id, LastName="New"),
        new_lead(2),
        new_lead(3, **keyed),
        new_lead(4, **keyed),
        new_lead(5, Email="x"),
    ]
    delivery = Delivery(org._transport, writes, external_id)
    before = org.api_calls
    delivery.send_singly(range(5))
    updated, created, first, again, refused = (delivery.results[place] for place in range(5))
    assert org.api_calls - before == 1
    assert (updated.ok, updated.created, updated.id) == (True, False, id)
    assert (created.created, first.created, again.created, again.id) == (True, True, False, first.id)
    assert [error.code for error in refused.errors] == ["INVALID_EMAIL_ADDRESS"]


def test_one_unreadable_value_does_not_spoil_its_collection(org: SalesforceOrg) -> None:
    bad = new_lead(1, NumberOfEmployees="many")
    results = org.write([new_lead(2), bad, new_lead(3)])
    assert [result.ok for result in results] == [True, False, True]


def test_nothing_to_write_costs_nothing(org: SalesforceOrg) -> None:
    assert org.write([]) == []
    assert org.api_calls == 0
