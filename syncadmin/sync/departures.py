"""Decide what it means that a record is a Lead or a Contact no more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncadmin.sync.ports import RawRecord
from syncadmin.sync.values import Value


class Fate(StrEnum):
    """What became of a record that departed."""

    DELETED = "deleted"
    MERGED = "merged"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class Departure:
    """``sfdc_id`` and ``object``: the record as which the person goes on, if there is one."""

    fate: Fate
    sfdc_id: str = ""
    object: str = ""


def decide_departure(raw: RawRecord, object: str) -> Departure:
    """One record that is deleted or converted → what became of it.

    A converted Lead may be deleted afterwards: its person is the Contact all the same. A Lead whose Contact the sync
    user may not see is as good as deleted.
    """
    if master := raw.get("MasterRecordId"):
        return Departure(Fate.MERGED, master, object)
    if contact := raw.get("ConvertedContactId"):
        return Departure(Fate.CONVERTED, contact, "Contact")
    return Departure(Fate.DELETED)


def still_waiting(
    base: Mapping[str, Value], loser: Mapping[str, Value], winner: Mapping[str, Value]
) -> set[str]:
    """Two people become one: which values of the loser were changed here and not pushed yet, and aren't answered by
    a change of the winner. All by person field name; ``base``: that of the loser's record.
    """
    return {
        name
        for name, known in base.items()
        if loser.get(name) != known and winner.get(name) == known and loser.get(name) is not None
    }
