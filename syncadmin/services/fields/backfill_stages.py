"""The stages of a backfill: convert, Leads, Contacts, push. Each is walked by key, and each page is a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F

from people.models import Person, PersonField
from syncadmin.models import Backfill, Connection, FieldSync, SObject
from syncadmin.services.settings_version import settings_changed
from syncadmin.services.slices import CancelledError, Slices
from syncadmin.store import backfills as store
from syncadmin.store.backfills import Filled
from syncadmin.store.batch import Origin
from syncadmin.store.rules import load_rules
from syncadmin.sync.fields import Direction, ObjectRules
from syncadmin.sync.ports import Org, RawRecord

STAGES = ("convert", SObject.LEAD.value, SObject.CONTACT.value, "push")
#: Records that one API call reads.
FETCH = 10_000
#: People of one transaction.
PAGE = 2_000
SLICES = Slices(Backfill, "syncadmin.tasks.run_backfill")


def total_of(job: Backfill) -> int:
    """How many people and records there are to look at, as far as it can be told beforehand."""
    links = sum(store.links(object).count() for object in SObject.values)
    converted = store.with_value(job.fields).count() if job.kind == Backfill.Kind.CONVERT else 0
    return links + converted


@dataclass(slots=True)
class Turn:
    """What one worker does of a backfill before others have their turn."""

    job: Backfill
    connection: Connection
    org: Org
    origin: Origin
    clock: Callable[[], datetime]

    def step(self) -> bool:
        """One portion of the present stage. False once nothing is left to do, or somebody cancelled."""
        try:
            if not self._work():
                self._next_stage()
        except CancelledError:
            return False
        return self.job.state == Backfill.State.RUNNING

    def _work(self) -> bool:
        if self.job.stage == "convert":
            return self._convert()
        if self.job.stage == "push":
            return self._push()
        return self._read(self.job.stage)

    def _rules(self) -> dict[str, ObjectRules]:
        rules = load_rules(self.connection)
        return {object: one.only(self.job.fields) for object, one in rules.items()}

    # -- the stages ---------------------------------------------------------------------------------------

    def _convert(self) -> bool:
        if self.job.kind != Backfill.Kind.CONVERT:
            return False
        fields = PersonField.objects.filter(name__in=self.job.fields, is_custom=True)
        types = dict(fields.values_list("name", "type"))
        people = store.with_value(list(types)) if types else Person.objects.none()
        ids = list(people.filter(pk__gt=self._after()).values_list("pk", flat=True)[:PAGE])
        if ids:
            origin = replace(self.origin, now=self.clock())
            self._store(str(ids[-1]), len(ids), lambda: store.convert_page(self.job, types, ids, origin))
        return bool(ids)

    def _read(self, object: str) -> bool:
        rules = self._rules()[object]
        reading = [rule.name for rule in rules.fields if rule.direction is not Direction.TO_SALESFORCE]
        if not reading:
            return False
        ids = list(store.links(object).filter(pk__gt=self.job.position).values_list("pk", flat=True)[:FETCH])
        if ids:
            origin = replace(self.origin, now=self.clock(), read_at=self.clock())
            before = self.org.api_calls
            found = self.org.fetch(object, ids, rules.only(reading).api_names)
            self.job.api_calls += self.org.api_calls - before
            for start in range(0, len(ids), PAGE):
                page = ids[start : start + PAGE]
                raws = [found[sfdc_id] for sfdc_id in page if sfdc_id in found]
                self._store(
                    page[-1], len(page), lambda raws=raws: self._fill(rules.only(reading), raws, origin)
                )
        return bool(ids)

    def _fill(self, rules: ObjectRules, raws: Sequence[RawRecord], origin: Origin) -> Filled:
        return store.fill_safely(rules, raws, replace(origin, now=self.clock()))

    def _push(self) -> bool:
        rules = self._rules()
        if not any(r.direction is Direction.TO_SALESFORCE for one in rules.values() for r in one.fields):
            return False
        linked = Person.objects.exclude(sfdc_id="").filter(sfdc_is_deleted=False, pk__gt=self._after())
        ids = list(linked.order_by("pk").values_list("pk", flat=True)[:PAGE])
        if ids:
            self._store(str(ids[-1]), 0, lambda: store.mark_for_push(rules, ids, self.clock()))
        return bool(ids)

    def _after(self) -> int:
        return int(self.job.position or 0)

    # -- remembering --------------------------------------------------------------------------------------

    def _store(self, position: str, done: int, work: Callable[[], Filled]) -> None:
        """A page and how far it brought us, in one transaction."""
        with transaction.atomic():
            filled = work()
            filled.done = done
            counts = {name: F(name) + getattr(filled, name) for name in Filled.__slots__}
            self._save(position=position, attempts=0, api_calls=self.job.api_calls, error_code="", error_message="",
                       **counts)  # fmt: skip
        self.job.position = position

    def _next_stage(self) -> None:
        if self.job.stage == "convert" and self.job.kind == Backfill.Kind.CONVERT:
            FieldSync.objects.filter(field__name__in=self.job.fields).update(is_converting=False)
            settings_changed()
        place = STAGES.index(self.job.stage) + 1
        if place < len(STAGES):
            self.job.stage, self.job.position = STAGES[place], ""
            self._save(stage=self.job.stage, position="")
        else:
            self.job.state = Backfill.State.DONE
            self._save(state=Backfill.State.DONE, ended_at=self.clock(), api_calls=self.job.api_calls)

    def _save(self, **values: object) -> None:
        SLICES.save(self.job.pk, self.clock(), **values)
