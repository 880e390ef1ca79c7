"""Read every record of an object for a full check: page by page, or by a bulk job if there are very many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncadmin.sync import bulk
from syncadmin.sync.bulk import BulkKind
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import Org, Poll, RawRecord, SyncError

#: Records of a page.
PAGE = 2_000
#: How long to leave a bulk job alone between two looks at it.
WAIT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Portion:
    """Pages that were read, and from where to read on; a blank position means that they were the last.

    ``waits_until``: nothing was read, for Salesforce is still at work.
    """

    pages: Iterable[list[RawRecord]]
    position: str
    read_at: datetime
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of one object. ``expected``: about how many records it has."""

    org: Org
    rules: ObjectRules
    expected: int

    def read(self, position: str, now: datetime) -> Portion:
        """The portion behind a position ("": from the beginning)."""
        if position.startswith("job "):
            return self._read_job(position, now)
        if not position and self.expected >= bulk.READ_FROM:
            try:
                job = self.org.bulk.begin_query(Poll(self.rules.object, self.rules.api_names))
            except SyncError as error:
                if not error.permanent:
                    raise
            else:
                return Portion([], f"job {job} {now.isoformat()} ", now, now + WAIT)
        raws = self.org.read_living(self.rules.object, self.rules.api_names, position, PAGE)
        return Portion([raws], raws[-1]["Id"] if len(raws) == PAGE else "", now)

    def _read_job(self, position: str, now: datetime) -> Portion:
        _, job, began, locator = position.split(" ", 3)
        read_at = datetime.fromisoformat(began)
        state = self.org.bulk.state(BulkKind.QUERY, job) if not locator else None
        if state and not state.has_ended:
            return Portion([], position, now, now + WAIT)
        if state and not state.is_complete:
            # The job failed: the pages of REST do the same.
            raws = self.org.read_living(self.rules.object, self.rules.api_names, "", PAGE)
            return Portion([raws], raws[-1]["Id"] if len(raws) == PAGE else "", now)
        rows = self.org.bulk.rows(self.rules.object, job, locator)
        behind = f"job {job} {began} {rows.next}" if rows.next else ""
        return Portion(_living(rows.pages), behind, read_at)


def _living(pages: Iterator[list[RawRecord]]) -> Iterator[list[RawRecord]]:
    """A bulk job is asked for everything, as a first reading is: without what was deleted or converted."""
    for page in pages:
        if there := [raw for raw in page if not (raw.get("IsDeleted") or raw.get("IsConverted"))]:
            yield there
