"""Who sits before the page: a sales user of the org, remembered in a cookie; and what he sends."""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

COOKIE = "emulator_rep"
OWN_PATH = re.compile(r"/emulator/[\w/?=&%.+-]*\Z", re.ASCII)
Form = dict[str, list[str]]


def sales_users(org: Org) -> dict[str, str]:
    """Names by id of the active users who aren't the integration."""
    rows = org.state.store.select('SELECT "Id", "Name" FROM "User" WHERE "IsActive" = 1 ORDER BY "Name"')
    return {key: name for key, name in rows if key != org.state.integration_user}


def acting_as(org: Org, request: Request) -> str:
    """The id of the chosen user, else of the first sales user the org got."""
    users = sales_users(org)
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        morsel = None
    chosen = morsel.value if morsel else ""
    return chosen if chosen in users else min(users, default=org.state.integration_user)


def read_form(request: Request) -> Form:
    """The fields of a posted form, each with all its values.

    A form of somebody else's page is refused: browsers say where a form comes from.
    """
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise ApiError(403, "FORBIDDEN", "The form comes from another site")
    text = request.body.decode(errors="replace")
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=1000)
    except ValueError as error:
        raise ApiError(400, "BAD_FORM", str(error)) from error


def value_of(form: Form, name: str, default: str = "") -> str:
    """The last value of a field, without the blanks around it."""
    return form.get(name, [default])[-1].strip()


def redirect(path: str, status: int = 303) -> Response:
    """Go and get another page."""
    return Response(status, "", {"Location": path}, "text/html;charset=UTF-8")


def choose(org: Org, request: Request) -> Response:
    """POST /emulator/acting-as: user, next."""
    form = read_form(request)
    user, following = value_of(form, "user"), value_of(form, "next")
    response = redirect(following if OWN_PATH.match(following) else "/emulator/")
    if user in sales_users(org):
        response.headers["Set-Cookie"] = f"{COOKIE}={user}; Path=/emulator; HttpOnly; SameSite=Lax"
    return response
