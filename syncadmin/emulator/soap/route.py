"""POST /services/Soap/…: which call goes where, who may call, and what it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from syncadmin.emulator.errors import ApiError, RecordError
from syncadmin.emulator.rest.records import lock_fault
from syncadmin.emulator.rest.resources import NEWEST, OLDEST
from syncadmin.emulator.soap import lifecycle, login, reads, writes
from syncadmin.emulator.soap.envelope import Call, SoapFault, fault, from_api, read_call, reply
from syncadmin.emulator.soap.xml import Xml, local
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Operation = Callable[["Org", Request, Call], list[Xml]]
# What each call does, and the elements it may have (from the WSDL).
OPERATIONS: dict[str, tuple[Operation, str]] = {
    "logout": (login.logout, ""),
    "getUserInfo": (login.user_info, ""),
    "getServerTimestamp": (login.timestamp, ""),
    "setPassword": (login.set_password, "userId password"),
    "create": (writes.create, "sObjects"),
    "update": (writes.update, "sObjects"),
    "upsert": (writes.upsert, "externalIDFieldName sObjects"),
    "delete": (writes.delete, "ids"),
    "undelete": (lifecycle.undelete, "ids"),
    "emptyRecycleBin": (lifecycle.empty_bin, "ids"),
    "convertLead": (lifecycle.convert_leads, "leadConverts"),
    "merge": (lifecycle.merge_records, "request"),
    "query": (reads.query, "queryString"),
    "queryAll": (reads.query, "queryString"),
    "queryMore": (reads.query_more, "queryLocator"),
    "search": (reads.search, "searchString"),
    "retrieve": (reads.retrieve, "fieldList sObjectType ids"),
    "getUpdated": (reads.updated, "sObjectType startDate endDate"),
    "getDeleted": (reads.deleted, "sObjectType startDate endDate"),
    "describeGlobal": (reads.describe_global, ""),
    "describeSObject": (reads.describe_objects, "sObjectType"),
    "describeSObjects": (reads.describe_objects, "sObjectType"),
}
PER_RECORD = {"create", "update", "upsert", "delete", "convertLead", "merge"}
ABSENT = "is not implemented by this emulator"


def soap(org: Org, request: Request) -> Response:
    """Answer a call; every refusal is a SOAP fault."""
    flavour = request.parts[2].lower()
    try:
        if not OLDEST <= float(request.parts[3]) <= NEWEST:
            raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        return _answer(org, request, read_call(request))
    except SoapFault as problem:
        return fault(problem, flavour)
    except ApiError as error:
        return fault(from_api(error), flavour)
    except RecordError as error:
        return fault(SoapFault(error.code, error.message), flavour)


def _answer(org: Org, request: Request, call: Call) -> Response:
    request.version = f"{int(float(call.version))}.0"
    client = call.header("CallOptions", "client")
    if client:
        request.headers["sforce-call-options"] = f"client={client}"
    if call.name == "login":
        return login.login(org, request, call)
    operation = _operation(call)
    session = call.header("SessionHeader", "sessionId")
    request.user_id = org.sessions.authenticate(f"Bearer {session}")
    org.limits.spend()
    request.api_calls += 1
    if call.name not in PER_RECORD:
        lock_fault(request)
    results = operation(org, request, call)
    return reply(call, results, (org.limits.used, org.limits.maximum))


def _operation(call: Call) -> Operation:
    """What is to be done; an element the call doesn't have is refused (text from memory)."""
    if call.name not in OPERATIONS:
        raise SoapFault("INVALID_OPERATION", f"{call.name}() {ABSENT}")
    operation, allowed = OPERATIONS[call.name]
    wrong = next((one for one in call.element if local(one) not in allowed.split()), None)
    if wrong is not None:
        raise SoapFault("Client", f"Element {wrong.tag} invalid at this location", side="soapenv")
    return operation


def refused(request: Request, error: ApiError) -> Response:
    """The reply to a request that is refused before it is looked at: a fault if it is a SOAP call, else JSON."""
    parts = request.parts
    if [part.lower() for part in parts[:2]] != ["services", "soap"]:
        return Response(error.status, error.body())
    return fault(from_api(error), parts[2].lower() if len(parts) > 2 else "u")


def other(org: Org, request: Request) -> Response:
    """The Metadata, Tooling and Apex APIs in SOAP: not here."""
    text = f"The SOAP API {request.parts[2]} {ABSENT}; there are u (partner) and c (enterprise)"
    return fault(SoapFault("INVALID_OPERATION", text))
