"""What only SOAP can do with records: convert leads, merge, undelete, empty the recycle bin.

Source: recorded convertLead message and reply; the convertLead(), merge(), undelete() and emptyRecycleBin()
pages of the SOAP API guide. No recording of merge() was found: its reply follows the WSDL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from syncadmin.emulator.dml.convert import convert_lead
from syncadmin.emulator.dml.draft import Actor, Outcome
from syncadmin.emulator.dml.merging import merge
from syncadmin.emulator.dml.refusals import no_access
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rest.records import lock_fault
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.soap.envelope import Call
from syncadmin.emulator.soap.sobjects import read_record
from syncadmin.emulator.soap.writes import check_count, refused
from syncadmin.emulator.soap.xml import Xml, find, find_all, maybe, node, text, texts, truth
from syncadmin.emulator.wire import Request

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_CONVERTED = 100
RESULT_IDS = {
    "accountId": "account_id",
    "contactId": "contact_id",
    "leadId": "lead_id",
    "opportunityId": "opportunity_id",
}
IDS_GIVEN = {"accountId": "account_id", "contactId": "contact_id", "ownerId": "owner_id"}
Write = Callable[[SObject, Sequence[str], Actor], list[Outcome]]


def convert_leads(org: Org, request: Request, call: Call) -> list[Xml]:
    """convertLead(): each lead by itself, at most 100."""
    wanted = find_all(call.element, "leadConverts")
    check_count(len(wanted), MOST_CONVERTED)
    return [_convert(org, request, one) for one in wanted]


def _convert(org: Org, request: Request, wanted: Element) -> Xml:
    """Elements in the recorded order: accountId, contactId, errors, leadId, opportunityId, success."""
    try:
        _may(org, request, org.state.schema.must("Lead"), "edit")
        done: dict[str, Any] = dict(
            convert_lead(org.state, _lead_id(org, wanted), request.user_id, **_options(wanted))
        )
        errors: list[Xml] = []
    except RecordError as error:
        done, errors = {}, [refused(error)]
    ids = {name: done.get(key) for name, key in RESULT_IDS.items()}
    head = [maybe(name, ids[name]) for name in ("accountId", "contactId")]
    tail = [maybe(name, ids[name]) for name in ("leadId", "opportunityId")]
    return node("result", head, errors, tail, node("success", not errors))


def _may(org: Org, request: Request, sobject: SObject, *permissions: str) -> None:
    """Refuse a user without the object's permissions, and whoever a fault of records is meant for."""
    lock_fault(request)
    if not all(org.state.schema.may(one, sobject, request.user_id) for one in permissions):
        raise no_access()


def _lead_id(org: Org, wanted: Element) -> str:
    """The lead to convert (codes documented, texts from memory)."""
    lead_id = text(wanted, "leadId")
    if not lead_id:
        raise RecordError("REQUIRED_FIELD_MISSING", "LeadId is required", ["LeadId"])
    if not is_id(lead_id) or lead_id[:3] != org.state.schema.must("Lead").prefix:
        raise RecordError("INVALID_ID_FIELD", f"invalid lead id: {lead_id}", ["LeadId"])
    return to18(lead_id)


def _options(wanted: Element) -> dict[str, Any]:
    """What of a LeadConvert differs from the defaults, as convert_lead takes it.

    sendNotificationEmail is understood, and sends nothing: this org has no mail.
    """
    given: dict[str, Any] = {key: text(wanted, name) for name, key in IDS_GIVEN.items() if text(wanted, name)}
    status, name = text(wanted, "convertedStatus"), text(wanted, "opportunityName")
    if not status:
        raise RecordError("REQUIRED_FIELD_MISSING", "ConvertedStatus is required", ["ConvertedStatus"])
    given["status"] = status
    given["create_opportunity"] = not truth(wanted, "doNotCreateOpportunity")
    if name:
        given["opportunity_name"] = name
    if truth(wanted, "overwriteLeadSource"):
        given["overwrite_lead_source"] = True
    return given


def merge_records(org: Org, request: Request, call: Call) -> list[Xml]:
    """merge(): each request by itself."""
    wanted = find_all(call.element, "request")
    check_count(len(wanted))
    return [_merge(org, request, one) for one in wanted]


def _merge(org: Org, request: Request, wanted: Element) -> Xml:
    losers = texts(wanted, "recordToMergeIds")
    record = find(wanted, "masterRecord")
    master = text(record, "Id")
    try:
        related = _merged(org, request, record, master, losers)
    except RecordError as error:
        return node("result", refused(error), maybe("id", None), node("success", False))
    return node(
        "result",
        node("id", to18(master)),
        [node("mergedRecordIds", to18(one)) for one in losers],
        node("success", True),
        [node("updatedRelatedIds", one) for one in related],
    )


def _merged(org: Org, request: Request, record: Element | None, master: str, losers: list[str]) -> list[str]:
    """Do it; the ids of the records that belong to the master now. INVALID_ID_FIELD for what isn't an id of a
    lead, contact or account.
    """
    sobject = org.state.schema.owner_of(master) if is_id(master) else None
    if sobject is None or record is None or not sobject.mergeable:
        raise RecordError("INVALID_ID_FIELD", f"invalid master record: {master}", ["Id"])
    for loser in losers:
        if not is_id(loser) or loser[:3] != sobject.prefix or to18(loser) == to18(master):
            raise RecordError("INVALID_ID_FIELD", f"invalid record to merge: {loser}", ["Id"])
    _may(org, request, sobject, "edit", "delete")
    values = read_record(org.state.schema, sobject, record)
    values.pop("Id", None)
    return merge(org.state, sobject, master, losers, request.user_id, values)


def undelete(org: Org, request: Request, call: Call) -> list[Xml]:
    """undelete()."""
    return _by_id(org, request, call, org.dml.undelete)


def empty_bin(org: Org, request: Request, call: Call) -> list[Xml]:
    """emptyRecycleBin(): what is in there is gone for good."""
    return _by_id(org, request, call, org.dml.empty_bin)


def _by_id(org: Org, request: Request, call: Call, write: Write) -> list[Xml]:
    ids = texts(call.element, "ids")
    check_count(len(ids))
    return [_outcome(_written(org, request, one, write)) for one in ids]


def _written(org: Org, request: Request, record_id: str, write: Write) -> Outcome:
    sobject = org.state.schema.owner_of(record_id)
    if sobject is None or not is_id(record_id):
        return Outcome(errors=[RecordError("MALFORMED_ID", f"malformed id {record_id}")])
    return write(sobject, [record_id], Actor(request.user_id, "FALSE"))[0]


def _outcome(outcome: Outcome) -> Xml:
    errors = [refused(error) for error in outcome.errors]
    return node(
        "result", errors, maybe("id", outcome.id if outcome.ok else None), node("success", outcome.ok)
    )
