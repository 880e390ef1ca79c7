"""What the sync costs among many people: the same work with so many of them here already.

Usage: python scale.py EMULATOR_URL PORTION ROUNDS
All Leads of the emulator are pulled first. Then, ROUNDS times: PORTION new Leads come down; PORTION people are changed
here and pushed by REST, then by the Bulk API; and a cycle finds 50 changes on either side.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.db.models import F
from django.utils import timezone
from product import Statements, counting, cycle, peak_megabytes, prepare, timed
from stage import API, Emulator

from people.models import Person
from syncadmin.services.bulk import push as bulk_push
from syncadmin.services.push import Push
from syncadmin.store import pages
from syncadmin.sync import bulk as limits

NEVER = 10**9
FEW = 50
#: Records of a page that is stored, people of a round by REST and of one by the Bulk API.
FULL = {2_000, 1_000, bulk_push.ROUND}
COLUMNS = ("LastName", "FirstName", "Company", "Email", "Phone", "Title", "City", "PostalCode", "Country")
Found = dict[str, Any]


def main() -> None:
    emulator, portion, rounds = Emulator(sys.argv[1], 0), int(sys.argv[2]), int(sys.argv[3])
    prepare(emulator.url)
    emulator.calls()
    found: dict[str, Any] = {"first": measured(emulator, cycle)}
    people = Person.objects.count()
    found["first"] |= {"people": people, "megabytes": peak_megabytes()}
    each: dict[str, list[Found]] = {"pull": [], "rest": [], "bulk": [], "few": []}
    for _ in range(rounds):
        later(emulator)
        cycle()  # the echo of what was written before isn't part of a page of new records
        insert(emulator, portion)
        each["pull"].append(measured(emulator, cycle))
        each["rest"].append(push(emulator, portion, by_bulk=False))
        each["bulk"].append(push(emulator, portion, by_bulk=True))
        each["few"].append(few(emulator))
    assert Person.objects.count() == people + rounds * portion
    print(json.dumps(found | each))


def measured(emulator: Emulator, work: Callable[[], object]) -> Found:
    """Seconds and CPU seconds of it, its API calls, its statements, and those of each full page or round."""
    emulator.calls()
    with counting() as statements, watching(statements) as per_page:
        found = timed(work)
    return found | {"calls": emulator.calls(), "statements": statements.count, "pages": sorted(set(per_page))}


@contextmanager
def watching(statements: Statements) -> Iterator[list[int]]:
    """The statements of each full page that is stored, and of each full round that is pushed."""
    found: list[int] = []
    store, by_rest, by_bulk = pages.store_page, Push.run, bulk_push._round

    def counted(work: Callable[..., Any], number: int, *args: Any, **options: Any) -> Any:
        before = statements.count
        result = work(*args, **options)
        if number in FULL:
            found.append(statements.count - before)
        return result

    pages.store_page = lambda *args, **options: counted(store, len(args[2]), *args, **options)
    Push.run = lambda self, ids: counted(by_rest, len(ids), self, ids)
    bulk_push._round = lambda *args: counted(by_bulk, len(args[3]), *args)
    try:
        yield found
    finally:
        pages.store_page, Push.run, bulk_push._round = store, by_rest, by_bulk


def push(emulator: Emulator, portion: int, *, by_bulk: bool) -> Found:
    """Change so many people here, and have a cycle push them."""
    later(emulator)
    cycle()  # what was pushed before is read again as long as it is young
    newest = list(Person.objects.order_by("-pk").values_list("pk", flat=True)[:portion])
    title = f"Benchmarker {secrets.token_hex(3)}"
    changed = Person.objects.filter(pk__gte=newest[-1])
    assert changed.update(job_title=title, version=F("version") + 1, changed_at=timezone.now()) == portion
    limits.PUSH_FROM = 1 if by_bulk else NEVER
    found = measured(emulator, cycle)
    assert not Person.objects.filter(changed_at__isnull=False).exists()
    return found


def few(emulator: Emulator) -> Found:
    """A cycle that finds a hundred changes, half of them on either side."""
    later(emulator)
    cycle()
    limits.PUSH_FROM = NEVER
    ids = list(Person.objects.exclude(sfdc_id="").order_by("-pk").values_list("pk", "sfdc_id")[: 2 * FEW])
    title = f"Benchmarker {secrets.token_hex(3)}"
    here = [pk for pk, _ in ids[:FEW]]
    Person.objects.filter(pk__in=here).update(
        job_title=title, version=F("version") + 1, changed_at=timezone.now()
    )
    records = [{"attributes": {"type": "Lead"}, "id": sfdc_id, "City": title} for _, sfdc_id in ids[FEW:]]
    body = {"allOrNone": True, "records": records}
    answer = emulator.session().patch(f"{emulator.url}{API}/composite/sobjects", json=body, timeout=60)
    answer.raise_for_status()
    found = measured(emulator, cycle)
    assert Person.objects.filter(city=title).count() == len(records)
    assert not Person.objects.filter(changed_at__isnull=False).exists()
    return found


def later(emulator: Emulator) -> None:
    """An hour passes in Salesforce: what was written before is no longer read again to be sure."""
    answer = requests.post(f"{emulator.url}/emulator/clock", json={"advance_seconds": 3600}, timeout=60)
    answer.raise_for_status()


def insert(emulator: Emulator, number: int) -> None:
    """So many new Leads, made in Salesforce by a bulk job."""
    session, jobs = emulator.session(), f"{emulator.url}{API}/jobs/ingest"
    mark = secrets.token_hex(4)
    rows = (
        (f"Last {n}", f"First {n}", f"Company {n % 97}", f"{mark}.{n}@bench.example", f"+49 30 {n:06}", "Buyer",
         "Berlin", "10115", "Germany")
        for n in range(number)
    )  # fmt: skip
    text = "\n".join([",".join(COLUMNS), *map(",".join, rows), ""])
    about = {"object": "Lead", "operation": "insert", "lineEnding": "LF"}
    job = f"{jobs}/{session.post(jobs, json=about, timeout=60).json()['id']}"
    csv = {"Content-Type": "text/csv"}
    session.put(f"{job}/batches", data=text.encode(), headers=csv, timeout=300).raise_for_status()
    session.patch(job, json={"state": "UploadComplete"}, timeout=60).raise_for_status()
    while (state := session.get(job, timeout=60).json())["state"] not in ("JobComplete", "Failed", "Aborted"):
        time.sleep(0.05)
    assert state["state"] == "JobComplete", state
    assert not state["numberRecordsFailed"], state


main()
