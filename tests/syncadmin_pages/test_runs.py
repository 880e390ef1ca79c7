"""The cycles: their list, their file, and what each did."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from syncadmin.models import Connection, SyncFailure, SyncRun, SyncStep
from tests.syncadmin_pages.test_dashboard import queries_of

MakeRun = Callable[..., SyncRun]


def rows_of(client: Client, query: str = "") -> list[int]:
    return [row.record.pk for row in client.get(f"/sync/runs/?{query}").context["table"].rows]


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    page = client.get("/sync/runs/").content.decode()
    assert "No sync cycle has run yet" in page
    assert "Connect Salesforce" in page


def test_counts_are_the_sums_of_the_steps(client: Client, acme: Connection, make_run: MakeRun) -> None:
    run = make_run(counted={"new": 1200, "failed": 2})
    SyncStep.objects.create(run=run, object="Contact", operation="pull", started_at=timezone.now(), new=34)
    make_run()
    found = client.get("/sync/runs/").context["table"].data.data
    assert [(row.sum_new, row.sum_failed) for row in found] == [(0, 0), (1234, 2)]


def test_cycles_are_filtered_by_state_and_day(client: Client, make_run: MakeRun) -> None:
    old = make_run("failed", age=timedelta(days=40))
    new = make_run("failed")
    make_run()
    day = timezone.localdate() - timedelta(days=2)
    assert rows_of(client, "state=failed") == [new.pk, old.pk]
    assert rows_of(client, f"state=failed&since={day}") == [new.pk]
    assert rows_of(client, f"until={day}") == [old.pk]


@pytest.mark.parametrize("query", ["since=nonsense", "until=9999-12-31", "state=nonsense"])
def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(
    query: str, client: Client, make_run: MakeRun
) -> None:
    make_run()
    answer = client.get(f"/sync/runs/?{query}")
    assert not answer.context["table"].rows
    assert "text-danger small" in answer.content.decode()


def test_cycles_are_sorted_by_what_they_did(client: Client, make_run: MakeRun) -> None:
    few, many = make_run(counted={"new": 1}), make_run(counted={"new": 5})
    assert rows_of(client, "sort=new") == [few.pk, many.pk]
    assert rows_of(client, "sort=-new") == [many.pk, few.pk]


def test_the_file_has_a_line_per_cycle_that_matches(client: Client, make_run: MakeRun) -> None:
    run = make_run("failed", counted={"updated": 3}, error_code="X", error_message='=cmd("x")')
    make_run()
    answer = client.get("/sync/runs/export/?state=failed")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[arg-type]
    assert [line["cycle"] for line in lines] == [str(run.pk)]
    assert lines[0]["updated"] == "3"
    assert lines[0]["error_message"] == '\'=cmd("x")'


def test_the_number_of_queries_does_not_grow(client: Client, make_run: MakeRun) -> None:
    make_run()
    few = queries_of(client, "/sync/runs/")
    for _ in range(24):
        make_run()
    assert queries_of(client, "/sync/runs/") == few


def test_a_cycle_shows_its_steps_and_what_failed(
    client: Client, acme: Connection, make_run: MakeRun, make_failure: Callable[..., SyncFailure]
) -> None:
    run = make_run(counted={"updated": 7, "failed": 1})
    failure = make_failure("STRING_TOO_LONG", run=run)
    page = client.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Pull updates" in page
    assert f'href="{failure.person.get_absolute_url()}"' in page  # type: ignore[union-attr]
    assert "The text is too long" in page
    assert "No &lt;b&gt;Company&lt;/b&gt;" in page


def test_a_failed_cycle_says_why_and_what_to_do(client: Client, make_run: MakeRun) -> None:
    run = make_run(
        "failed", error_code="REQUEST_LIMIT_EXCEEDED", error_message="TotalRequests Limit exceeded."
    )
    page = client.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "The API calls of the day are used up" in page
    assert "The sync goes on by itself" in page
    assert "TotalRequests Limit exceeded." in page


def test_codes_of_our_own_have_words_too(client: Client, make_run: MakeRun) -> None:
    run = make_run("incomplete", error_code="WORKER_GONE", error_message="gone")
    assert "The worker stopped in the middle" in client.get(f"/sync/runs/{run.pk}/").content.decode()


def test_a_running_cycle_asks_for_itself_and_an_ended_one_does_not(client: Client, make_run: MakeRun) -> None:
    run = make_run("running", counted={"total": 10, "done": 4})
    page = client.get(f"/sync/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert 'value="4"' in page
    assert "<html" not in page
    SyncRun.objects.update(state="done", ended_at=timezone.now())
    assert "every 2s" not in client.get(f"/sync/runs/{run.pk}/").content.decode()


def test_a_cycle_whose_worker_died_is_not_asked_for_for_ever(client: Client, make_run: MakeRun) -> None:
    run = make_run("running", heartbeat_at=timezone.now() - timedelta(hours=1))
    assert "every 2s" not in client.get(f"/sync/runs/{run.pk}/").content.decode()


def test_the_queries_of_a_cycle_do_not_grow(
    client: Client, acme: Connection, make_run: MakeRun, make_failure: Callable[..., SyncFailure]
) -> None:
    run = make_run()
    make_failure(run=run)
    few = queries_of(client, f"/sync/runs/{run.pk}/")
    for _ in range(20):
        make_failure(run=run)
    assert queries_of(client, f"/sync/runs/{run.pk}/") == few


def test_a_step_says_what_its_numbers_do_not(client: Client, make_run: MakeRun) -> None:
    run = make_run()
    note = "By REST instead of the Bulk API: no more jobs <today>"
    SyncStep.objects.create(
        run=run, object="Person", operation="push", started_at=timezone.now(), note=f"{note}\nSecond."
    )
    page = client.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "no more jobs &lt;today&gt;<br>Second." in page
