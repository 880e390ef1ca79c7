"""The start page: what it says, what it leads to, and how it follows a cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from syncadmin.charts import StackedBars
from syncadmin.models import BacklogSample, Connection, SyncConflict, SyncFailure, SyncRun, SyncStep

HTMX = {"HX-Request": "true"}


def text(client: Client, page: str = "/", **options: Any) -> str:
    return client.get(page, **options).content.decode()


def test_an_administrator_is_led_to_the_connection(client: Client) -> None:
    page = text(client)
    assert "Salesforce is not connected yet." in page
    assert 'href="/sync/connection/"' in page


def test_others_are_told_whom_to_ask(marketer: User, browser_of: Callable[[User | None], Client]) -> None:
    page = text(browser_of(marketer))
    assert "Ask an administrator" in page
    assert "Sync now" not in page


def test_it_counts_down_to_the_next_cycle(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    make_run()
    page = text(client)
    assert "The sync is healthy: in step with Acme." in page
    assert "data-countdown=" in page


def test_numbers_lead_to_the_people_they_count(
    client: Client, acme: Connection, make_person: Callable[..., Person]
) -> None:
    make_person(sfdc_id="00Q000000000001AAA", sfdc_type="Lead", changed_at=timezone.now())
    page = text(client)
    for link in (
        "type=Lead",
        "type=Contact",
        "state=not_in_sfdc",
        "state=waiting",
        "state=failing",
        "state=deleted",
    ):
        assert f'href="/people/?{link}"' in page


def test_open_failures_are_grouped_and_those_in_plain_words(
    client: Client, acme: Connection, make_failure: Callable[..., SyncFailure]
) -> None:
    for _ in range(3):
        make_failure("DUPLICATES_DETECTED")
    for code in ("A", "B", "C", "D", "E", "F"):
        make_failure(code)
    make_failure("STRING_TOO_LONG", state="resolved")
    page = client.get("/")
    assert page.context["refusals"][0].number == 3
    assert len(page.context["refusals"]) == 5
    assert page.context["open_failures"] == 9
    assert "The text is too long" not in page.content.decode()


def chart_of(client: Client, name: str, page: str = "/") -> StackedBars:
    return next(card.chart for card in client.get(page).context["charts"] if card.chart.id == name)


def test_people_synced_are_charted_by_the_hour_of_the_reader(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    client.cookies["timezone"] = "Asia/Kolkata"  # half an hour off the hour
    make_run(counted={"new": 3, "updated": 1, "failed": 2})
    make_run(age=timedelta(hours=5), counted={"updated": 7})
    make_run(age=timedelta(hours=30), counted={"updated": 99})
    bars = chart_of(client, "throughput").bars
    assert len(bars) == 24
    assert [bar.values for bar in bars if any(bar.values)] == [(7, 0, 0), (4, 0, 2)]
    assert bars[-1].label.endswith(":00")


def test_what_was_pushed_is_charted_apart_from_what_was_pulled(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    run = make_run(counted={"updated": 1})
    SyncStep.objects.create(
        run=run, object="Lead", operation="push", started_at=run.started_at, updated=5, new=1
    )
    assert chart_of(client, "throughput").bars[-1].values == (1, 6, 0)


def test_failures_are_charted_by_the_day_they_came_up_and_were_settled(
    client: Client, acme: Connection, make_failure: Callable[..., SyncFailure]
) -> None:
    now = timezone.now()
    make_failure(first_at=now - timedelta(days=3), state="resolved", resolved_at=now)
    make_failure(first_at=now - timedelta(days=40))
    make_failure()
    bars = chart_of(client, "failures").bars
    assert len(bars) == 14
    assert [bar.values for bar in bars if any(bar.values)] == [(1, 0), (1, 1)]


def test_conflicts_are_charted_by_who_won(
    client: Client, acme: Connection, make_person: Callable[..., Person]
) -> None:
    person = make_person()
    for number, winner in enumerate(("ours", "ours", "salesforce")):
        SyncConflict.objects.create(
            pk=number + 1, person=person, at=timezone.now(), field="phone", label="Phone", winner=winner
        )
    assert chart_of(client, "conflicts").bars[-1].values == (2, 1)


def test_the_backlog_is_charted_as_it_was_measured(client: Client, acme: Connection) -> None:
    figures = {"push": {"Lead": {"due": 7}}, "pull": {"Lead": 2}, "steps": 0}
    BacklogSample.objects.create(at=timezone.now() - timedelta(hours=1), figures=figures, took_ms=1)
    assert [bar.values for bar in chart_of(client, "trend").bars] == [(7, 0, 2, 0)]


def test_what_needs_somebody_stands_first_and_leads_there(
    client: Client, acme: Connection, make_failure: Callable[..., SyncFailure]
) -> None:
    assert "What needs somebody" not in text(client)
    make_failure("STRING_TOO_LONG")
    make_failure("STRING_TOO_LONG")
    make_failure("SEVERAL_MATCHES")
    needs = client.get("/").context["needs"]
    assert [(need.kind, need.url) for need in needs] == [
        ("err", "/sync/failures/"),
        ("warn", "/sync/review/"),
    ]
    assert needs[0].text.startswith("2 records don’t sync")
    assert needs[1].text.startswith("1 record may belong")


def test_where_nothing_happened_words_stand_instead_of_an_empty_chart(
    client: Client, acme: Connection
) -> None:
    page = text(client)
    assert "No cycle changed anybody in the last 24 hours." in page
    assert "Nothing was refused in the last 14 days." in page
    assert "chart-svg" not in page


def test_statements_do_not_grow_with_cycles_and_failures(
    client: Client,
    acme: Connection,
    make_run: Callable[..., SyncRun],
    make_failure: Callable[..., SyncFailure],
) -> None:
    for page in ("/", "/wall/"):
        make_run()
        make_failure()
        client.get(page)  # what is asked once per process
        few = queries_of(client, page)
        for _ in range(10):
            make_run(counted={"new": 1})
            make_failure()
        assert queries_of(client, page) == few


def test_the_wall_says_the_state_and_offers_nothing_to_press(
    viewer: User,
    browser_of: Callable[[User | None], Client],
    acme: Connection,
    make_run: Callable[..., SyncRun],
) -> None:
    make_run(counted={"new": 3})
    page = text(browser_of(viewer), "/wall/")
    assert "The sync is healthy: in step with Acme." in page
    assert 'hx-trigger="every 10s"' in page
    assert "<form" not in page
    assert "chart-svg" in page


def test_the_wall_wants_somebody_to_be_logged_in(browser_of: Callable[[User | None], Client]) -> None:
    assert browser_of(None).get("/wall/").status_code == 302


def test_the_use_of_the_api_is_shown(client: Client, acme: Connection) -> None:
    page = text(client)
    assert "900 of 1,000 used" in page
    assert 'class="progress-err"' in page


def test_progress_is_followed_while_a_cycle_runs(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    make_run("running", counted={"total": 5000, "done": 1200})
    page = text(client, "/sync/live/?ended=0", headers=HTMX)
    assert 'hx-trigger="every 2s"' in page
    assert "1,200 of 5,000" in page
    assert '<progress class="mb-2"' in page


def test_it_stops_asking_when_the_cycle_has_ended_and_refreshes_the_figures(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    make_run()
    answer = client.get("/sync/live/?ended=0&asked=2", headers=HTMX)
    assert answer["HX-Trigger"] == "cycle-ended"
    assert "every " not in answer.content.decode()


def test_figures_are_left_alone_while_nothing_new_has_ended(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    run = make_run()
    assert "HX-Trigger" not in client.get(f"/sync/live/?ended={run.pk}", headers=HTMX)


def test_sync_now_asks_for_a_cycle_and_says_so(
    marketer: User,
    browser_of: Callable[[User | None], Client],
    acme: Connection,
    django_capture_on_commit_callbacks: Any,
) -> None:
    from django_q.models import OrmQ

    with django_capture_on_commit_callbacks(execute=True):
        answer = browser_of(marketer).post("/sync/now/", follow=True)
    assert "A sync cycle was requested" in answer.content.decode()
    assert OrmQ.objects.count() == 1


def test_sync_now_by_script_waits_for_the_cycle_to_begin(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    run = make_run()
    page = client.post("/sync/now/", headers={**HTMX, "HX-Target": "sync-state"}).content.decode()
    assert f"/sync/live/?ended={run.pk}&amp;asked=2" in page
    assert 'hx-trigger="every 3s"' in page


def test_it_gives_up_waiting_and_names_the_worker(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    run = make_run()
    page = text(client, f"/sync/live/?ended={run.pk}&asked=41", headers=HTMX)
    assert "Check that the worker runs" in page
    assert "every 3s" not in page


def test_sync_now_without_a_connection_says_so(client: Client) -> None:
    assert "no connection to Salesforce yet" in client.post("/sync/now/", follow=True).content.decode()


def test_sync_now_during_a_cycle_says_so(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    make_run("running")
    assert "under way already" in client.post("/sync/now/", follow=True).content.decode()


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_button_never_leads_to_another_site(url: str, client: Client, acme: Connection) -> None:
    assert client.post("/sync/now/", {"next": url})["Location"] == "/"


def test_pausing_is_for_administrators_and_resuming_too(client: Client, acme: Connection) -> None:
    page = client.post("/sync/connection/pause/", {"paused": "1", "next": "/"}, follow=True).content.decode()
    assert "The background sync is paused." in page
    assert "Resume" in page
    client.post("/sync/connection/pause/", {"paused": "0"})
    assert not Connection.objects.get().is_paused


def test_the_number_of_queries_does_not_grow(
    client: Client,
    acme: Connection,
    make_run: Callable[..., SyncRun],
    make_failure: Callable[..., SyncFailure],
) -> None:
    make_run()
    make_failure()
    few = queries_of(client, "/")
    for _ in range(30):
        run = make_run(age=timedelta(hours=1))
        SyncStep.objects.create(run=run, object="Contact", operation="pull", started_at=timezone.now())
        make_failure()
    assert queries_of(client, "/") == few


def queries_of(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(database) as queries:
        assert client.get(page).status_code == 200
    return len(queries)
