"""What the engine asks of the world, and the values it exchanges with it.

:class:`Org` is one Salesforce org; ``syncadmin.salesforce.org`` is the real one. Records travel as the
dictionaries that Salesforce sends (API name → JSON value, relationship fields nested), without ``attributes``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from syncadmin.sync.bulk import BulkJobs
from syncadmin.sync.filters import RecordFilter

RawRecord = dict[str, Any]

#: Read with every Lead and Contact, whatever else is asked for.
SYSTEM_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Lead": (
        "Id", "IsDeleted", "MasterRecordId", "OwnerId", "CreatedDate", "CreatedById", "LastModifiedById",
        "SystemModstamp", "IsConverted", "ConvertedContactId",
    ),
    "Contact": (
        "Id", "IsDeleted", "MasterRecordId", "OwnerId", "CreatedDate", "CreatedById", "LastModifiedById",
        "SystemModstamp",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Poll:
    """What to read of one object: everything stamped ``since`` or later, in order of (SystemModstamp, Id).

    ``since``: a SystemModstamp as Salesforce writes it; blank reads from the beginning.
    ``after``: (SystemModstamp, Id) of the last record already stored; reading goes on strictly behind it.
    ``known_schema``: the Last-Modified of the describe that is known; blank asks for the describe in any case.
    """

    object: str
    fields: tuple[str, ...]
    since: str = ""
    after: tuple[str, str] | None = None
    known_schema: str = ""
    only: RecordFilter | None = None
    """Only records that meet it, deleted ones as well."""
    parents: tuple[str, ...] = ()
    """Relationships through which fields are read (``Account``): a change there doesn't move the record's own stamp."""


@dataclass(frozen=True, slots=True)
class Page:
    """Up to 2,000 records (deleted ones included) and where the next ones are, if there are any."""

    records: list[RawRecord]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Schema:
    """An object's describe, and the Last-Modified with which to ask for it again."""

    object: str
    fields: list[dict[str, Any]]
    stamp: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A user or a queue that may own Leads. ``kind`` is "user" or "queue"."""

    id: str
    kind: str
    name: str
    email: str = ""
    title: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """Everything a cycle needs to know to begin, from one API call."""

    pages: dict[str, Page]
    schemas: dict[str, Schema]
    owners: list[Owner]
    server_time: str
    """When Salesforce answered, as ``2026-01-02T03:04:05.000+0000``."""
    parents: dict[str, Page] = field(default_factory=dict)
    """By object: records that did not change since, but whose parents did. Of at most one object."""


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Write:
    """One record to be written. ``auto_assign``: run the org's active assignment rules."""

    operation: Operation
    object: str
    fields: dict[str, Any]
    id: str = ""
    auto_assign: bool = False


@dataclass(frozen=True, slots=True)
class RecordError:
    """Why Salesforce refused one record: its own code, words and field API names.

    ``transient``: the same write may succeed later without anybody changing anything.
    """

    code: str
    message: str
    fields: tuple[str, ...] = ()
    transient: bool = False


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The answer to one :class:`Write`. ``lost``: sent, but no answer came; it may or may not have been done."""

    id: str = ""
    created: bool = False
    errors: tuple[RecordError, ...] = field(default=())
    lost: bool = False

    @property
    def ok(self) -> bool:
        return not self.errors and not self.lost


class SyncError(Exception):
    """A whole request failed. ``permanent``: trying again without a change by somebody is of no use."""

    def __init__(self, code: str, message: str, *, permanent: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Errand:
    """What requests are made for; told along with each of them to whoever counts calls or keeps a log.

    ``purpose``: a word of the caller's. ``people``: the ids of those whom it is about, where they are known.
    """

    purpose: str = ""
    people: tuple[int, ...] = ()


class Org(Protocol):
    """One Salesforce org. Every method may raise :class:`SyncError`; none logs or shows a credential."""

    errand: Errand
    """What the requests from now on are made for."""

    @property
    def api_calls(self) -> int:
        """Calls made so far, counted as Salesforce counts them."""

    @property
    def bulk(self) -> BulkJobs:
        """Jobs for very many records at once."""

    def poll(self, polls: Sequence[Poll]) -> PollAnswer:
        """Users, queues, changed describes and the first page of each object, in one API call."""

    def read(self, poll: Poll) -> Page:
        """The first page of what one poll asks for, in one API call."""

    def read_on(self, page: Page) -> Page:
        """The page behind this one, in one API call."""

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, RawRecord]:
        """Records by id, deleted ones included; up to 10,000 ids in one API call. Unknown ids are left out."""

    def find_deleted(self, object: str, ids: Sequence[str], now: datetime) -> dict[str, str]:
        """Which of these records were deleted for good in the last two weeks, and when; one API call."""

    def find(self, emails: Sequence[str], fields: Mapping[str, Sequence[str]]) -> dict[str, list[RawRecord]]:
        """Leads (not converted) and Contacts with one of these e-mails: {object: records}; 1,000 e-mails a call."""

    def count(self, object: str, filters: Sequence[RecordFilter | None]) -> list[int]:
        """How many records (neither deleted nor converted) meet each of up to five filters; one API call."""

    def read_living(
        self, object: str, fields: Sequence[str], after: str, size: int = 2_000
    ) -> list[RawRecord]:
        """Records that are neither deleted nor converted, in order of Id, behind this one ("": from the first on).

        So many at most; fewer are the last. One API call, unless the fields are so many that Salesforce divides it.
        """

    def find_created(self, object: str, age: timedelta, fields: Sequence[str]) -> list[RawRecord]:
        """Records no older, by Salesforce's clock, that the sync user created (to find one whose answer was lost)."""

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Write any number of records, 1,000 to an API call; answers in order. Transient refusals are retried."""

    def calls_to_write(self, writes: Sequence[Write]) -> int:
        """How many API calls writing these takes, if nothing has to be sent twice. Makes none."""
