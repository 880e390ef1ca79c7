"""Bulk jobs as values: what Salesforce works off in the background, from one file and into others.

:class:`BulkJobs` is what the engine asks of an org; ``syncadmin.salesforce.bulk`` is the real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from syncadmin.sync.ports import Poll, RecordError

#: From so many records on it is done by a bulk job: below, REST needs fewer calls and no waiting.
PUSH_FROM, READ_FROM = 4_000, 50_000
#: People to one bulk job, and bytes of its file: Salesforce takes 100 MB.
JOB_SIZE, JOB_BYTES = 50_000, 80_000_000
#: Rows that one call takes of what a query found: what is read again when the reading breaks off.
PART = 25_000
#: Seconds between two looks at a job; the last goes on. Each look is an API call.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: After so many seconds a job is given up: what it has done counts, the rest goes another way.
PATIENCE = 3_600.0


class BulkKind(StrEnum):
    """The two kinds of jobs, as Salesforce's addresses name them."""

    INGEST = "ingest"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class BulkState:
    """How far a job is. ``state`` is Salesforce's word; ``message`` says why it failed."""

    state: str
    processed: int = 0
    failed: int = 0
    message: str = ""

    @property
    def is_waiting_for_data(self) -> bool:
        """Nothing was begun: its upload isn't closed."""
        return self.state == "Open"

    @property
    def has_ended(self) -> bool:
        """Nothing more will happen to any record of it."""
        return self.state in ("JobComplete", "Failed", "Aborted")

    @property
    def is_complete(self) -> bool:
        return self.state == "JobComplete"


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one record. ``key``: its id as it was uploaded, for the order of records is lost on the way."""

    key: str
    id: str
    errors: tuple[RecordError, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class BulkRows:
    """A part of what a query found, as records in pages; ``next`` is the locator of the part behind it, or ""."""

    pages: Iterator[list[dict[str, Any]]]
    next: str


class UpdateFile(Protocol):
    """The file of an ingest job while it is written; to be used in a with block."""

    size: int
    """Bytes so far, about."""

    def __enter__(self) -> Self:
        """It is gone at the end of the block."""

    def __exit__(self, *exc: object) -> None: ...

    def add(self, id: str, fields: Mapping[str, Any]) -> bool:
        """Put a record in; False if a file can't carry one of its values."""


class BulkJobs(Protocol):
    """The bulk jobs of one org. Every method may raise :class:`~syncadmin.sync.ports.SyncError`."""

    def new_file(self) -> UpdateFile:
        """An empty file of updates."""

    def begin_update(self, object: str) -> str:
        """A job to update records of an object; its id. Nothing happens before its file is there and closed."""

    def upload(self, job: str, file: Any) -> None:
        """Send its file."""

    def close(self, job: str) -> None:
        """Have Salesforce begin."""

    def begin_query(self, poll: Poll) -> str:
        """A job that reads what a poll asks for, deleted records included, in no order; its id."""

    def state(self, kind: BulkKind, job: str) -> BulkState:
        """How far it is. SyncError NOT_FOUND if there is no such job any more (Salesforce keeps them seven days)."""

    def abort(self, kind: BulkKind, job: str) -> None:
        """Stop it; what it has done stays done. One that has ended is left as it is."""

    def outcomes(self, job: str) -> Iterator[BulkOutcome]:
        """What became of each record that was processed, in no order."""

    def rows(self, object: str, job: str, locator: str) -> BulkRows:
        """A part of what a query found, from a locator on ("" for the beginning)."""
