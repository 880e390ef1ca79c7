"""How others push: a call and a save for each record, and 25 records to a Composite call.

Usage: python patterns.py EMULATOR_URL RECORDS
Neither looks whether Salesforce has changed meanwhile, as the product does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone
from product import cycle, prepare, timed
from stage import API, Emulator

from people.models import Person

PARTS = 25


def main() -> None:
    emulator, number = Emulator(sys.argv[1], 0), int(sys.argv[2])
    prepare(emulator.url)
    cycle()
    people = list(Person.objects.order_by("pk")[:number])
    assert len(people) == number
    session = emulator.session()

    def one(person: Person) -> None:
        address = f"{emulator.url}{API}/sobjects/Lead/{person.sfdc_id}"
        session.patch(address, json={"Title": "One by one"}, timeout=60).raise_for_status()
        person.job_title, person.synced_at = "One by one", timezone.now()
        person.save()

    def few(people: Sequence[Person]) -> None:
        parts = [
            {"method": "PATCH", "url": f"{API}/sobjects/Lead/{person.sfdc_id}", "referenceId": f"p{person.pk}",
             "body": {"Title": "By 25"}}
            for person in people
        ]  # fmt: skip
        body = {"allOrNone": False, "compositeRequest": parts}
        answer = session.post(f"{emulator.url}{API}/composite", json=body, timeout=60).json()
        assert all(part["httpStatusCode"] == 204 for part in answer["compositeResponse"]), answer
        for person in people:
            person.job_title, person.synced_at = "By 25", timezone.now()
            person.save()

    def measured(work: Callable[[], object]) -> dict[str, Any]:
        emulator.calls()
        return timed(work) | {"calls": emulator.calls()}

    singly = measured(lambda: [one(person) for person in people])
    groups = [people[start : start + PARTS] for start in range(0, number, PARTS)]
    composite = measured(lambda: [few(group) for group in groups])
    print(json.dumps({"singly": singly, "composite": composite, "people": number}))


main()
