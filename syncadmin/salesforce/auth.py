"""Logging in: who we are, and the token that we get for it.

Client credentials flow: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
SOAP login(): https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_login.htm
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from syncadmin.salesforce.address import origin, same_trust
from syncadmin.salesforce.errors import CODES, failure, is_transient
from syncadmin.salesforce.faults import connection_fault
from syncadmin.sync.ports import SyncError

if TYPE_CHECKING:
    from requests import Response, Session

Method = Literal["client_credentials", "password"]

#: The newest version that still has SOAP login(); 65.0 and later dropped it.
LAST_SOAP_VERSION = 64.0

#: OAuth's words for a wrong client, or for an app that may not log in like this (RFC 6749, 5.2, and more).
_CLIENT_ERRORS = frozenset(
    {"invalid_client", "invalid_client_id", "unauthorized_client", "invalid_grant", "unsupported_grant_type",
     "invalid_app_access", "inactive_user", "invalid_scope"}
)  # fmt: skip


@dataclass(frozen=True)
class Credentials:
    """How to log in to one org. ``instance_url`` is its My Domain address, without a path."""

    instance_url: str
    method: Method = "client_credentials"
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    security_token: str = field(default="", repr=False)
    api_version: str = "64.0"


@dataclass(frozen=True)
class Token:
    """An access token, and the address of the org that it opens."""

    access_token: str = field(repr=False)
    instance_url: str

    @property
    def org_id(self) -> str:
        """The 15 characters with which Salesforce begins its tokens, or ""."""
        head = self.access_token.partition("!")[0]
        return head if head.startswith("00D") else ""


def log_in(credentials: Credentials, notice: Callable[..., None] | None = None) -> Token:
    """A new token. SyncError: INVALID_LOGIN, INVALID_CLIENT, UNREACHABLE, NOT_SALESFORCE, INSECURE_URL …

    ``notice`` is called with the response to each request, as a hook of requests.
    """
    from requests import RequestException

    from syncadmin.salesforce.session import LoginSession, open_session

    home = origin(credentials.instance_url)
    if not re.fullmatch(r"\d+\.\d", credentials.api_version):
        raise failure("UNSUPPORTED_API_VERSION")
    steps = _password_login if credentials.method == "password" else _client_login
    try:
        with open_session(home, LoginSession) as session:
            if notice is not None:
                session.hooks["response"] = [notice]
            return steps(credentials, home, session)
    except RequestException as error:
        raise connection_fault(error, asked=False) from None


def _client_login(credentials: Credentials, home: str, session: Session) -> Token:
    if not (credentials.client_id and credentials.client_secret):
        raise failure("INCOMPLETE_CREDENTIALS")
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    answer = session.post(f"{home}/services/oauth2/token", data=form)
    body = _json(answer)
    token, instance = body.get("access_token"), body.get("instance_url")
    if answer.status_code != 200:
        raise _client_refusal(body)
    if not (isinstance(token, str) and isinstance(instance, str)):
        raise failure("NOT_SALESFORCE")
    return Token(token, same_trust(instance, home))


def _json(answer: Response) -> dict[str, Any]:
    """The JSON object of an answer of the token endpoint; anything else did not come from Salesforce."""
    try:
        body = answer.json()
    except ValueError:
        raise failure("NOT_SALESFORCE") from None
    if not isinstance(body, dict):
        raise failure("NOT_SALESFORCE")
    return body


def _client_refusal(body: dict[str, Any]) -> SyncError:
    code, text = str(body.get("error") or ""), str(body.get("error_description") or "")
    if not code:
        return failure("NOT_SALESFORCE")
    if code not in _CLIENT_ERRORS:
        return SyncError(code.upper(), text or code, permanent=not is_transient(code.upper()))
    meaning = CODES["INVALID_CLIENT"]
    return failure("INVALID_CLIENT", f"{meaning.meaning} {meaning.advice} (Salesforce: {text or code})")


def _password_login(credentials: Credentials, home: str, session: Session) -> Token:
    from simple_salesforce.exceptions import SalesforceAuthenticationFailed
    from simple_salesforce.login import SalesforceLogin

    if not (credentials.username and credentials.password):
        raise failure("INCOMPLETE_CREDENTIALS")
    parts = urlsplit(home)
    try:
        token, host = SalesforceLogin(
            username=credentials.username,
            password=credentials.password,
            security_token=escape(credentials.security_token),  # it escapes the other two itself
            sf_version=f"{min(float(credentials.api_version), LAST_SOAP_VERSION):.1f}",
            session=session,
            scratch_url=f"https://{parts.netloc}",  # the only way to name a whole address
        )
    except SalesforceAuthenticationFailed as refusal:
        raise _soap_refusal(refusal.code, str(refusal.auth_message)) from None
    except (ExpatError, UnicodeDecodeError):
        raise failure("NOT_SALESFORCE") from None
    return Token(token, same_trust(f"{parts.scheme}://{host}", home))


def _soap_refusal(code: object, message: str) -> SyncError:
    if not isinstance(code, str) or code == "UNKNOWN_EXCEPTION_CODE":
        return failure("NOT_SALESFORCE")
    if code in ("INVALID_LOGIN", "LOGIN_MUST_USE_SECURITY_TOKEN", "PASSWORD_EXPIRED"):
        return failure(code)
    return failure(code, message)
