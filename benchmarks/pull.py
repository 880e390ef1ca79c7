"""A first pull into an empty database, then a cycle in which nothing has happened.

Usage: python pull.py EMULATOR_URL
"""

from __future__ import annotations

import json
import sys

from product import counting, cycle, lead_fields, peak_megabytes, prepare, timed
from stage import Emulator

from people.models import Activity, Person
from syncadmin.models import SyncState


def main() -> None:
    emulator = Emulator(sys.argv[1], 0)
    prepare(emulator.url)
    emulator.calls()
    found = timed(cycle)
    memory, calls = peak_megabytes(), emulator.calls()
    people, links, entries = Person.objects.count(), SyncState.objects.count(), Activity.objects.count()
    assert people == links == entries, (people, links, entries)
    with counting() as statements:
        cycle()
    print(json.dumps(found | {
        "fields": lead_fields(), "people": people, "megabytes": memory, "calls": calls,
        "idle_calls": emulator.calls(), "idle_statements": statements.count,
    }))  # fmt: skip


main()
