"""A cycle that the guard stopped: seen on dashboard and run, decided by an administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from syncadmin.models import Connection, GuardStop, SyncRun

WORDS = "Of 5,000 people, 1,240 would be overwritten here, most in the field City. Nothing was written."


@pytest.fixture
def stop(acme: Connection, make_run: Callable[..., SyncRun]) -> GuardStop:
    run = make_run("stopped", error_code="GUARD", error_message=WORDS)
    now = timezone.now()
    return GuardStop.objects.create(
        run=run,
        at=now,
        last_at=now,
        share=20,
        least=100,
        people=5_000,
        overwritten_here=1_240,
        reading={"Lead": {}},
    )


@pytest.mark.parametrize("page", ["/", "/sync/runs/{run}/"])
def test_it_is_said_with_what_can_be_done(page: str, client: Client, stop: GuardStop) -> None:
    shown = client.get(page.format(run=stop.run_id)).content.decode()
    for words in (WORDS, "Run anyway", "Check again", "See what would change"):
        assert words in shown


def test_the_list_of_cycles_shows_the_state(client: Client, stop: GuardStop) -> None:
    assert "Stopped by the guard" in client.get("/sync/runs/?state=stopped").content.decode()


def test_run_anyway_is_noted_with_who_and_when(client: Client, stop: GuardStop) -> None:
    answer = client.post(f"/sync/guard/{stop.pk}/", {"action": "run_anyway"}, follow=True)
    assert "One cycle runs although the guard would stop it" in answer.content.decode()
    stop.refresh_from_db()
    assert stop.allowed_by == "administrator"
    assert stop.allowed_at


def test_check_again_forgets_what_was_seen(client: Client, stop: GuardStop) -> None:
    client.post(f"/sync/guard/{stop.pk}/", {"action": "check_again"})
    stop.refresh_from_db()
    assert not stop.reading
    assert not stop.is_allowed


def test_what_is_settled_can_not_be_allowed(client: Client, stop: GuardStop) -> None:
    GuardStop.objects.update(closed_at=timezone.now())
    answer = client.post(f"/sync/guard/{stop.pk}/", {"action": "run_anyway"}, follow=True)
    assert "This is settled already." in answer.content.decode()


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_only_administrators_decide(role: str, stop: GuardStop, as_user: Callable[[str], Client]) -> None:
    browser = as_user(role)
    assert browser.post(f"/sync/guard/{stop.pk}/", {"action": "run_anyway"}).status_code == 403
    page = browser.get("/").content.decode()
    assert "An administrator decides whether it runs anyway." in page
    assert 'value="run_anyway"' not in page


def test_a_cycle_that_ran_anyway_says_who_let_it(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    run = make_run(unguarded_by="maria")
    assert "maria" in client.get(run.get_absolute_url()).content.decode()
