"""Repair what a full check has found: by the same pull and the same push as ever, on a click.

Chosen findings are marked, and worked off in portions by a job; each finding says what came of it.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from people import bulk
from people.models import Person
from syncadmin.models import Connection, Purpose, ReconcileFinding, ReconcileRun, SyncState
from syncadmin.services.api.meter import ensure_calls
from syncadmin.services.gone import gone_for_good
from syncadmin.services.org import close_org, open_org
from syncadmin.services.outcomes import SyncOutcome
from syncadmin.services.owners import owner_names
from syncadmin.services.people import NotConnectedError, ready_connection, sync_people
from syncadmin.services.queue import enqueue
from syncadmin.services.reconcile.words import Result, of_record, of_values
from syncadmin.store import review, tombstones
from syncadmin.store.batch import Origin
from syncadmin.store.comparing import Found, compare_page, desk, open_failures
from syncadmin.store.pages import store_page_safely
from syncadmin.store.repairs import settle_page
from syncadmin.store.rows import to_db
from syncadmin.store.rules import load_rules
from syncadmin.sync.comparing import Side, fate_of
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import Org, RawRecord, SyncError

#: Findings worked on at once: two or three API calls, and a page to store.
PORTION = 500
PATIENCE = timedelta(minutes=10)
JOB = "syncadmin.tasks.repair_findings"
State, Action = ReconcileFinding.State, ReconcileFinding.Action
Kind, Reason = ReconcileFinding.Kind, ReconcileFinding.Reason
REPAIRABLE = [State.OPEN, State.FAILED]
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


def repairable(run: ReconcileRun) -> QuerySet[ReconcileFinding]:
    """The findings that can be repaired, or tried again."""
    return ReconcileFinding.objects.filter(run=run, state__in=REPAIRABLE)


def request_repair(
    chosen: QuerySet[ReconcileFinding],
    run: ReconcileRun,
    action: str,
    now: datetime,
    user: AbstractBaseUser | None,
) -> int:
    """Queue the repair of these findings; how many. ValueError for no action of ours.

    Whose values are taken is a question only where both sides have some; other findings are left alone then.
    """
    wanted = chosen.filter(run=run, state__in=REPAIRABLE)
    if Action(action) is not Action.SYNC:
        wanted = wanted.filter(kind=ReconcileFinding.Kind.DIFFERS)
    number = wanted.update(state=State.QUEUED, action=action, acted_at=now, acted_by=user, outcome="")
    if number:
        enqueue(JOB, run.pk, queue="now")
    return number


def requeue_lost(now: datetime) -> None:
    """Go on with repairs whose job, or whose worker, was lost."""
    lost = ReconcileFinding.objects.filter(
        state__in=[State.QUEUED, State.WORKING], acted_at__lt=now - PATIENCE
    )
    for run_id in set(lost.values_list("run_id", flat=True)):
        lost.filter(run=run_id).update(state=State.QUEUED, acted_at=now)
        enqueue(JOB, run_id, queue="now")


def work_on_repairs(run_id: int, clock: Clock) -> int:
    """Repair all that is queued of a check, a portion after the other; how many findings."""
    done = 0
    while portion := _claim(run_id, clock()):
        _repair(portion, clock)
        done += len(portion)
    return done


def _claim(run_id: int, now: datetime) -> list[ReconcileFinding]:
    """The next findings of one action and one user. Nobody else works on them."""
    queued = ReconcileFinding.objects.filter(run=run_id, state=State.QUEUED).order_by("pk")
    first = queued.first()
    if first is None:
        return []
    alike = queued.filter(action=first.action, acted_by=first.acted_by_id)
    ids = list(alike.values_list("pk", flat=True)[:PORTION])
    ReconcileFinding.objects.filter(pk__in=ids, state=State.QUEUED).update(state=State.WORKING, acted_at=now)
    mine = ReconcileFinding.objects.filter(pk__in=ids, state=State.WORKING, acted_at=now)
    return list(mine.order_by("pk"))


# --- One portion --------------------------------------------------------------------------------------
def _repair(portion: Sequence[ReconcileFinding], clock: Clock) -> None:
    try:
        connection = ready_connection()
    except NotConnectedError as error:
        _end(portion, {}, str(error), clock())
        return
    org = open_org(connection, Purpose.REPAIR)
    bench = Bench(portion, connection, org, load_rules(connection), clock)
    try:
        ensure_calls(connection, clock())
        bench.act()
        results = bench.results()
    except SyncError as error:
        log.warning("repair stopped", check=portion[0].run_id, code=error.code)
        _end(portion, {}, f"{error.code}: {error.message}", clock())
    else:
        _end(portion, results, "", clock())
    finally:
        close_org(connection, org)


def _end(
    portion: Sequence[ReconcileFinding], results: dict[int, Result], otherwise: str, now: datetime
) -> None:
    """What came of each: two statements for all of them."""
    rows = []
    for finding in portion:
        result = results.get(finding.pk, Result(State.FAILED, otherwise, finding.person_id))
        rows.append((result.state, result.words, result.person_id, to_db(now), finding.pk))
    with transaction.atomic():
        bulk.update_rows(ReconcileFinding, "id", ("state", "outcome", "person_id", "acted_at"), rows)


@dataclass(slots=True)
class Bench:
    """The findings of one portion, all of one action, and what is needed to repair them.

    ``source``: what the activity log names, if it isn't the full check that found them.
    """

    portion: Sequence[ReconcileFinding]
    connection: Connection
    org: Org
    rules: dict[str, ObjectRules]
    clock: Clock
    source: str = ""
    raws: dict[str, RawRecord] = field(default_factory=dict)
    pushed: dict[int, SyncOutcome] = field(default_factory=dict)

    def act(self) -> None:
        """Read the records again, store what they say, push what waits."""
        action = Action(self.portion[0].action)
        self.raws = self._fetch(self.portion)
        if action is Action.SYNC:
            self._pull()
            self._push([f.person_id for f in self.portion if f.kind == Kind.DIFFERS and f.person_id])
        elif action is Action.OURS:
            self._push(self._settle(Side.OURS))
        else:
            self._settle(Side.THEIRS)

    def results(self) -> dict[int, Result]:
        """Look again: what is in step now, and why the rest isn't."""
        unequal = [finding for finding in self.portion if finding.kind == Kind.DIFFERS]
        still = self._compare(unequal)
        others = [finding for finding in self.portion if finding.kind != Kind.DIFFERS]
        links = {s.pk: s for s in SyncState.objects.filter(pk__in=[f.sfdc_id for f in others])}
        held = open_failures([f.sfdc_id for f in others], ())
        return {
            f.pk: of_values(f, still.get(f.sfdc_id), self.pushed.get(f.person_id or 0)) for f in unequal
        } | {
            f.pk: of_record(f, self.raws.get(f.sfdc_id), links.get(f.sfdc_id), held.get(f.sfdc_id, ""))
            for f in others
        }

    # -- acting -------------------------------------------------------------------------------------------

    def _fetch(self, findings: Sequence[ReconcileFinding]) -> dict[str, RawRecord]:
        found: dict[str, RawRecord] = {}
        for object, ids in _by_object(findings).items():
            found.update(self.org.fetch(object, ids, self.rules[object].api_names))
            unseen = [sfdc_id for sfdc_id in ids if sfdc_id not in found]
            found.update(gone_for_good(self.org, object, unseen, self.clock()))
        return found

    def _origin(self) -> Origin:
        first = self.portion[0]
        source = self.source or f"Full check #{first.run_id}"
        return Origin(self.clock(), source, actor_id=first.acted_by_id, owners=owner_names())

    def _pull(self) -> None:
        """Every record as if a cycle had just read it; what somebody deleted here may come back now."""
        tombstones.lift([f.sfdc_id for f in self.portion if f.reason == Reason.DELETED_HERE])
        unlinked = {
            f.sfdc_id: f.person_id for f in self.portion if f.reason == Reason.UNLINKED and f.person_id
        }
        for object, ids in _by_object(self.portion).items():
            rules, origin = self.rules[object].as_asked(), self._origin()
            raws = [self.raws[sfdc_id] for sfdc_id in ids if sfdc_id in self.raws]
            for raw in raws:
                if raw["Id"] in unlinked:
                    with contextlib.suppress(review.TakenError):
                        review.link(rules, raw, unlinked[raw["Id"]], origin)
            rest = [raw for raw in raws if raw["Id"] not in unlinked]
            store_page_safely(self.connection, rules, rest, origin, move_cursor=False)

    def _settle(self, side: Side) -> list[int]:
        """Who has something to push now."""
        waiting: list[int] = []
        fields = {f.sfdc_id: {each["name"] for each in f.fields} for f in self.portion}
        for object, ids in _by_object(self.portion).items():
            there = [self.raws[sfdc_id] for sfdc_id in ids if fate_of(self.raws.get(sfdc_id)) is None]
            waiting += settle_page(self.rules[object], there, fields, side, self._origin())
        return waiting

    def _push(self, person_ids: Sequence[int]) -> None:
        """Those of them whose changes wait, and who are in Salesforce: nobody is created by a repair."""
        there = Person.objects.filter(pk__in=person_ids, changed_at__isnull=False, sfdc_is_deleted=False)
        ids = list(there.exclude(sfdc_id="").order_by("pk").values_list("pk", flat=True))
        if ids:
            origin = self._origin()
            outcomes = sync_people(
                ids, "rules", now=origin.now, source=origin.source, actor_id=origin.actor_id
            )
            self.pushed = {outcome.person_id: outcome for outcome in outcomes}

    # -- looking again ------------------------------------------------------------------------------------

    def _compare(self, findings: Sequence[ReconcileFinding]) -> dict[str, Found]:
        read_at, still = self.clock(), {}
        raws = self._fetch(findings)
        for object, ids in _by_object(findings).items():
            there = [raws[sfdc_id] for sfdc_id in ids if fate_of(raws.get(sfdc_id)) is None]
            at = desk(self.connection, self.rules[object], read_at)
            still.update({found.sfdc_id: found for found in compare_page(at, there).found})
        return still


def _by_object(findings: Sequence[ReconcileFinding]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        found[finding.object].append(finding.sfdc_id)
    return found
