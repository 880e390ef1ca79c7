"""The org: its state and everything that works on it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from syncadmin.emulator.auth.access import Access
from syncadmin.emulator.bulk.runner import Bulk
from syncadmin.emulator.dml.saving import Dml
from syncadmin.emulator.faults import Faults
from syncadmin.emulator.gate import Gate
from syncadmin.emulator.limits import Limits
from syncadmin.emulator.requestlog import RequestLog
from syncadmin.emulator.seeds.plant import check_seed, plant
from syncadmin.emulator.soql.run import Queries
from syncadmin.emulator.state import State


class Org:
    """One Salesforce org.

    `seed` is demo, empty, or a number of leads; a data file that has records wins over it.
    """

    def __init__(self, seed: str = "demo", data: str | Path | None = None) -> None:
        self._data = Path(data) if data else None
        self.gate = Gate()
        self.faults, self.limits, self.access = Faults(), Limits(self._now), Access()
        self.sessions = self.access.sessions
        self.log = RequestLog()
        self._open(State(self._data))
        if self.state.store.get_meta("seed") is None:
            self._plant(seed)
        else:
            self.state.load_setup()
            self.state.create_tables()
            self.bulk.resume()

    def _open(self, state: State) -> None:
        self.state = state
        self.dml = Dml(state)
        self.queries = Queries(state.store, state.schema, state.clock)
        self.bulk = Bulk(self)

    def _now(self) -> datetime:
        return self.state.clock.now()

    def _plant(self, seed: str) -> None:
        plant(self.state, seed)
        self.state.keep_setup()
        self.state.store.set_meta("seed", seed)

    def reset(self, seed: str | None = None) -> None:
        """Start again, from this seed or the one before; faults, limits, clock and log are as at
        the start. Sessions stay: the users are the same ones.
        """
        with self.gate.alone():
            chosen = check_seed(seed or str(self.state.store.get_meta("seed")))
            self.bulk.stop()
            self.state.store.discard()
            self._open(State(self._data))
            self._plant(chosen)
            self.faults.clear()
            self.limits.reset()
            self.log.clear()
            self.access.reset()

    def close(self) -> None:
        """Close the database."""
        with self.gate.alone():
            self.bulk.stop()
            self.state.store.close()

    def query(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query, as the org itself sees them: for tests and the sales rep's page."""
        return self._all(soql, deleted=False)

    def query_all(self, soql: str) -> list[dict[str, Any]]:
        """The same, recycle bin included."""
        return self._all(soql, deleted=True)

    def _all(self, soql: str, *, deleted: bool) -> list[dict[str, Any]]:
        today = self.state.clock.now().date()
        page = self.queries.run(soql, None, "/services/data/v59.0", today, deleted=deleted, size=1_000_000)
        records: list[dict[str, Any]] = page["records"]
        return records
