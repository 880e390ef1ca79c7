"""Changes of fields in Salesforce, and the jobs that bring values: told on their pages, decided by administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from people.models import Person, PersonField
from people.services import create_person
from syncadmin import services
from syncadmin.models import Backfill, Connection, FieldSync, KeptValue, ObjectField, RecordName, SchemaChange
from syncadmin.services import Choice
from tests.syncadmin_pages.test_dashboard import queries_of
from tests.syncadmin_pages.test_fields import field

FIELDS, CHANGES = "/sync/fields/", "/sync/fields/changes/"
pytestmark = pytest.mark.django_db


def change(kind: str, name: str = "F1__c", **values: Any) -> SchemaChange:
    details = {"gone": {"type": "string"}, "new": {"type": "string"}, "type": {"before": "string", "after": "double"},
               "label": {"before": "A", "after": "B"}, "choices": {"added": ["L"], "removed": ["S"]},
               "limits": {"before": "80", "after": "40"}, "access": {"writable": False}}  # fmt: skip
    made = {"of": "Lead", "label": "Field 1", "details": details.get(kind, {}), "noticed_at": timezone.now()}
    return SchemaChange.objects.create(kind=kind, name=name, **(made | values))


@pytest.fixture
def synced(connection: Connection) -> PersonField:
    """Field 1, a text of Lead that syncs."""
    ObjectField.objects.bulk_create([field(1)])
    row = next(row for row in services.field_rows() if row.label == "Field 1")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=False, now=timezone.now())
    return PersonField.objects.get(label="Field 1")


@pytest.fixture
def retyped(synced: PersonField) -> SchemaChange:
    ObjectField.objects.filter(name="F1__c").update(type="double", precision=10)
    for value in ("43", "large"):
        create_person({"last_name": "L", synced.name: value}, source="test", now=timezone.now())
    return change("type", field=synced)


@pytest.fixture
def as_viewer(viewer: User, browser_of: Callable[[User | None], Client]) -> Client:
    return browser_of(viewer)


# --- Told -------------------------------------------------------------------------------------------
def test_without_changes_the_page_says_what_will_be_here(client: Client) -> None:
    assert "Nothing has changed so far" in client.get(CHANGES).content.decode()


@pytest.mark.parametrize("kind", SchemaChange.Kind.values)
def test_every_kind_is_told_in_words(kind: str, client: Client, synced: PersonField) -> None:
    made = change(kind, field=synced)
    for page in (FIELDS, CHANGES, f"{CHANGES}{made.pk}/"):
        html = client.get(page).content.decode()
        assert "Field 1" in html or "“A”" in html
        assert "%(" not in html
    assert kind in client.get(f"{CHANGES}export/").getvalue().decode()


def test_the_dashboard_says_how_many_until_somebody_has_seen_them(
    client: Client, connection: Connection
) -> None:
    made = change("label")
    assert "1 change of fields in Salesforce" in client.get("/").content.decode()
    client.post(f"{CHANGES}settle/", {"ids": made.pk})
    assert "change of fields in Salesforce" not in client.get("/").content.decode()
    made.refresh_from_db()
    assert (made.decision, made.decided_by.username if made.decided_by else "") == ("seen", "administrator")


def test_many_changes_cost_as_many_queries_as_one(client: Client, synced: PersonField) -> None:
    change("gone", field=synced)
    change("new", "N__c")
    counts = [queries_of(client, page) for page in (FIELDS, CHANGES)]
    for number in range(10):
        change("gone", f"G{number}__c", field=synced)
        change("new", f"N{number}__c")
    assert [queries_of(client, page) for page in (FIELDS, CHANGES)] == counts


# --- Decided ----------------------------------------------------------------------------------------
def test_a_new_field_is_switched_on_with_a_click_that_leads_to_the_summary(
    client: Client, connection: Connection
) -> None:
    ObjectField.objects.bulk_create([field(1)])
    change("new")
    page = client.get(FIELDS).content.decode()
    assert "Sync it" in page
    row = next(row for row in services.field_rows() if row.label == "Field 1")
    assert f'<input type="hidden" name="direction-{row.key}" value="both">' in page
    assert client.post(FIELDS, {f"direction-{row.key}": "both"}).context["fills"] == ["Field 1"]


def test_not_now_is_remembered(client: Client, connection: Connection) -> None:
    ObjectField.objects.bulk_create([field(1)])
    made = change("new")
    client.post(f"{CHANGES}settle/", {"ids": made.pk})
    assert SchemaChange.objects.get().decision == "not_now"
    assert "Sync it" not in client.get(FIELDS).content.decode()


def test_what_needs_a_decision_cant_be_waved_through(client: Client, retyped: SchemaChange) -> None:
    client.post(f"{CHANGES}settle/", {"ids": [retyped.pk, "x", "9" * 30]})
    assert SchemaChange.objects.get().decided_at is None
    assert "Decision needed" in client.get(FIELDS).content.decode()


def test_values_that_dont_fit_are_listed_with_their_people_and_can_be_downloaded(
    client: Client, retyped: SchemaChange
) -> None:
    page = client.get(f"{CHANGES}{retyped.pk}/")
    assert [(one.person.last_name, one.value) for one in page.context["unfit"]] == [("L", "large")]
    lines = client.get(f"{CHANGES}{retyped.pk}/values/").getvalue().decode().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("large")


def test_a_conversion_that_leaves_the_other_object_behind_says_so(
    client: Client, retyped: SchemaChange
) -> None:
    ObjectField.objects.bulk_create([field(1, "Contact")])
    FieldSync.objects.filter(field__label="Field 1").update(contact_field="F1__c")
    assert "Contact.F1__c has its old type still" in client.get(f"{CHANGES}{retyped.pk}/").content.decode()


def test_convert_starts_the_job_that_keeps_what_doesnt_fit(client: Client, retyped: SchemaChange) -> None:
    answer = client.post(f"{CHANGES}{retyped.pk}/", {"action": "convert"})
    job = Backfill.objects.get()
    assert answer.url == job.get_absolute_url()  # type: ignore[attr-defined]
    assert (job.kind, PersonField.objects.get(label="Field 1").type) == ("convert", "number")
    services.work_on_backfill(job.pk, timezone.now)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "Values kept apart" in page
    assert "large" in client.get(f"{job.get_absolute_url()}kept/").getvalue().decode()
    assert KeptValue.objects.count() == 1


def test_switching_off_keeps_the_values(client: Client, retyped: SchemaChange) -> None:
    client.post(f"{CHANGES}{retyped.pk}/", {"action": "off"})
    assert FieldSync.objects.get(field__label="Field 1").direction == "off"
    assert Person.objects.filter(custom__field_1="large").exists()


def test_a_renamed_field_is_offered_to_go_on_with(client: Client, synced: PersonField) -> None:
    ObjectField.objects.filter(name="F1__c").update(is_present=False)
    ObjectField.objects.bulk_create([field(2, label="Field 1")])
    gone = change("gone", field=synced)
    change("new", "F2__c")
    page = client.get(FIELDS).content.decode()
    assert "Probably it is called F2__c now." in page
    assert "Sync it" not in page, "it would become a second field"
    assert "Go on with F2__c" in client.get(f"{CHANGES}{gone.pk}/").content.decode()
    client.post(f"{CHANGES}{gone.pk}/", {"action": "remap", "api_name": "F2__c"})
    assert FieldSync.objects.get(field=synced).lead_field == "F2__c"


@pytest.mark.parametrize(
    "forged", [{}, {"action": "drop"}, {"action": "remap", "api_name": "Id"}, {"action": "remap"}]
)
def test_a_way_that_is_not_offered_is_refused(
    forged: dict[str, str], client: Client, retyped: SchemaChange
) -> None:
    answer = client.post(f"{CHANGES}{retyped.pk}/", forged)
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()
    assert SchemaChange.objects.get().decided_at is None


def test_what_was_decided_meanwhile_is_not_decided_again(client: Client, retyped: SchemaChange) -> None:
    client.post(f"{CHANGES}{retyped.pk}/", {"action": "off"})
    answer = client.post(f"{CHANGES}{retyped.pk}/", {"action": "convert"})
    assert answer.status_code == 422
    assert not Backfill.objects.exists()


# --- Roles ------------------------------------------------------------------------------------------
def test_viewers_see_and_decide_nothing(as_viewer: Client, retyped: SchemaChange) -> None:
    for page in (
        FIELDS,
        CHANGES,
        f"{CHANGES}{retyped.pk}/",
        f"{CHANGES}export/",
        f"{CHANGES}{retyped.pk}/values/",
    ):
        answer = as_viewer.get(page)
        assert answer.status_code == 200
    assert 'name="action"' not in as_viewer.get(f"{CHANGES}{retyped.pk}/").content.decode()
    job = services.start_backfill(["city"], "fill", timezone.now())
    assert as_viewer.get(job.get_absolute_url()).status_code == 200
    assert "cancel/" not in as_viewer.get(job.get_absolute_url()).content.decode()
    for path, data in (
        (f"{CHANGES}{retyped.pk}/", {"action": "off"}),
        (f"{CHANGES}settle/", {"ids": retyped.pk}),
        (f"{FIELDS}refresh/", {}),
        (f"{job.get_absolute_url()}cancel/", {}),
        (f"{job.get_absolute_url()}again/", {}),
    ):
        assert as_viewer.post(path, data).status_code == 403
    assert SchemaChange.objects.get().decided_at is None


# --- Jobs -------------------------------------------------------------------------------------------
def test_a_job_is_followed_and_cancelled(client: Client, connection: Connection) -> None:
    job = services.start_backfill(["city"], "fill", timezone.now())
    assert "City" in client.get(FIELDS).content.decode()
    page = client.get(job.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in page
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    client.post(f"{job.get_absolute_url()}cancel/")
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert 'hx-trigger="every 2s"' not in client.get(job.get_absolute_url()).content.decode()


def test_a_failed_job_says_why_and_what_to_do(client: Client, connection: Connection) -> None:
    job = services.start_backfill(["city"], "fill", timezone.now())
    Backfill.objects.update(state="failed", error_code="INVALID_SESSION_ID", error_message="Session expired")
    page = client.get(job.get_absolute_url()).content.decode()
    assert "Session expired" in page
    client.post(f"{job.get_absolute_url()}again/")
    assert list(Backfill.objects.values_list("fields", "state")) == [
        (["city"], "queued"),
        (["city"], "failed"),
    ]
    assert client.post(f"{job.get_absolute_url()}again/", follow=True).status_code == 200


def test_formulas_are_read_again_with_a_click(client: Client, connection: Connection) -> None:
    assert "Refresh formulas" in client.get(FIELDS).content.decode()
    answer = client.post(f"{FIELDS}refresh/")
    job = Backfill.objects.get()
    assert answer.url == job.get_absolute_url()  # type: ignore[attr-defined]
    assert (job.kind, job.fields) == ("refresh", ["company"])
    assert "a backfill is under way" in client.post(f"{FIELDS}refresh/", follow=True).content.decode()


# --- A person's page --------------------------------------------------------------------------------
def test_a_lookup_is_shown_by_its_name_in_one_query(client: Client, connection: Connection) -> None:
    now = timezone.now()
    fields = [
        PersonField.objects.create(name=f"pal{n}", label=f"Pal {n}", type="reference") for n in range(3)
    ]
    ids = [f"00100000000000{n}AAA" for n in range(3)]
    RecordName.objects.bulk_create([RecordName(sfdc_id=ids[n], name=f"Acme {n}") for n in range(2)])
    one = create_person({"last_name": "L", "pal0": ids[0]}, source="test", now=now)
    all_ = create_person(
        {"last_name": "L"} | {f.name: i for f, i in zip(fields, ids, strict=True)}, source="test", now=now
    )
    page = client.get(all_.get_absolute_url()).content.decode()
    assert "Acme 0" in page
    assert "Acme 1" in page
    assert ids[2] in page
    assert queries_of(client, all_.get_absolute_url()) == queries_of(client, one.get_absolute_url())
