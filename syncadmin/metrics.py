"""What Prometheus reads: the state of the sync, read from the tables by a constant number of statements.

Nothing is counted in memory, so every web process tells the same, whoever did the work. What happened is told for the
last 24 hours, as gauges: the rows that it is counted from are removed one day, and a counter must never fall.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import get_args

from django.core.cache import cache
from django.db.models import Count, Max, Min, Q, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, StateSetMetricFamily

from people import queries as people_queries
from people.models import Activity, ActivityType, Person, PersonState
from syncadmin import queries
from syncadmin.health import Freshness, Name, freshness
from syncadmin.models import Connection, SyncFailure, SyncRun, SyncStep, Worker
from syncadmin.queues import lengths
from syncadmin.services.workers import GONE

DAY = timedelta(days=1)
#: Counting everybody takes a look at everybody; a minute is young enough for it.
PEOPLE_SECONDS = 60
COUNTS = queries.COUNTS


class SyncCollector:
    """The metrics at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Everything there is to tell."""
        connection = queries.connection()
        yield from _sync(freshness(self.now), self.now)
        yield from _cycles(self.now)
        yield _records(self.now)
        yield from _people(self.now)
        yield _failures()
        yield _conflicts(self.now)
        yield from _api(connection)
        yield from _queues()
        yield from _workers(self.now)


def rendered(now: datetime) -> bytes:
    """The metrics as text, in Prometheus's own format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SyncCollector(now))  # type: ignore[arg-type]
    return generate_latest(registry)


def _gauge(name: str, text: str, value: float | None, labels: Iterable[str] = ()) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"syncadmin_{name}", text, labels=list(labels) or None)
    if value is not None:
        family.add_metric([], value)
    return family


def _age(moment: datetime | None, now: datetime) -> float | None:
    return max((now - moment).total_seconds(), 0) if moment else None


def _stamp(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _sync(found: Freshness, now: datetime) -> Iterator[Metric]:
    states = StateSetMetricFamily("syncadmin_sync_state", "How the sync stands; as /health/sync/ says it")
    states.add_metric([], {name: name == found.name for name in get_args(Name)})
    yield states
    yield _gauge("sync_fresh", "1 while the sync keeps up", float(found.is_well(strictly=True)))
    good = "the last cycle that succeeded ended"
    yield _gauge("last_good_cycle_timestamp_seconds", f"When {good}", _stamp(found.good_at))
    yield _gauge("last_good_cycle_age_seconds", f"How long ago {good}", _age(found.good_at, now))


def _cycles(now: datetime) -> Iterator[Metric]:
    family = _gauge("cycles_last_day", "Cycles begun in the last 24 hours, by state", None, ["state"])
    rows = SyncRun.objects.filter(started_at__gte=now - DAY).order_by().values("state")
    counted = {row["state"]: row for row in rows.annotate(number=Count("pk"), calls=Sum("api_calls"))}
    for state in SyncRun.State.values:
        family.add_metric([state], counted[state]["number"] if state in counted else 0)
    yield family
    calls = sum(row["calls"] or 0 for row in counted.values())
    yield _gauge("cycle_api_calls_last_day", "API calls of cycles begun in the last 24 hours", calls)
    ended = SyncRun.objects.exclude(ended_at=None).order_by("-pk").only("started_at", "ended_at").first()
    end, took = (
        (ended.ended_at, ended.ended_at - ended.started_at) if ended and ended.ended_at else (None, None)
    )
    yield _gauge("last_cycle_age_seconds", "How long ago the last cycle ended, well or not", _age(end, now))
    yield _gauge("last_cycle_duration_seconds", "How long it took", took.total_seconds() if took else None)


def _records(now: datetime) -> Metric:
    text = "What cycles did with records in the last 24 hours"
    family = _gauge("cycle_records_last_day", text, None, ["object", "operation", "outcome"])
    steps = SyncStep.objects.filter(run__started_at__gte=now - DAY).order_by().values("object", "operation")
    for row in steps.annotate(**{f"sum_{name}": Sum(name) for name in COUNTS}):
        if row["object"]:
            for name in COUNTS:
                family.add_metric([row["object"], row["operation"], name], row[f"sum_{name}"])
    return family


def _people(now: datetime) -> Iterator[Metric]:
    family = _gauge("people", "People by where they stand; at most a minute old", None, ["state"])
    for state, number in _counted_people().items():
        family.add_metric([state], number)
    yield family
    found = Person.objects.filter(changed_at__isnull=False).aggregate(
        number=Count("pk"), oldest=Min("changed_at")
    )
    yield _gauge("people_waiting", "People with changes made here that wait to be pushed", found["number"])
    yield _gauge(
        "longest_wait_seconds", "How long the first of them has waited", _age(found["oldest"], now) or 0
    )


def _counted_people() -> dict[str, int]:
    counted: dict[str, int] | None = cache.get("metrics-people")
    if counted is None:
        all_ = people_queries.counts()
        known = {
            PersonState.WAITING: all_.waiting, PersonState.FAILING: all_.failing, PersonState.DELETED: all_.deleted,
            PersonState.NOT_IN_SFDC: all_.not_in_sfdc,
        }  # fmt: skip
        in_step = all_.total - sum(known.values())
        counted = {state.value: number for state, number in {PersonState.IN_STEP: in_step, **known}.items()}
        cache.set("metrics-people", counted, PEOPLE_SECONDS)
    return counted


def _failures() -> Metric:
    family = _gauge("open_failures", "Failures that are open", None, ["code", "direction"])
    rows = SyncFailure.objects.filter(state=SyncFailure.State.OPEN).order_by().values("code", "direction")
    for row in rows.annotate(number=Count("pk")):
        family.add_metric([row["code"], row["direction"]], row["number"])
    return family


def _conflicts(now: datetime) -> Metric:
    conflicts = Activity.objects.filter(Q(type=ActivityType.CONFLICT), at__gte=now - DAY)
    return _gauge("conflicts_last_day", "Conflicts found in the last 24 hours", conflicts.count())


def _api(connection: Connection | None) -> Iterator[Metric]:
    used, limit = (connection.api_used, connection.api_limit) if connection else (None, None)
    yield _gauge("api_calls_used", "API calls of all programs, as the org counted them last", used)
    yield _gauge("api_calls_limit", "API calls that the org allows in 24 hours", limit)


def _queues() -> Iterator[Metric]:
    family = _gauge("queue_jobs", "Jobs in the queues, those under way as well", None, ["queue"])
    for queue, number in lengths().items():
        family.add_metric([queue], number)
    yield family


def _workers(now: datetime) -> Iterator[Metric]:
    found = Worker.objects.aggregate(
        newest=Max("seen_at"), number=Count("pk", filter=Q(seen_at__gte=now - GONE))
    )
    yield _gauge("workers", "Workers that have told of themselves in the last minute", found["number"])
    yield _gauge("worker_heartbeat_age_seconds", "How long ago any worker did", _age(found["newest"], now))
