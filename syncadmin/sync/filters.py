"""Which records of an object come down by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncadmin.sync.conditions import Rule
from syncadmin.sync.predicates import holds
from syncadmin.sync.values import normalise


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """A rule on Salesforce's own field names.

    ``now``: its zone says when a day begins. ``key`` tells one filter from another, so that a cursor knows under
    which one it has read. ``problem``: why the filter can't be applied, in words; nothing is read then.
    """

    rule: Rule
    now: datetime
    key: str
    problem: str = ""

    def admits(self, raw: Mapping[str, Any]) -> bool:
        """Whether a record, as Salesforce sends it, meets the filter."""
        values = {
            condition.field: normalise(condition.type, raw.get(condition.field))
            for condition in self.rule.conditions
        }
        return holds(self.rule, values, self.now)
