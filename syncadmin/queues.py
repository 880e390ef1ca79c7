"""How long the queues are, in the database or in Redis."""

from __future__ import annotations

from django.db.models import Count
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ

NAMES = ("now", "background")


def lengths() -> dict[str, int]:
    """Jobs of each queue, those under way as well. One statement, or one question each to Redis."""
    if not Conf.ORM:
        return {name: get_broker(name).queue_size() for name in NAMES}
    rows = (
        OrmQ.objects.using(Conf.ORM).filter(key__in=NAMES).order_by().values_list("key").annotate(Count("pk"))
    )
    return dict.fromkeys(NAMES, 0) | dict(rows)


def has_waiting(name: str, now: object) -> bool:
    """Whether a job waits that nobody works on. What is in Redis is taken at once, so nothing is seen there."""
    if not Conf.ORM:
        return get_broker(name).queue_size() > 0
    return OrmQ.objects.using(Conf.ORM).filter(key=name, lock__lte=now).exists()
