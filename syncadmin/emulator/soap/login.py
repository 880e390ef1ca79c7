"""login(), logout() and who is logged in.

Source: recorded INVALID_LOGIN fault and login replies; the login() page of the SOAP API guide: v31 to v64.
LOGIN_MUST_USE_SECURITY_TOKEN is documented, its text from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.emulator.auth import ORG_ID, SESSION_SECONDS
from syncadmin.emulator.auth.people import knows_password, person, user_named
from syncadmin.emulator.clock import zulu
from syncadmin.emulator.soap.envelope import Call, SoapFault, reply
from syncadmin.emulator.soap.xml import Xml, join, maybe, node, text
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

FIRST, LAST = 31, 64
BAD_LOGIN = "Invalid username, password, security token; or user locked out."
NO_TOKEN = (
    f"{BAD_LOGIN} Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from"
    " outside of your company's trusted networks, you must add a security token to your password to log in."
)


def login(org: Org, request: Request, call: Call) -> Response:
    """Username and password with security token. A LoginScopeHeader with the organization stands for a
    trusted network: then the password alone will do.
    """
    if not FIRST <= float(call.version) <= LAST:
        raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    user_id = user_named(org, text(call.element, "username"))
    password = text(call.element, "password")
    trusted = bool(call.header("LoginScopeHeader", "organizationId"))
    alone = knows_password(org, user_id, password, token=False)
    if user_id is None or not (knows_password(org, user_id, password, token=True) or (alone and trusted)):
        if alone:
            raise SoapFault("LOGIN_MUST_USE_SECURITY_TOKEN", NO_TOKEN)
        raise SoapFault("INVALID_LOGIN", BAD_LOGIN)
    return reply(call, [_session(org, request, call, user_id)])


def _session(org: Org, request: Request, call: Call, user_id: str) -> Xml:
    server = f"{request.base_url}/services/Soap/{call.flavour}/{call.version}/{ORG_ID[:15]}"
    return node(
        "result",
        node("metadataServerUrl", server.replace(f"/{call.flavour}/", "/m/")),
        node("passwordExpired", False),
        node("sandbox", True),
        node("serverUrl", server),
        node("sessionId", org.sessions.open(user_id)),
        node("userId", user_id),
        node("userInfo", describe_user(org, user_id)),
    )


def describe_user(org: Org, user_id: str) -> Xml:
    """The elements of GetUserInfoResult, in the recorded order."""
    user = person(org, user_id)
    info = {
        "accessibilityMode": False,
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 5242880,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": ORG_ID,
        "organizationMultiCurrency": False,
        "organizationName": org.query("SELECT Name FROM Organization")[0]["Name"],
        "profileId": user["ProfileId"],
        "roleId": None,
        "sessionSecondsValid": SESSION_SECONDS,
        "userDefaultCurrencyIsoCode": None,
        "userEmail": user["Email"],
        "userFullName": user["Name"],
        "userId": user["Id"],
        "userLanguage": user["LanguageLocaleKey"],
        "userLocale": user["LocaleSidKey"],
        "userName": user["Username"],
        "userTimeZone": user["TimeZoneSidKey"],
        "userType": user["UserType"],
        "userUiSkin": "Theme3",
    }
    return join(maybe(name, value) for name, value in info.items())


def user_info(org: Org, request: Request, call: Call) -> list[Xml]:
    """getUserInfo()."""
    return [node("result", describe_user(org, request.user_id))]


def logout(org: Org, request: Request, call: Call) -> list[Xml]:
    """End the session of the call; nothing is answered but that it was done."""
    org.sessions.expire(call.header("SessionHeader", "sessionId"))
    return []


def timestamp(org: Org, request: Request, call: Call) -> list[Xml]:
    """getServerTimestamp()."""
    return [node("result", node("timestamp", zulu(org.state.clock.stamp())))]


def set_password(org: Org, request: Request, call: Call) -> list[Xml]:
    """setPassword(): for a user of the org; INVALID_ID_FIELD for anybody else."""
    user_id = text(call.element, "userId")
    found = org.state.store.fetch(org.state.schema.must("User"), [user_id])
    if not found:
        raise SoapFault("INVALID_ID_FIELD", "invalid user id")
    org.access.set_password(user_id, text(call.element, "password"))
    return [node("result")]
