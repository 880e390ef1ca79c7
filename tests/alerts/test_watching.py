"""From what is bad to alerts and messages: each change once, whoever looks, in whatever order, killed or not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from people.models import Person
from syncadmin import tasks
from syncadmin.models import (
    Alert,
    AlertChannel,
    AlertClock,
    AlertDelivery,
    AlertState,
    Connection,
    FailureGroup,
    FieldSync,
    ObjectField,
    SchemaChange,
    SyncFailure,
    SyncRun,
)
from syncadmin.services.alerts import looking_after, registry, telling, watching
from syncadmin.services.alerts.changes import CALM
from syncadmin.services.alerts.registry import Condition
from syncadmin.services.alerts.watching import Sight, settle, watch
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Subscribe = Callable[..., AlertChannel]
MakeRun = Callable[..., SyncRun]
MINUTE = timedelta(minutes=1)


def told() -> list[tuple[str, str]]:
    """What was written, oldest first: (event, subject without the product's name)."""
    rows = AlertDelivery.objects.order_by("pk").values_list("event", "subject")
    return [(event, subject.removeprefix("[Syncadmin] ")) for event, subject in rows]


def sight(*keys: str, at: Any = NOW, kind: str = "failures", hold: timedelta = timedelta()) -> Sight:
    bad = {key: (kind, Condition(key, "warn", f"Bad: {key}", hold=hold)) for key in keys}  # type: ignore[arg-type]
    return Sight(at, bad, frozenset(kind.value for kind in registry.WATCHERS))


# --- Stories --------------------------------------------------------------------------------------
def test_refused_credentials_are_told_once_and_so_is_their_end_with_how_long_it_took(
    acme: Connection, marketer: User, subscribe: Subscribe, make_run: MakeRun
) -> None:
    subscribe(marketer)
    begin = timezone.now()
    make_run("failed", "INVALID_LOGIN", at=begin)
    for minutes in (0, 5, 10):
        watch(begin + minutes * MINUTE)
        make_run("failed", "INVALID_LOGIN", at=begin + minutes * MINUTE)
    assert told() == [("opened", "Salesforce refuses the credentials: nothing syncs")]
    make_run("done", at=begin + 130 * MINUTE)
    for minutes in (130, 131):
        watch(begin + minutes * MINUTE)
    assert told()[1:] == [("closed", "Salesforce accepts the credentials again, after 2 h 10 min")]
    alert = Alert.objects.get()
    assert (alert.began_at, alert.closed_at) == (begin, begin + 130 * MINUTE)


def test_one_failed_cycle_is_a_mishap_and_two_are_told(
    acme: Connection, marketer: User, subscribe: Subscribe, make_run: MakeRun
) -> None:
    subscribe(marketer)
    make_run()
    make_run("failed", "SERVER_UNAVAILABLE")
    watch(timezone.now())
    assert told() == []
    make_run("failed", "SERVER_UNAVAILABLE")
    watch(timezone.now())
    assert told() == [("opened", "The sync is down: cycles fail")]
    assert "What to do:" in AlertDelivery.objects.get().body


def test_a_field_hidden_from_the_sync_user_is_named_and_so_is_what_failed_first(
    acme: Connection, marketer: User, subscribe: Subscribe
) -> None:
    from people.models import PersonField

    subscribe(marketer, "permissions", "failures")
    field = PersonField.objects.get(name="phone")
    FieldSync.objects.create(field=field, lead_field="Phone", contact_field="")
    ObjectField.objects.create(object="Lead", name="Phone", label="Phone", type="phone", refreshed_at=NOW)
    watch(NOW)
    assert told() == []
    ObjectField.objects.update(is_present=False)
    SchemaChange.objects.create(
        kind="gone", of="Lead", name="Phone", label="Phone", field=field, noticed_at=NOW
    )
    person = Person.objects.create(last_name="Lee", created_at=NOW, updated_at=NOW)
    SyncFailure.objects.create(
        person=person,
        direction="push",
        object="Lead",
        code="STRING_TOO_LONG",
        first_at=NOW,
        last_at=NOW,
        group=FailureGroup.objects.create(key="k", direction="push", code="STRING_TOO_LONG", first_at=NOW),
    )
    watch(NOW + MINUTE)
    assert sorted(told()) == [
        ("opened", "New failures: The text is too long"),
        ("opened", "Phone of Lead is gone, or hidden from the sync user"),
    ]


def test_a_field_that_may_no_more_be_written_is_told_while_nobody_has_seen_it(acme: Connection) -> None:
    from people.models import PersonField

    field = PersonField.objects.get(name="phone")
    FieldSync.objects.create(field=field, lead_field="Phone", contact_field="")
    ObjectField.objects.create(object="Lead", name="Phone", label="Phone", type="phone", refreshed_at=NOW)
    change = SchemaChange.objects.create(
        kind="access", of="Lead, Contact", name="Phone", label="Phone", field=field, noticed_at=NOW,
        details={"writable": False},
    )  # fmt: skip
    watch(NOW)
    assert [alert.key for alert in Alert.objects.all()] == ["permissions.write.Lead.Phone"]
    SchemaChange.objects.filter(pk=change.pk).update(decided_at=NOW)
    watch(NOW + MINUTE)
    assert Alert.objects.get().closed_at


def test_many_changes_at_once_are_one_message_and_one_alert_each(
    marketer: User, subscribe: Subscribe
) -> None:
    subscribe(marketer)
    settle(sight(*(f"failures.{number}" for number in range(30))))
    assert told() == [("opened", "A new kind of failure: 30 at once")]
    assert Alert.objects.count() == AlertDelivery.objects.get().alerts.count() == 30
    assert "And 10 more." in AlertDelivery.objects.get().body
    settle(sight(at=NOW + MINUTE))
    assert told()[1:] == [("closed", "Over: 30 × A new kind of failure")]


def test_a_pause_of_minutes_is_not_told_and_one_of_hours_is(acme: Connection, make_run: MakeRun) -> None:
    Connection.objects.update(is_paused=True)
    begin = timezone.now()
    for hours, alerts in ((0, 0), (3.9, 0), (4.1, 1), (9, 1)):
        watch(begin + timedelta(hours=hours))
        assert Alert.objects.count() == alerts
    assert Alert.objects.get().began_at == begin


def test_what_goes_to_and_fro_is_told_three_times_within_an_hour_and_then_keeps_quiet(
    marketer: User, subscribe: Subscribe
) -> None:
    subscribe(marketer)
    now = NOW
    for _ in range(10):
        settle(sight("failures.x", at=now))
        settle(sight(at=now + MINUTE))
        now += 2 * MINUTE
    events = [event for event, _ in told()]
    assert events == ["opened", "closed", "opened", "closed", "opened"]
    assert "3 times within an hour" in told()[-1][1]
    settle(sight(at=now + CALM))
    assert [event for event, _ in told()][5:] == ["closed"]
    settle(sight("failures.x", at=now + timedelta(hours=3)))
    assert told()[-1] == ("opened", "Bad: failures.x")


# --- Who is told ----------------------------------------------------------------------------------
def test_only_who_asked_for_the_kind_is_told(
    marketer: User, viewer: User, administrator: User, subscribe: Subscribe
) -> None:
    yes = subscribe(marketer, "failures")
    subscribe(viewer, "guard")
    subscribe(administrator, muted_until=NOW + MINUTE)
    group = subscribe(None, name="Sales ops")
    settle(sight("failures.x"))
    assert {row.channel for row in AlertDelivery.objects.all()} == {yes, group}


def test_of_the_end_hears_who_heard_of_the_beginning(
    marketer: User, viewer: User, subscribe: Subscribe
) -> None:
    first = subscribe(marketer)
    settle(sight("failures.x"))
    subscribe(viewer)
    settle(sight(at=NOW + MINUTE))
    assert [(row.channel, row.event) for row in AlertDelivery.objects.order_by("pk")] == [
        (first, "opened"), (first, "closed"),
    ]  # fmt: skip


def test_nobody_is_told_that_a_change_of_fields_is_over(marketer: User, subscribe: Subscribe) -> None:
    subscribe(marketer)
    settle(sight("schema.1", kind="schema"))
    settle(sight(at=NOW + MINUTE))
    assert [event for event, _ in told()] == ["opened"]
    assert Alert.objects.get().closed_at


# --- Robust ---------------------------------------------------------------------------------------
def test_a_watcher_that_fails_keeps_none_of_the_others_from_speaking(
    acme: Connection, monkeypatch: pytest.MonkeyPatch, make_run: MakeRun, caplog: pytest.LogCaptureFixture
) -> None:
    settle(sight("guard", kind="guard"))

    def broken(snap: Any) -> Any:
        raise RuntimeError("a bug")

    guard = registry.WATCHERS[registry.AlertKind.GUARD]
    monkeypatch.setitem(
        registry.WATCHERS, registry.AlertKind.GUARD, registry.Watcher(guard.kind, broken, guard.ends)
    )
    make_run("failed", "INVALID_LOGIN")
    watch(timezone.now())
    assert {alert.key for alert in Alert.objects.filter(closed_at=None)} == {"guard", "credentials"}
    assert "a watcher of alerts has failed" in caplog.text


def test_a_look_at_a_quiet_sync_costs_a_constant_number_of_statements(
    acme: Connection, make_run: MakeRun
) -> None:
    now = timezone.now()
    for _ in range(5):
        make_run(at=now)
    watch(now)
    with CaptureQueriesContext(
        database,
    ) as few:
        watch(now + MINUTE)
    assert len(few) <= 14
    assert not any(query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for query in few)
    for number in range(30):
        person = Person.objects.create(last_name=f"P{number}", created_at=now, updated_at=now)
        SyncFailure.objects.create(
            person=person,
            direction="push",
            object="Lead",
            code=f"CODE_{number % 3}",
            first_at=now,
            last_at=now,
        )
    watch(now + 2 * MINUTE)
    with CaptureQueriesContext(database) as many:
        watch(now + 3 * MINUTE)
    assert len(many) <= len(few) + 1


def test_one_worker_looks_every_half_minute_and_the_others_cost_one_statement() -> None:
    assert looking_after.look_after(NOW)
    with CaptureQueriesContext(database) as queries:
        assert not looking_after.look_after(NOW + timedelta(seconds=29))
    assert len(queries) == 1
    assert looking_after.look_after(NOW + timedelta(seconds=30))
    assert AlertClock.objects.get().worker_at == NOW + timedelta(seconds=30)


def test_web_processes_look_when_the_workers_are_gone_and_tell_so_themselves(
    acme: Connection, marketer: User, subscribe: Subscribe, mailbox: Any, make_run: MakeRun
) -> None:
    subscribe(marketer)
    now = timezone.now()
    make_run(at=now)
    looking_after.look_after(now)
    assert not looking_after.stand_in(now + MINUTE)
    for minutes in (3, 6, 9, 12):
        assert looking_after.stand_in(now + minutes * MINUTE)
    assert mailbox.subjects() == ["[Syncadmin] The sync is down: no worker runs"]
    make_run(at=now + 13 * MINUTE)
    looking_after.look_after(now + 14 * MINUTE)
    looking_after.look_after(now + 15 * MINUTE)
    assert told()[-1][0] == "closed"


def test_a_cycle_is_not_undone_by_its_alerts(
    acme: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks.services, "run_sync_cycle", lambda trigger, clock: None)
    monkeypatch.setattr(looking_after, "watch", lambda now: 1 / 0)
    assert tasks.run_cycle("schedule") == "nothing to do"
    assert "alerts could not be looked at" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_killed_between_memory_and_message_it_is_told_by_the_next_look(
    marketer: User, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(marketer)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "_post", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            settle(sight("failures.x"))
    assert not Alert.objects.exists()
    assert not OrmQ.objects.exists()
    settle(sight("failures.x", at=NOW + MINUTE))
    assert [event for event, _ in told()] == ["opened"]
    assert OrmQ.objects.count() == 1


@pytest.mark.skipif(database.vendor == "sqlite", reason="SQLite in memory has one connection")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_tell_it_once(marketer: User, subscribe: Subscribe) -> None:
    subscribe(marketer)
    for number in range(20):
        seen = sight(*(["failures.x"] if number % 2 == 0 else []), at=NOW + number * timedelta(hours=2))
        start = Barrier(4)

        def tell_it(seen: Sight = seen, start: Barrier = start) -> None:
            start.wait()
            settle(seen)
            database.close()

        workers = [Thread(target=tell_it) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [event for event, _ in told()] == ["opened", "closed"] * 10
    assert Alert.objects.count() == 10
    assert OrmQ.objects.count() == 20


# --- Whatever the order of looks, crashes and workers -----------------------------------------------
KEYS = ("failures.a", "failures.b", "failures.slow")


class Watchers(RuleBasedStateMachine):
    """Two workers who look at a changing world, slowly: between seeing and telling others see and tell."""

    @initialize()
    def begin(self) -> None:
        for model in (AlertDelivery, AlertChannel, Alert, AlertState):
            model.objects.all().delete()
        self.channel = AlertChannel.objects.create(method="email", email="m@example.com", kinds=["failures"])
        self.now = NOW
        self.bad: set[str] = set()
        self.seen: dict[int, Sight] = {}

    def _sight(self) -> Sight:
        found = sight(*sorted(self.bad - {KEYS[2]}), at=self.now)
        slow = sight(*(self.bad & {KEYS[2]}), at=self.now, hold=3 * MINUTE)
        return Sight(self.now, found.bad | slow.bad, found.kinds)

    @rule(key=st.sampled_from(KEYS))
    def turns(self, key: str) -> None:
        self.bad ^= {key}

    @rule(seconds=st.sampled_from([0, 1, 30, 300, 2400]))
    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(worker=st.integers(0, 1))
    def sees(self, worker: int) -> None:
        self.seen[worker] = self._sight()

    @rule(worker=st.integers(0, 1))
    def tells(self, worker: int) -> None:
        if worker in self.seen:
            settle(self.seen[worker])

    @rule(worker=st.integers(0, 1))
    def is_overtaken_while_telling(self, worker: int) -> None:
        """The other one tells what it sees now, between this one's reading and its writing."""
        if worker not in self.seen:
            return
        steps = watching._steps

        def late(*args: Any) -> Any:
            found = steps(*args)
            watching._steps = steps  # type: ignore[assignment]
            settle(self._sight())
            return found

        watching._steps = late  # type: ignore[assignment]
        try:
            settle(self.seen[worker])
        finally:
            watching._steps = steps  # type: ignore[assignment]

    @rule(worker=st.integers(0, 1), at=st.integers(1, 14))
    def is_killed_while_telling(self, worker: int, at: int) -> None:
        """Before one of its statements; or it was quicker. (A transaction of the test's is around it: killed at a
        savepoint, it would be broken as well.)"""
        left = at

        def killing(execute: Any, sql: str, *args: Any) -> Any:
            nonlocal left
            if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                left -= 1
                if not left:
                    raise KeyboardInterrupt
            return execute(sql, *args)

        if worker in self.seen:
            with suppress(KeyboardInterrupt), database.execute_wrapper(killing):
                settle(self.seen[worker])
            transaction.set_rollback(False)  # the test's own transaction goes on

    def teardown(self) -> None:
        if not hasattr(self, "bad"):
            return
        for _ in range(3):  # the world stands still: in the end what is told is what is so
            self.now += timedelta(hours=1)
            settle(self._sight())
        assert {alert.key for alert in Alert.objects.filter(closed_at=None)} == self.bad
        self._each_change_was_told_once()

    def _each_change_was_told_once(self) -> None:
        for alert in Alert.objects.all():
            events = [row.event for row in alert.deliveries.order_by("pk")]
            assert events == (["opened", "closed"] if alert.closed_at else ["opened"]), alert.key
        for key in KEYS:
            spans = list(Alert.objects.filter(key=key).order_by("pk").values_list("opened_at", "closed_at"))
            for (_, closed), (opened, _unused) in pairwise(spans):
                assert closed is not None
                assert closed <= opened


def test_one_alert_for_one_change_whatever_the_order_of_looks_crashes_and_workers() -> None:
    run_state_machine_as_test(Watchers, settings=settings(max_examples=60, stateful_step_count=25))
