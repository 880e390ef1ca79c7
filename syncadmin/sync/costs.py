"""What the sync costs in API calls: a model of itself, by which settings can be weighed before they are changed.

The model is that of a calm day: what changes comes evenly, nothing is refused, and nothing has to be sent twice.
Tests hold each of its numbers against what the emulator counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syncadmin.sync import bulk

#: Records to a page of a query, people to a round of a push, and calls that a round takes: look up, and write.
PAGE, ROUND, CALLS_A_ROUND = 2_000, 1_000, 2
#: A person who is synced by a click: looked up, written, and read back if it was created.
CALLS_A_CLICK = 3
#: What a bulk job costs beside its data: it is begun, looked at for some minutes, and (reading) its fields are
#: described, or (writing) it is fed, closed, and asked for both kinds of results.
BULK_READ, BULK_WRITE = 10, 12
#: People who are looked up by one call for a bulk job.
BULK_ROUND = 5_000
MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings and an ordinary day. ``pause``: minutes between cycles; ``checked``: a full check every night.

    In a day: people changed ``here`` and ``there`` (in Salesforce), Leads ``created``, people synced by ``clicks``.
    ``leads`` and ``contacts``: how many there are.
    """

    pause: int = 5
    here: int = 0
    there: int = 0
    created: int = 0
    clicks: int = 0
    leads: int = 0
    contacts: int = 0
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Costs:
    """API calls in 24 hours, by what they are for."""

    cycles: int
    polls: int
    pulls: int
    pushes: int
    creates: int
    clicks: int
    check: int

    @property
    def total(self) -> int:
        return self.polls + self.pulls + self.pushes + self.creates + self.clicks + self.check


def costs(plan: Plan) -> Costs:
    """What a day costs. A cycle takes no time in the model, so there are as many as there can be."""
    cycles = cycles_a_day(plan.pause)
    # What we push comes back with the next poll, and is recognised as our own.
    read = plan.there + plan.here + plan.created
    return Costs(
        cycles,
        polls=cycles,
        pulls=spread(read, cycles, to_pull),
        pushes=spread(plan.here, cycles, to_push),
        creates=spread(plan.created, cycles, to_create),
        clicks=CALLS_A_CLICK * plan.clicks,
        check=sum(map(to_check, (plan.leads, plan.contacts))) if plan.checked else 0,
    )


def cycles_a_day(pause: int) -> int:
    """As many as fit into a day, each followed by its pause."""
    return MINUTES // max(pause, 1)


def spread(number: int, cycles: int, cost: Callable[[int], int]) -> int:
    """What changes in a day, dealt out evenly to the cycles: the fewer there are, the fuller is each of their calls."""
    busy = min(number, cycles)
    if not busy:
        return 0
    least, more = divmod(number, busy)
    return (busy - more) * cost(least) + more * cost(least + 1)


def to_pull(number: int) -> int:
    """To read so many changed records of one object, beside the poll, which brings the first page."""
    if number >= bulk.READ_FROM:
        return BULK_READ + -(-number // bulk.PART)
    return max(0, -(-number // PAGE) - 1)


def to_push(number: int, *, by_bulk: bool = True) -> int:
    """To push the changes of so many people who are Leads, or Contacts."""
    if by_bulk and number >= bulk.PUSH_FROM:
        jobs = -(-number // bulk.JOB_SIZE)
        return -(-number // BULK_ROUND) + BULK_WRITE * jobs
    return CALLS_A_ROUND * -(-number // ROUND)


def to_create(number: int) -> int:
    """To create so many Leads: looked for by e-mail, and written."""
    return CALLS_A_ROUND * -(-number // ROUND)


def to_check(number: int) -> int:
    """To compare all records of one object: they are counted, and read."""
    if number >= bulk.READ_FROM:
        return 1 + BULK_READ + -(-number // bulk.PART)
    # A last page that is full doesn't say that it is the last.
    return 1 + number // PAGE + 1
