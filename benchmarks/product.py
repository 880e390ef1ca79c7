"""The product inside a child process: set up, connected to the emulator, ready to be measured."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.utils import timezone  # noqa: E402

from people import bulk  # noqa: E402
from syncadmin import services  # noqa: E402
from syncadmin.models import Connection, SyncRun  # noqa: E402
from syncadmin.store.rules import load_rules  # noqa: E402

#: Custom fields of the emulator's Leads that sync beside the standard ones; 30 in all.
CUSTOM = ("Budget", "Lead Score", "LinkedIn", "Product Interest", "Region", "Renewal Date")
FIELDS = 30


def prepare(url: str) -> None:
    """Tables, connection, and a field sync of 30 fields."""
    call_command("migrate", verbosity=0)
    connection = Connection(instance_url=url, client_id="demo", client_secret="demo")
    report = services.connect(connection, timezone.now())
    assert report.ok, report
    Connection.objects.update(guard_share=0)  # it would stop a cycle that changes everybody
    free = {row.label: row for row in services.field_rows() if row.sync is None and row.lead}
    choices = {free[label].key: services.Choice(free[label].directions[0][0]) for label in CUSTOM}
    services.save_changes(services.plan_changes(choices), fill=False, now=timezone.now())
    assert len(lead_fields()) == FIELDS, lead_fields()


def lead_fields() -> list[str]:
    """What is asked of Salesforce for each Lead, beside the system fields."""
    return list(load_rules(Connection.objects.get())["Lead"].api_names)


def cycle() -> SyncRun:
    """One sync cycle, which must succeed."""
    run = services.run_sync_cycle("command", timezone.now)
    assert run is not None
    assert run.state == SyncRun.State.DONE, (run.error_code, run.error_message)
    return run


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds, by the clock, of this process's CPU, and of that of the database server's process."""
    began, worked, served = time.monotonic(), time.process_time(), server_cpu()
    work()
    return {
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - worked,
        "server_cpu": server_cpu() - served,
    }


def server_cpu() -> float:
    """CPU seconds of the PostgreSQL process that works for us; 0 if it is none of this machine's, or SQLite."""
    if database.vendor != "postgresql":
        return 0.0
    database.ensure_connection()
    try:
        return (
            int(Path(f"/proc/{database.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
        )
    except OSError:
        return 0.0


def peak_megabytes() -> float:
    """The most memory this process has ever had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


class Statements:
    """Counts what is sent to the database. A list of rows (executemany, COPY) is one statement."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)

    def copy(self, cursor: Any, statement: str, rows: Any) -> None:
        self.count += 1
        _copy(cursor, statement, rows)


_copy = bulk._copy


@contextmanager
def counting() -> Iterator[Statements]:
    """Count statements; Django's own hook doesn't see COPY."""
    statements = Statements()
    bulk._copy = statements.copy
    try:
        with database.execute_wrapper(statements):
            yield statements
    finally:
        bulk._copy = _copy
