"""API use: where it stands, what it was for, how it goes on, and what other settings would cost."""

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

from syncadmin.models import ApiHour, Connection, SyncRun
from syncadmin.services.api import use
from syncadmin.views.state import sync_state

PAGE = "/sync/api/"


@pytest.fixture
def make_hours(db: None) -> Callable[..., None]:
    """Calls of past hours: ``{hours ago: calls}``."""

    def make(calls: dict[int, int], purpose: str = "push", org_used: int | None = None) -> None:
        this = timezone.now().replace(minute=0, second=0, microsecond=0)
        for ago, number in calls.items():
            hour = this - timedelta(hours=ago)
            ApiHour.objects.create(
                hour=hour, purpose=purpose, calls=number, requests=number + 1, refused=1,
                told_at=hour if org_used else None, org_used=org_used, org_limit=1000 if org_used else None,
            )  # fmt: skip

    return make


def shown(client: Client, query: str = "") -> str:
    return " ".join(client.get(PAGE + query).content.decode().split())


def test_before_anything_was_asked_it_says_what_to_do(browser_of: Any, viewer: User, client: Client) -> None:
    assert "Connect Salesforce" in shown(client)
    assert "Ask an administrator" in shown(browser_of(viewer))


def test_it_tells_what_was_used_of_what_may_be_and_whose_it_was(
    client: Client, acme: Connection, make_hours: Any
) -> None:
    Connection.objects.update(api_allowance=500, api_told_at=timezone.now())
    make_hours({1: 90, 5: 210}, org_used=900)
    make_hours({2: 60}, "click")
    make_hours({40: 7_000}, "pull")
    page = shown(client)
    assert '<span class="stat-value">360</span> <span class="stat-note"> of 500 (72 %)' in page
    assert '<span class="stat-value">900</span>' in page
    assert '<span class="stat-value">40 %</span>' in page  # 360 of the org's 900
    assert "An administrator has allowed 500 calls" in page
    assert "From 375 on (75 %)" in page
    assert "At this rate:" in page
    assert "Clicks and flow steps" in page


def test_without_an_allowance_it_is_the_limit_of_the_org(
    client: Client, acme: Connection, make_hours: Any
) -> None:
    make_hours({1: 90})
    assert "No allowance is set, so the limit of the org counts: 1,000" in shown(client)


def test_the_charts_have_an_hour_or_a_day_for_each_bar_and_the_same_numbers_as_a_table(
    client: Client, acme: Connection, make_hours: Any
) -> None:
    make_hours({1: 90}, org_used=500)
    make_hours({24 * 5: 4_321}, "check")
    day, month = client.get(PAGE).context, client.get(PAGE + "?span=month").context
    assert len(day["chart"].bars) == 24
    assert sum(bar.total for bar in day["chart"].bars) == 90
    assert day["org_chart"].bars[-1].values == (90, 410)
    assert len(month["chart"].bars) == 30
    assert sum(bar.total for bar in month["chart"].bars) == 4_411
    assert "4,321" in shown(client, "?span=month")


def test_what_waits_says_so_with_the_reason_on_the_page_and_in_the_state(
    client: Client, acme: Connection, make_hours: Any, make_run: Callable[..., SyncRun]
) -> None:
    make_hours({1: 800})
    words = "Syncadmin has made 800 of the 1,000 API calls that it may make in 24 hours."
    run = make_run("waiting", error_code="API_ALLOWANCE", error_message=words)
    assert words in shown(client)
    state = sync_state(acme, run, timezone.now())
    assert (state.name, state.kind, state.text) == ("waiting", "warn", words)
    assert state.counts_down
    assert "An administrator can allow more" in state.advice
    for page in ("/", f"/sync/runs/{run.pk}/", "/sync/runs/?state=waiting"):
        html = client.get(page).content.decode()
        assert words in html or "Waiting for API calls" in html


def test_the_calculator_is_filled_with_what_is_set_and_reckons_what_is_entered(
    client: Client, acme: Connection, make_hours: Any
) -> None:
    make_hours({1: 90})
    page = client.get(PAGE)
    assert page.context["result"].then.polls == 288
    assert page.context["result"].more == 0
    entered = "pause=30&here=480&there=0&created=0&clicks=0&leads=100000&contacts=0&once=50000&checked=on"
    result = client.get(f"{PAGE}?{entered}").context["result"]
    assert (result.now.polls, result.then.polls) == (288, 48)
    assert (result.now.pushes, result.then.pushes) == (2 * 288, 2 * 48)
    assert result.then.check > result.now.check == 0
    assert result.once.push < result.once.rest == 100
    assert "50,000 people changed at once" in shown(client, f"?{entered}")


@pytest.mark.parametrize(
    "query", ["pause=0", "pause=x&here=-1", "pause=5", "pause=" + "9" * 400, "span=nonsense"]
)
def test_what_is_nonsense_is_told_and_reckons_nothing(
    query: str, client: Client, acme: Connection, make_hours: Any
) -> None:
    make_hours({1: 90})
    page = client.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert (page.context["result"] is None) is ("pause" in query)


def test_viewers_see_it_and_only_administrators_are_sent_to_the_settings(
    browser_of: Any, viewer: User, acme: Connection, make_hours: Any
) -> None:
    make_hours({1: 90})
    page = shown(browser_of(viewer))
    assert "What the calls were for" in page
    assert "/sync/connection/" not in page
    assert "/sync/requests/" not in page


def test_the_file_has_every_hour(client: Client, acme: Connection, make_hours: Any) -> None:
    make_hours({1: 90}, org_used=500)
    make_hours({24 * 40: 7}, "check")
    lines = b"".join(client.get(PAGE + "export/").streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "hour,purpose,api_calls,requests,not_answered_well,org_used,org_limit"
    assert [line.partition(",")[2] for line in lines[1:]] == ["push,90,91,1,500,1000", "check,7,8,1,,"]


def test_the_page_takes_as_many_statements_for_a_month_as_for_an_hour(
    client: Client, acme: Connection, make_hours: Any
) -> None:
    def statements(query: str) -> int:
        with CaptureQueriesContext(database) as context:
            client.get(PAGE + query)
        return len(context)

    make_hours({1: 90})
    few = statements("?span=month")
    for purpose in ("poll", "pull", "click", "check"):
        make_hours(dict.fromkeys(range(700), 5), purpose)
    assert statements("?span=month") == few


def test_a_day_in_the_reader_s_zone_begins_at_its_own_midnight(db: None) -> None:
    with timezone.override("Pacific/Auckland"):
        now = timezone.now()
        assert timezone.localtime(use.midnight(now)).hour == 0
        assert timedelta() < use.midnight(now) - now <= timedelta(hours=25)


def test_the_settings_say_what_a_pause_costs_and_take_an_allowance(client: Client, acme: Connection) -> None:
    html = client.get("/sync/connection/").content.decode()
    assert "With a pause of 5 minutes: at least 288 calls a day." in html
    assert "/sync/api/#calculator" in html
    form = client.get("/sync/connection/").context["settings_form"]
    data = {name: value for name, value in form.initial.items() if value not in (None, True)}
    answer = client.post("/sync/connection/", {**data, "form": "settings", "api_allowance": "20000",
                                               "request_log": "on"})  # fmt: skip
    assert answer.status_code == 302
    stored = Connection.objects.get()
    assert (stored.api_allowance, stored.request_log, stored.request_log_bodies) == (20_000, True, False)
