"""Messages: a call out of a request, and replies and faults as responses.

Source: recorded login, convertLead and INVALID_LOGIN messages; the SOAP API Developer Guide, pages SOAP
Header, Core Data Types and API Fault Element.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soap.xml import BadXml, Xml, find, join, local, node, parse, text
from syncadmin.emulator.wire import Request, Response

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
KINDS = {"u": "partner", "c": "enterprise"}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
FAULTS = {
    "INVALID_LOGIN": "LoginFault",
    "LOGIN_MUST_USE_SECURITY_TOKEN": "LoginFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
    "MALFORMED_SEARCH": "MalformedSearchFault",
    "INVALID_FIELD": "InvalidFieldFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "MALFORMED_ID": "InvalidIdFault",
}


class SoapFault(Exception):
    """A refusal of a whole call. side: `sf` for the API's own codes, `soapenv` for a bad message."""

    def __init__(self, code: str, message: str, *, side: str = "sf", detail: bool = True) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.side, self.detail = code, message, side, detail


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: the element below the body, and the headers by name.

    flavour: `u` (partner) or `c` (enterprise).
    """

    element: Element
    headers: dict[str, Element]
    flavour: str
    version: str

    @property
    def name(self) -> str:
        """The operation."""
        return local(self.element)

    @property
    def partner(self) -> bool:
        """Whether records are loosely typed."""
        return self.flavour == "u"

    def header(self, name: str, part: str) -> str:
        """A value of a header; empty if it wasn't sent."""
        return text(self.headers.get(name), part)


def read_call(request: Request) -> Call:
    """The call of a request to `/services/Soap/{u|c}/NN.0`; SoapFault if it can't be read."""
    try:
        root = parse(request.body)
    except BadXml as error:
        raise SoapFault("Client", str(error), side="soapenv") from error
    body = find(root, "Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or not len(body):
        raise SoapFault("Client", "no SOAP envelope with a body", side="soapenv")
    header = find(root, "Header")
    headers = {local(one): one for one in header} if header is not None else {}
    return Call(body[0], headers, request.parts[2].lower(), request.parts[3])


def reply(call: Call, results: Iterable[Xml], limits: tuple[int, int] | None = None) -> Response:
    """The reply to a call: one `result` for each; limits are the calls used and allowed (recorded header)."""
    kind = KINDS[call.flavour]
    spaces = {
        "xmlns:soapenv": SOAP,
        "xmlns": f"urn:{kind}.soap.sforce.com",
        "xmlns:xsi": XSI,
        "xmlns:xsd": XSD,
        "xmlns:sf": f"urn:sobject.{kind}.soap.sforce.com",
    }
    body = node("soapenv:Body", node(f"{call.name}Response", list(results)))
    return _respond(200, node("soapenv:Envelope", _limit_header(limits), body, attributes=spaces))


def _limit_header(limits: tuple[int, int] | None) -> Xml | None:
    if limits is None:
        return None
    used, allowed = limits
    info = join(node("current", used), node("limit", allowed), node("type", "API REQUESTS"))
    return node("soapenv:Header", node("LimitInfoHeader", node("limitInfo", info)))


def fault(problem: SoapFault, flavour: str = "u") -> Response:
    """A fault, HTTP 500 (recorded). The detail is an element named after the kind of fault."""
    kind = KINDS.get(flavour, "partner")
    spaces = {"xmlns:soapenv": SOAP, "xmlns:sf": f"urn:fault.{kind}.soap.sforce.com", "xmlns:xsi": XSI}
    said = problem.message if problem.side == "soapenv" else f"{problem.code}: {problem.message}"
    whole = node(
        "soapenv:Fault",
        node("faultcode", f"{problem.side}:{problem.code}"),
        node("faultstring", said),
        _detail(problem) if problem.detail and problem.side == "sf" else None,
    )
    return _respond(500, node("soapenv:Envelope", node("soapenv:Body", whole), attributes=spaces))


def _detail(problem: SoapFault) -> Xml:
    name = "sf:" + FAULTS.get(problem.code, "UnexpectedErrorFault")
    said = join(
        node("sf:exceptionCode", problem.code),
        node("sf:exceptionMessage", problem.message),
    )
    return node("detail", node(name, said, attributes={"xsi:type": name}))


def _respond(status: int, whole: Xml) -> Response:
    return Response(status, DECLARATION + whole, content_type="text/xml;charset=UTF-8")


def from_api(error: ApiError) -> SoapFault:
    """The fault for what REST would answer; a bad session has a text of its own and no detail (from memory of
    live faults).
    """
    if error.code == "INVALID_SESSION_ID":
        text = "Invalid Session ID found in SessionHeader: Illegal Session"
        return SoapFault(error.code, text, detail=False)
    if error.code == "NOT_FOUND":
        return SoapFault("INVALID_TYPE", error.message)
    return SoapFault(error.code, error.message)
