"""The preview's page: look ahead, see it person by person, start the sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, PreviewItem, SyncPreview
from syncadmin.services.preview.previews import requeue_lost, run_preview

PAGE = "/sync/preview/"
COUNTS = {
    "steps": [
        {"object": "Lead", "operation": "pull", "new": 3, "updated": 1, "deleted": 0, "failed": 0, "skipped": 0,
         "conflicts": 0},
    ],
    "kinds": {"new": 3, "change": 1},
    "fields": [{"kind": "change", "label": "City", "number": 1}],
    "is_guarded": False,
}  # fmt: skip


@pytest.fixture
def make_preview(acme: Connection) -> Callable[..., SyncPreview]:
    def make(items: int = 1, **values: Any) -> SyncPreview:
        now = timezone.now()
        given = {
            "state": "done", "asked_at": now, "started_at": now, "ended_at": now, "counts": COUNTS, "changes": 4,
            "people": 1_234, "calls_to_come": 7, "org_url": acme.instance_url,
        }  # fmt: skip
        preview = SyncPreview.objects.create(**{**given, **values})
        PreviewItem.objects.bulk_create(
            PreviewItem(
                preview=preview, kind="push", name=f"Ada <b>{n}</b>", object="Lead", sfdc_id=f"00Q{n:015}",
                field="city", label="City", old="Paris", new="London", winner="ours", reason="both_changed",
            )
            for n in range(items)
        )  # fmt: skip
        return preview

    return make


def test_without_a_preview_the_page_says_what_it_is_and_what_it_costs(
    client: Client, acme: Connection
) -> None:
    page = client.get(PAGE).content.decode()
    assert "It writes nothing, here or in Salesforce." in page
    assert "API call" in page
    assert "Look ahead" in page


def test_without_a_connection_it_leads_there(client: Client, db: None) -> None:
    assert "Connect Salesforce first" in client.get(PAGE).content.decode()


def test_asking_makes_one_and_asking_twice_makes_no_second(client: Client, acme: Connection) -> None:
    first = client.post(PAGE)
    assert client.post(PAGE)["Location"] == first["Location"]
    assert SyncPreview.objects.count() == 1
    assert "Waiting for the worker…" in client.get(first["Location"]).content.decode()


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("marketer", 302), ("administrator", 302)])
def test_everybody_may_look_at_it_marketers_may_ask(
    role: str, status: int, acme: Connection, as_user: Callable[[str], Client]
) -> None:
    browser = as_user(role)
    assert browser.get(PAGE).status_code == 200
    assert browser.post(PAGE).status_code == status


def test_what_would_change_is_told_person_by_person(
    client: Client, make_preview: Callable[..., SyncPreview]
) -> None:
    page = client.get(make_preview().get_absolute_url()).content.decode()
    for words in ("1,234", "Changed in Salesforce", "Paris", "London", "Ours wins: changed on both sides",
                  "Ada &lt;b&gt;0"):  # fmt: skip
        assert words in page


def test_it_can_be_filtered_and_exported(client: Client, make_preview: Callable[..., SyncPreview]) -> None:
    preview = make_preview()
    assert "Nothing matches" in client.get(f"{PAGE}{preview.pk}/?kind=delete").content.decode()
    exported = client.get(f"{PAGE}{preview.pk}/export/").getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    assert exported.splitlines()[1].startswith("push,,Ada <b>0</b>,Lead")


def test_nothing_to_do_is_said(client: Client, make_preview: Callable[..., SyncPreview]) -> None:
    page = client.get(make_preview(items=0, changes=0).get_absolute_url()).content.decode()
    assert "Nothing would change" in page


def test_a_failed_preview_says_why_and_what_to_do(
    client: Client, make_preview: Callable[..., SyncPreview]
) -> None:
    failed = make_preview(state="failed", error_code="REQUEST_LIMIT_EXCEEDED", error_message="TotalRequests")
    assert "What to do:" in client.get(failed.get_absolute_url()).content.decode()


def test_the_guard_is_announced(client: Client, make_preview: Callable[..., SyncPreview]) -> None:
    preview = make_preview(counts={**COUNTS, "is_guarded": True})
    assert "The guard would stop this cycle" in client.get(preview.get_absolute_url()).content.decode()


def test_the_sync_starts_only_after_a_look_at_the_first(
    client: Client, acme: Connection, make_preview: Callable[..., SyncPreview]
) -> None:
    Connection.objects.update(is_paused=True, started_at=None)
    client.post(f"{PAGE}start/")
    assert Connection.objects.get().awaits_start
    preview = make_preview(is_first=True)
    assert "Start syncing" in client.get(preview.get_absolute_url()).content.decode()
    assert client.post(f"{PAGE}start/")["Location"] == "/?asked=1"
    started = Connection.objects.get()
    assert not started.is_paused
    assert started.started_at


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_only_administrators_start_it(
    role: str, acme: Connection, make_preview: Callable[..., SyncPreview], as_user: Callable[[str], Client]
) -> None:
    Connection.objects.update(is_paused=True, started_at=None)
    preview = make_preview(is_first=True)
    browser = as_user(role)
    page = browser.get(preview.get_absolute_url()).content.decode()
    assert "An administrator starts it." in page
    assert browser.post(f"{PAGE}start/").status_code == 403


def test_the_number_of_queries_does_not_grow(
    client: Client, make_preview: Callable[..., SyncPreview], django_assert_max_num_queries: Any
) -> None:
    for items in (1, 200):
        preview = make_preview(items=items)
        with django_assert_max_num_queries(15):
            client.get(preview.get_absolute_url())


def test_a_lost_job_is_queued_again_and_one_that_kills_its_worker_is_given_up(
    make_preview: Callable[..., SyncPreview], django_capture_on_commit_callbacks: Any
) -> None:
    long_ago = timezone.now() - timedelta(minutes=20)
    lost = make_preview(state="running", heartbeat_at=long_ago, ended_at=None, attempts=1)
    deadly = make_preview(state="running", heartbeat_at=long_ago, ended_at=None, attempts=3)
    with django_capture_on_commit_callbacks() as queued:
        requeue_lost(timezone.now())
    assert len(queued) == 1
    deadly.refresh_from_db()
    lost.refresh_from_db()
    assert (lost.state, deadly.state, deadly.error_code) == ("running", "failed", "WORKER_GONE")


def test_a_job_that_is_under_way_is_not_begun_twice(make_preview: Callable[..., SyncPreview]) -> None:
    beating = make_preview(state="running", heartbeat_at=timezone.now() + timedelta(seconds=5), ended_at=None)
    assert run_preview(beating.pk, timezone.now) is None


def test_a_person_who_is_deleted_meanwhile_stays_in_the_preview_by_name(
    client: Client, make_preview: Callable[..., SyncPreview], make_person: Callable[..., Person]
) -> None:
    preview, person = make_preview(), make_person()
    preview.items.update(person=person)
    person.delete()
    assert client.get(preview.get_absolute_url()).status_code == 200


def test_a_preview_of_another_connection_starts_nothing(
    client: Client, acme: Connection, make_preview: Callable[..., SyncPreview]
) -> None:
    Connection.objects.update(is_paused=True, started_at=None)
    preview = make_preview(is_first=True, org_url="https://old.my.salesforce.com")
    assert "Start syncing" not in client.get(preview.get_absolute_url()).content.decode()
    client.post(f"{PAGE}start/")
    assert Connection.objects.get().awaits_start
