"""The job that removes what is old may be killed at any statement: each row goes once, with what belongs to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django_q.models import OrmQ

from people.models import Activity
from syncadmin.models import Pruning, SyncRun, SyncStep
from syncadmin.services.retention import pruning, settings
from tests.conftest import NOW
from tests.cycle import killing
from tests.programs.test_retention import OLD, MakeRun


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_it_goes_on_and_removes_each_row_once(
    make_run: MakeRun, make_activity: Callable[..., Activity], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pruning, "FIRST", 2)
    monkeypatch.setattr(pruning, "MOST", 2)
    settings.save({"activity_values": 30}, None, NOW)
    for _ in range(5):
        make_activity(at=OLD)
    with killing.shared_database(tmp_path):
        _kill_and_go_on(make_run)


def _kill_and_go_on(make_run: MakeRun) -> None:
    for moment in range(1, 200, 3):
        SyncRun.objects.all().delete()
        for _ in range(5):
            make_run(at=OLD)
        job = pruning.start_pruning(NOW)
        assert job is not None
        OrmQ.objects.all().delete()
        number = killing.end(killing.start(lambda job=job: pruning.work_on(job.pk, lambda: NOW), moment))
        if number:  # it came to its end before that moment
            break
        left = SyncRun.objects.count()
        told = Pruning.objects.get(pk=job.pk)
        assert told.removed.get("runs", 0) == 5 - left
        assert SyncStep.objects.count() == 2 * left
        if told.is_open:
            _go_on(job.pk)
        told.refresh_from_db()
        assert told.state == "done"
        assert told.removed["runs"] == 4
        assert SyncRun.objects.count() == 1
    else:
        pytest.fail("it never came to its end")


def _go_on(pk: int) -> None:
    """Eleven minutes later somebody finds that it is silent."""
    later = NOW + timedelta(minutes=11)
    pruning.SLICES.requeue_lost(later)
    OrmQ.objects.all().delete()
    pruning.work_on(pk, lambda: later, rest=lambda _: None)
