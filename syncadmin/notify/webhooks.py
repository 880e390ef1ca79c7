"""A message to a webhook, in the form its server reads."""

from __future__ import annotations

import json
from typing import Any

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _

from syncadmin.notify.address import AddressError, Target, find
from syncadmin.notify.outcome import Message, Outcome

#: Seconds for connecting, and for each answer.
TIMEOUT = urllib3.Timeout(connect=5, read=10)
#: So much of an answer is read and kept.
LONGEST_ANSWER, LONGEST_WAIT = 300, 3_600.0
#: Refused now, and perhaps not later.
_LATER = frozenset({408, 409, 423, 425, 429})
_TEAMS = (".webhook.office.com", ".logic.azure.com", ".powerplatform.com", ".powerautomate.com")


def send(url: str, message: Message) -> Outcome:
    """Post it once, without following redirects. Raises nothing: the outcome says what went wrong."""
    try:
        target = find(url, settings.WEBHOOK_PRIVATE_HOSTS)
    except AddressError as error:
        return Outcome(False, str(error), is_final=error.is_final)
    try:
        with _pool(target) as pool:
            return _outcome(target, _post(pool, target, message))
    except urllib3.exceptions.HTTPError as error:
        return Outcome(False, _lost(target, error))


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    """A connection to the address that was checked, which has to prove that it is the server of that name."""
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.ip, target.port, timeout=TIMEOUT)
    return urllib3.HTTPSConnectionPool(
        target.ip, target.port, timeout=TIMEOUT, cert_reqs="CERT_REQUIRED", server_hostname=target.host,
        assert_hostname=target.host,
    )  # fmt: skip


def _post(pool: urllib3.HTTPConnectionPool, target: Target, message: Message) -> urllib3.BaseHTTPResponse:
    usual = 443 if target.scheme == "https" else 80
    name = f"[{target.host}]" if ":" in target.host else target.host
    headers = {
        "Host": name if target.port == usual else f"{name}:{target.port}",
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Syncadmin",
    }
    body = json.dumps(payload(target.host, message), ensure_ascii=False).encode()
    return pool.urlopen(
        "POST", target.path, body=body, headers=headers, retries=False, redirect=False, preload_content=False,
        assert_same_host=False,
    )  # fmt: skip


def _outcome(target: Target, answer: urllib3.BaseHTTPResponse) -> Outcome:
    text = answer.read(LONGEST_ANSWER, decode_content=True).decode("utf-8", "replace").strip()
    answer.drain_conn() if len(text) < LONGEST_ANSWER else answer.close()
    told = {"host": target.host, "status": answer.status, "text": _one_line(text) or "–"}
    if 200 <= answer.status < 300:
        return Outcome(True, _("%(host)s took it: %(status)s %(text)s") % told)
    if 300 <= answer.status < 400:
        said = _("%(host)s sends us elsewhere (%(status)s), and redirects are not followed.") % told
        return Outcome(False, said, is_final=True)
    is_final = answer.status < 500 and answer.status not in _LATER
    return Outcome(
        False, _("%(host)s refused it: %(status)s %(text)s") % told, is_final=is_final, wait=_wait(answer)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_ANSWER]


def _wait(answer: urllib3.BaseHTTPResponse) -> float:
    told = answer.headers.get("Retry-After", "")
    return min(float(told), LONGEST_WAIT) if told.isascii() and told.isdigit() else 0.0


def _lost(target: Target, error: urllib3.exceptions.HTTPError) -> str:
    """Why there is no answer. The error's own words may hold the address, and so the secret."""
    host = {"host": target.host}
    if isinstance(error, urllib3.exceptions.SSLError):
        return _("%(host)s could not prove that it is this server: its certificate is not valid.") % host
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return _("%(host)s gave no answer in time.") % host
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.NewConnectionError):
        return _("%(host)s can’t be reached.") % host
    return _("The connection to %(host)s broke off.") % host


# --- Forms ----------------------------------------------------------------------------------------
def payload(host: str, message: Message) -> dict[str, Any]:
    """What the server of this name reads: Teams wants a card, Google Chat nothing but text, Slack text and blocks.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook
    https://developers.google.com/workspace/chat/quickstart/webhooks
    """
    if host.endswith(_TEAMS):
        return _card(message)
    text = "\n".join(filter(None, (f"*{_mrkdwn(message.subject)}*", _mrkdwn(message.body), message.link)))
    if host == "chat.googleapis.com":
        return {"text": text}
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text[:3_000]}}
    found: dict[str, Any] = {"text": text, "blocks": [block]}
    if host not in ("hooks.slack.com", "hooks.slack-gov.com") and message.facts:
        found["alert"] = message.facts
    return found


def _mrkdwn(text: str) -> str:
    """Slack reads these three signs as its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(message: Message) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": message.subject, "weight": "Bolder", "wrap": True}
    ]
    lines += [
        {"type": "TextBlock", "text": part, "wrap": True} for part in message.body.split("\n\n") if part
    ]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": lines,
    }  # fmt: skip
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Syncadmin", "url": message.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}
