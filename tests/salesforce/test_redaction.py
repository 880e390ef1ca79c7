"""No credential survives in what is kept of requests."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.salesforce.auth import Credentials, Token
from syncadmin.salesforce.redaction import MARGIN, Redactor, spellings

SECRETS = {
    "client_secret": "9A7F+/=hush&secret",
    "password": 'p<ss"wörd & more',
    "security_token": "Zx9dKq2LrT",
}
TOKEN = "00D5g000000AbCd!AQ0AQHn.r8_tPb/x+Zk=" + "Qm9" * 24
KEPT = 500


@pytest.fixture
def redactor() -> Redactor:
    made = Redactor(Credentials("https://acme.my.salesforce.com", client_id="3MVG9", **SECRETS))
    made.learn(Token(TOKEN, "https://acme.my.salesforce.com"))
    return made


ALL = [*SECRETS.values(), TOKEN]


@pytest.mark.parametrize("secret", ALL)
@pytest.mark.parametrize(
    "text",
    [
        "{}", "x{}y", json.dumps({"a": ["{}"]}), "<a>{}</a>", "?q={}&b=1", "Authorization: Bearer {}",
        "{}{}", "one {}\n two {}",
    ],
)  # fmt: skip
def test_a_known_credential_is_hidden_in_every_spelling(redactor: Redactor, secret: str, text: str) -> None:
    for spelt in (
        secret, json.dumps(secret)[1:-1], escape(secret), quote(secret), quote(secret, safe=""), quote_plus(secret),
        urlencode({"x": secret})[2:],
    ):  # fmt: skip
        kept = redactor.text(text.replace("{}", spelt))
        assert spelt not in kept
        assert not any(each in kept for each in ALL)


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token": "unknown-one", "x": 1}', '{"Password" : "unknown-one"}', "<sessionId>unknown-one</sessionId>",
        "<urn:password type='x'>unknown-one</urn:password>", "grant_type=x&client_secret=unknown-one&y=1",
        "Authorization: Bearer unknown-one", '"refreshToken":"unknown-one', "00Dxx0000001gPq!unknown-one",
        '{"new_password__c": "unknown-one"}', "eyJhbGciOiJSUzI1NiJ9.unknown-one.sig",
        '{"client_secret":"with \\" a quote unknown-one"}',
    ],
)  # fmt: skip
def test_what_looks_like_a_credential_is_hidden_as_well(redactor: Redactor, text: str) -> None:
    assert "unknown-one" not in redactor.text(text)


def test_an_expired_session_stays_hidden(redactor: Redactor) -> None:
    redactor.learn(Token("another-session-altogether", "https://acme.my.salesforce.com"))
    assert redactor.text(f"{TOKEN} another-session-altogether") == "[hidden] [hidden]"


def test_other_text_stays_as_it_is(redactor: Redactor) -> None:
    text = '{"LastName": "Byron", "Email": "ada@acme.example", "Id": "00Q5g000004AbCdEAK"}'
    assert redactor.text(text) == text


@given(st.integers(0, KEPT + MARGIN + 400), st.sampled_from(ALL), st.integers(0, 30))
def test_a_credential_that_the_end_cuts_leaves_no_part_of_itself(
    place: int, secret: str, before: int
) -> None:
    made = Redactor(Credentials("https://acme.my.salesforce.com", **SECRETS))
    made.learn(Token(TOKEN, ""))
    body = (f"{TOKEN}" * before + "-" * place + secret + "-" * 20_000).encode()
    kept = made.head(body[: KEPT + MARGIN], KEPT)
    assert len(kept) <= KEPT
    assert set(kept) <= set("-[hidden]")


def test_a_short_body_is_kept_whole(redactor: Redactor) -> None:
    assert redactor.head(b'{"a": 1}', KEPT) == '{"a": 1}'
    assert redactor.head(b"", KEPT) == ""
    assert len(redactor.head(b"x" * (KEPT + MARGIN), KEPT)) == KEPT


def test_the_margin_is_longer_than_any_credential_in_any_spelling() -> None:
    assert max(map(len, spellings("ä" * 600))) < MARGIN
