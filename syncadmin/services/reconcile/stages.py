"""The stages of a full check: Leads, Contacts, then what is linked and wasn't read. Each page is a transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from syncadmin.models import Connection, ReconcileRun, SObject
from syncadmin.services.gone import gone_for_good
from syncadmin.services.reconcile.reading import Portion, Reading
from syncadmin.services.slices import DONE, RUNNING, CancelledError, Slices
from syncadmin.store import findings
from syncadmin.store.comparing import Compared, compare_missing, compare_page, desk
from syncadmin.store.rules import load_rules
from syncadmin.sync.ports import Org

MISSING = "missing "
STAGES = (*SObject.values, *(MISSING + object for object in SObject.values))
#: Linked records that weren't read, looked up by id in one API call.
PAGE = 2_000
#: Checks that are kept.
RUNS_KEPT = 10
SLICES = Slices(ReconcileRun, "syncadmin.tasks.run_reconcile")


@dataclass(slots=True)
class Turn:
    """What one worker does of a check before others have their turn."""

    run: ReconcileRun
    connection: Connection
    org: Org
    clock: Callable[[], datetime]
    calls_before: int = 0

    def begin(self) -> None:
        """Count both sides, so that the progress and the sizes are known."""
        if self.run.started_at is not None:
            return
        counts = {
            object: {"expected": self.org.count(object, [None])[0], "here": findings.links(object).count()}
            for object in SObject.values
        }
        total = sum(one["expected"] for one in counts.values())
        self._save(started_at=self.clock(), stage=STAGES[0], position="", counts=counts, total=total)

    def step(self) -> bool:
        """One page of the present stage. False once nothing is left to do, it has to wait, or somebody cancelled."""
        try:
            self.begin()
            if self.run.stage.startswith(MISSING):
                self._look_up(self.run.stage.removeprefix(MISSING))
            else:
                self._read(self.run.stage)
        except CancelledError:
            return False
        return self.run.state == RUNNING and self.run.waits_until is None

    # -- the stages ---------------------------------------------------------------------------------------

    def _read(self, object: str) -> None:
        rules = load_rules(self.connection)[object]
        reading = Reading(self.org, rules, self.run.counts[object]["expected"])
        portion = reading.read(self.run.position, self.clock())
        if portion.waits_until:
            self._save(position=portion.position, waits_until=portion.waits_until)
            return
        at = desk(self.connection, rules, portion.read_at)
        compared = Compared()
        for page in portion.pages:
            compared.add(compare_page(at, page))
        self._store(object, compared, portion)

    def _look_up(self, object: str) -> None:
        rules = load_rules(self.connection)[object]
        states = findings.unread(self.run, object, self.run.position, PAGE)
        at = desk(self.connection, rules, self.clock())
        ids = [state.pk for state in states]
        raws = self.org.fetch(object, ids, ()) if ids else {}
        purged = gone_for_good(self.org, object, [pk for pk in ids if pk not in raws], at.read_at)
        portion = Portion([], states[-1].pk if len(states) == PAGE else "", at.read_at)
        self._store(object, compare_missing(at, states, raws, purged), portion)

    # -- remembering --------------------------------------------------------------------------------------

    def _store(self, object: str, compared: Compared, portion: Portion) -> None:
        """What was found, and how far that brought us, in one transaction."""
        with transaction.atomic():
            columns = findings.keep(self.run, object, compared)
            self._save(**columns, **self._place(portion), attempts=0, error_code="", error_message="")
        if self.run.state == DONE:
            findings.forget_seen()
            findings.prune(RUNS_KEPT)

    def _place(self, portion: Portion) -> dict[str, Any]:
        if portion.position:
            return {"position": portion.position}
        place = STAGES.index(self.run.stage) + 1
        if place < len(STAGES):
            return {"stage": STAGES[place], "position": ""}
        return {"state": DONE, "position": "", "ended_at": self.clock()}

    def _save(self, **values: Any) -> None:
        calls = self.run.api_calls + self.org.api_calls - self.calls_before
        SLICES.save(self.run.pk, self.clock(), api_calls=calls, **values)
        self.calls_before = self.org.api_calls
        for name, value in {**values, "api_calls": calls}.items():
            setattr(self.run, name, value)
