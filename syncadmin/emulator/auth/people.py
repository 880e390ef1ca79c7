"""The users who log in, and what the org says about one of them."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.auth import ORG_ID, TOKEN
from syncadmin.emulator.wire import Request

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

FIELDS = (
    "Id, Username, Name, FirstName, LastName, Email, Phone, MobilePhone, Title, CommunityNickname, TimeZoneSidKey,"
    " LocaleSidKey, LanguageLocaleKey, ProfileId, SystemModstamp, LastModifiedDate, UserType, IsActive"
)
SOAP_NAMES = {"enterprise": "c", "partner": "u", "metadata": "m"}


def user_named(org: Org, username: str) -> str | None:
    """The id of the active user with this username, whatever its case."""
    sql = 'SELECT "Id" FROM "User" WHERE "Username" = ? AND "IsActive" = 1'
    rows = org.state.store.select(sql, (username.strip(),))
    return str(rows[0][0]) if rows else None


def knows_password(org: Org, user_id: str | None, password: str, *, token: bool) -> bool:
    """Whether it is the user's password; token: followed by the security token."""
    wanted = org.access.password(user_id or "") + (TOKEN if token else "")
    return hmac.compare_digest(wanted.encode(), password.encode()) and user_id is not None


def person(org: Org, user_id: str) -> dict[str, Any]:
    """The user's record. `user_id` is one of a session."""
    found = org.query(f"SELECT {FIELDS} FROM User WHERE Id = '{user_id}'")
    return found[0]


def identity_url(request: Request, user_id: str) -> str:
    """`{host}/id/{org}/{user}`, the user's name in OpenID Connect."""
    return f"{request.base_url}/id/{ORG_ID}/{user_id}"


def urls(request: Request, user_id: str) -> dict[str, str]:
    """The addresses a user may turn to; `{version}` is the client's to fill in (documented)."""
    host = request.base_url
    rest = f"{host}/services/data/v{{version}}/"
    soap = {
        name: f"{host}/services/Soap/{key}/{{version}}/{ORG_ID[:15]}"
        for name, key in sorted(SOAP_NAMES.items())
    }
    return {
        **soap,
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "recent": f"{rest}recent/",
        "tooling_soap": f"{host}/services/Soap/T/{{version}}/{ORG_ID[:15]}",
        "tooling_rest": f"{rest}tooling/",
        "profile": f"{host}/{user_id}",
        "feeds": f"{rest}chatter/feeds",
        "groups": f"{rest}chatter/groups",
        "users": f"{rest}chatter/users",
        "feed_items": f"{rest}chatter/feed-items",
        "feed_elements": f"{rest}chatter/feed-elements",
        "custom_domain": host,
    }
