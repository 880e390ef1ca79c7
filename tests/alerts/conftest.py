"""Real receivers, and an installation whose alerts can be driven by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from syncadmin.models import AlertChannel, AlertDelivery, AlertKind, Connection, SyncRun
from syncadmin.services.alerts import deliveries
from tests.alerts.receivers import Hook, Mailbox, hook_server, mail_server


@pytest.fixture(scope="session")
def mail_server_of_all() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def mailbox(mail_server_of_all: Mailbox, settings: Any) -> Mailbox:
    """An empty mailbox, to which the installation's mail server leads."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server_of_all.port
    settings.SITE_URL = "https://sync.example.com"
    mail_server_of_all.mails.clear()
    mail_server_of_all.refusal = ""
    return mail_server_of_all


@pytest.fixture(scope="session")
def hook_server_of_all() -> Iterator[Hook]:
    with hook_server() as hook:
        yield hook


@pytest.fixture
def hook(hook_server_of_all: Hook, settings: Any) -> Hook:
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.0/8"]
    for kept in (hook_server_of_all.bodies, hook_server_of_all.hosts, hook_server_of_all.answers):
        kept.clear()  # type: ignore[attr-defined]
    return hook_server_of_all


@pytest.fixture
def acme(db: None) -> Connection:
    """A connection that works, to an org that no test calls."""
    now = timezone.now()
    return Connection.objects.create(
        pk=1, instance_url="https://acme.my.salesforce.com", client_id="key", client_secret="hush",
        org_id="00D000000000001AAA", org_name="Acme", health=Connection.Health.OK, health_at=now,
        next_cycle_at=now + timedelta(minutes=4), started_at=now,
    )  # fmt: skip


@pytest.fixture
def subscribe(db: None) -> Callable[..., AlertChannel]:
    """A channel by e-mail (or ``url``) for every kind, or for those named."""

    def make(user: User | None, *kinds: str, url: str = "", **values: Any) -> AlertChannel:
        address = {"url": url, "shown": "http://127.0.0.1/…"} if url else {"email": "may@example.com"}
        method = "webhook" if url else "email"
        return AlertChannel.objects.create(
            user=user, method=method, kinds=list(kinds or AlertKind.values), **{**address, **values}
        )

    return make


@pytest.fixture
def make_run(db: None) -> Callable[..., SyncRun]:
    """A cycle that has ended."""

    def make(state: str = "done", code: str = "", *, at: datetime | None = None) -> SyncRun:
        at = at or timezone.now()
        health = {"failed": "failed"}.get(state, "ok")
        Connection.objects.update(health=health, health_at=at)
        return SyncRun.objects.create(
            state=state, error_code=code, started_at=at, heartbeat_at=at, ended_at=at + timedelta(seconds=2)
        )

    return make


def send_all(now: datetime) -> None:
    """What the queue would do with all that is queued."""
    for pk, attempts in list(AlertDelivery.objects.filter(state="queued").values_list("pk", "attempts")):
        deliveries.deliver(pk, attempts, now)
