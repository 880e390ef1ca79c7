"""The same lives, walked at random from a seed: deeper than Hypothesis goes, and easy to repeat."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.cycle.lives import Lives
from tests.cycle.lives_fields import FIELDS

PAIRS = [(name, value) for name, (_, _, values) in FIELDS.items() for value in values]
FAULTS: list[dict[str, Any]] = [
    {"drop": "before"}, {"drop": "after"}, {"drop": "after"}, {"status": 503}, {"status": 502},
    {"error_code": "UNABLE_TO_LOCK_ROW"}, {"error_code": "UNABLE_TO_LOCK_ROW", "records": 1},
    {"error_code": "UNKNOWN_EXCEPTION"}, {"truncate": 120}, {"cut_body": 90}, {"expire_at_call": 1},
]  # fmt: skip


class Walk:
    """``steps`` random steps; what was done is in ``path``."""

    def __init__(self, lives: Lives, seed: int) -> None:
        self.lives, self.chance = lives, random.Random(seed)
        self.path: list[str] = []

    def go(self, steps: int) -> None:
        r = self.chance
        self._do("begin", r.choice([0, 0, 5_400, -5_400]), r.choice(["ours", "salesforce"]),
                 r.choice(["email", "email", "create"]), r.choice(["comes_back", "stays_away"]))  # fmt: skip
        names, weights = zip(*((name, weight) for name, (weight, _) in STEPS.items()), strict=True)
        for name in r.choices(names, weights, k=steps):
            self._do(name, *STEPS[name][1](r))

    def _do(self, name: str, *arguments: Any) -> None:
        self.path.append(
            f"machine.{name}{arguments!r}" if len(arguments) != 1 else f"machine.{name}({arguments[0]!r})"
        )
        getattr(self.lives, name)(*arguments)


def _who(r: random.Random) -> int:
    return r.randrange(12)


def _edits(r: random.Random) -> list[tuple[str, str]]:
    return [r.choice(PAIRS) for _ in range(r.randint(1, 4))]


def _moment(r: random.Random) -> tuple[int, bool]:
    return r.randint(1, 6), r.random() < 0.5


def _breaks(r: random.Random) -> tuple[Any, ...]:
    return r.choice(FAULTS), r.randint(0, 3), r.randint(1, 5)


Draw = Callable[[random.Random], tuple[Any, ...]]
STEPS: dict[str, tuple[int, Draw]] = {
    "marketer_creates": (6, lambda r: (r.random() < 0.7, r.choice(["", "Rome"]))),
    "marketer_edits": (12, lambda r: (_who(r), _edits(r))),
    "both_edit_the_same": (8, lambda r: (r.randrange(8), _edits(r))),
    "marketer_opts_out": (2, lambda r: (_who(r),)),
    "marketer_syncs": (6, lambda r: (_who(r), r.randint(1, 3), r.choice(["rules", "user", "queue"]))),
    "marketer_merges": (3, lambda r: (_who(r), _who(r), r.choice(["convert", "keep"]))),
    "marketer_deletes": (1, lambda r: (_who(r),)),
    "rep_creates": (5, lambda r: (r.choice(["Lead", "Lead", "Contact"]), r.choice([0, 0, 240]))),
    "rep_edits": (16, lambda r: (_who(r), r.choice(PAIRS), r.choice([0, 0, 0, 60, 420]))),
    "rep_deletes": (3, lambda r: (_who(r),)),
    "rep_undeletes": (3, lambda r: (_who(r),)),
    "rep_empties_the_recycle_bin": (1, lambda r: (_who(r),)),
    "rep_converts": (4, lambda r: (_who(r), r.choice([None, None, _who(r)]))),
    "rep_merges": (3, lambda r: (_who(r), _who(r))),
    "rep_writes_the_email_of_somebody": (2, lambda r: (_who(r), _who(r))),
    "rep_gives_it_to_a_colleague": (2, lambda r: (_who(r),)),
    "the_shoe_is_hidden_or_shown": (1, lambda r: ()),
    "the_hat_is_renamed": (2, lambda r: ()),
    "the_hat_gets_another_type": (2, lambda r: (r.choice(["text", "number", "long_text"]),)),
    "administrator_decides_about_the_fields": (4, lambda r: ()),
    "administrator_changes_the_field_sync": (
        1, lambda r: (r.choice(["both", "from_salesforce", "to_salesforce", "off"]), r.choice(["Shoe", "Long"])),
    ),
    "administrator_changes_who_may_sync": (
        3, lambda r: (r.choice(["inclusion", "exclusion", "Lead"]), r.random() < 0.5),
    ),
    "administrator_sets_the_guard": (1, lambda r: (r.choice([0, 40]),)),
    "administrator_of_the_org_makes_a_rule": (2, lambda r: (r.random() < 0.5,)),
    "time_passes": (6, lambda r: (r.choice([1, 90, 400, 3_600]),)),
    "cycle": (12, lambda r: ()),
    "something_breaks": (5, _breaks),
    "the_calls_of_the_day_are_used_up": (1, lambda r: (r.randint(0, 3),)),
    "somebody_else_holds_a_row": (2, lambda r: (_who(r),)),
    "marketer_edits_while_a_cycle_runs": (3, lambda r: (*_moment(r), _who(r), r.choice(PAIRS))),
    "marketer_clicks_while_a_cycle_runs": (3, lambda r: (*_moment(r), _who(r), r.randint(1, 3))),
    "two_click_at_once": (3, lambda r: (*_moment(r), _who(r), r.randint(1, 3))),
    "another_worker_takes_over": (2, _moment),
}  # fmt: skip
