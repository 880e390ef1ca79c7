"""Where webhooks may lead, and in what form each server reads them."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from syncadmin.notify import address, webhooks
from syncadmin.notify.address import AddressError, find, is_public, split
from syncadmin.notify.outcome import Message
from tests.alerts.receivers import Hook, free_port, hook_server

MESSAGE = Message(
    "[Syncadmin] A & B <c>", "First.\n\nSecond.", "https://sync.example.com/", "Why.", {"id": 1}
)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x", "ftp://example.com/x", "https://", "example.com/x", "https://me:pw@example.com/x",
        "https://example.com\\@10.0.0.1/", "https://exa mple.com/", "https://example.com:0/", "https://[::1/x",
        "https://ex\u00e4mple.com/", "https://example.com/" + "x" * 2_001, "javascript:alert(1)", "http://10.0.0.1/",
        "https://example.com:99999/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        split(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.com/x?y=z", "https://example.com:8443/x", "http://127.0.0.1:9/x", "http://[::1]/x"],
)
def test_https_anywhere_and_http_to_this_machine_have_the_form(url: str) -> None:
    assert split(url)


@pytest.mark.parametrize(
    ("ip", "is_so"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("0.0.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False),
        ("fe80::1", False), ("fc00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("2001:0:53aa:64c:0:fbfe:80ff:fffe", False),
    ],
)  # fmt: skip
def test_only_what_anybody_can_reach_is_public(ip: str, is_so: bool) -> None:
    assert is_public(ip_address(ip)) is is_so


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "https://localhost/x", "https://169.254.169.254/latest/", "https://[::1]/x",
            "https://2130706433/x", "https://0x7f.1/x"]
)  # fmt: skip
def test_private_networks_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(AddressError):
        find(url, [])


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.0/8", "localhost"])
def test_a_private_host_that_the_machine_s_administrator_named_is_allowed(allowed: str) -> None:
    target = find("http://localhost:8065/hooks/x", [allowed, "127.0.0.1", "::1"])
    assert (target.host, target.port, target.path) == ("localhost", 8065, "/hooks/x")


def test_a_name_with_one_private_address_among_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*args: Any, **kwargs: Any) -> Any:
        return [(2, 1, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(AddressError, match="private network"):
        find("https://two-faced.example/x", [])


def test_the_connection_goes_to_the_address_that_was_checked(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up once: what it says the second time has no effect."""
    answers = [[(2, 1, 6, "", ("127.0.0.1", 0))], [(2, 1, 6, "", ("10.255.255.1", 0))]]
    real = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        return answers.pop(0) if host == "localhost" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert webhooks.send(hook.url.replace("127.0.0.1", "localhost"), MESSAGE).is_sent
    assert len(answers) == 1
    assert hook.hosts[0].startswith("localhost:")


def test_redirects_are_not_followed(hook: Hook) -> None:
    hook.answers.append((302, "", {"Location": hook.url}))
    outcome = webhooks.send(hook.url, MESSAGE)
    assert not outcome.is_sent
    assert outcome.is_final
    assert "redirects are not followed" in outcome.answer
    assert len(hook.bodies) == 1


def test_a_server_without_a_valid_certificate_gets_nothing(hook: Hook) -> None:
    """It speaks plain http, so it can't prove who it is."""
    outcome = webhooks.send(hook.url.replace("http:", "https:"), MESSAGE)
    assert not outcome.is_sent
    assert "secret-token" not in outcome.answer
    assert hook.bodies == []


@pytest.mark.parametrize(("certified", "is_sent"), [("hooks.example", True), ("other.example", False)])
def test_by_https_the_server_must_prove_that_it_has_the_name_that_was_asked_for(
    hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certified: str, is_sent: bool
) -> None:
    certificate = self_signed(certified, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **options: real(
            "127.0.0.1" if host == "hooks.example" else host, *args, **options
        ),
    )
    with hook_server(certificate) as secure:
        outcome = webhooks.send(secure.url, MESSAGE)
    assert outcome.is_sent is is_sent
    assert bool(secure.bodies) is is_sent
    if not is_sent:
        assert "could not prove that it is this server" in outcome.answer


def self_signed(name: str, folder: Path) -> Path:
    """A key and a certificate for a name, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def test_nobody_there_is_said_without_telling_the_secret(hook: Hook) -> None:
    outcome = webhooks.send(f"http://127.0.0.1:{free_port()}/services/secret-token", MESSAGE)
    assert (outcome.is_sent, outcome.is_final) == (False, False)
    assert outcome.answer == "127.0.0.1 can’t be reached."


def test_what_the_server_answered_is_told_and_no_more_of_it_than_a_line(hook: Hook) -> None:
    hook.answers.append((400, "invalid_payload\n" * 1_000, {}))
    outcome = webhooks.send(hook.url, MESSAGE)
    assert outcome.answer.startswith("127.0.0.1 refused it: 400 invalid_payload invalid_payload")
    assert len(outcome.answer) < 400


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://hooks.slack.com/services/T0/B0/verysecret-Xk3f", "https://hooks.slack.com/…Xk3f"),
        ("https://example.com/short", "https://example.com/…"),
    ],
)
def test_a_secret_address_is_shown_only_so_far_as_to_tell_it_from_others(url: str, told: str) -> None:
    assert address.shown(url) == told


def test_slack_gets_text_and_blocks_with_its_own_signs_escaped() -> None:
    body = webhooks.payload("hooks.slack.com", MESSAGE)
    assert set(body) == {"text", "blocks"}
    assert body["text"].startswith("*[Syncadmin] A &amp; B &lt;c&gt;*\nFirst.")
    assert body["text"].endswith("https://sync.example.com/")


def test_teams_gets_a_card_and_google_chat_nothing_but_text() -> None:
    card = webhooks.payload("acme.webhook.office.com", MESSAGE)["attachments"][0]["content"]
    assert [block["text"] for block in card["body"]] == [MESSAGE.subject, "First.", "Second."]
    assert card["actions"][0]["url"] == MESSAGE.link
    assert set(webhooks.payload("chat.googleapis.com", MESSAGE)) == {"text"}
