"""SOQL from names that are checked and values that are quoted.

Grammar and limits: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from syncadmin.sync.ports import SYSTEM_FIELDS, Poll

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?")
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)(?:Z|\+00:?00)")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)

#: All who may own a record; of the other kinds of user (portals, robots) none can.
USERS = "SELECT Id, Name, Email, Title, IsActive FROM User WHERE UserType = 'Standard' ORDER BY Id"
QUEUES = "SELECT QueueId, Queue.Name FROM QueueSobject WHERE SobjectType = 'Lead' ORDER BY QueueId"
CONVERTED_STATUS = "SELECT MasterLabel FROM LeadStatus WHERE IsConverted = TRUE ORDER BY SortOrder LIMIT 1"
ORGANIZATION = "SELECT Id, Name FROM Organization"


def name(text: str) -> str:
    """An API name as it is, or ValueError: nothing else may stand unquoted in a query."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"not an API name: {text!r}")
    return text


def quote(value: str) -> str:
    """A string literal."""
    return f"'{value.translate(_ESCAPES)}'"


def moment(stamp: str) -> str:
    """A dateTime literal from a stamp such as ``2026-01-02T03:04:05.000+0000`` (SOQL wants +00:00 or Z)."""
    found = _STAMP.fullmatch(stamp)
    if not found:
        raise ValueError(f"not a stamp of Salesforce: {stamp!r}")
    return f"{found[1]}Z"


def is_id(text: str) -> bool:
    """Whether this has the form of an id: 15 letters and digits, or 18 with the right checksum.

    One id without it makes Salesforce refuse a whole query.
    """
    return bool(_ID.fullmatch(text)) and text[15:] in ("", _checksum(text[:15]))


def _checksum(id: str) -> str:
    """Three characters that say which of the fifteen are capitals, five to each."""
    groups = (id[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _CHECKS[sum(char.isupper() << place for place, char in enumerate(group))] for group in groups
    )


def columns(object: str, fields: Iterable[str]) -> list[str]:
    """The object's system fields and these, each once (Salesforce refuses a field named twice)."""
    wanted = (*SYSTEM_FIELDS.get(object, ("Id",)), *fields)
    found: dict[str, str] = {}
    for field in wanted:
        found.setdefault(field.lower(), name(field))
    return list(found.values())


def select(object: str, fields: Iterable[str], *conditions: str, order: str = "") -> str:
    """A query of one object; the conditions are joined by AND."""
    query = f"SELECT {', '.join(columns(object, fields))} FROM {name(object)}"  # noqa: S608 - names are checked
    where = " AND ".join(condition for condition in conditions if condition)
    return query + (f" WHERE {where}" if where else "") + (f" ORDER BY {order}" if order else "")


def changes(poll: Poll, *conditions: str, ordered: bool = True) -> str:
    """What was stamped since, in order of (SystemModstamp, Id), strictly behind the last record stored."""
    since = f"SystemModstamp >= {moment(poll.since)}" if poll.since else ""
    order = "SystemModstamp, Id" if ordered else ""
    return select(poll.object, poll.fields, since, _behind(poll.after), *conditions, order=order)


def changes_of_parents(poll: Poll) -> str:
    """Records that didn't change since, but one of whose parents did (an Account that was renamed)."""
    stamp = moment(poll.since)
    changed = " OR ".join(f"{name(f'{parent}.SystemModstamp')} >= {stamp}" for parent in poll.parents)
    return select(poll.object, poll.fields, f"({changed})", f"SystemModstamp < {stamp}", order="Id")


def living(object: str) -> str:
    """The condition that leaves converted Leads out; deleted records have to be asked for in any case."""
    return "IsConverted = FALSE" if object == "Lead" else ""


def count(object: str, *conditions: str) -> str:
    """A query that has no records, but their number."""
    where = " AND ".join(condition for condition in conditions if condition)
    return f"SELECT COUNT() FROM {name(object)}" + (f" WHERE {where}" if where else "")  # noqa: S608


def _behind(after: tuple[str, str] | None) -> str:
    if after is None:
        return ""
    stamp, last = moment(after[0]), quote(after[1])
    return f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {last}))"


def one_of(field: str, values: Sequence[str]) -> str:
    """A condition: the field has one of these values."""
    return f"{name(field)} IN ({','.join(map(quote, values))})"
