"""A worker that is killed at a statement or a request of its choice, beside a test that shares its database."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from syncadmin.salesforce import session

Work = Callable[[], object]


@contextmanager
def shared_database(folder: Path) -> Iterator[None]:
    """The test's database, where another process can open it: SQLite's is in memory until then."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    mine = connections[DEFAULT_DB_ALIAS]
    path = folder / "shared.sqlite3"
    with sqlite3.connect(path) as target:
        mine.connection.backup(target)
    target.close()
    shared = mine.copy()
    shared.settings_dict = {**mine.settings_dict, "NAME": str(path)}
    connections[DEFAULT_DB_ALIAS] = shared
    try:
        yield
    finally:
        shared.close()
        connections[DEFAULT_DB_ALIAS] = mine


class Moments:
    """The moments of a process's work at which it can be killed: before each statement, around each request."""

    def __init__(self, last: int) -> None:
        self.last = last
        self._numbers = itertools.count(1)
        self.seen = 0

    def pass_one(self) -> None:
        """One more; at the last one the process is no more."""
        self.seen = next(self._numbers)
        if self.seen == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """What Django calls for each statement."""
        self.pass_one()
        return execute(sql, params, many, context)

    def watch_requests(self) -> None:
        """From now on requests count; in this process alone."""
        send = session.LoopbackAdapter.send

        def watched(adapter: Any, *args: Any, **kwargs: Any) -> Any:
            self.pass_one()
            answer = send(adapter, *args, **kwargs)
            self.pass_one()
            return answer

        session.LoopbackAdapter.send = watched  # type: ignore[method-assign]


def start(work: Work, last: int) -> tuple[int, int]:
    """Begin the work in another process, which is killed at moment ``last``; its id, and where it tells its moments."""
    connections.close_all()
    told, telling = os.pipe()
    pid = os.fork()
    if pid:
        os.close(telling)
        return pid, told
    status = 1
    try:  # the child: it never returns
        moments = Moments(last)
        moments.watch_requests()
        with connection.execute_wrapper(moments.statement):
            work()
        os.write(telling, str(moments.seen).encode())
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def end(process: tuple[int, int]) -> int:
    """Wait until it ended; how many moments its work had, 0 if it was killed. A failure fails the test."""
    pid, told = process
    status = os.waitpid(pid, 0)[1]
    with os.fdopen(told, "rb") as pipe:
        moments = int(pipe.read() or 0)
    assert os.WIFSIGNALED(status) or status == 0, "the worker failed; see its traceback"
    return moments
