"""Two people become one: their links to Salesforce, and what waits to be pushed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from people.models import Person
from people.services import merge_people
from people.values import Stored
from syncadmin.models import PendingCreate, SyncState
from syncadmin.store.batch import Origin
from syncadmin.store.rows import load_rows
from syncadmin.sync.departures import still_waiting
from syncadmin.sync.values import Value


def join_people(
    winner_id: int, loser_id: int, base: Mapping[str, Value], *, source: str, origin: Origin,
    values: Mapping[str, Stored] | None = None, actor: Any = None,
) -> None:  # fmt: skip
    """Merge within the caller's transaction. ``base``: that of the loser's record, by which is told what waits there.

    ``values``: what somebody chose; without them the winner's values stay, blanks are filled from the loser, and what
    waited to be pushed for the loser goes on waiting for the winner.
    """
    rows = load_rows([winner_id, loser_id], lock=True)
    if values is None and rows[loser_id].columns["changed_at"] is not None:
        names = still_waiting(base, rows[loser_id].values(), rows[winner_id].values())
        loser = Person.objects.get(pk=loser_id)
        values = {name: loser.value(name) for name in names}  # type: ignore[misc]
    _move_links(winner_id, loser_id)
    merge_people(
        winner_id, loser_id, values=values, actor=actor, source=source, run_id=origin.run_id, now=origin.now
    )


def _move_links(winner_id: int, loser_id: int) -> None:
    """The loser's records are the winner's; one of two that are alive is a former one, or a duplicate as before."""
    theirs = SyncState.objects.filter(person=loser_id)
    if SyncState.objects.filter(person=winner_id, is_duplicate=False, is_deleted=False).exists():
        theirs.filter(is_duplicate=False).update(is_deleted=True)
    theirs.update(person=winner_id)
    if not PendingCreate.objects.filter(person=winner_id).exists():
        PendingCreate.objects.filter(person=loser_id).update(person=winner_id)
