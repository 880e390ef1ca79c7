"""Takes down what is asked of Salesforce, and stores it a batch at a time. Nothing of it may fail the sync.

A process that is killed loses what it hadn't stored yet: at most some seconds of the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from syncadmin.models import ApiHour, ApiRequest, Connection, Purpose
from syncadmin.store import api_use as store
from syncadmin.sync.allowance import hour_of

if TYPE_CHECKING:
    from syncadmin.salesforce.exchanges import Exchange

#: Characters of each body that are kept, if bodies are.
KEPT = 4_000
#: Stored when so many requests wait, or the first of them for so many seconds.
MANY, LONG = 200, 20.0
log = structlog.get_logger(__name__)
_Noted = tuple[datetime, "Exchange"]


class Recorder:
    """What one piece of work asks. Told by several threads; stored by the one that works.

    ``run_id``: the cycle that it belongs to, if it is one.
    """

    def __init__(self, connection: Connection) -> None:
        self.run_id: int | None = None
        self._logs = connection.request_log
        self.keep_bodies = KEPT if self._logs and connection.request_log_bodies else 0
        self._lock = Lock()
        self._noted: list[_Noted] = []
        self._since = 0.0

    def __call__(self, exchange: Exchange) -> None:
        """Take down one request; its time is that of its end."""
        with self._lock:
            self._since = self._since if self._noted else monotonic()
            self._noted.append((timezone.now(), exchange))

    def flush_if_due(self) -> None:
        """Store what waits, if it is much or has waited long."""
        if len(self._noted) >= MANY or (self._noted and monotonic() - self._since >= LONG):
            self.flush()

    def flush(self) -> None:
        """Store what waits. What can't be stored is lost, and the log of the worker says so."""
        with self._lock:
            noted, self._noted = self._noted, []
        if not noted:
            return
        try:
            with transaction.atomic():
                store.add_calls(_by_hour(noted))
                if self._logs:
                    self._store(noted)
        except Exception:
            log.exception("requests could not be taken down", number=len(noted))

    def _store(self, noted: Sequence[_Noted]) -> None:
        requests = [_row(at, exchange, self.run_id) for at, exchange in noted]
        people = [exchange.errand.people for _, exchange in noted]
        store.log_requests(requests, people, [exchange.ids for _, exchange in noted])


def _by_hour(noted: Sequence[_Noted]) -> list[ApiHour]:
    rows: dict[tuple[datetime, str], ApiHour] = {}
    for at, exchange in noted:
        key = hour_of(at), _purpose(exchange)
        row = rows.setdefault(key, ApiHour(hour=key[0], purpose=key[1]))
        row.calls += exchange.calls
        row.requests += 1
        row.refused += exchange.outcome not in ("ok", "partly")
        if exchange.usage is not None:
            row.told_at, row.org_used, row.org_limit = at, exchange.usage.used, exchange.usage.limit
    return list(rows.values())


def _purpose(exchange: Exchange) -> str:
    return exchange.errand.purpose or Purpose.OTHER


def _row(at: datetime, exchange: Exchange, run_id: int | None) -> ApiRequest:
    return ApiRequest(
        at=at, method=exchange.method, path=exchange.path, parts="\n".join(exchange.parts), status=exchange.status,
        outcome=exchange.outcome, code=exchange.code, calls=exchange.calls, sent=exchange.sent,
        received=exchange.received, milliseconds=round(exchange.seconds * 1000), purpose=_purpose(exchange),
        run_id=run_id, records=exchange.records, request_body=exchange.request, answer_body=exchange.answer,
    )  # fmt: skip
