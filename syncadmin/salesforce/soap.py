"""What Salesforce offers in SOAP alone: merging records, and converting Leads.

merge(): https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_merge.htm
convertLead(): https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_convertlead.htm
Session, address and errors are those of REST.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from syncadmin.salesforce.errors import failure, is_transient
from syncadmin.salesforce.faults import Expired, Lost, answer_fault, connection_fault, lost
from syncadmin.salesforce.receipt import Receipt
from syncadmin.salesforce.transport import Transport
from syncadmin.sync.ports import RecordError, SyncError, WriteResult

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

#: Records that one call merges into the master.
MOST_LOSERS = 2
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:sobject.partner.soap.sforce.com">'
    "<soapenv:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader>"
    "<CallOptions><client>syncadmin</client></CallOptions></soapenv:Header>"
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


def merge(transport: Transport, object: str, master: str, losers: Sequence[str]) -> WriteResult:
    """Merge one or two Leads, or Contacts, into a master, whose values stay as they are. One API call.

    The result is ``lost`` if no answer came: a loser's MasterRecordId tells whether it was done.
    """
    if not 1 <= len(losers) <= MOST_LOSERS:
        raise ValueError(f"one or two records are merged into another one, not {len(losers)}")
    ids = "".join(_element("recordToMergeIds", loser) for loser in losers)
    record = (
        f"<masterRecord><sf:type>{escape(object)}</sf:type><sf:Id>{escape(master)}</sf:Id></masterRecord>"
    )
    return _write(transport, "merge", f"<request>{record}{ids}</request>", "id")


def convert_lead(
    transport: Transport, lead: str, contact: str, *, account: str, owner: str, status: str
) -> WriteResult:
    """Convert a Lead into a Contact that is there already; no Opportunity is made. One API call."""
    wishes = {
        "accountId": account, "contactId": contact, "convertedStatus": status, "doNotCreateOpportunity": "true",
        "leadId": lead, "overwriteLeadSource": "false", "ownerId": owner, "sendNotificationEmail": "false",
    }  # fmt: skip
    given = "".join(_element(name, value) for name, value in wishes.items() if value)
    return _write(transport, "convertLead", f"<leadConverts>{given}</leadConverts>", "contactId")


def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _write(transport: Transport, operation: str, content: str, id_name: str) -> WriteResult:
    body = f"<{operation}>{content}</{operation}>"
    try:
        answer = transport.insist(
            lambda client, receipt: _post(client, receipt, body), "Soap", repeatable=False
        )
        return _result(_parsed(answer), id_name)
    except Lost:
        return WriteResult(lost=True)


def _post(client: Salesforce, receipt: Receipt, body: str) -> str:
    """One exchange: the XML of the answer, or the failure as a SyncError."""
    from requests import RequestException

    message = _ENVELOPE.format(session=escape(client.session_id), body=body).encode()
    url = f"https://{client.sf_instance}/services/Soap/u/{client.sf_version}"
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
    receipt.begin("POST", f"/services/Soap/u/{client.sf_version}", body)
    try:
        answer = client.session.request("POST", url, data=message, headers=headers)
    except RequestException as error:
        receipt.catch_request(error.request)
        raise connection_fault(error) from None
    receipt.catch(answer)
    if answer.status_code == 200:
        return str(answer.text)
    if "xml" in receipt.header("Content-Type"):
        raise read_fault(answer.text)
    raise answer_fault(answer.status_code, answer.text, receipt.is_html, receipt.wait)


def _result(envelope: Element, id_name: str) -> WriteResult:
    result = next(_all(envelope, "result"), None)
    if result is None:
        raise lost()
    if _text(result, "success") == "true":
        return WriteResult(id=_text(result, id_name))
    errors = tuple(_error(error) for error in _all(result, "errors"))
    return WriteResult(errors=errors or (RecordError("UNKNOWN_EXCEPTION", "Salesforce gave no reason."),))


def _error(error: Element) -> RecordError:
    code = _text(error, "statusCode")
    fields = tuple(field.text or "" for field in _all(error, "fields") if field.text)
    return RecordError(code, _text(error, "message") or code, fields, is_transient(code))


def read_fault(answer: str) -> SyncError:
    """What a fault says, as the exception that the connector raises for it."""
    fault = next(_all(_parsed(answer), "Fault"), None)
    if fault is None:
        return lost()
    code = _text(fault, "faultcode").rpartition(":")[2]
    message = _text(fault, "faultstring").removeprefix(f"{code}: ")
    return Expired(code, message) if code == "INVALID_SESSION_ID" else failure(code, message)


def _parsed(answer: str) -> Element:
    """The answer's XML. Salesforce sends no document type; without one nothing in it can grow or be fetched."""
    if "<!DOCTYPE" in answer:
        raise failure("NOT_SALESFORCE")
    try:
        return fromstring(answer)  # noqa: S314 - see above
    except ParseError:
        raise lost() from None


def _all(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.iter() if one.tag.rpartition("}")[2] == name)


def _text(element: Element, name: str) -> str:
    found = next(_all(element, name), None)
    return (found.text or "").strip() if found is not None else ""
