"""The daily digest: at an hour of the reader's day, once, with the day in numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from people.models import Activity, Person
from syncadmin.models import AlertChannel, AlertDelivery, Connection, SyncFailure, SyncRun, SyncStep
from syncadmin.services.alerts.digest import next_digest, write_due
from syncadmin.services.alerts.watching import settle
from syncadmin.services.alerts.words import length
from tests.alerts.test_watching import sight
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Subscribe = Callable[..., AlertChannel]
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "hour", "now", "comes"),
    [
        ("UTC", 8, "2026-11-22T07:59", "2026-11-22T08:00"),
        ("UTC", 8, "2026-11-22T08:00", "2026-11-23T08:00"),
        ("Europe/Berlin", 8, "2026-11-22T06:30", "2026-11-22T07:00"),
        ("America/Los_Angeles", 8, "2026-11-22T12:00", "2026-11-22T16:00"),
        ("Pacific/Auckland", 8, "2026-11-22T12:00", "2026-11-22T19:00"),
        ("Europe/Berlin", 8, "2026-03-28T12:00", "2026-03-29T06:00"),  # the clock is put forward at night
        ("Europe/Berlin", 2, "2026-03-28T12:00", "2026-03-29T01:00"),  # an hour that there isn't
        ("Europe/Berlin", 8, "2026-10-24T12:00", "2026-10-25T07:00"),  # and back
    ],
)
def test_it_comes_at_the_hour_of_the_reader_s_clock(zone: str, hour: int, now: str, comes: str) -> None:
    channel = AlertChannel(kinds=["digest"], digest_hour=hour, time_zone=zone)
    at = next_digest(channel, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert at is not None
    assert at.astimezone(UTC) == datetime.fromisoformat(comes).replace(tzinfo=UTC)


def test_it_is_written_once_a_day_and_to_nobody_who_did_not_ask(
    marketer: User, viewer: User, subscribe: Subscribe
) -> None:
    subscribe(marketer, "digest", next_digest_at=NOW)
    subscribe(viewer)
    assert write_due(NOW - timedelta(seconds=1)) == 0
    assert write_due(NOW) == 1
    assert write_due(NOW + timedelta(hours=1)) == 0
    assert write_due(NOW + DAY) == 1
    assert {row.channel.user for row in AlertDelivery.objects.all() if row.channel} == {marketer}


def test_late_it_is_written_once_and_the_next_comes_at_its_hour(marketer: User, subscribe: Subscribe) -> None:
    channel = subscribe(marketer, "digest", next_digest_at=NOW - 3 * DAY)
    assert write_due(NOW) == 1
    channel.refresh_from_db()
    assert channel.next_digest_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_who_wants_quiet_gets_none(marketer: User, subscribe: Subscribe) -> None:
    subscribe(marketer, "digest", next_digest_at=NOW, muted_until=NOW + DAY)
    assert write_due(NOW) == 0
    assert not AlertDelivery.objects.exists()


def test_it_says_the_day_in_numbers_and_what_needs_somebody_first(
    acme: Connection, marketer: User, subscribe: Subscribe
) -> None:
    now = timezone.now()
    subscribe(marketer, "digest", next_digest_at=now)
    Connection.objects.update(api_used=1_500, api_limit=15_000)
    for age, state in ((1, "done"), (2, "failed"), (30, "done")):
        at = now - timedelta(hours=age)
        run = SyncRun.objects.create(state=state, started_at=at, heartbeat_at=at, ended_at=at)
        SyncStep.objects.create(
            run=run, object="Lead", operation="pull", started_at=at, new=1_000, updated=234
        )
        SyncStep.objects.create(run=run, object="Person", operation="push", started_at=at, updated=7)
    person = Person.objects.create(
        last_name="Lee", sfdc_id="00Q1", sfdc_type="Lead", changed_at=now, created_at=now, updated_at=now
    )
    SyncFailure.objects.create(
        person=person, direction="pull", object="Lead", code="X", first_at=now - 2 * DAY, last_at=now
    )
    Activity.objects.create(person=person, type="conflict", at=now - timedelta(hours=3))
    settle(sight("guard", kind="guard"))
    write_due(now)
    row = AlertDelivery.objects.get(event="digest")
    assert row.subject == "[Syncadmin] Daily digest: 1 needs somebody"
    assert row.body.index("Needs somebody:\n• Bad: guard") < row.body.index("Since ")
    for line in (
        "• Cycles: 2, of which 1 failed",
        "• From Salesforce: 2,468 records new or changed",
        "• To Salesforce: 14 people pushed",
        "• Failures: 0 new, 1 open",
        "• Conflicts: 1",
        "• Waiting to be pushed: 1 people",
        "• API calls of the last 24 hours: 1,500 of 15,000 (10 %), by all apps",
    ):
        assert line in row.body


def test_a_quiet_day_is_said_so(marketer: User, subscribe: Subscribe) -> None:
    subscribe(marketer, "digest", next_digest_at=NOW)
    write_due(NOW)
    row = AlertDelivery.objects.get()
    assert row.subject == "[Syncadmin] Daily digest: all is well"
    assert row.body.startswith("Nothing needs anybody.")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (7_800, "2 h 10 min"),
        (3_600, "1 h 0 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_how_long_it_took_is_told_in_two_units_at_most(seconds: int, told: str) -> None:
    assert length(timedelta(seconds=seconds)) == told
