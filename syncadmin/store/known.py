"""What the database knows about the records of a page, in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from people import bulk
from people.models import Person
from syncadmin.models import Connection, PendingCreate, SyncState
from syncadmin.store.rows import PersonRow, linked, load_rows
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import LinkedPerson


@dataclass(slots=True)
class Known:
    """What the database knows about the records of a page."""

    rows: dict[int, PersonRow]
    states: dict[str, SyncState]
    linked: dict[str, LinkedPerson]
    namesakes: dict[str, list[LinkedPerson]]
    settled: Collection[int] = ()
    """People whose noted create is settled already, although the note is still there (a rehearsal)."""


def email_of(raw: RawRecord) -> str:
    return str(raw.get("Email") or "").lower()


def load_known(raws: Sequence[RawRecord]) -> Known:
    """Lock the people of a page, and read what they are linked to."""
    ids = [raw["Id"] for raw in raws]
    emails = {email_of(raw) for raw in raws} - {""}
    rows = load_rows(people_concerned(ids, emails), lock=True)
    # Read after the people are locked: a click may have linked one of them a moment ago.
    states = {state.sfdc_id: state for state in SyncState.objects.filter(person_id__in=rows)} if rows else {}
    return known_of(ids, emails, rows, states)


def people_concerned(ids: Sequence[str], emails: Collection[str]) -> set[int]:
    """Who has one of these records, or one of these e-mail addresses."""
    linked_people = {row[0] for row in bulk.select_in(SyncState, ["person_id"], "sfdc_id", ids)}
    return linked_people | {row[0] for row in bulk.select_in(Person, ["id"], "email", emails)}


def known_of(
    ids: Sequence[str], emails: Collection[str], rows: dict[int, PersonRow], states: dict[str, SyncState]
) -> Known:
    """What these rows say about these records."""
    current = {s.person_id: s for s in states.values() if not s.is_duplicate and not s.is_deleted}
    known = Known(rows, states, {}, defaultdict(list))
    for sfdc_id in ids:
        if (state := states.get(sfdc_id)) and state.person_id in rows:
            person = known.linked[sfdc_id] = linked(rows[state.person_id], state)
            went_on = bool(state.successor) or state.person_id in current
            person.is_former = state.is_deleted and not state.is_duplicate and went_on
    for person_id, row in rows.items():
        if row.columns["email"] in emails:
            person = linked(row, current.get(person_id))
            known.namesakes[row.columns["email"]].append(person)
    return known


def creates_in_flight(connection: Connection, raws: Sequence[RawRecord], known: Known) -> set[str]:
    """Leads that the sync user made and that no person has yet: the answer to a create is still on its way.

    Whoever waits for that answer links the Lead; storing it here as well would make a second person.
    """
    mine = {raw["Id"] for raw in raws if raw.get("CreatedById") == connection.user_id} - known.linked.keys()
    if not mine:
        return set()
    # Nearly always nobody: asked first, as a join might begin with all people.
    noted = set(PendingCreate.objects.values_list("person_id", flat=True)) - set(known.settled)
    if not noted:
        return set()
    names = {
        ((last_name or connection.default_last_name).lower(), (company or connection.default_company).lower())
        for last_name, company in Person.objects.filter(pk__in=noted).values_list("last_name", "company")
    }
    return {
        raw["Id"]
        for raw in raws
        if raw["Id"] in mine
        and (str(raw.get("LastName") or "").lower(), str(raw.get("Company") or "").lower()) in names
    }
