from __future__ import annotations

import logging
import socket
import traceback
from dataclasses import replace

import pytest

from syncadmin.salesforce.address import origin, same_trust
from syncadmin.salesforce.auth import Credentials, Token
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.salesforce.session import LoopbackAdapter, Session, open_session
from syncadmin.sync.ports import SyncError
from tests.salesforce.conftest import Emulator


def refusal(credentials: Credentials) -> SyncError:
    with pytest.raises(SyncError) as caught:
        SalesforceOrg(credentials).identity()
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com", "http://10.0.0.1", "ftp://localhost", "acme.my.salesforce.com", "", "https://",
        "https://acme.my.salesforce.com/lightning", "https://user:pw@acme.my.salesforce.com", "https://acme.com?x=1",
        "https://acme.com#x", "https://acme.com:port", "http://localhost.evil.com", "http://127.0.0.1.evil.com",
        "http://localhost\\@evil.com", "https://acme .com", "https://[::1",
    ],
)  # fmt: skip
def test_addresses_on_which_a_token_could_be_read_are_refused(url: str) -> None:
    with pytest.raises(SyncError) as caught:
        origin(url)
    assert caught.value.code == "INSECURE_URL"
    assert "https://" in caught.value.message
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        (" https://ACME.my.salesforce.com/ ", "https://acme.my.salesforce.com"),
        ("http://localhost:8900", "http://localhost:8900"),
        ("http://127.0.0.1:8900/", "http://127.0.0.1:8900"),
        ("http://[::1]:8900", "http://[::1]:8900"),
    ],
)
def test_encrypted_addresses_and_this_machine_are_accepted(url: str, clean: str) -> None:
    assert origin(url) == clean


def test_a_log_in_may_not_lead_from_afar_to_this_machine_or_back() -> None:
    for found, known in [
        ("http://127.0.0.1:1", "https://acme.com"),
        ("https://acme.com", "http://127.0.0.1:1"),
    ]:
        with pytest.raises(SyncError):
            same_trust(found, known)


def test_plain_http_is_mounted_for_this_machine_only() -> None:
    far, near = open_session("https://acme.my.salesforce.com"), open_session("http://127.0.0.1:8900")
    assert not isinstance(far.get_adapter("https://acme.my.salesforce.com/x"), LoopbackAdapter)
    assert isinstance(near.get_adapter("https://127.0.0.1:8900/x"), LoopbackAdapter)
    assert not isinstance(near.get_adapter("https://acme.my.salesforce.com/x"), LoopbackAdapter)
    assert not near.trust_env


def test_a_proxy_or_netrc_of_the_environment_gets_no_local_token(
    monkeypatch: pytest.MonkeyPatch, emulator: Emulator, org: SalesforceOrg
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert org.identity().org_id


def test_the_session_never_follows_a_redirect(website: tuple[str, list[str]]) -> None:
    url, seen = website
    answer = Session().post(f"{url}/a", headers={"Sforce-Call-Options": "elsewhere"})
    assert (answer.status_code, seen) == (302, ["/a"])


def test_client_credentials_log_in(org: SalesforceOrg, emulator: Emulator) -> None:
    identity = org.identity()
    assert identity.org_id.startswith("00D")
    assert identity.user_id.startswith("005")
    assert identity.org_name
    assert identity.user_name
    assert emulator.logins() == 1


def test_user_name_and_password_log_in(credentials: Credentials, emulator: Emulator) -> None:
    by_name = Credentials(
        emulator.url, "password", username="integration@demo.example", password="demo", security_token="demo"
    )
    assert SalesforceOrg(by_name).identity() == SalesforceOrg(credentials).identity()


def test_a_kept_token_is_used_and_a_new_one_is_told(credentials: Credentials, emulator: Emulator) -> None:
    told: list[Token] = []
    SalesforceOrg(credentials, on_token=told.append).identity()
    SalesforceOrg(credentials, token=told[0], on_token=told.append).identity()
    assert len(told) == 1
    assert emulator.logins() == 1


@pytest.mark.parametrize("change", [{"client_id": "wrong"}, {"client_secret": "wrong"}])
def test_a_wrong_client_is_told_where_to_look(credentials: Credentials, change: dict[str, str]) -> None:
    error = refusal(replace(credentials, **change))
    assert (error.code, error.permanent) == ("INVALID_CLIENT", True)
    assert "External Client App Manager" in error.message


@pytest.mark.parametrize("change", [{"username": "x"}, {"password": "<x&"}, {"security_token": "<x>&"}])
def test_a_wrong_password_is_told_in_plain_words(emulator: Emulator, change: dict[str, str]) -> None:
    right = Credentials(
        emulator.url, "password", username="integration@demo.example", password="demo", security_token="demo"
    )
    error = refusal(replace(right, **change))
    assert (error.code, error.permanent) == ("INVALID_LOGIN", True)
    assert "security token" in error.message
    assert emulator.logins() == 1  # a second try could lock the user out


@pytest.mark.parametrize("method", ["client_credentials", "password"])
def test_empty_credentials_are_not_sent(emulator: Emulator, method: str) -> None:
    error = refusal(Credentials(emulator.url, method))  # type: ignore[arg-type]
    assert error.code == "INCOMPLETE_CREDENTIALS"
    assert emulator.logins() == 0


@pytest.mark.parametrize("method", ["client_credentials", "password"])
def test_a_web_site_is_not_taken_for_salesforce(website: tuple[str, list[str]], method: str) -> None:
    error = refusal(
        Credentials(website[0], method, "demo", "demo", "someone", "demo", "demo")  # type: ignore[arg-type]
    )
    assert (error.code, error.permanent) == ("NOT_SALESFORCE", True)
    assert "My Domain" in error.message


@pytest.mark.parametrize("method", ["client_credentials", "password"])
def test_nobody_there_is_unreachable(method: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    error = refusal(Credentials(url, method, "demo", "demo", "someone", "demo", "demo"))  # type: ignore[arg-type]
    assert (error.code, error.permanent) == ("UNREACHABLE", False)


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": "after"}, {"truncate": 30}])
@pytest.mark.parametrize("method", ["client_credentials", "password"])
def test_a_log_in_that_meets_a_busy_server_is_tried_again(
    emulator: Emulator, fault: dict[str, object], method: str
) -> None:
    credentials = Credentials(
        emulator.url,
        method,
        "demo",
        "demo",
        "integration@demo.example",
        "demo",
        "demo",  # type: ignore[arg-type]
    )
    for path in ("*/oauth2/token", "*/Soap/u/*"):
        emulator.fail(**fault, match=path, times=1)
    assert SalesforceOrg(credentials).identity().org_id
    assert emulator.logins() == 2


@pytest.mark.parametrize("version", ["", "64", "v64.0", "sixty"])
def test_a_version_that_is_none_is_told(credentials: Credentials, version: str) -> None:
    assert refusal(replace(credentials, api_version=version)).code == "UNSUPPORTED_API_VERSION"


def test_an_impossible_host_name_is_told_as_a_bad_address() -> None:
    assert refusal(Credentials("https://a..b", client_id="a", client_secret="b")).code == "INSECURE_URL"


def test_no_secret_is_in_a_repr_an_exception_or_the_log(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["s3cret-client", "s3cret-word", "s3cret-token"]
    told: list[Token] = []
    good = Credentials(emulator.url, client_id="demo", client_secret="demo")
    org = SalesforceOrg(good, on_token=told.append)
    org.identity()
    emulator.fail(error_code="INVALID_SESSION_ID", match="/services/data/")
    shown = [repr(org), repr(org._transport), repr(told[0]), caplog.text]
    with pytest.raises(SyncError) as lasting:
        org.identity()
    shown += traceback.format_exception(lasting.value)
    for method in ("client_credentials", "password"):
        wrong = Credentials(emulator.url, method, "demo", secrets[0], "x", secrets[1], secrets[2])  # type: ignore[arg-type]
        error = refusal(wrong)
        shown += [repr(wrong), repr(SalesforceOrg(wrong)), *traceback.format_exception(error)]
    text = "\n".join([*shown, caplog.text])
    assert all(token.access_token not in text for token in told)
    assert not [secret for secret in secrets if secret in text]
