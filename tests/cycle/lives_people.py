"""What happens to people and to records: what marketers do, and what reps do."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule
from requests import HTTPError

from people.models import LeadOwner, Person
from people.services import delete_people
from syncadmin.models import SyncState
from syncadmin.services import sync_people
from syncadmin.services.review.merge_plans import MergeError
from syncadmin.services.review.merging import merge_chosen
from tests.cycle.lives_fields import EDITS, FIELDS, TRACED
from tests.cycle.lives_world import World
from tests.emulated import Emulated


class _Late:
    """What is written within becomes visible so many seconds later."""

    def __init__(self, emulated: Emulated, seconds: int) -> None:
        self.emulated, self.seconds = emulated, seconds

    def __enter__(self) -> None:
        if self.seconds:
            self.emulated.control("late_commit", {"seconds": self.seconds})

    def __exit__(self, *_: object) -> None:
        if self.seconds:
            self.emulated.control("late_commit", {"seconds": 0})


class PeopleAndRecords(World):
    """Marketers and reps at work."""

    # -- people --------------------------------------------------------------------------------------------
    @rule(email=st.booleans(), city=st.sampled_from(["", "Rome"]))
    def marketer_creates(self, email: bool, city: str) -> None:
        number = self._next()
        address = {"email": f"p{number}@example.com"} if email else {}
        person = self.desk.person(last_name=f"P{number}", company=f"C{number}", city=city, **address)
        self.people.append(person.pk)

    @rule(chosen=st.integers(0, 9), edits=st.lists(EDITS, min_size=1, max_size=4))
    def marketer_edits(self, chosen: int, edits: list[tuple[str, str]]) -> None:
        for number, edit in enumerate(edits):
            if person := self._person(chosen + number // 2):
                self._edit_person(person, *edit)

    @rule(chosen=st.integers(0, 4), edits=st.lists(EDITS, min_size=1, max_size=3))
    def both_edit_the_same(self, chosen: int, edits: list[tuple[str, str]]) -> None:
        state = (
            SyncState.objects.filter(is_deleted=False, is_duplicate=False)
            .order_by("pk")[chosen : chosen + 1]
            .first()
        )
        place = next((n for n, r in enumerate(self.records) if state and r[1] == state.pk), None)
        if state is None or place is None:
            return
        for edit in edits:
            self.rep_edits(place, edit, 0)
            self._edit_person(Person.objects.get(pk=state.person_id), *edit)

    @rule(chosen=st.integers(0, 9))
    def marketer_opts_out(self, chosen: int) -> None:
        if person := self._person(chosen):
            self.desk.edit(person, unsubscribed=True)
            self.opted_out.add(person.pk)

    @rule(
        chosen=st.integers(0, 9), number=st.integers(1, 3), owner=st.sampled_from(["rules", "user", "queue"])
    )
    def marketer_syncs(self, chosen: int, number: int, owner: str) -> None:
        people = list(Person.objects.order_by("pk").values_list("pk", flat=True))
        ids = (people[chosen % len(people) :] if people else [])[:number]
        sync_people(ids, self._assign_to(owner), now=timezone.now(), source="test")

    def _assign_to(self, owner: str) -> str:
        found = LeadOwner.objects.filter(kind=owner, is_active=True, is_offered=True).first()
        return f"{owner}:{found.pk}" if found else "rules"

    @rule(a=st.integers(0, 9), b=st.integers(0, 9), leads=st.sampled_from(["convert", "keep"]))
    def marketer_merges(self, a: int, b: int, leads: str) -> None:
        winner, loser = self._person(a), self._person(b)
        if winner is None or loser is None or winner.pk == loser.pk:
            return
        for state in SyncState.objects.filter(person__in=[winner, loser]):
            self._forget_record(state.sfdc_id)
        with suppress(MergeError):
            merge_chosen([winner.pk, loser.pk], winner.pk, {}, leads=leads, now=timezone.now())

    @rule(chosen=st.integers(0, 9))
    def marketer_deletes(self, chosen: int) -> None:
        if person := self._person(chosen):
            self._forget_person(person.pk)
            delete_people([person.pk], source="test", now=timezone.now())

    # -- records -------------------------------------------------------------------------------------------
    @rule(object=st.sampled_from(["Lead", "Lead", "Contact"]), late=st.sampled_from([0, 0, 240]))
    def rep_creates(self, object: str, late: int) -> None:
        number = self._next()
        company = {"Company": "C"} if object == "Lead" else {}
        with self._late(late):
            made = self.emulated.create(
                object, LastName=f"L{number}", Email=f"l{number}@example.com", **company
            )
        self.records.append((object, made))
        self.by_reps.add(made)

    @rule(chosen=st.integers(0, 9), edit=EDITS, late=st.sampled_from([0, 0, 0, 60, 420]))
    def rep_edits(self, chosen: int, edit: tuple[str, str], late: int) -> None:
        record, (name, typed) = self._living(chosen), edit
        if record is None or not (api_name := FIELDS[name][record[0] == "Contact"]):
            return
        if name == "shoe" and self.is_hidden:
            return
        if name == "hat":
            api_name = self.hat
        object, sfdc_id = record
        text = typed.replace("?", f"t{self._next()}.")
        numeric = name in ("num_employees", "annual_revenue", "parts", "money", "share")
        numeric |= name == "hat" and self.hat_type == "number" and text != "top"
        value: Any = {"true": True, "false": False, "": None}.get(
            text, float(text) if numeric and text else text
        )
        try:
            with self._late(late):
                self.emulated.edit(object, sfdc_id, **{api_name: value})
        except AssertionError:  # a rule of the org is against it
            return
        if name in TRACED:
            key = (sfdc_id, name)
            self.written_there.pop(key, None)
            if late:
                self.late.add(key)
            if key not in self.late:  # a late one may show after a newer one, and take its place there
                self.written_there[key] = text.strip()

    def _late(self, seconds: int) -> Any:
        return _Late(self.emulated, seconds)

    @rule(chosen=st.integers(0, 9))
    def rep_deletes(self, chosen: int) -> None:
        if record := self._living(chosen):
            self._forget_record(record[1])
            self.emulated.delete(*record)

    @rule(chosen=st.integers(0, 9))
    def rep_undeletes(self, chosen: int) -> None:
        if self.records:
            sfdc_id = self.records[chosen % len(self.records)][1]
            self.undeleted.add(sfdc_id)
            self.emulated.control("undelete", {"ids": [sfdc_id]})

    @rule(chosen=st.integers(0, 9))
    def rep_empties_the_recycle_bin(self, chosen: int) -> None:
        """Of what the sync knows to be deleted; records that vanish unseen are for the full check to find."""
        gone = list(SyncState.objects.filter(is_deleted=True, successor="").values_list("sfdc_id", flat=True))
        if gone:
            sfdc_id = gone[chosen % len(gone)]
            if not any(
                self.emulated.query(f"SELECT Id FROM {o} WHERE Id = '{sfdc_id}'") for o in ("Lead", "Contact")
            ):
                self.emulated.control("hard_delete", {"ids": [sfdc_id]})

    @rule(chosen=st.integers(0, 9), other=st.none() | st.integers(0, 9))
    def rep_converts(self, chosen: int, other: int | None) -> None:
        record, contact = self._living(chosen, "Lead"), None
        if other is not None:
            contact = self._living(other, "Contact")
        if record is not None:
            self._forget_record(record[1])
            if contact:
                self._forget_record(contact[1])
            body = {"lead_id": record[1]} | ({"contact_id": contact[1]} if contact else {})
            with suppress(HTTPError):  # a rule of the org is against it
                self.emulated.control("convert", body)
            made = self.emulated.query(f"SELECT ConvertedContactId FROM Lead WHERE Id = '{record[1]}'")
            became = made[0]["ConvertedContactId"] if made else None
            if became and ("Contact", became) not in self.records:
                self.records.append(("Contact", became))

    @rule(a=st.integers(0, 9), b=st.integers(0, 9))
    def rep_merges(self, a: int, b: int) -> None:
        master, loser = self._living(a), self._living(b)
        if master and loser and master[0] == loser[0] and master != loser:
            self._forget_record(master[1])
            self._forget_record(loser[1])
            body = {"object": master[0], "master": master[1], "losers": [loser[1]]}
            with suppress(HTTPError):
                self.emulated.control("merge", body)

    @rule(chosen=st.integers(0, 9), person=st.integers(0, 9))
    def rep_writes_the_email_of_somebody(self, chosen: int, person: int) -> None:
        record, somebody = self._living(chosen), self._person(person)
        if record and somebody and somebody.email:
            with suppress(AssertionError):
                self.emulated.edit(*record, Email=somebody.email)

    @rule(chosen=st.integers(0, 9))
    def rep_gives_it_to_a_colleague(self, chosen: int) -> None:
        if (record := self._living(chosen)) and self.users:
            with suppress(AssertionError):
                self.emulated.edit(*record, OwnerId=self.users[chosen % len(self.users)])
