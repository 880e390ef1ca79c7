"""Reading: the poll of a cycle, the pages behind it, and records by id, by e-mail or by their creation.

Query: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import islice
from typing import Any, TypeVar

from syncadmin.salesforce import conditions, soql
from syncadmin.salesforce.composite import (
    HEAVY_PARTS,
    PAGE_SIZE,
    Part,
    PartAnswer,
    accepted,
    query_part,
    send,
)
from syncadmin.salesforce.errors import failure
from syncadmin.salesforce.transport import Transport
from syncadmin.sync.filters import RecordFilter
from syncadmin.sync.ports import Owner, Page, Poll, PollAnswer, RawRecord, Schema

#: E-mails to a query: 500 of the longest addresses stay well below the 100,000 characters of SOQL.
EMAILS_PER_QUERY = 500
#: Leads and Contacts are two queries; a call takes five.
EMAILS_PER_CALL = 2 * EMAILS_PER_QUERY

#: How far back Salesforce is asked for deleted records: it remembers them for 15 days.
DELETED_SINCE = timedelta(days=14)

_NEXT = re.compile(r"/services/data/v\d+\.\d+/(query(?:All)?/[\w-]+)", re.IGNORECASE)
_T = TypeVar("_T")


def poll(transport: Transport, polls: Sequence[Poll]) -> PollAnswer:
    """One Composite call: conditional describes, the first page of each object, users and queues.

    Of at most three objects: users and queues are the other two of five queries.
    """
    if len(polls) > HEAVY_PARTS - 2:
        raise ValueError("at most three objects to a poll")
    # Five queries are all there may be: one object's parents fit beside two objects.
    following = next((p for p in polls if p.parents and p.since), None) if len(polls) < 3 else None
    behind = [_parents_part(following)] if following else []
    parts = [*map(_describe_part, polls), *map(_changes_part, polls), *behind, _USERS, _QUEUES]
    answers, date = send(transport, parts)
    taken = [accepted(part, answer) for part, answer in zip(parts, answers, strict=True)]
    describes, firsts, (users, queues) = taken[: len(polls)], taken[len(polls) : 2 * len(polls)], taken[-2:]
    return PollAnswer(
        pages={poll.object: _page(first.body) for poll, first in zip(polls, firsts, strict=True)},
        parents={following.object: _page(taken[2 * len(polls)].body)} if following else {},
        schemas={
            p.object: _schema(p, each, date)
            for p, each in zip(polls, describes, strict=True)
            if _is_news(each)
        },
        owners=[*map(_user, drain(transport, users.body)), *map(_queue, drain(transport, queues.body))],
        server_time=server_time(date),
    )


def _describe_part(poll: Poll) -> Part:
    headers = {"If-Modified-Since": poll.known_schema} if poll.known_schema else {}
    return Part("GET", f"sobjects/{soql.name(poll.object)}/describe", headers=headers, subject=poll.object)


def _changes_part(poll: Poll) -> Part:
    only = conditions.where(poll.only.rule, poll.only.now) if poll.only else ""
    return query_part(soql.changes(poll, only), poll.object, deleted=True)


def _parents_part(poll: Poll) -> Part:
    return query_part(soql.changes_of_parents(poll), poll.object)


_USERS = query_part(soql.USERS, "User")
_QUEUES = query_part(soql.QUEUES, "QueueSobject")


def _is_news(describe: PartAnswer) -> bool:
    return describe.status != 304


def _schema(poll: Poll, answer: PartAnswer, date: str) -> Schema:
    return Schema(poll.object, answer.body["fields"], settled(answer.headers.get("last-modified", ""), date))


def settled(modified: str, date: str) -> str:
    """What to ask with next time: Last-Modified, or a second earlier if that second isn't over yet.

    A field that is added later within the same second would never be told of.
    """
    try:
        last, now = parsedate_to_datetime(modified), parsedate_to_datetime(date)
    except ValueError:
        return modified
    return format_datetime(last - timedelta(seconds=1), usegmt=True) if last >= now else modified


def _user(row: RawRecord) -> Owner:
    return Owner(
        row["Id"], "user", row["Name"], row.get("Email") or "", row.get("Title") or "", bool(row["IsActive"])
    )


def _queue(row: RawRecord) -> Owner:
    return Owner(row["QueueId"], "queue", row["Queue"]["Name"])


def server_time(date: str) -> str:
    """A Date header as Salesforce writes stamps. The clock of this machine is never asked."""
    try:
        return parsedate_to_datetime(date).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    except ValueError:
        raise failure("NOT_SALESFORCE") from None


def _page(body: dict[str, Any]) -> Page:
    return Page(_plain(body["records"]), body.get("nextRecordsUrl"), body["totalSize"])


def _plain(records: list[RawRecord]) -> list[RawRecord]:
    """The records without ``attributes``, and without those of their relationship fields."""
    for record in records:
        del record["attributes"]
        for value in record.values():
            if type(value) is dict:
                value.pop("attributes", None)
    return records


def read(transport: Transport, poll: Poll) -> Page:
    """The first page of one object alone. One API call."""
    part = _changes_part(poll)
    (answer,), _ = send(transport, [part])
    return _page(accepted(part, answer).body)


def read_on(transport: Transport, page: Page) -> Page:
    """The page behind this one. One API call."""
    found = _NEXT.fullmatch(page.next or "")
    if not found:
        raise ValueError("there is no page behind this one")
    return _page(transport.call("GET", found[1]).body)


def drain(transport: Transport, body: dict[str, Any]) -> Iterator[RawRecord]:
    """All records of a query, from the body of its first page on."""
    page = _page(body)
    yield from page.records
    while page.next:
        page = read_on(transport, page)
        yield from page.records


def fetch(
    transport: Transport, object: str, ids: Iterable[str], fields: Sequence[str]
) -> dict[str, RawRecord]:
    """Records by id, deleted ones included, 10,000 to an API call; what is no id at all is left out."""
    wanted = list(dict.fromkeys(filter(soql.is_id, ids)))
    queries = (soql.select(object, fields, soql.one_of("Id", chunk)) for chunk in chunks(wanted, PAGE_SIZE))
    parts = (query_part(query, object, deleted=True) for query in queries)
    return {
        record["Id"]: record
        for group in chunks(parts, HEAVY_PARTS)
        for record in _rows(transport, group)
    }  # fmt: skip


def find(
    transport: Transport, emails: Iterable[str], fields: Mapping[str, Sequence[str]]
) -> dict[str, list[RawRecord]]:
    """Leads (not converted) and Contacts by e-mail; 1,000 e-mails to an API call. Case does not matter."""
    found: dict[str, list[RawRecord]] = {object: [] for object in fields}
    wanted = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    for chunk in chunks(wanted, EMAILS_PER_CALL):
        parts = [
            query_part(_by_email(object, some, fields[object]), object)
            for some in chunks(chunk, EMAILS_PER_QUERY)
            for object in fields
        ]
        answers, _ = send(transport, parts)
        for part, answer in zip(parts, answers, strict=True):
            found[part.subject].extend(drain(transport, accepted(part, answer).body))
    return found


def _by_email(object: str, emails: Sequence[str], fields: Sequence[str]) -> str:
    return soql.select(object, fields, soql.one_of("Email", emails), soql.living(object))


def count(transport: Transport, object: str, filters: Sequence[RecordFilter | None]) -> list[int]:
    """How many living records meet each filter (None: all of them); at most five filters, one API call."""
    queries = [
        soql.count(object, soql.living(object), conditions.where(each.rule, each.now) if each else "")
        for each in filters
    ]
    parts = [query_part(query, object) for query in queries]
    answers, _ = send(transport, parts)
    return [
        int(accepted(part, answer).body["totalSize"]) for part, answer in zip(parts, answers, strict=True)
    ]


def find_deleted(transport: Transport, object: str, ids: Iterable[str], now: datetime) -> dict[str, str]:
    """Which of these records were deleted for good in the last two weeks, and when; no query sees them. One API call.

    https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getdeleted.htm (15 days back).
    """
    start, end = now.astimezone(UTC) - DELETED_SINCE, now.astimezone(UTC) + timedelta(minutes=2)
    period = "&".join(f"{name}={t:%Y-%m-%dT%H:%M:%SZ}" for name, t in (("start", start), ("end", end)))
    answer = transport.call("GET", f"sobjects/{soql.name(object)}/deleted/?{period}")
    wanted = set(ids)
    gone = {row["id"]: row["deletedDate"] for row in answer.body["deletedRecords"]}
    return {sfdc_id: gone[sfdc_id] for sfdc_id in wanted & gone.keys()}


def converted_status(transport: Transport) -> str:
    """The first status of a Lead that means that it was converted. One API call."""
    row = next(_rows(transport, [query_part(soql.CONVERTED_STATUS, "LeadStatus")]))
    return str(row["MasterLabel"])


def read_living(
    transport: Transport, object: str, fields: Sequence[str], after: str, size: int
) -> list[RawRecord]:
    """Living records behind an id, in order of Id. Read by key: no locator that expires, no record twice."""
    behind = f"Id > {soql.quote(after)}" if after else ""
    query = soql.select(object, fields, soql.living(object), behind, order="Id")
    return list(_rows(transport, [query_part(f"{query} LIMIT {int(size)}", object)]))


def find_created(
    transport: Transport, object: str, age: timedelta, fields: Sequence[str], user_id: str
) -> list[RawRecord]:
    """What this user created and is no older, deleted records left out, oldest first.

    Salesforce's own clock is asked, by a request that doesn't count: ours may differ from it by hours.
    """
    now = datetime.fromisoformat(server_time(transport.call("GET", "").date))
    mine = f"CreatedById = {soql.quote(user_id)}"
    after = f"CreatedDate >= {soql.moment((now - age).strftime('%Y-%m-%dT%H:%M:%SZ'))}"
    query = soql.select(object, fields, mine, after, order="CreatedDate, Id")
    return list(_rows(transport, [query_part(query, object)]))


def _rows(transport: Transport, parts: Sequence[Part]) -> Iterator[RawRecord]:
    answers, _ = send(transport, parts)
    for part, answer in zip(parts, answers, strict=True):
        yield from drain(transport, accepted(part, answer).body)


def chunks(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The values in lists of this size; the last may be shorter."""
    source = iter(values)
    while chunk := list(islice(source, size)):
        yield chunk
