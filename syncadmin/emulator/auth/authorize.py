"""The web server flow: a user logs in on a page of the org, and the client gets a code.

Source: the OAuth 2.0 Web Server Flow page of Salesforce Help, RFC 6749 section 4.1 and RFC 7636. A code is never sent
to an address the app hasn't registered, other than one of this machine; then the error is on the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from syncadmin.emulator.auth import PASSWORD, USERNAME
from syncadmin.emulator.auth.access import Code, code_until
from syncadmin.emulator.auth.apps import SCOPES, App
from syncadmin.emulator.auth.grants import Refused
from syncadmin.emulator.auth.people import knows_password, user_named
from syncadmin.emulator.auth.sessions import Grant
from syncadmin.emulator.pages import rep
from syncadmin.emulator.pages.html import Markup, button, form, hidden, tag
from syncadmin.emulator.pages.page import POLICY, render
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Asked = dict[str, str]
PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
BAD_LOGIN = "Please check your username and password. If you still can't log in, contact your administrator."


def show(org: Org, request: Request) -> Response:
    """GET /services/oauth2/authorize."""
    asked = {name: request.query[name] for name in PARAMETERS if name in request.query}
    return _checked(org, request, asked) or _page(
        org, request, asked, username=request.query.get("login_hint", "")
    )


def answer(org: Org, request: Request) -> Response:
    """POST /services/oauth2/authorize: what the page sends."""
    sent = rep.read_form(request)
    asked = {name: rep.value_of(sent, name) for name in PARAMETERS if name in sent}
    wrong = _checked(org, request, asked)
    if wrong:
        return wrong
    if rep.value_of(sent, "decision") == "deny":
        return _back(asked, error="access_denied", error_description="end-user denied authorization")
    username = rep.value_of(sent, "username")
    user_id = user_named(org, username)
    if user_id is None or not knows_password(org, user_id, rep.value_of(sent, "password"), token=False):
        return _page(org, request, asked, username, BAD_LOGIN)
    grant = Grant(user_id, asked["client_id"], _scope(asked))
    until = code_until(org.state.clock.now())
    challenge = asked.get("code_challenge", "")
    code = Code(grant, asked["redirect_uri"], challenge, asked.get("nonce", ""), until)
    return _back(asked, code=org.access.give_code(code))


def _checked(org: Org, request: Request, asked: Asked) -> Response | None:
    """The reply to a request that can't be granted; None for one that can."""
    app = org.access.apps.get(asked.get("client_id", ""))
    if app is None:
        return _wrong(org, request, Refused("invalid_client_id", "client identifier invalid"))
    if not app.may_redirect(asked.get("redirect_uri", "")):
        return _wrong(org, request, Refused("redirect_uri_mismatch", "redirect_uri must match configuration"))
    try:
        _check(app, asked)
    except Refused as refusal:
        return _back(asked, error=refusal.error, error_description=refusal.description)
    return None


def _check(app: App, asked: Asked) -> None:
    if asked.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response type not supported")
    if not set(asked.get("scope", "").split()) <= set(SCOPES.split()):
        raise Refused("invalid_scope", "the requested scope is invalid, unknown, or malformed")
    method = asked.get("code_challenge_method", "S256")
    if asked.get("code_challenge") and method.upper() != "S256":
        raise Refused("invalid_request", "code_challenge_method must be S256")
    if (app.require_pkce or app.secret is None) and not asked.get("code_challenge"):
        raise Refused("invalid_request", "missing required code challenge")


def _scope(asked: Asked) -> str:
    """What is asked for, in Salesforce's order; everything the app may have, if nothing is."""
    wanted = asked.get("scope", "").split() or ["api", "web", "id", "openid", "refresh_token"]
    return " ".join(one for one in SCOPES.split() if one in wanted)


def _back(asked: Asked, **result: str) -> Response:
    """Back to the client, with the state it gave."""
    uri = asked["redirect_uri"]
    more = result | ({"state": asked["state"]} if "state" in asked else {})
    return rep.redirect(f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(more)}", 302)


def _wrong(org: Org, request: Request, refusal: Refused) -> Response:
    said = tag(
        "section",
        tag("h1", "OAuth error"),
        tag("p", f"error={refusal.error}&error_description={refusal.description}"),
        class_="card nothing",
    )
    return render(org, request, "OAuth error", said, status=400)


def _page(org: Org, request: Request, asked: Asked, username: str = "", error: str = "") -> Response:
    app = org.access.apps.get(asked["client_id"])
    name = app.name if app else ""
    said = tag("div", tag("p", error), class_="errors", role="alert") if error else None
    intro = tag("p", f"{name} asks for access to your data: {_scope(asked)}.")
    whole = form(
        "/services/oauth2/authorize",
        said,
        tag("section", intro, _inputs(username), _hint(), class_="card stack"),
        [hidden(key, value) for key, value in asked.items()],
        tag("div", _decision("allow", "Log in and allow"), _decision("deny", "Deny"), class_="savebar"),
        class_="record",
    )
    head = tag("div", tag("h1", "Log in to the demo org"), class_="head")
    response = render(org, request, "Log in", head, tag("div", whole, class_="narrow"))
    response.headers["Content-Security-Policy"] = _policy(asked["redirect_uri"])
    return response


def _policy(uri: str) -> str:
    """The form's answer leads back to the client, which browsers count as a target of the form."""
    parts = urlsplit(uri)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    allowed = "".join(c for c in origin if c.isalnum() or c in ":/.-_[]")
    return POLICY.replace("form-action 'self'", f"form-action 'self' {allowed}")


def _inputs(username: str) -> list[Markup]:
    return [
        tag("label", "Username", for_="username"),
        tag("input", id="username", name="username", type="email", value=username, autocomplete="username"),
        tag("label", "Password", for_="password"),
        tag("input", id="password", name="password", type="password", autocomplete="current-password"),
    ]


def _hint() -> Markup:
    text = (
        f"Every user of this org has the password “{PASSWORD}” until it is changed, for example {USERNAME}."
    )
    return tag("p", text, class_="hint")


def _decision(value: str, label: str) -> Markup:
    quiet = "button quiet" if value == "deny" else "button"
    return button(label, name="decision", value=value, class_=quiet)
