"""Which person is this record? The SFDC Id first; else the e-mail; never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    LINK = "link"
    CREATE = "create"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody (or some record) with the same e-mail. ``is_linked``: already belongs to another one."""

    id: str | int
    is_linked: bool


@dataclass(frozen=True, slots=True)
class Match:
    verdict: Verdict
    id: str | int | None = None


def match(candidates: Sequence[Candidate]) -> Match:
    """Exactly one free candidate → link; none at all → create; anything else is held for somebody to decide."""
    if not candidates:
        return Match(Verdict.CREATE)
    if len(candidates) == 1 and not candidates[0].is_linked:
        return Match(Verdict.LINK, candidates[0].id)
    return Match(Verdict.HOLD)
