"""Creates whose answer was lost: found in Salesforce and linked, before anybody creates them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q

from syncadmin.models import Connection, PendingCreate
from syncadmin.store import pushes as store
from syncadmin.store.batch import Origin
from syncadmin.store.pushes import Pushed
from syncadmin.sync.assignment import Action, Step
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import Org, RawRecord
from syncadmin.sync.pushes import PushPlan
from syncadmin.sync.records import LinkedPerson

#: A request lives no longer than this, its repetitions included; a create noted earlier has lost its job.
REQUEST_LIFETIME = timedelta(minutes=6)
#: Salesforce's clock and ours may differ by this much.
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
    notes = PendingCreate.objects.filter(Q(is_lost=True) | Q(started_at__lt=origin.now - REQUEST_LIFETIME))
    if person_ids is not None:
        notes = notes.filter(person_id__in=list(person_ids))
    started = dict(notes.values_list("person_id", "started_at"))
    if not started:
        return {}
    since = (min(started.values()) - CLOCK_MARGIN).strftime("%Y-%m-%dT%H:%M:%SZ")
    raws = org.find_created("Lead", since, rules["Lead"].api_names)
    people = store.load_people(started)
    found = _match(people, raws, rules["Lead"], connection)
    store.remember(connection, rules, list(found.values()), origin)
    # Only these notes: somebody else may have settled one, and begun to create anew.
    notes.filter(person_id__in=started.keys() - found.keys()).delete()
    return found


def _match(
    people: dict[int, LinkedPerson], raws: list[RawRecord], rules: ObjectRules, connection: Connection
) -> dict[int, Pushed]:
    taken = store.people_of_records(raw["Id"] for raw in raws)
    free = [raw for raw in raws if raw["Id"] not in taken and not raw.get("IsDeleted")]
    found: dict[int, Pushed] = {}
    for person_id, person in people.items():
        raw = next((raw for raw in free if _is_same(person, raw, rules, connection)), None)
        if raw is None:
            continue
        free.remove(raw)
        if person.object == "Contact":  # the Lead was made for a queue, beside the Contact
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
