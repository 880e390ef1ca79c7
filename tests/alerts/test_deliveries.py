"""Sending: to a real mail server and a real webhook; refused, lost, killed, and once as a rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import TestCase
from django_q.models import OrmQ

from syncadmin import tasks
from syncadmin.models import AlertChannel, AlertClock, AlertDelivery
from syncadmin.services.alerts import deliveries
from syncadmin.services.alerts.deliveries import CLAIM, PAUSES, QUEUE_PATIENCE, deliver, queue_due
from syncadmin.services.alerts.watching import settle
from tests.alerts.conftest import send_all
from tests.alerts.receivers import Hook, Mailbox, free_port
from tests.alerts.test_watching import sight
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Subscribe = Callable[..., AlertChannel]
MINUTE = timedelta(minutes=1)
TO = "may@example.com"


@pytest.fixture
def queued(marketer: User, subscribe: Subscribe, mailbox: Mailbox) -> AlertDelivery:
    """An alert for the marketer, by e-mail, that is not sent yet."""
    subscribe(marketer, time_zone="Europe/Berlin")
    settle(sight("failures.x"))
    return AlertDelivery.objects.get()


@pytest.fixture
def hooked(marketer: User, subscribe: Subscribe, hook: Hook) -> AlertDelivery:
    """The same by webhook."""
    subscribe(marketer, url=hook.url)
    settle(sight("failures.x"))
    return AlertDelivery.objects.get()


# --- What arrives ---------------------------------------------------------------------------------
def test_a_mail_is_plain_text_with_a_link_and_says_that_no_person_wrote_it(
    acme: Any, queued: AlertDelivery, mailbox: Mailbox
) -> None:
    deliver(queued.pk, 0, NOW)
    (mail,) = mailbox.to(TO)
    assert mail["Subject"] == "[Syncadmin] Bad: failures.x"
    assert mail["List-Id"] == "Syncadmin alerts <alerts.sync.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://sync.example.com/sync/alerts/mine/>"
    assert mail["Message-ID"] == f"<alert-{queued.pk}@sync.example.com>"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content().replace("\r\n", "\n")
    assert "Since 22 Nov 2026, 13:00 (Europe/Berlin)." in text
    assert "https://sync.example.com/sync/alerts/" in text
    assert text.endswith("-- \nSalesforce: Acme. You chose these alerts under My alerts.\n")


def test_a_webhook_gets_what_slack_reads(hooked: AlertDelivery, hook: Hook, settings: Any) -> None:
    settings.SITE_URL = "https://sync.example.com"
    deliver(hooked.pk, 0, NOW)
    (body,) = hook.bodies
    assert body["text"].startswith("*[Syncadmin] Bad: failures.x*")
    assert "https://sync.example.com/sync/alerts/" in body["text"]
    assert body["blocks"][0]["text"]["type"] == "mrkdwn"
    assert body["alert"]["alerts"] == [{"key": "failures.x", "kind": "failures", "title": "Bad: failures.x"}]
    delivery = AlertDelivery.objects.get()
    assert (delivery.state, delivery.answer) == ("sent", "127.0.0.1 took it: 200 ok")


def test_without_site_url_links_lead_where_somebody_last_saved_alerts(
    queued: AlertDelivery, mailbox: Mailbox, settings: Any
) -> None:
    settings.SITE_URL = ""
    AlertClock.objects.create(pk=1, next_at=NOW, site_url="http://sync.local:8000")
    deliver(queued.pk, 0, NOW)
    assert "http://sync.local:8000/sync/alerts/" in mailbox.mails[0].get_content()


def test_the_job_is_queued_when_the_change_is_committed_and_sends_it(
    marketer: User, subscribe: Subscribe, mailbox: Mailbox
) -> None:
    subscribe(marketer)
    with TestCase.captureOnCommitCallbacks(execute=True):
        settle(sight("failures.x"))
    (job,) = OrmQ.objects.all()
    assert job.task["func"] == "syncadmin.tasks.deliver_alert"
    assert tasks.deliver_alert(*job.task["args"]).endswith("sent")
    assert len(mailbox.mails) == 1


# --- Once -----------------------------------------------------------------------------------------
def test_a_doubled_job_sends_nothing_twice(queued: AlertDelivery, mailbox: Mailbox) -> None:
    deliver(queued.pk, 0, NOW)
    assert deliver(queued.pk, 0, NOW) is None
    assert tasks.deliver_alert(queued.pk, 0) == "nothing to do"
    assert len(mailbox.mails) == 1


def test_who_comes_while_another_sends_leaves_it_alone(
    queued: AlertDelivery, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_to = deliveries.send_to

    def overtaken(*args: Any) -> Any:
        assert deliver(queued.pk, 0, NOW) is None
        assert queue_due(NOW + CLAIM - timedelta(seconds=1)) == 0
        return send_to(*args)

    monkeypatch.setattr(deliveries, "send_to", overtaken)
    deliver(queued.pk, 0, NOW)
    assert len(mailbox.mails) == 1


def test_a_lost_job_is_queued_again(queued: AlertDelivery, mailbox: Mailbox) -> None:
    assert queue_due(NOW + QUEUE_PATIENCE - timedelta(seconds=1)) == 0
    assert queue_due(NOW + QUEUE_PATIENCE) == 1
    assert queue_due(NOW + QUEUE_PATIENCE) == 0
    deliver(queued.pk, 0, NOW + QUEUE_PATIENCE)
    assert len(mailbox.mails) == 1


def test_killed_while_sending_it_is_sent_again_when_the_claim_has_run_out_with_the_same_id(
    queued: AlertDelivery, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_note", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deliver(queued.pk, 0, NOW)
    assert queue_due(NOW + CLAIM) == 1
    deliver(queued.pk, 1, NOW + CLAIM)
    assert AlertDelivery.objects.get().state == "sent"
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


# --- Refused --------------------------------------------------------------------------------------
def test_what_is_refused_for_now_is_tried_again_with_growing_pauses_and_given_up(
    hooked: AlertDelivery, hook: Hook
) -> None:
    now, tries = NOW, 0
    hook.answers.extend([(503, "busy", {})] * 20)
    while AlertDelivery.objects.get().state == "queued":
        deliver(hooked.pk, tries, now)
        tries += 1
        row = AlertDelivery.objects.get()
        if row.state == "queued":
            assert row.next_at == now + PAUSES[tries - 1]
            assert queue_due(row.next_at - timedelta(seconds=1)) == 0
            assert queue_due(row.next_at) == 1
            now = row.next_at
    assert tries == len(PAUSES) + 1 == len(hook.bodies)
    assert (row.state, row.answer) == ("failed", "127.0.0.1 refused it: 503 busy")


def test_a_job_queued_before_the_last_try_does_not_cut_the_pause_short(
    hooked: AlertDelivery, hook: Hook
) -> None:
    hook.answers.append((500, "", {}))
    deliver(hooked.pk, 0, NOW)
    assert deliver(hooked.pk, 0, NOW) is None
    assert len(hook.bodies) == 1


def test_a_server_that_asks_us_to_wait_is_waited_for(hooked: AlertDelivery, hook: Hook) -> None:
    hook.answers.append((429, "slow down", {"Retry-After": "600"}))
    deliver(hooked.pk, 0, NOW)
    assert AlertDelivery.objects.get().next_at == NOW + timedelta(seconds=600)


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_what_is_refused_for_good_is_given_up_at_once(hooked: AlertDelivery, hook: Hook, status: int) -> None:
    hook.answers.append((status, "no_service", {}))
    deliver(hooked.pk, 0, NOW)
    row = AlertDelivery.objects.get()
    assert (row.state, row.answer) == ("failed", f"127.0.0.1 refused it: {status} no_service")


def test_an_address_that_the_mail_server_does_not_know_is_given_up_and_one_that_it_puts_off_is_not(
    queued: AlertDelivery, mailbox: Mailbox
) -> None:
    mailbox.refusal = "451 greylisted"
    deliver(queued.pk, 0, NOW)
    assert AlertDelivery.objects.get().state == "queued"
    mailbox.refusal = "550 no such user"
    deliver(queued.pk, 1, NOW)
    row = AlertDelivery.objects.get()
    assert (row.state, row.answer) == ("failed", "The mail server 127.0.0.1 refused it: 550 no such user")


def test_a_mail_server_that_is_away_is_tried_again(queued: AlertDelivery, settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    deliver(queued.pk, 0, NOW)
    row = AlertDelivery.objects.get()
    assert row.state == "queued"
    assert "can’t be reached" in row.answer


def test_without_a_mail_server_it_says_how_to_set_one_up(queued: AlertDelivery, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    deliver(queued.pk, 0, NOW)
    row = AlertDelivery.objects.get()
    assert row.state == "failed"
    assert "EMAIL_URL" in row.answer


def test_what_was_given_up_can_be_tried_again_by_hand(hooked: AlertDelivery, hook: Hook) -> None:
    hook.answers.append((404, "no_service", {}))
    deliver(hooked.pk, 0, NOW)
    assert deliveries.try_again(hooked.pk, NOW)
    send_all(NOW)
    assert AlertDelivery.objects.get().state == "sent"
    assert not deliveries.try_again(hooked.pk, NOW)


def test_a_removed_channel_is_sent_nothing_and_its_log_stays(hooked: AlertDelivery, hook: Hook) -> None:
    AlertChannel.objects.all().delete()
    deliver(hooked.pk, 0, NOW)
    row = AlertDelivery.objects.get()
    assert (row.state, row.target) == ("failed", "http://127.0.0.1/…")
    assert not hook.bodies


def test_an_address_that_can_not_be_decrypted_is_said_so(
    hooked: AlertDelivery, hook: Hook, settings: Any
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="]
    deliver(hooked.pk, 0, NOW)
    row = AlertDelivery.objects.get()
    assert row.state == "failed"
    assert "FIELD_ENCRYPTION_KEY" in row.answer
    assert not hook.bodies
