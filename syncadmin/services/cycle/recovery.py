"""Creates whose answer was lost: found in Salesforce and linked, before anybody creates them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from syncadmin.models import Connection, PendingCreate
from syncadmin.store.batch import Origin
from syncadmin.store.linked import load_people, people_of_records
from syncadmin.store.pushed import Pushed
from syncadmin.store.pushes import remember
from syncadmin.sync.assignment import Action, Step
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import Org, RawRecord
from syncadmin.sync.pushes import PushPlan
from syncadmin.sync.records import LinkedPerson

#: A request lives no longer than this, its repetitions included; a create noted earlier has lost its job.
REQUEST_LIFETIME = timedelta(minutes=6)
#: Our clock may have been set meanwhile. How far it differs from Salesforce's doesn't matter: an age is asked for.
CLOCK_MARGIN = timedelta(minutes=10)


def settle_creates(
    org: Org,
    connection: Connection,
    rules: dict[str, ObjectRules],
    origin: Origin,
    person_ids: Iterable[int] | None = None,
) -> dict[int, Pushed]:
    """Look for Leads that were created without our knowing; link them. By person id.

    Who isn't found may be created again: the note is removed. Costs one API call, and none if nothing is noted.
    """
    notes, found = find_creates(org, connection, rules, origin, person_ids)
    if not notes:
        return {}
    remember(connection, rules, list(found.values()), origin)
    # Only these notes: somebody else may have settled one, and begun to create anew.
    _lost(origin).filter(person_id__in=notes - found.keys()).delete()
    return found


def find_creates(
    org: Org,
    connection: Connection,
    rules: dict[str, ObjectRules],
    origin: Origin,
    person_ids: Iterable[int] | None = None,
) -> tuple[set[int], dict[int, Pushed]]:
    """The people whose create is noted and was lost, and what was found of them. Writes nothing."""
    notes = _lost(origin)
    if person_ids is not None:
        notes = notes.filter(person_id__in=list(person_ids))
    noted = {note.person_id: note for note in notes}
    if not noted:
        return set(), {}
    age = timezone.now() - min(note.started_at for note in noted.values()) + CLOCK_MARGIN
    raws = org.find_created("Lead", age, rules["Lead"].api_names)
    people = load_people(noted)
    duplicates = {person_id for person_id, note in noted.items() if note.is_duplicate}
    return set(noted), _match(people, raws, rules["Lead"], connection, duplicates)


def _lost(origin: Origin) -> QuerySet[PendingCreate]:
    return PendingCreate.objects.filter(Q(is_lost=True) | Q(started_at__lt=origin.now - REQUEST_LIFETIME))


def _match(
    people: dict[int, LinkedPerson],
    raws: list[RawRecord],
    rules: ObjectRules,
    connection: Connection,
    duplicates: set[int],
) -> dict[int, Pushed]:
    taken = people_of_records(raw["Id"] for raw in raws)
    free = [raw for raw in raws if raw["Id"] not in taken and not raw.get("IsDeleted")]
    found: dict[int, Pushed] = {}
    for person_id, person in people.items():
        raw = next((raw for raw in free if _is_same(person, raw, rules, connection)), None)
        if raw is None:
            continue
        free.remove(raw)
        if person_id in duplicates:  # whatever became of the Contact beside which it was made
            plan = PushPlan(person, Step(Action.UPDATE_AND_DUPLICATE))
            found[person_id] = Pushed(plan, duplicate=raw["Id"], claimed=True)
        else:
            sent = {n: v for n, v in rules.read(raw).items() if v is not None and v == person.values.get(n)}
            plan = PushPlan(person, Step(Action.CREATE_LEAD), to_remote=sent)
            found[person_id] = Pushed(plan, created=raw["Id"], after=raw, claimed=True)
    return found


def _is_same(person: LinkedPerson, raw: RawRecord, rules: ObjectRules, connection: Connection) -> bool:
    """The Lead was made of this person: whatever identifies it is what would have been sent."""
    theirs = rules.read(raw)
    ours = person.values
    if ours.get("email") or theirs.get("email"):
        return ours.get("email") == theirs.get("email")
    sent = {
        "last_name": ours.get("last_name") or connection.default_last_name or None,
        "first_name": ours.get("first_name"),
        "company": ours.get("company") or connection.default_company or None,
    }
    return all(theirs.get(name) == value for name, value in sent.items())
