"""The pages of alerts: what is wrong, what one hears of, shared channels, and the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from syncadmin.models import Alert, AlertChannel, AlertClock, AlertDelivery, AlertKind, Connection
from syncadmin.services.alerts.watching import settle
from tests.alerts.receivers import Hook, Mailbox
from tests.alerts.test_watching import sight
from tests.syncadmin_pages.test_access import ADMIN, ALL
from tests.syncadmin_pages.test_dashboard import queries_of

pytestmark = pytest.mark.django_db
Log = Callable[[User | None], Client]
Subscribe = Callable[..., AlertChannel]
FORM = {"email": "", "url": "", "digest_hour": "8", "time_zone": "Europe/Berlin", "muted_until": ""}
PAGES = [
    ("/sync/alerts/", "get", ALL),
    ("/sync/alerts/export/", "get", ALL),
    ("/sync/alerts/mine/", "get", ALL),
    ("/sync/alerts/mine/", "post", ALL),
    ("/sync/alerts/shared/", "get", ADMIN),
    ("/sync/alerts/shared/new/", "get", ADMIN),
    ("/sync/alerts/shared/new/", "post", ADMIN),
    ("/sync/alerts/shared/1/", "get", ADMIN),
    ("/sync/alerts/shared/1/remove/", "post", ADMIN),
    ("/sync/alerts/deliveries/", "get", ADMIN),
    ("/sync/alerts/deliveries/export/", "get", ADMIN),
    ("/sync/alerts/deliveries/1/again/", "post", ADMIN),
]


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator", "nobody"])
def test_a_page_is_open_to_those_who_may(
    page: str, method: str, allowed: set[str], role: str, request: pytest.FixtureRequest, browser_of: Log
) -> None:
    user = User.objects.create_user("nobody") if role == "nobody" else request.getfixturevalue(role)
    status = getattr(browser_of(user), method)(page).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(
    "query", ["kind=x", "state=x", "page=abc", "sort=nonsense", "sort=-kind", "event=x", "q=%00"]
)
@pytest.mark.parametrize("page", ["/sync/alerts/", "/sync/alerts/deliveries/", "/sync/alerts/export/"])
def test_a_senseless_query_is_no_error(page: str, query: str, client: Client) -> None:
    settle(sight("failures.x"))
    assert client.get(f"{page}?{query}").status_code == 200


@pytest.mark.parametrize("page", ["/sync/alerts/", "/sync/alerts/mine/", "/sync/alerts/shared/new/"])
def test_pages_hold_no_inline_script_or_style(page: str, client: Client) -> None:
    html = client.get(page).content.decode()
    assert " style=" not in html
    assert "<script>" not in html


# --- What is wrong --------------------------------------------------------------------------------
def test_nothing_wrong_is_said_and_what_to_do_next(client: Client, acme: Connection) -> None:
    page = client.get("/sync/alerts/").content.decode()
    assert "Nothing is wrong." in page
    assert "No alerts so far" in page
    assert "You are told of nothing yet." in page
    assert "Nobody has looked yet" in page


def test_what_is_wrong_stands_first_with_what_to_do_and_the_bell_counts_it(client: Client) -> None:
    settle(sight("guard", kind="guard"))
    settle(sight("guard", "failures.<x>", kind="failures"))
    page = client.get("/sync/alerts/").content.decode()
    assert "Bad: failures.&lt;x&gt;" in page
    assert "2 alerts" in page
    assert "2 alerts" in client.get("/people/").content.decode()


def test_what_is_over_says_how_long_it_lasted(client: Client) -> None:
    now = timezone.now()
    settle(sight("guard", at=now, kind="guard"))
    settle(sight(at=now + timedelta(minutes=130), kind="guard"))
    page = client.get("/sync/alerts/?state=over").content.decode()
    assert "2 h 10 min" in page
    assert "No alerts" in page
    assert not client.get("/sync/alerts/?state=open").context["table"].rows


def test_if_nobody_looks_any_more_the_page_says_so(client: Client) -> None:
    AlertClock.objects.create(pk=1, next_at=timezone.now() - timedelta(minutes=30))
    assert "Nobody watches at the moment" in client.get("/sync/alerts/").content.decode()


def test_the_file_has_what_the_filters_leave(client: Client) -> None:
    settle(sight("guard", kind="guard"))
    settle(sight("guard", "failures.x", kind="failures"))
    answer = client.get("/sync/alerts/export/?kind=guard")
    (line,) = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")))  # type: ignore[arg-type]
    assert (line["kind"], line["what"], line["over"]) == ("guard", "Bad: guard", "")


def test_queries_do_not_grow_with_alerts_and_messages(
    client: Client,
    subscribe: Subscribe,
    administrator: User,
) -> None:
    subscribe(administrator)
    settle(sight("failures.0"))
    pages = ("/sync/alerts/", "/sync/alerts/deliveries/", "/sync/alerts/shared/", "/sync/alerts/mine/")
    few = [queries_of(client, page) for page in pages]
    for number in range(1, 20):
        subscribe(None, name=f"c{number}")
        settle(sight(*(f"failures.{n}" for n in range(number + 1))))
    assert [queries_of(client, page) for page in pages] == few


@pytest.mark.skipif(database.vendor != "postgresql", reason="plans are PostgreSQL’s")
def test_the_history_needs_no_sort() -> None:
    plan = Alert.objects.order_by("-opened_at", "-pk")[:25].explain()
    assert "alert_newest" in plan


# --- My alerts ------------------------------------------------------------------------------------
def test_everybody_chooses_what_to_hear_of_by_which_way(viewer: User, browser_of: Log, hook: Hook) -> None:
    client = browser_of(viewer)
    answer = client.post("/sync/alerts/mine/", FORM | {
        "email": "v@example.com", "email_kinds": ["guard", "digest"], "url": hook.url, "webhook_kinds": ["api_use"],
    })  # fmt: skip
    assert answer.status_code == 302
    mail, chat = AlertChannel.objects.filter(user=viewer).order_by("method")
    assert (mail.email, mail.kinds, mail.time_zone) == ("v@example.com", ["guard", "digest"], "Europe/Berlin")
    assert mail.next_digest_at is not None
    assert (chat.url, chat.kinds, chat.next_digest_at) == (hook.url, ["api_use"], None)
    page = client.get("/sync/alerts/mine/").content.decode()
    assert "secret-token" not in page
    assert "…abcd" in page


def test_a_blank_webhook_keeps_it_and_only_removing_it_does(
    viewer: User,
    browser_of: Log,
    subscribe: Subscribe,
    hook: Hook,
) -> None:
    channel = subscribe(viewer, "guard", url=hook.url)
    client = browser_of(viewer)
    client.post("/sync/alerts/mine/", FORM | {"webhook_kinds": ["paused"]})
    channel.refresh_from_db()
    assert (channel.url, channel.kinds) == (hook.url, ["paused"])
    client.post("/sync/alerts/mine/", FORM | {"no_webhook": "on"})
    assert not AlertChannel.objects.exists()


def test_an_address_in_the_database_is_encrypted(viewer: User, subscribe: Subscribe, hook: Hook) -> None:
    subscribe(viewer, url=hook.url)
    with database.cursor() as cursor:
        cursor.execute("SELECT url FROM syncadmin_alertchannel")
        assert "secret-token" not in str(cursor.fetchall())


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "https://10.0.0.1/x", "https://169.254.169.254/", "nonsense"]
)
def test_a_webhook_into_a_private_network_is_refused_at_its_field(
    url: str, viewer: User, browser_of: Log
) -> None:
    answer = browser_of(viewer).post("/sync/alerts/mine/", FORM | {"url": url})
    assert answer.status_code == 422
    assert "url" in answer.context["form"].errors
    assert not AlertChannel.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"email": "nobody"}, {"digest_hour": "24"}, {"time_zone": "Mars/Olympus"}, {"email_kinds": ["x"]},
     {"muted_until": "soon"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], client: Client) -> None:
    assert client.post("/sync/alerts/mine/", FORM | {"email": "a@example.com"} | wrong).status_code == 422
    assert not AlertChannel.objects.exists()


def test_quiet_until_is_in_the_reader_s_time_zone_and_said_on_the_page(client: Client) -> None:
    client.cookies["timezone"] = "America/New_York"
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    client.post("/sync/alerts/mine/", FORM | {"email": "a@example.com", "muted_until": f"{tomorrow}T09:30"})
    until = AlertChannel.objects.get().muted_until
    assert until is not None
    assert until.hour in (13, 14)
    assert "You are told of nothing until" in client.get("/sync/alerts/mine/").content.decode()


def test_somebody_s_channel_is_nobody_else_s(
    viewer: User,
    marketer: User,
    browser_of: Log,
    subscribe: Subscribe,
    client: Client,
) -> None:
    channel = subscribe(marketer, "guard")
    assert "may@example.com" not in browser_of(viewer).get("/sync/alerts/mine/").content.decode()
    assert client.get(f"/sync/alerts/shared/{channel.pk}/").status_code == 404
    client.post(f"/sync/alerts/shared/{channel.pk}/remove/")
    assert AlertChannel.objects.filter(pk=channel.pk).exists()


def test_where_mail_is_not_set_up_the_page_says_how(
    client: Client, viewer: User, browser_of: Log, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "<code>EMAIL_URL</code>" in client.get("/sync/alerts/mine/").content.decode()
    assert "Ask whoever runs it" in browser_of(viewer).get("/sync/alerts/mine/").content.decode()


# --- Tests ----------------------------------------------------------------------------------------
def told(client: Client, **values: Any) -> str:
    return client.post("/sync/alerts/mine/", FORM | values, follow=True).content.decode()


def test_a_test_by_mail_arrives_and_the_page_says_so(client: Client, mailbox: Mailbox) -> None:
    page = told(client, email="a@example.com", test="email")
    assert "The test arrived at the server, for a@example.com." in page
    assert mailbox.subjects("a@example.com") == ["[Syncadmin] Test"]
    assert AlertDelivery.objects.get().event == "test"


def test_a_test_that_is_refused_says_what_the_server_answered_and_is_not_tried_again(
    client: Client,
    mailbox: Mailbox,
    hook: Hook,
) -> None:
    mailbox.refusal = "450 try later"
    assert "The test did not arrive. The mail server 127.0.0.1 refused it: 450 try later" in told(
        client, email="a@example.com", test="email"
    )
    hook.answers.append((403, "invalid_token", {}))
    page = told(client, email="a@example.com", url=hook.url, test="webhook")
    assert "The test did not arrive. 127.0.0.1 refused it: 403 invalid_token" in page
    assert set(AlertDelivery.objects.values_list("state", flat=True)) == {"failed"}


def test_tests_without_end_are_refused(client: Client, mailbox: Mailbox) -> None:
    for _ in range(7):
        page = told(client, email="a@example.com", test="email")
    assert "5 tests in ten minutes are enough" in page
    assert len(mailbox.mails) == 5


# --- Shared channels and the log --------------------------------------------------------------------
SHARED = {"name": "#ops", "digest_hour": "8", "time_zone": "UTC", "kinds": ["guard"]}


def test_an_administrator_adds_changes_tests_and_removes_a_shared_channel(client: Client, hook: Hook) -> None:
    page = client.post(
        "/sync/alerts/shared/new/",
        SHARED | {"method": "webhook", "address": hook.url, "test": "1"},
        follow=True,
    ).content.decode()
    assert "The test arrived at the server" in page
    assert "secret-token" not in page
    channel = AlertChannel.objects.get(user=None)
    client.post(f"/sync/alerts/shared/{channel.pk}/", SHARED | {"name": "#sales", "kinds": ["paused"]})
    channel.refresh_from_db()
    assert (channel.name, channel.kinds, channel.url) == ("#sales", ["paused"], hook.url)
    assert "The sync has been paused for long" in client.get("/sync/alerts/shared/").content.decode()
    client.post(f"/sync/alerts/shared/{channel.pk}/remove/")
    assert not AlertChannel.objects.exists()
    assert AlertDelivery.objects.get().channel is None


@pytest.mark.parametrize(
    ("method", "address"),
    [("email", ""), ("email", "nobody"), ("webhook", ""), ("webhook", "https://10.0.0.1/x"), ("pigeon", "x")],
)
def test_a_channel_needs_an_address_that_can_be_used(method: str, address: str, client: Client) -> None:
    answer = client.post("/sync/alerts/shared/new/", SHARED | {"method": method, "address": address})
    assert answer.status_code == 422
    assert not AlertChannel.objects.exists()


def test_the_log_says_what_became_of_each_message_and_lets_it_be_tried_again(
    client: Client,
    subscribe: Subscribe,
    hook: Hook,
) -> None:
    from tests.alerts.conftest import send_all

    now = timezone.now()
    subscribe(None, name="#ops", url=hook.url)
    hook.answers.append((404, "no_service", {}))
    settle(sight("failures.x", at=now))
    send_all(now)
    page = client.get("/sync/alerts/deliveries/?state=failed").content.decode()
    assert "127.0.0.1 refused it: 404 no_service" in page
    assert "Given up" in page
    delivery = AlertDelivery.objects.get()
    client.post(f"/sync/alerts/deliveries/{delivery.pk}/again/")
    send_all(now)
    assert "took it: 200 ok" in client.get("/sync/alerts/deliveries/").content.decode()
    answer = client.get("/sync/alerts/deliveries/export/?state=sent")
    (line,) = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")))  # type: ignore[arg-type]
    assert (line["state"], line["channel"], line["tries"]) == ("sent", "#ops", "1")


def test_every_kind_is_explained_on_the_form(client: Client) -> None:
    page = client.get("/sync/alerts/mine/").content.decode()
    for kind in AlertKind:
        assert str(kind.label) in page


def test_without_a_key_for_secrets_no_webhook_is_stored(client: Client, hook: Hook, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = []
    answer = client.post("/sync/alerts/mine/", FORM | {"url": hook.url})
    assert answer.status_code == 422
    assert "FIELD_ENCRYPTION_KEY" in answer.content.decode()
