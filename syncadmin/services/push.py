"""Push people to Salesforce: one way for the cycle, the button, a selection and a flow step.

look up → decide (the engine) → note the creates → write → read back → remember. Every step may be repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from syncadmin.models import Connection, SyncFailure
from syncadmin.services.cycle import recovery
from syncadmin.services.gone import gone_for_good
from syncadmin.services.linking import link_by_email
from syncadmin.services.org import errand
from syncadmin.services.refusals import is_owner_refusal, own_refusal, refusal
from syncadmin.services.who.exclusion import without_excluded
from syncadmin.store.batch import Origin
from syncadmin.store.bulk import recognise_echoes
from syncadmin.store.claims import claim_creates, mark_lost
from syncadmin.store.linked import load_people
from syncadmin.store.pushed import Pushed
from syncadmin.store.pushes import remember
from syncadmin.sync.assignment import INCLUDED, KEEP, Action, AssignTo
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.flipflop import close_in_time
from syncadmin.sync.ports import Org, RawRecord, SyncError, Write, WriteResult
from syncadmin.sync.pushes import Purpose, PushPlan, PushSettings, decide_push
from syncadmin.sync.records import LinkedPerson
from syncadmin.sync.values import Value

_CREATES = (Purpose.CREATE, Purpose.DUPLICATE)


@dataclass(slots=True)
class Push:
    """One push: the org, what administrators chose, and who asked for it."""

    org: Org
    connection: Connection
    rules: dict[str, ObjectRules]
    origin: Origin
    assign: AssignTo = KEEP
    look_up: bool = True
    """Who isn't in Salesforce is looked for there by e-mail, if the settings say so."""

    def run(self, person_ids: Sequence[int]) -> list[Pushed]:
        """Push these people; answers in no particular order. People who are gone are left out."""
        # A job that died in the middle may have created some of them already.
        before = {} if self.assign is KEEP else self._settle(person_ids)
        items = self._follow_moved(self._run_once([pk for pk in person_ids if pk not in before]))
        lost = [item.plan.person.person_id for item in items if item.lost]
        if not lost:
            return [*before.values(), *items]
        # The answer to a create was lost: look whether the Lead is there before anything is sent again.
        found = self._settle(lost)
        rest = [pk for pk in lost if pk not in found]
        kept = [item for item in items if not item.lost]
        return [*before.values(), *kept, *found.values(), *(self._run_once(rest) if rest else [])]

    def _follow_moved(self, items: list[Pushed]) -> list[Pushed]:
        """Who was found converted or merged goes on as another record by now: what was asked for is done to that."""
        moved = {item.plan.person.person_id for item in items if item.moved}
        again = {item.plan.person.person_id: item for item in self._run_once(sorted(moved))} if moved else {}
        return [again.get(item.plan.person.person_id, item) for item in items]

    def _settle(self, person_ids: Sequence[int]) -> dict[int, Pushed]:
        return recovery.settle_creates(self.org, self.connection, self.rules, self.origin, person_ids)

    def _run_once(self, person_ids: Sequence[int]) -> list[Pushed]:
        with errand(self.org, people=person_ids):
            return self._work(person_ids)

    def _work(self, person_ids: Sequence[int]) -> list[Pushed]:
        items, held = self.decide(load_people(person_ids))
        self._claim(items)
        try:
            self._send(items)
        except SyncError:
            mark_lost([item.plan.person.person_id for item in items if item.claimed])
            raise
        # Not to know the owner yet is no reason to forget what was created: the next pull tells it.
        with contextlib.suppress(SyncError):
            self._read_back(items)
        remember(self.connection, self.rules, [*items, *held], self.origin)
        return [*items, *held]

    def decide(self, people: dict[int, LinkedPerson]) -> tuple[list[Pushed], list[Pushed]]:
        """Look these people up in Salesforce; (what shall be sent, who is held). Writes nothing on either side."""
        people, never = without_excluded(people, self.origin.now)
        unlinked = {pk for pk, person in people.items() if not person.sfdc_id}
        held = self._match(people)
        remotes = self._fetch(list(people.values()))
        recognise_echoes(people, remotes, self.rules)
        items = [
            self._plan(person, remotes.get(person.sfdc_id)) for pk, person in people.items() if pk not in held
        ]
        for item in items:
            item.linked = bool(item.plan.person.sfdc_id) and item.plan.person.person_id in unlinked
            item.remote = remotes.get(item.plan.person.sfdc_id)
        return [*items, *never], list(held.values())

    # -- look up ------------------------------------------------------------------------------------------

    def _match(self, people: dict[int, LinkedPerson]) -> dict[int, Pushed]:
        """Link who isn't in Salesforce to the record with the same e-mail; who is held, by person id."""
        if self.assign is KEEP or not self.look_up or self.connection.matching != Connection.Matching.EMAIL:
            return {}
        held = {}
        for person, candidates, message in link_by_email(self.org, self.rules, people):
            item = Pushed(PushPlan(person, decide_push(person, None, KEEP, self._settings()).step))
            item.failure = self._own(person, "Lead", "SEVERAL_MATCHES", message, ("Email",))
            item.failure.values["candidates"] = candidates
            held[person.person_id] = item
        return held

    def _fetch(self, people: Sequence[LinkedPerson]) -> dict[str, RawRecord]:
        remotes: dict[str, RawRecord] = {}
        for object, rules in self.rules.items():
            ids = [p.sfdc_id for p in people if p.object == object and p.sfdc_id and not p.is_deleted]
            if ids:
                remotes.update(self.org.fetch(object, ids, rules.api_names))
                unseen = [pk for pk in ids if pk not in remotes]
                remotes.update(gone_for_good(self.org, object, unseen, self.origin.now))
        return remotes

    # -- decide -------------------------------------------------------------------------------------------

    def _settings(self) -> PushSettings:
        defaults: dict[str, Value] = {
            "LastName": self.connection.default_last_name, "Company": self.connection.default_company
        }  # fmt: skip
        return PushSettings(
            self.rules,
            defaults,
            refuse_contact_queue=self.connection.contact_queue == Connection.ContactQueue.REFUSE,
            external_id_field=self.connection.external_id_field,
            external_id_prefix=self.connection.installation_key,
            now=self.origin.now,
            close=close_in_time(timedelta(minutes=self.connection.pause_minutes)),
        )

    def _plan(self, person: LinkedPerson, remote: RawRecord | None) -> Pushed:
        gone = remote is not None and bool(remote.get("IsDeleted"))
        moved = remote is not None and bool(remote.get("IsConverted") or remote.get("MasterRecordId"))
        if gone:
            person.is_deleted = True
        elif remote is not None:
            # What Salesforce says at this moment; another step may have moved it since we loaded the person.
            person.owner_id = str(remote.get("OwnerId") or person.owner_id)
        item = Pushed(
            decide_push(person, remote, self.assign, self._settings()), asked_owner=self._owner_name()
        )
        if moved:
            # Converted or merged: nothing is pushed to a dead record, and none is created in its place. The person
            # goes on as the record that remains.
            item.plan.writes.clear()
            item.plan.missing = ()
            item.after, item.moved = remote, True
        elif gone and self.assign is KEEP:
            item.after = remote
        elif person.sfdc_id and not person.is_deleted and remote is None:
            message = f"{person.object} {person.sfdc_id} can't be read any more."
            item.failure = self._own(person, person.object, "NOT_VISIBLE", message)
        self._refuse(item)
        return item

    def _refuse(self, item: Pushed) -> None:
        plan, person = item.plan, item.plan.person
        if plan.missing:
            lead = self.rules["Lead"]
            labels = [lead.by_api_name[n].label if n in lead.by_api_name else n for n in plan.missing]
            message = f"Salesforce needs a value in: {', '.join(labels)}."
            item.failure = self._own(person, "Lead", "MISSING_REQUIRED", message, plan.missing)
        elif plan.step.action is Action.REFUSE_QUEUE:
            message = "A Contact can't be owned by a queue, and the settings say to create no duplicate Lead."
            item.failure = self._own(person, "Contact", "QUEUE_REFUSED", message)

    def _own(
        self, person: LinkedPerson, object: str, code: str, message: str, api_names: Sequence[str] = ()
    ) -> SyncFailure:
        return own_refusal(person, object, code, message, self.rules[object], str(self.assign), api_names)

    def _owner_name(self) -> str:
        return self.origin.owner_name(self.assign.owner_id) if self.assign.owner_id else ""

    # -- write --------------------------------------------------------------------------------------------

    def _claim(self, items: list[Pushed]) -> None:
        """Note the creates before they are sent; what another job is creating at this moment is left to it."""
        creating = {
            item.plan.person.person_id: item
            for item in items
            if any(purpose in _CREATES for purpose, _ in item.plan.writes)
        }
        duplicates = {pk for pk, item in creating.items() if Purpose.DUPLICATE in dict(item.plan.writes)}
        # Noted with the time of this round: the origin's is that of the click, and the selection may be long.
        people = [item.plan.person for item in creating.values()]
        free = claim_creates(people, timezone.now(), duplicates=duplicates) if people else set()
        for person_id, item in creating.items():
            item.claimed = person_id in free
            if not item.claimed:
                item.plan.writes.clear()
                item.busy = True
                message = "Another job is creating this person in Salesforce at this moment."
                item.failure = self._own(item.plan.person, "Lead", "IN_PROGRESS", message)

    def _send(self, items: list[Pushed]) -> None:
        sent = [(item, purpose, write) for item in items for purpose, write in item.plan.writes]
        results = self.org.write([write for _, _, write in sent]) if sent else []
        again = []
        for (item, purpose, write), result in zip(sent, results, strict=True):
            if is_owner_refusal(write, result):
                again.append((item, purpose, write))
            self._take(item, purpose, write, result)
        self._send_without_owner(again)
        for item in items:
            if not item.plan.writes and item.failure is None:
                item.accepted = True

    def _send_without_owner(self, refused: list[tuple[Pushed, Purpose, Write]]) -> None:
        """An owner that was refused holds up no other field."""
        rest = [
            (item, purpose, Write(write.operation, write.object, fields, id=write.id))
            for item, purpose, write in refused
            if (fields := {name: value for name, value in write.fields.items() if name != "OwnerId"})
        ]
        results = self.org.write([write for _, _, write in rest]) if rest else []
        for (item, _, _), result in zip(rest, results, strict=True):
            if result.ok:
                item.pushed = dict(item.plan.to_remote)

    def _take(self, item: Pushed, purpose: Purpose, write: Write, result: WriteResult) -> None:
        if result.lost:
            item.lost = purpose in _CREATES
            message = "The connection broke before Salesforce answered."
            item.failure = self._own(item.plan.person, write.object, "LOST_ANSWER", message)
        elif not result.ok:
            item.failure = refusal(
                item.plan.person, write.object, result.errors, self.rules[write.object], str(self.assign)
            )
        elif purpose is Purpose.CREATE:
            item.created = result.id
        elif purpose is Purpose.DUPLICATE:
            item.duplicate = result.id
        elif purpose is Purpose.UPDATE:
            item.accepted = True
            item.pushed = dict(item.plan.to_remote)
            item.moved_owner = "OwnerId" in write.fields

    def _read_back(self, items: list[Pushed]) -> None:
        """After a create, a link or a change of owner: which owner does Salesforce say, and which defaults?"""
        wanted: dict[str, dict[str, Pushed]] = {"Lead": {}, "Contact": {}}
        for item in items:
            if item.created and self.assign is not INCLUDED:  # the next pull tells it, at no cost
                wanted["Lead"][item.created] = item
            elif item.moved_owner or (item.linked and item.failure is None):
                wanted[item.plan.person.object][item.plan.person.sfdc_id] = item
        for object, by_id in wanted.items():
            if by_id:
                found = self.org.fetch(object, list(by_id), self.rules[object].api_names)
                for sfdc_id, raw in found.items():
                    by_id[sfdc_id].after = raw
