"""The retention page: what is kept, what a change would remove, who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from people.models import Activity
from syncadmin.models import Pruning, Retention, SyncRun
from syncadmin.services.retention import settings
from syncadmin.services.retention.kinds import kinds
from tests.syncadmin_pages.test_dashboard import queries_of

PAGE = "/sync/retention/"


def test_every_kind_can_be_set(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    for kind in kinds():
        assert f'name="days-{kind.name}"' in page
        assert str(kind.label) in page
    assert "not counted yet" in page
    assert "Nothing has been removed yet" in page


def test_a_change_is_reviewed_before_it_is_saved(
    client: Client, make_run: Callable[..., SyncRun], administrator: User
) -> None:
    for days in (1, 40, 100):
        make_run(age=timedelta(days=days))
    asked = {"days-runs": "30", "days-previews": "30"}
    page = client.post(PAGE, asked).content.decode()
    assert "The next job would remove 1 row for good." in page  # the newest good one stays
    assert 'name="days-previews"' not in page
    assert not Retention.objects.exists()
    assert client.post(PAGE, {"days-runs": "30", "action": "save"}).status_code == 302
    row = Retention.objects.get()
    assert (row.kind, row.days, row.changed_by) == ("runs", 30, administrator)
    assert SyncRun.objects.count() == 3


def test_what_was_not_changed_needs_no_review(client: Client) -> None:
    assert client.post(PAGE, {"days-runs": "180"})["Location"] == PAGE


def test_longer_removes_nothing(client: Client) -> None:
    assert "Nothing is old enough" in client.post(PAGE, {"days-runs": "ever"}).content.decode()


@pytest.mark.parametrize("days", ["", "0", "-1", "x", "99999", "9" * 5000, "²", "1.5"])
def test_a_senseless_setting_is_refused(days: str, client: Client) -> None:
    for action in ("", "save"):
        answer = client.post(PAGE, {"days-runs": days, "action": action})
        assert answer.status_code == 422
    assert not Retention.objects.exists()


def test_a_setting_that_is_none_of_the_usual_ones_stays_on_offer(client: Client) -> None:
    settings.save({"runs": 45}, None, timezone.now())
    assert '<option value="45" selected>45 days</option>' in client.get(PAGE).content.decode()


def test_a_job_is_asked_for_and_stopped(client: Client, administrator: User) -> None:
    client.post(f"{PAGE}prune/")
    job = Pruning.objects.get()
    assert (job.state, job.requested_by) == ("queued", administrator)
    page = client.get(PAGE).content.decode()
    assert "about to be removed" in page
    assert "Remove now" not in page
    client.post(f"{PAGE}prune/cancel/")
    assert Pruning.objects.get().state == "cancelled"
    assert client.post(f"{PAGE}prune/cancel/").status_code == 302


def test_what_was_removed_is_told(client: Client) -> None:
    Pruning.objects.create(
        state="done", requested_at=timezone.now(), ended_at=timezone.now(), day=timezone.localdate(),
        removed={"runs": 12_345, "failures": 0},
    )  # fmt: skip
    page = client.get(PAGE).content.decode()
    assert 'Sync cycles and their steps: <span class="number">12,345</span>' in page
    assert "Failures that are over:" not in page


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_others_may_not(role: str, browser_of: Callable[[User | None], Client], request: Any) -> None:
    browser = browser_of(request.getfixturevalue(role))
    assert browser.get(PAGE).status_code == 403
    assert browser.get(f"{PAGE}export/").status_code == 403
    for page in (PAGE, f"{PAGE}prune/", f"{PAGE}prune/cancel/"):
        assert browser.post(page, {"days-runs": "7", "action": "save"}).status_code == 403
    assert not Retention.objects.exists()


def test_it_exports_as_csv(client: Client) -> None:
    lines = client.get(f"{PAGE}export/").getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("kind,kept_for,rows")
    assert len(lines) == 1 + len(kinds())


def test_the_number_of_queries_does_not_grow(
    client: Client, make_person: Callable[..., Any], administrator: User
) -> None:
    few = queries_of(client, PAGE)
    settings.save({kind.name: 77 for kind in kinds()}, administrator, timezone.now())
    for _ in range(12):
        Pruning.objects.create(state="done", requested_at=timezone.now(), requested_by=administrator)
        Activity.objects.create(person=make_person(), type="conflict", at=timezone.now())
    assert queries_of(client, PAGE) == few
