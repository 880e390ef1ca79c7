"""Testing a connection: who we are in the org, and what the sync user may not do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncadmin.salesforce import soql
from syncadmin.salesforce.composite import Part, PartAnswer, PartRefused, accepted, query_part, send
from syncadmin.salesforce.errors import explain, failure
from syncadmin.salesforce.transport import Transport
from syncadmin.sync.ports import SYSTEM_FIELDS, SyncError

#: What a sync of an object needs to be allowed, as describe names it, and as people do.
_RIGHTS = {"queryable": "Read", "createable": "Create", "updateable": "Edit"}
#: Leads are what the sync creates; a Contact comes into being when sales converts one.
_NOT_NEEDED = ("Contact", "createable")
#: Needed besides the system fields: people are recognised by it.
_MATCHING_FIELDS = ("Email",)


@dataclass(frozen=True, slots=True)
class Identity:
    """The org and the user that a log-in leads to; ids of 18 characters."""

    org_id: str
    org_name: str
    user_id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the sync user may not do. ``blocking``: the sync can't run like this."""

    code: str
    object: str
    message: str
    advice: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What *Test connection* shows. ``ok``: logged in, and nothing found that stops the sync.

    ``code`` and ``message`` are blank unless the log-in or the test itself failed.
    """

    ok: bool
    code: str = ""
    message: str = ""
    org_id: str = ""
    org_name: str = ""
    user_id: str = ""
    user_name: str = ""
    problems: tuple[Problem, ...] = ()
    api_used: int = 0
    api_limit: int = 0


def user_id(transport: Transport) -> tuple[str, str]:
    """(org id, user id), from the address of the identity in the list of resources. One API call.

    https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_discoveryresource.htm
    """
    resources = transport.call("GET", "").body
    parts = str(resources.get("identity", "")).split("/") if isinstance(resources, dict) else []
    if len(parts) < 2 or not (soql.is_id(parts[-1]) and soql.is_id(parts[-2])):
        raise failure("NOT_SALESFORCE")
    return parts[-2], parts[-1]


def identify(transport: Transport) -> Identity:
    """Names and ids of the org and the sync user. Two API calls."""
    org, user = user_id(transport)
    parts = [query_part(soql.ORGANIZATION, "Organization"), query_part(_me(user), "User")]
    answers, _ = send(transport, parts)
    names = [_first_name(answer) for answer in answers]
    return Identity(org, names[0], user, names[1])


def _me(user: str) -> str:
    return soql.select("User", ["Name"], f"Id = {soql.quote(user)}")


def _first_name(answer: PartAnswer) -> str:
    """The name in a query of one record; a user who may not read it only goes without it."""
    rows = answer.body.get("records") if isinstance(answer.body, dict) else None
    return str(rows[0]["Name"]) if rows else ""


def check(transport: Transport) -> ConnectionReport:
    """Log in, and look at everything that the sync will need. Three API calls; never raises SyncError."""
    try:
        identity = identify(transport)
        problems = find_problems(transport)
    except SyncError as error:
        return ConnectionReport(False, error.code, error.message)
    return ConnectionReport(
        not any(problem.blocking for problem in problems),
        "",
        "",
        identity.org_id,
        identity.org_name,
        identity.user_id,
        identity.user_name,
        problems,
        transport.usage.used,
        transport.usage.limit,
    )


def find_problems(transport: Transport) -> tuple[Problem, ...]:
    """What the sync user lacks. One API call."""
    describes = [Part("GET", f"sobjects/{object}/describe", subject=object) for object in SYSTEM_FIELDS]
    lists = [
        query_part(f"{soql.USERS} LIMIT 1", "User"),
        query_part(f"{soql.QUEUES} LIMIT 1", "QueueSobject"),
    ]
    answers, _ = send(transport, [*describes, *lists])
    problems: list[Problem] = []
    for part, answer in zip([*describes, *lists], answers, strict=True):
        try:
            body = accepted(part, answer).body
        except PartRefused as refusal:
            problems.append(_no_access(part, refusal))
            continue
        if part in describes:
            problems += [*missing_rights(part.subject, body), *_hidden_fields(part.subject, body)]
    return tuple(problems)


def _no_access(part: Part, refusal: PartRefused) -> Problem:
    known = part.subject in SYSTEM_FIELDS
    advice = explain(refusal.code).advice if known else "Give the sync user the permission View Setup."
    return Problem(refusal.code, part.subject, f"The sync user has no access to {part.subject}.", advice)


def missing_rights(object: str, describe: dict[str, Any]) -> list[Problem]:
    """What the sync user may not do with an object, by its describe."""
    return [
        Problem(
            "MISSING_PERMISSION",
            object,
            f"The sync user may not {words.lower()} {object}s.",
            f"Give the sync user the permission {words} on {object}s.",
            blocking=(object, right) != _NOT_NEEDED,
        )
        for right, words in _RIGHTS.items()
        if not describe.get(right)
    ]


def _hidden_fields(object: str, describe: dict[str, Any]) -> list[Problem]:
    visible = {field["name"] for field in describe["fields"]}
    hidden = [name for name in (*SYSTEM_FIELDS[object], *_MATCHING_FIELDS) if name not in visible]
    return [
        Problem(
            "HIDDEN_FIELD",
            object,
            f"The sync user does not see the field {name} of {object}s.",
            explain("HIDDEN_FIELD").advice,
        )
        for name in hidden
    ]
