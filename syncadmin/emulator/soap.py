"""SOAP login(), v31 to v64.

Source: recorded INVALID_LOGIN fault; the login() page of the SOAP API guide; login() isn't in v65 and later.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from syncadmin.emulator.auth import ORG_ID, PASSWORD, SESSION_SECONDS, TOKEN, USERNAME
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

FIRST, LAST = 31, 64
NAMESPACE = 'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
FAULT_SPACES = (
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
BAD_LOGIN = "Invalid username, password, security token; or user locked out."


def soap(org: Org, request: Request) -> Response:
    """POST /services/Soap/u/NN.0: only login is understood."""
    version = float(request.parts[3])
    if not FIRST <= version <= LAST:
        return fault(
            "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL", "UnexpectedErrorFault"
        )
    xml = request.body.decode(errors="replace")
    if not re.search(r"<(?:\w+:)?login\b", xml):
        return fault("INVALID_OPERATION", "this emulator understands login only", "UnexpectedErrorFault")
    password = _element(xml, "password")
    trusted = _element(xml, "organizationId") != ""
    if _element(xml, "username") != USERNAME or password not in (
        PASSWORD + TOKEN,
        PASSWORD if trusted else None,
    ):
        return fault("INVALID_LOGIN", BAD_LOGIN, "LoginFault")
    return Response(200, _success(org, request, request.parts[3]), content_type="text/xml;charset=UTF-8")


def _element(xml: str, name: str) -> str:
    found = re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>(.*?)</(?:\w+:)?{name}>", xml, re.S)
    return unescape(found[1]) if found else ""


def fault(code: str, text: str, kind: str) -> Response:
    """A SOAP fault, HTTP 500."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {NAMESPACE} {FAULT_SPACES}><soapenv:Body>'
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(text)}</faultstring>"
        "<detail>"
        f'<sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>'
        f"{escape(text)}</sf:exceptionMessage></sf:{kind}></detail></soapenv:Fault></soapenv:Body>"
        "</soapenv:Envelope>"
    )
    return Response(500, xml, content_type="text/xml;charset=UTF-8")


def _success(org: Org, request: Request, version: str) -> str:
    user = org.query(
        f"SELECT Id, Name, Email, TimeZoneSidKey, ProfileId FROM User WHERE Username = '{USERNAME}'"
    )[0]
    server = f"{request.base_url}/services/Soap/u/{version}/{ORG_ID[:15]}"
    info = {
        "accessibilityMode": "false",
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": "5242880",
        "orgDefaultCurrencyIsoCode": "USD",
        "orgHasPersonAccounts": "false",
        "organizationId": ORG_ID,
        "organizationMultiCurrency": "false",
        "organizationName": "Demo Org",
        "profileId": user["ProfileId"],
        "sessionSecondsValid": str(SESSION_SECONDS),
        "userEmail": user["Email"],
        "userFullName": user["Name"],
        "userId": user["Id"],
        "userLanguage": "en_US",
        "userLocale": "en_US",
        "userName": USERNAME,
        "userTimeZone": user["TimeZoneSidKey"],
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    details = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in info.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {NAMESPACE}'
        ' xmlns="urn:partner.soap.sforce.com"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><loginResponse><result>'
        f"<metadataServerUrl>{server.replace('/u/', '/m/')}</metadataServerUrl>"
        f"<passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>{server}</serverUrl>"
        f"<sessionId>{org.sessions.open(user['Id'])}</sessionId><userId>{user['Id']}</userId>"
        f"<userInfo>{details}</userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"
    )
