"""Records that appear later than they are stamped, pages that come twice: every change is seen, and seen once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from people.models import Activity, Person
from syncadmin.models import SyncFailure
from tests.cycle.agreement import silence
from tests.cycle.conftest import Desk
from tests.cycle.wire import Clock

pytestmark = pytest.mark.django_db
ROUNDS, EACH = 21, 25


class LateOrg:
    """An org in which every write takes up to ten minutes to appear, by its own clock."""

    def __init__(self, emulated: Any, clock: Clock, chance: random.Random) -> None:
        self.emulated, self.clock, self.chance = emulated, clock, chance
        self.titles: dict[str, str] = {}
        self.writes = 0

    def write(self, late: int, ids: list[str]) -> list[str]:
        """Write so many new Leads, or change these; visible ``late`` seconds later."""
        records = []
        for number in range(EACH):
            self.writes += 1
            title = f"w{self.writes}"
            new = {"LastName": title, "Company": "C", "Email": f"{title}@example.com"}
            known = {"id": ids[number]} if ids else new
            records.append({"attributes": {"type": "Lead"}, "Title": title, **known})
        self.emulated.control("late_commit", {"seconds": late})
        body = {"allOrNone": False, "records": records}
        answers = self.emulated.call("PATCH" if ids else "POST", "composite/sobjects", body)
        self.emulated.control("late_commit", {"seconds": 0})
        assert all(answer["success"] for answer in answers)
        made = [str(answer["id"]) for answer in answers]
        self.titles.update(zip(made, (record["Title"] for record in records), strict=True))
        return made

    def pass_time(self, seconds: int) -> None:
        self.emulated.control("clock", {"advance_seconds": seconds})
        self.clock.ahead += timedelta(seconds=seconds)
        self.emulated.login()


@pytest.fixture
def late_org(emulator: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LateOrg]:
    yield LateOrg(emulator, Clock(monkeypatch), random.Random(7))
    emulator.control("clock", {"reset": True})


def test_of_a_thousand_writes_that_were_committed_late_none_is_missed(desk: Desk, late_org: LateOrg) -> None:
    desk.done()
    visible: list[list[str]] = []
    for _ in range(ROUNDS):
        late = late_org.chance.choice([5, 60, 300, 590])
        made = late_org.write(late, [])
        if visible:
            late_org.write(late, visible.pop(0))
        # Polls in between move the cursor past the stamps of what nobody sees yet.
        for part in (late_org.chance.uniform(0, 1), 1):
            late_org.pass_time(round(late * part) + 1)
            desk.done()
        visible.append(made)
    assert late_org.writes >= 2 * ROUNDS * EACH - EACH
    late_org.pass_time(600)
    desk.done()
    here = dict(Person.objects.values_list("sfdc_id", "job_title"))
    assert here == late_org.titles
    seen = Activity.objects.filter(type="change_data_value", attributes__field="job_title")
    assert seen.count() == late_org.writes - len(here), "each change was seen, and each of them once"
    late_org.pass_time(3_600)
    desk.done()
    silence(desk, late_org.emulated)


@pytest.mark.parametrize("after", [0, 1])
def test_a_page_that_comes_twice_changes_nothing(desk: Desk, emulator: Any, after: int) -> None:
    emulator.reset(4_500)
    emulator.fault(duplicate_page=True, after=after, times=1)
    desk.done()
    records = {raw["Id"] for raw in emulator.query("SELECT Id FROM Lead LIMIT 1")}
    people = list(Person.objects.values_list("sfdc_id", flat=True))
    assert len(people) == len(set(people)) == 4_500
    assert records <= set(people)
    assert Activity.objects.filter(type="new_person").count() == 4_500
    assert not SyncFailure.objects.exists()
