"""*What happened to this record?* From an id, an e-mail address or a name to the person, whatever became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from people.models import Activity, ActivityType, Person
from people.queries import people
from people.search import FEW, search
from people.sfdc_ids import id18
from syncadmin.models import SyncFailure, SyncState, Tombstone

#: People that are listed; whoever has more namesakes has to say more.
MOST = 25
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)


@dataclass(slots=True)
class Traced:
    """What was found. ``states``: how the id is a person's record, by person id; ``merged``: into whom somebody went.

    ``stones``: who was deleted here; ``held``: records that wait for somebody to decide whose they are.
    """

    text: str
    as_id: str = ""
    people: list[Person] = field(default_factory=list)
    states: dict[int, SyncState] = field(default_factory=dict)
    merged: dict[int, Activity] = field(default_factory=dict)
    stones: list[Tombstone] = field(default_factory=list)
    held: list[SyncFailure] = field(default_factory=list)
    is_cut: bool = False

    @property
    def only(self) -> Person | None:
        """The one that it must be."""
        alone = len(self.people) == 1 and not (self.stones or self.held)
        return self.people[0] if alone else None

    @property
    def is_nothing(self) -> bool:
        return not (self.people or self.stones or self.held)


def trace(text: str) -> Traced:
    """Look for a record or a person, in a constant number of statements."""
    wanted = " ".join(text.split())[:200]
    found = Traced(wanted)
    if not wanted or "\0" in wanted:
        return found
    if _ID.fullmatch(wanted) and any(char.isdigit() for char in wanted):
        found.as_id = id18(wanted)
        _by_id(found)
    elif "@" in wanted and " " not in wanted:
        _by_email(found, wanted.lower())
    else:
        _by_name(found)
    return found


def _by_id(found: Traced) -> None:
    state = SyncState.objects.filter(pk=found.as_id).select_related("person").first()
    if state is not None:
        found.people, found.states = [state.person], {state.person_id: state}
    pulls = SyncFailure.objects.filter(
        sfdc_id=found.as_id, state=SyncFailure.State.OPEN, direction=SyncFailure.Direction.PULL
    )
    found.held = list(pulls)
    found.stones = list(Tombstone.objects.filter(pk=found.as_id).select_related("deleted_by"))
    if found.is_nothing:
        _add_merged(found, Activity.objects.filter(attributes__sfdc_id=found.as_id))


def _by_email(found: Traced, email: str) -> None:
    _take(found, list(people().filter(email=email).order_by("-updated_at", "-pk")[: MOST + 1]))
    found.stones = list(Tombstone.objects.filter(email__iexact=email).select_related("deleted_by")[:MOST])
    _add_merged(found, Activity.objects.filter(attributes__email=email))


def _by_name(found: Traced) -> None:
    # The exact name has an index, which PostgreSQL leaves alone if it is asked for an order and a few at once.
    called = Person.objects.filter(_is_called(found.text.split())).order_by()
    exact = people().filter(pk__in=list(called.values_list("pk", flat=True)[: FEW + 1]))
    listed = list(exact.order_by("last_name", "first_name", "pk")[: MOST + 1]) or list(
        search(people(), found.text).order_by("-updated_at", "-pk")[: MOST + 1]
    )
    _take(found, listed)
    found.stones = list(Tombstone.objects.filter(name__iexact=found.text).select_related("deleted_by")[:MOST])
    if not found.people:
        _add_merged(found, Activity.objects.filter(attributes__name__iexact=found.text))


def _is_called(words: list[str]) -> Q:
    condition = Q()
    for at in range(len(words)):
        first, last = " ".join(words[:at]), " ".join(words[at:])
        for one, other in {(first, last), (first.title(), last.title())}:
            condition |= Q(last_name=other, **({"first_name": one} if one else {}))
    return condition


def _take(found: Traced, listed: list[Person]) -> None:
    found.people, found.is_cut = listed[:MOST], len(listed) > MOST


def _add_merged(found: Traced, entries: QuerySet[Activity]) -> None:
    """Those into whom somebody was merged whom this describes."""
    log = entries.filter(type=ActivityType.MERGE_PEOPLE).select_related("person")
    for entry in log.order_by("-at")[:MOST]:
        if entry.person_id not in {person.pk for person in found.people}:
            found.people.append(entry.person)
            found.merged[entry.person_id] = entry
