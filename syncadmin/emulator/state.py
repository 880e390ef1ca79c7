"""The org's mutable heart: clock, records, schema, rules, counters, and writes that become visible late."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from syncadmin.emulator.clock import Clock
from syncadmin.emulator.dml import history
from syncadmin.emulator.dml.locks import Locks
from syncadmin.emulator.ids import make_id, number_of
from syncadmin.emulator.rules import Rules
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soql.scope import NAME_VIEW
from syncadmin.emulator.store import Row, Store

Write = Callable[[], None]


class State:
    """What the parts of the emulator share."""

    def __init__(self, data: Path | None = None) -> None:
        self.clock = Clock()
        self.store = Store(data)
        self.schema = Schema(self.clock.now())
        self.rules = Rules()
        self.locks = Locks()
        self.late_seconds = 0.0
        self.integration_user = ""
        self._counters: dict[str, int] = {}
        self._lock = threading.Lock()
        self._pending: list[tuple[datetime, int, Write, datetime]] = []
        self._order = 0

    def create_tables(self) -> None:
        """Make the tables the schema wants."""
        with self.store.transaction():
            for sobject in self.schema.objects.values():
                self.store.create_table(sobject)
            self.store.execute(NAME_VIEW)

    def keep_setup(self) -> None:
        """Write schema and rules down, for a data file that is opened again."""
        self.store.set_meta("schema", self.schema.dump())
        self.store.set_meta("rules", self.rules.dump())
        self.store.set_meta("integration_user", self.integration_user)

    def load_setup(self) -> None:
        """The inverse of keep_setup."""
        self.schema.load(self.store.get_meta("schema") or {}, self.clock.now())
        self.rules.load(self.store.get_meta("rules"))
        self.integration_user = self.store.get_meta("integration_user")

    def next_id(self, sobject: SObject) -> str:
        """An id no record has had."""
        return make_id(sobject.prefix or "000", self._next(sobject.name, lambda: self._highest_id(sobject)))

    def next_number(self, sobject: SObject, field: Field) -> int:
        """The next number of an auto-number field."""
        sql = f'SELECT COUNT(*) FROM "{sobject.name}"'
        return self._next(f"{sobject.name}.{field.name}", lambda: int(self.store.select(sql)[0][0]))

    def _next(self, key: str, start: Callable[[], int]) -> int:
        with self._lock:
            if key not in self._counters:
                self._counters[key] = start()
            self._counters[key] += 1
            return self._counters[key]

    def _highest_id(self, sobject: SObject) -> int:
        """The highest number in use, or once in use: ids aren't given out twice."""
        sql = f'SELECT MAX("Id") FROM "{sobject.name}" UNION ALL SELECT MAX("Id") FROM "_gone" WHERE sobject = ?'
        used = [row[0] for row in self.store.select(sql, (sobject.name,)) if row[0]]
        return max(map(number_of, used), default=0)

    def view_record(self, sobject: SObject, record_id: str, user_id: str) -> None:
        """Note that the user saw a record; its SystemModstamp stays (recorded). The two fields say when the
        running user did, and here that is the integration user.
        """
        if user_id == self.integration_user and sobject.get("LastViewedDate"):
            stamp = self.clock.stamp()
            seen = {"LastViewedDate": stamp, "LastReferencedDate": stamp}
            self.store.update(sobject.name, record_id, seen)

    def save_new(self, sobject: SObject, rows: list[Row]) -> None:
        """Insert complete rows, now or late."""
        if rows:
            self._write(lambda: self.store.insert(sobject.name, rows))

    def save_changed(self, sobject: SObject, pairs: Sequence[tuple[Row | None, Row]]) -> None:
        """Write the columns that changed, now or late."""
        noted: list[tuple[Any, ...]] = []
        for before, after in pairs:
            changed = {k: v for k, v in after.items() if before is None or before[k] != v}
            if changed:
                self._write(self._update(sobject.name, after["Id"], changed))
                noted += history.rows(sobject, before, after, changed)
        if noted:
            self._write(lambda: history.write(self.store, noted))

    def _update(self, name: str, record_id: str, changed: dict[str, Any]) -> Write:
        return lambda: self.store.update(name, record_id, changed)

    def _write(self, write: Write) -> None:
        if not self.late_seconds:
            write()
            return
        begun = self.clock.now()
        due = begun + timedelta(seconds=self.late_seconds)
        self.store.when_committed(lambda: self._postpone(due, write, begun))

    def _postpone(self, due: datetime, write: Write, begun: datetime) -> None:
        with self._lock:
            self._order += 1
            heapq.heappush(self._pending, (due, self._order, write, begun))

    def covered_until(self, end: datetime) -> datetime:
        """Up to when everything is visible: no later than the first write that isn't (documented for
        latestDateCovered of getUpdated and getDeleted).
        """
        with self._lock:
            return min([end, *(pending[3] for pending in self._pending)])

    def settle(self, *, everything: bool = False) -> None:
        """Make visible what is due, or everything. Called before every request; usually there is nothing to do."""
        if not self._pending or not (everything or self._pending[0][0] <= self.clock.now()):
            return
        with self.store.transaction(), self._lock:
            while self._pending and (everything or self._pending[0][0] <= self.clock.now()):
                heapq.heappop(self._pending)[2]()
