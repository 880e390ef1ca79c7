"""The connection page, against a Salesforce over HTTP: what is stored, what is refused, and what is never shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.models import LeadOwner
from syncadmin.forms import CredentialsForm
from syncadmin.models import Connection, FieldSync, ObjectField, PullCursor, SyncRun
from tests.emulated import Emulated

PAGE = "/sync/connection/"
SETTINGS = {
    "form": "settings", "pause_minutes": "5", "lead_winner": "ours", "contact_winner": "ours", "matching": "email",
    "contact_queue": "duplicate", "deleted_here": "comes_back", "default_last_name": "", "default_company": "",
    "external_id_field": "", "guard_share": "20", "guard_least": "100", "max_tries": "10",
}  # fmt: skip


def posted(url: str, **values: str) -> dict[str, str]:
    return {
        "form": "credentials", "action": "save", "instance_url": url, "method": "client_credentials",
        "client_id": "demo", "client_secret": "demo", "api_version": "62.0", **values,
    }  # fmt: skip


def by_password(url: str, **values: str) -> dict[str, str]:
    login = {"username": "integration@demo.example", "password": "demo", "security_token": "demo"}
    return posted(url, method="password", client_id="", client_secret="", **{**login, **values})


def asked(emulator: Emulated) -> list[dict[str, Any]]:
    """What was asked after the sales rep's log-in, which comes with the fixture."""
    return emulator.requests()[1:]


# --- Logging in -----------------------------------------------------------------------------------
@pytest.mark.parametrize("form", [posted, by_password])
def test_credentials_that_work_are_stored_and_the_org_is_read(
    form: Any, client: Client, emulator: Emulated
) -> None:
    answer = client.post(PAGE, form(emulator.url), follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    page = answer.content.decode()
    assert "as Integration User." in page
    assert Connection.objects.get().is_ready
    assert ObjectField.objects.exists()
    assert FieldSync.objects.exists()
    assert LeadOwner.objects.exists()


def test_credentials_that_do_not_work_are_not_stored(client: Client, emulator: Emulated) -> None:
    answer = client.post(PAGE, posted(emulator.url, client_secret="wrong-wrong"))
    assert answer.status_code == 422
    assert "The client id (consumer key) or secret is wrong" in answer.content.decode()
    assert not Connection.objects.exists()


def test_credentials_that_do_not_work_leave_those_that_do(client: Client, connection: Connection) -> None:
    client.post(PAGE, posted(connection.instance_url, client_secret="wrong-wrong"))
    stored = Connection.objects.get()
    assert stored.client_secret == "demo"
    assert stored.health == "ok"


@pytest.mark.parametrize(
    "url",
    ["http://acme.my.salesforce.com", "https://acme.my.salesforce.com/home", "https://a:b@acme.example"],
)
def test_an_address_that_is_not_safe_is_refused_in_the_connectors_words(
    url: str, client: Client, emulator: Emulated
) -> None:
    answer = client.post(PAGE, posted(url))
    assert answer.status_code == 422
    assert "The address must begin with https://" in str(answer.context["form"].errors["instance_url"])
    assert not asked(emulator)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://acme.example", "javascript:alert(1)", "https://" + "a" * 300]
)
def test_what_is_no_address_is_refused(url: str, client: Client, db: None) -> None:
    answer = client.post(PAGE, posted(url))
    assert answer.status_code == 422
    assert "instance_url" in answer.context["form"].errors


def test_an_address_without_a_scheme_is_taken_for_a_safe_one(db: None) -> None:
    form = CredentialsForm(posted("acme.my.salesforce.com"), stored=Connection())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["instance_url"] == "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"method": "password"}, "username"),
        ({"method": "password", "username": "a"}, "password"),
        ({"method": "smoke signals"}, "method"),
        ({"api_version": "latest"}, "api_version"),
        ({"api_version": "62.5"}, "api_version"),
        ({"client_id": "x" * 300}, "client_id"),
    ],
)
def test_what_is_missing_or_senseless_is_said_at_its_field(
    values: dict[str, str], field: str, client: Client, emulator: Emulated
) -> None:
    answer = client.post(PAGE, posted(emulator.url, **values))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not asked(emulator)


def test_another_org_is_refused(client: Client, connection: Connection) -> None:
    Connection.objects.update(org_id="00DXX0000000009AAA", org_name="Old Org")
    answer = client.post(PAGE, posted(connection.instance_url))
    assert answer.status_code == 422
    assert "lead to another org" in answer.content.decode()
    assert Connection.objects.get().org_name == "Old Org"


def test_a_blank_secret_keeps_the_stored_one(client: Client, connection: Connection) -> None:
    answer = client.post(PAGE, posted(connection.instance_url, client_secret="", api_version="61.0"))
    assert answer.status_code == 302
    stored = Connection.objects.get()
    assert (stored.client_secret, stored.api_version) == ("demo", "61.0")


def test_a_stored_secret_is_sent_to_no_other_server(
    client: Client, acme: Connection, emulator: Emulated
) -> None:
    for action in ("save", "test"):
        answer = client.post(PAGE, posted(emulator.url, client_secret="", action=action))
        assert answer.status_code == 422
        assert "the address is another" in str(answer.context["form"].errors["client_secret"])
    assert not asked(emulator)


def test_a_new_connection_waits_until_somebody_starts_it(client: Client, emulator: Emulated) -> None:
    page = client.post(PAGE, posted(emulator.url), follow=True).content.decode()
    assert Connection.objects.get().awaits_start
    assert "What would the first sync do?" in page
    answer = client.post("/sync/connection/pause/", {"paused": "0"}, follow=True)
    assert "The sync hasn’t been started yet." in answer.content.decode()
    assert "The sync hasn’t been started yet." in client.post("/sync/now/", follow=True).content.decode()
    assert Connection.objects.get().awaits_start


def test_new_credentials_for_the_same_address_pause_nothing(client: Client, connection: Connection) -> None:
    Connection.objects.update(is_paused=False, started_at=timezone.now())
    client.post(PAGE, posted(connection.instance_url, api_version="61.0"))
    assert not Connection.objects.get().is_paused


def test_another_address_of_the_same_org_waits_to_be_started_again(
    client: Client, connection: Connection
) -> None:
    Connection.objects.update(
        is_paused=False, started_at=timezone.now(), instance_url="https://old.my.salesforce.com"
    )
    client.post(PAGE, posted(connection.instance_url))
    assert Connection.objects.get().awaits_start


def test_what_the_sync_user_lacks_is_said_with_advice(client: Client, emulator: Emulated) -> None:
    emulator.rules(field_level_security=[{"object": "Lead", "field": "Email", "visible": False}])
    page = client.post(PAGE, posted(emulator.url), follow=True).content.decode()
    assert "does not see the field Email of Leads" in page
    assert "field-level security" in page


def test_secrets_are_in_no_answer(client: Client, emulator: Emulated) -> None:
    for values in (
        {"client_secret": "hush-1"},
        {"method": "password", "password": "hush-2", "security_token": "hush-3"},
    ):
        for action in ("save", "test"):
            answer = client.post(PAGE, posted(emulator.url, username="u", action=action, **values))
            assert "hush" not in answer.content.decode()


@pytest.mark.parametrize(
    "page", ["/", PAGE, "/sync/runs/", "/sync/owners/", "/sync/fields/", "/sync/live/", "/health/"]
)
def test_stored_secrets_are_in_no_page(page: str, client: Client, acme: Connection) -> None:
    Connection.objects.filter(pk=1).update(password="hush-2", security_token="hush-3", access_token="hush-4")
    assert "hush" not in client.get(page).content.decode()


# --- Testing --------------------------------------------------------------------------------------
def test_a_test_tells_org_user_and_api_use_and_stores_nothing(client: Client, emulator: Emulated) -> None:
    answer = client.post(PAGE, posted(emulator.url, action="test"))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Salesforce let us in: " in page
    assert "as Integration User." in page
    assert "of 100,000 API calls were used" in page
    assert not Connection.objects.exists()


def test_a_test_by_script_answers_with_the_report_alone(client: Client, emulator: Emulated) -> None:
    data = posted(emulator.url, action="test", client_secret="wrong")
    page = client.post(PAGE, data, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "Salesforce did not accept the client id and secret" in page


def test_a_test_by_script_of_a_form_that_is_not_complete_says_why(client: Client, emulator: Emulated) -> None:
    data = posted(emulator.url, action="test", client_secret="")
    answer = client.post(PAGE, data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "This is needed to log in." in answer.content.decode()


def test_a_test_of_what_is_stored_is_remembered(
    client: Client, connection: Connection, emulator: Emulated
) -> None:
    emulator.fault(status=503, times=50)
    page = client.post(PAGE, posted(emulator.url, client_secret="", action="test")).content.decode()
    assert "Salesforce is busy or under maintenance" in page
    assert Connection.objects.get().health == "failed"


def test_a_test_of_what_is_typed_leaves_what_is_stored(
    client: Client, connection: Connection, emulator: Emulated
) -> None:
    client.post(PAGE, posted(emulator.url, client_secret="wrong", action="test"))
    stored = Connection.objects.get()
    assert (stored.client_secret, stored.health) == ("demo", "ok")


# --- Another encryption key -----------------------------------------------------------------------
@pytest.fixture
def lost_key(connection: Connection, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlcjE="]


@pytest.mark.parametrize("page", ["/", PAGE, "/sync/runs/", "/sync/owners/", "/sync/fields/", "/health/"])
def test_pages_need_no_key_to_be_read(page: str, client: Client, lost_key: None) -> None:
    assert client.get(page).status_code == 200


def test_with_another_key_the_page_says_so_and_takes_the_credentials_again(
    client: Client, lost_key: None, emulator: Emulated
) -> None:
    assert "FIELD_ENCRYPTION_KEY is not the key" in client.get(PAGE).content.decode()
    kept = client.post(PAGE, posted(emulator.url, client_secret=""))
    assert kept.status_code == 422
    assert client.post(PAGE, posted(emulator.url)).status_code == 302
    assert Connection.objects.get().client_secret == "demo"


@pytest.mark.django_db(transaction=True)
def test_without_a_key_nothing_is_stored_and_the_page_says_why(
    client: Client, emulator: Emulated, settings: Any
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = []
    answer = client.post(PAGE, posted(emulator.url))
    assert answer.status_code == 422
    assert "FIELD_ENCRYPTION_KEY is not set" in answer.content.decode()


# --- Settings -------------------------------------------------------------------------------------
def test_settings_are_saved_and_the_credentials_left_alone(client: Client, connection: Connection) -> None:
    values = {
        **SETTINGS,
        "pause_minutes": "30",
        "lead_winner": "salesforce",
        "matching": "create",
        "contact_queue": "refuse",
        "default_company": "n/a",
        "max_tries": "3",
    }
    assert client.post(PAGE, values).status_code == 302
    stored = Connection.objects.get()
    assert (stored.pause_minutes, stored.lead_winner, stored.contact_winner) == (30, "salesforce", "ours")
    assert (stored.matching, stored.contact_queue, stored.default_company) == ("create", "refuse", "n/a")
    assert (stored.client_secret, stored.max_tries) == ("demo", 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pause_minutes", "0"), ("pause_minutes", "1441"), ("pause_minutes", ""), ("pause_minutes", "-5"),
        ("pause_minutes", "five"), ("lead_winner", "nobody"), ("contact_winner", ""), ("matching", "guess"),
        ("contact_queue", "x"), ("default_last_name", "x" * 81), ("default_company", "x" * 256),
        ("external_id_field", "Email"), ("external_id_field", "Id; DROP"), ("max_tries", "0"), ("max_tries", "101"),
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused(
    name: str, value: str, client: Client, connection: Connection
) -> None:
    answer = client.post(PAGE, {**SETTINGS, "default_company": "unsaved", name: value})
    assert answer.status_code == 422
    assert name in answer.context["settings_form"].errors
    assert Connection.objects.get().default_company == ""


def test_the_external_id_field_is_one_that_salesforce_keeps_unique(
    client: Client, connection: Connection
) -> None:
    choices = dict(client.get(PAGE).context["settings_form"].fields["external_id_field"].choices)
    unique = set(
        ObjectField.objects.filter(object="Lead", is_external_id=True).values_list("name", flat=True)
    )
    assert set(choices) == {"", *unique}


def test_an_external_id_field_that_was_hidden_stays_chosen(client: Client, connection: Connection) -> None:
    Connection.objects.update(external_id_field="Gone__c")
    assert client.post(PAGE, {**SETTINGS, "external_id_field": "Gone__c"}).status_code == 302


def test_a_shorter_pause_brings_the_next_cycle_nearer(client: Client, acme: Connection) -> None:
    client.post(PAGE, {**SETTINGS, "pause_minutes": "2"})
    assert Connection.objects.get().next_cycle_at == acme.next_cycle_at - timedelta(minutes=3)  # type: ignore[operator]


def test_settings_before_a_connection_lead_to_it(client: Client) -> None:
    assert "Connect Salesforce first." in client.post(PAGE, SETTINGS, follow=True).content.decode()


# --- Switches -------------------------------------------------------------------------------------
def test_pausing_says_that_single_syncs_go_on(client: Client, acme: Connection) -> None:
    page = client.post(f"{PAGE}pause/", {"paused": "1"}, follow=True).content.decode()
    assert "Single people can still be synced" in page
    assert "Resume background sync" in page


def test_reading_all_again_forgets_how_far_it_was_read(client: Client, acme: Connection) -> None:
    PullCursor.objects.create(object="Lead", polled_at="2026-01-01T00:00:00.000+0000", schema_stamp="kept")
    client.post(f"{PAGE}read-again/")
    cursor = PullCursor.objects.get()
    assert (cursor.polled_at, cursor.schema_stamp) == ("", "kept")


def test_reading_all_again_waits_for_the_cycle_under_way(
    client: Client, acme: Connection, make_run: Callable[..., SyncRun]
) -> None:
    PullCursor.objects.create(object="Lead", polled_at="2026-01-01T00:00:00.000+0000")
    make_run("running")
    assert "under way" in client.post(f"{PAGE}read-again/", follow=True).content.decode()
    assert PullCursor.objects.get().polled_at


def test_refreshing_reads_users_and_queues_now(client: Client, connection: Connection) -> None:
    LeadOwner.objects.all().delete()
    page = client.post(f"{PAGE}refresh/", follow=True).content.decode()
    assert "were read from Salesforce" in page
    assert LeadOwner.objects.exists()


def test_refreshing_that_fails_says_why(client: Client, connection: Connection, emulator: Emulated) -> None:
    Connection.objects.update(client_id="wrong", access_token="")
    page = client.post(f"{PAGE}refresh/", follow=True).content.decode()
    assert "Salesforce did not accept the client id and secret" in page


def test_refreshing_without_a_connection_says_so(client: Client) -> None:
    assert "no connection to Salesforce yet" in client.post(f"{PAGE}refresh/", follow=True).content.decode()


def test_the_state_of_a_cycle_that_failed_is_on_the_page(client: Client, acme: Connection) -> None:
    Connection.objects.update(
        health="failed", health_message="The password has expired.", health_at=timezone.now()
    )
    assert "The password has expired." in client.get(PAGE).content.decode()
