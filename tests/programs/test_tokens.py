"""API tokens: made and revoked by administrators, shown once, stored as a hash, and nowhere in the logs."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from syncadmin.models import ApiToken
from syncadmin.services import tokens
from syncadmin.services.tokens import check_token, create_token, revoke_token
from tests.conftest import NOW
from tests.syncadmin_pages.test_dashboard import queries_of

PAGE = "/sync/tokens/"
TOKEN = re.compile(r"sya_[0-9a-z]{8}_[\w-]{43}")
FORM = {"name": "Warehouse", "scope": "read", "life": "90"}


@pytest.fixture
def client(administrator: User, browser_of: Callable[[User | None], Client]) -> Client:
    return browser_of(administrator)


def make(client: Client, **values: str) -> str:
    page = client.post(PAGE, {**FORM, **values})
    assert page.status_code == 200
    found = TOKEN.search(page.content.decode())
    assert found
    return found[0]


def secret(text: str) -> str:
    """What must be nowhere."""
    return text.split("_", 2)[2]


def call(text: str, path: str = "/api/v1/people/") -> int:
    return int(Client().get(path, headers={"Authorization": f"Bearer {text}"}).status_code)


def test_a_token_works_until_it_is_revoked(client: Client, administrator: User) -> None:
    text = make(client)
    assert call(text) == 200
    token = ApiToken.objects.get()
    assert (token.created_by, token.calls, token.last_used_at is not None) == (administrator, 1, True)
    assert client.post(f"{PAGE}{token.pk}/revoke/").status_code == 302
    assert call(text) == 401
    token.refresh_from_db()
    assert token.revoked_by == administrator
    page = client.get(PAGE).content.decode()
    assert "Revoked" in page
    assert "Revoke Warehouse" not in page


def test_it_is_shown_once(client: Client) -> None:
    text = make(client)
    assert text not in client.get(PAGE).content.decode()
    assert text not in client.get(f"{PAGE}export/").getvalue().decode()
    assert "no-store" in client.post(PAGE, FORM)["Cache-Control"]


def test_it_is_stored_nowhere(client: Client, tmp_path: Any) -> None:
    text = make(client)
    call(text)
    call_command("dumpdata", output=str(tmp_path / "all.json"))
    assert secret(text) not in (tmp_path / "all.json").read_text()


def test_it_is_never_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        text = make(client)
        call(text)
        call(text, "/metrics/")
        call(text + "x")
        call(text, "/api/v1/nothing/")
        Client().get("/api/v1/people/", headers={"Authorization": f"Basic {text}"})
        client.post(f"{PAGE}{ApiToken.objects.get().pk}/revoke/")
        call(text)
    assert "API token created" in caplog.text
    assert "API token revoked" in caplog.text
    assert secret(text) not in caplog.text


def test_each_refusal_says_why(db: None) -> None:
    def code(text: str) -> str:
        answer = Client().get("/api/v1/people/", headers={"Authorization": f"Bearer {text}"})
        return str(answer.json()["error"]["code"])

    token, text = create_token("A", "read", None, None, NOW)
    assert code(text[:-1] + ("A" if text[-1] != "A" else "B")) == "unknown_token"
    ApiToken.objects.update(expires_at=NOW)
    assert check_token(text, NOW) == "expired"
    assert check_token(text, NOW - timedelta(seconds=1)) == token
    ApiToken.objects.update(expires_at=None)
    assert revoke_token(token.pk, None, NOW)
    assert not revoke_token(token.pk, None, NOW)
    assert code(text) == "revoked_token"


def test_comparing_takes_the_same_way_whatever_is_found(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    monkeypatch.setattr(
        tokens.hmac,
        "compare_digest",
        lambda one, other: compared.append((len(one), len(other))) or one == other,
    )
    _, text = create_token("A", "read", None, None, NOW)
    for each in (text, text[:-1], "sya_00000000_" + "A" * 43, "", "x" * 10_000):
        with CaptureQueriesContext(database) as captured:
            check_token(each, NOW)
        assert len(captured) <= 1
    assert compared == [(64, 64)] * 5


def test_two_calls_at_once_are_two(db: None) -> None:
    token, _ = create_token("A", "read", None, None, NOW)
    stale = ApiToken.objects.get()
    assert tokens.count_call(token, NOW, 2)
    assert tokens.count_call(stale, NOW, 2)
    assert not tokens.count_call(stale, NOW, 2)
    assert tokens.count_call(token, NOW + timedelta(minutes=1), 2)
    token.refresh_from_db()
    assert (token.calls, token.minute_calls) == (3, 1)


def test_it_expires_when_it_was_said_to(client: Client) -> None:
    make(client, life="30")
    make(client, life="")
    without, with_end = ApiToken.objects.all()
    assert without.expires_at is None
    assert with_end.expires_at is not None
    assert with_end.expires_at - with_end.created_at == timedelta(days=30)


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 81}, {"scope": "write"}, {"life": "7"}, {"name": "a\0"}]
)
def test_a_senseless_token_is_not_made(wrong: dict[str, str], client: Client) -> None:
    assert client.post(PAGE, {**FORM, **wrong}).status_code == 422
    assert not ApiToken.objects.exists()


def test_without_tokens_the_page_says_what_for(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert "No program reads from here yet" in page
    assert "/api/v1/docs/" in page


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_others_neither_see_nor_make_tokens(role: str, as_user: Callable[[str], Any]) -> None:
    browser = as_user(role)
    token, _ = create_token("A", "read", None, None, NOW)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, FORM).status_code == 403
    assert browser.post(f"{PAGE}{token.pk}/revoke/").status_code == 403
    assert browser.get(f"{PAGE}export/").status_code == 403
    assert ApiToken.objects.get().revoked_at is None


def test_names_are_escaped(client: Client) -> None:
    create_token("<script>alert(1)</script>", "read", None, None, NOW)
    assert "<script>alert" not in client.get(PAGE).content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, administrator: User) -> None:
    create_token("A", "read", None, administrator, NOW)
    few = queries_of(client, PAGE)
    for number in range(20):
        token, _ = create_token(f"B{number}", "read", None, administrator, NOW)
        revoke_token(token.pk, administrator, NOW)
    assert queries_of(client, PAGE) == few
