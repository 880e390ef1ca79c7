"""Everybody was changed here: the cycle that carries it to Salesforce, and the one that sees its echo.

Usage: python push.py EMULATOR_URL
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import F
from django.utils import timezone
from product import Statements, counting, cycle, prepare, timed
from stage import Emulator

from people.models import Person
from syncadmin.services.cycle.steps import Cycle
from syncadmin.services.push import Push


def main() -> None:
    emulator = Emulator(sys.argv[1], 0)
    prepare(emulator.url)
    cycle()
    title = f"Benchmarker {secrets.token_hex(3)}"  # a value that Salesforce doesn't have from the last time
    people = Person.objects.update(job_title=title, version=F("version") + 1, changed_at=timezone.now())
    emulator.calls()
    with counting() as statements, watching(emulator, statements) as found:
        cycle()
    assert found["written"] == people, found
    assert not Person.objects.filter(changed_at__isnull=False).exists()
    cycle()
    print(json.dumps(found | {"people": people, "echo_calls": emulator.calls()}))


@contextmanager
def watching(emulator: Emulator, statements: Statements) -> Iterator[dict[str, Any]]:
    """Time and count the push step by itself, and its statements page by page."""
    found: dict[str, Any] = {"pages": [], "written": 0}
    push_step, push_page = Cycle.push, Push.run

    def step(self: Cycle) -> None:
        before = emulator.calls()
        found.update(timed(lambda: push_step(self)))
        found["calls"] = emulator.calls()
        found["cycle_calls"] = before + found["calls"]

    def page(self: Push, ids: list[int]) -> list[Any]:
        before = statements.count
        items = push_page(self, ids)
        found["pages"].append(statements.count - before)
        found["written"] += sum(bool(item.pushed) for item in items)
        return items

    Cycle.push, Push.run = step, page
    try:
        yield found
    finally:
        Cycle.push, Push.run = push_step, push_page


main()
