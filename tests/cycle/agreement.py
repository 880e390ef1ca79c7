"""What holds when everything has been said: both sides agree, nobody is lost or doubled, and there is silence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from people.models import Activity, ActivityType, Person
from syncadmin.models import Connection, FlipFlop, SyncFailure, SyncState, Tombstone
from syncadmin.store.rows import load_rows
from syncadmin.store.rules import load_rules
from syncadmin.sync.fields import Direction
from syncadmin.sync.values import Value
from tests.cycle.conftest import Desk
from tests.emulated import Emulated

LIVING = {"Lead": "WHERE IsConverted = false", "Contact": ""}


def stopped_fields() -> set[tuple[int, str]]:
    """Fields of people that are stopped because they bounced: those that the page lists, which the engine goes by."""
    listed = set(FlipFlop.objects.filter(state="stopped").values_list("person_id", "field"))
    links = SyncState.objects.filter(is_deleted=False, is_duplicate=False)
    gone_by = {
        (person_id, name)
        for person_id, rounds in links.values_list("person_id", "rounds")
        for name, entry in (rounds or {}).items()
        if entry.get("stopped")
    }
    assert listed == gone_by, f"listed {listed}, stopped {gone_by}"
    return listed


class Agreement:
    """Both sides as they are at this moment."""

    def __init__(self, emulated: Emulated) -> None:
        self.rules = load_rules(Connection.objects.get())
        self.records: dict[str, dict[str, Any]] = {
            object: {
                raw["Id"]: raw
                for raw in emulated.query(
                    f"SELECT {', '.join(dict.fromkeys(['Id', 'SystemModstamp', *rules.api_names]))} "
                    f"FROM {object} {LIVING[object]}"
                )
            }
            for object, rules in self.rules.items()
        }
        self.states = list(SyncState.objects.all())
        self.rows = load_rows(Person.objects.values_list("pk", flat=True), lock=False)
        self.failing = set(
            SyncFailure.objects.filter(state="open", direction="push").values_list("person_id", flat=True)
        )

        self.stopped = stopped_fields()

    @property
    def links(self) -> list[SyncState]:
        return [state for state in self.states if not (state.is_deleted or state.is_duplicate)]

    def check(self) -> None:
        self._everybody_is_linked_to_what_is_there()
        self._every_record_is_accounted_for()
        for link in self.links:
            if link.person_id not in self.failing:
                self._agree(link)
        for entry in Activity.objects.filter(type=ActivityType.CONFLICT):
            assert entry.attributes["ours"] != entry.attributes["theirs"], f"no conflict: {entry.attributes}"

    def _everybody_is_linked_to_what_is_there(self) -> None:
        living = {state.person_id: state for state in self.links}
        for person_id, row in self.rows.items():
            link = living.get(person_id)
            said = row.columns["sfdc_id"] if not row.columns["sfdc_is_deleted"] else ""
            assert said == (link.sfdc_id if link else ""), (
                f"person {person_id} says it is {said}, its link {link}"
            )
        for link in self.links:
            assert link.sfdc_id in self.records[link.object], f"{link} isn't there"

    def _every_record_is_accounted_for(self) -> None:
        known = {state.sfdc_id for state in self.states if not state.is_deleted}
        held = set(
            SyncFailure.objects.filter(direction="pull", state="open").values_list("sfdc_id", flat=True)
        )
        buried = set(Tombstone.objects.values_list("sfdc_id", flat=True))
        for object, records in self.records.items():
            lost = records.keys() - known - held - buried
            assert not lost, f"{object} {lost} is nobody's"

    def _agree(self, link: SyncState) -> None:
        rules = self.rules[link.object]
        theirs = rules.read(self.records[link.object][link.sfdc_id])
        ours = self.rows[link.person_id].values()
        for rule in rules.fields:
            if (link.person_id, rule.name) in self.stopped:
                continue
            here, there, base = (_plain(rule.type, v.get(rule.name)) for v in (ours, theirs, link.base))
            told = (link.sfdc_id, rule.name, here, there, base)
            if rule.direction is Direction.TO_SALESFORCE:
                assert here == base or base is None, f"not sent: {told}"
            else:
                assert here == there, f"the sides differ: {told}"
                assert here == base or rule.direction is Direction.FROM_SALESFORCE, (
                    f"the base differs: {told}"
                )


def _plain(type: str, value: Value) -> Value:
    return bool(value) if type == "boolean" else value


def no_lead_is_doubled(
    emulated: Emulated, prefix: str, *, by_others: Collection[str] = (), undeleted: Collection[str] = ()
) -> None:
    """The product knows every Lead that it made, and made none beside one that was there.

    ``by_others``: made by a rep, or for somebody who was deleted here, log and all. ``undeleted``: by a rep.
    """
    made = {
        raw["Id"]
        for raw in emulated.query(
            f"SELECT Id FROM Lead WHERE LastName LIKE '{prefix}%' AND IsConverted = false"
        )
    } - {*by_others, *Tombstone.objects.values_list("sfdc_id", flat=True)}
    known = {
        entry.attributes.get("sfdc_id") for entry in Activity.objects.filter(type=ActivityType.SYNC_TO_SFDC)
    }
    assert made <= known, f"made and forgotten: {made - known}"
    former = SyncState.objects.filter(pk__in=made - set(undeleted), is_deleted=True)
    assert not former.exists(), f"made once more, although they were there: {list(former)}"


def silence(desk: Desk, emulated: Emulated) -> None:
    """A further cycle writes nothing on either side and costs one API call."""
    before = _standing(emulated)
    run = desk.done()
    assert run.api_calls == 1, f"{run.api_calls} calls: {list(run.steps.values_list('object', 'operation'))}"
    assert _standing(emulated) == before


def _standing(emulated: Emulated) -> tuple[Any, ...]:
    stamps = {
        raw["Id"]: raw["SystemModstamp"]
        for object in LIVING
        for raw in emulated.query(f"SELECT Id, SystemModstamp FROM {object}")
    }
    bases = dict(SyncState.objects.values_list("sfdc_id", "base"))
    return stamps, bases, Activity.objects.count(), dict(Person.objects.values_list("pk", "version"))
