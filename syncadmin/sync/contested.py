"""Fields that conflict often: what to advise whom. Pure; thresholds as values, so that a table can state them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Looked at so many days back.
DAYS = 7
#: Fewer conflicts than this in those days are what happens among people who work.
OFTEN = 20
#: A side that wins at least this share of them wins nearly always.
NEARLY_ALL = 0.8
#: So many of our wins taken back by hand: the winner is set the wrong way round.
TAKEN_BACK = 0.25


class Advice(StrEnum):
    """What an administrator may do about a field."""

    WINNER_TO_SALESFORCE = "winner_to_salesforce"
    """People here take Salesforce's value afterwards: let it win at once."""
    WINNER_TO_OURS = "winner_to_ours"
    """People here take ours back afterwards: let it win at once."""
    LET_SALESFORCE = "let_salesforce"
    """Ours nearly always stays, and they go on changing it: let Salesforce win, or From Salesforce."""
    LET_OURS = "let_ours"
    """Theirs nearly always stays, and people here go on changing it in vain: let ours win, or From Salesforce."""
    ONE_HOME = "one_home"
    """Now this side, now that one: choose one side where it is edited."""


@dataclass(frozen=True, slots=True)
class Contested:
    """A field's conflicts of the last days; differences at a first link are none of them.

    ``taken_from_us``, ``taken_from_them``: whose win was reversed by hand.
    """

    conflicts: int
    won_by_us: int
    taken_from_us: int = 0
    taken_from_them: int = 0
    both_ways: bool = True
    opted_out: bool = False
    """The field is a checkbox whose tick wins; nothing is to be advised that may lose one."""

    @property
    def our_share(self) -> float:
        """Of 1."""
        return self.won_by_us / self.conflicts if self.conflicts else 0.0


def advise(field: Contested) -> Advice | None:
    """None: nothing to point out, or the field can't conflict any more."""
    if field.conflicts < OFTEN or not field.both_ways or field.opted_out:
        return None
    theirs = field.conflicts - field.won_by_us
    if field.won_by_us and field.taken_from_us / field.won_by_us >= TAKEN_BACK:
        return Advice.WINNER_TO_SALESFORCE
    if theirs and field.taken_from_them / theirs >= TAKEN_BACK:
        return Advice.WINNER_TO_OURS
    if field.our_share >= NEARLY_ALL:
        return Advice.LET_SALESFORCE
    return Advice.LET_OURS if field.our_share <= 1 - NEARLY_ALL else Advice.ONE_HOME
