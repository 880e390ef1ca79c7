"""A message by e-mail, plain text, through Django's mail settings."""

from __future__ import annotations

import smtplib
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from syncadmin.notify.outcome import Message, Outcome

_DUMMY = "django.core.mail.backends.dummy.EmailBackend"


def is_set_up() -> bool:
    """Whether the installation can send e-mail at all."""
    return bool(settings.EMAIL_BACKEND != _DUMMY)


def send(to: str, message: Message, *, number: int, unsubscribe: str = "", site: str = "") -> Outcome:
    """Send it once. Raises nothing: the outcome says what went wrong.

    ``number``: of the delivery; the same one sent twice has the same Message-ID, which mail servers show once.
    """
    if not is_set_up():
        return Outcome(
            False, _("E-mail isn’t set up on this installation: EMAIL_URL is missing."), is_final=True
        )
    try:
        sent = EmailMessage(
            message.subject,
            _text(message),
            to=[to],
            headers=_headers(number, unsubscribe, site),
            connection=get_connection(timeout=settings.EMAIL_TIMEOUT),
        ).send()
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        return Outcome(False, _refused(code, reason), is_final=code >= 500)
    except smtplib.SMTPResponseException as error:
        is_final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        return Outcome(False, _refused(error.smtp_code, error.smtp_error), is_final=is_final)
    except (OSError, smtplib.SMTPException) as error:
        said = _("The mail server %(host)s can’t be reached: %(why)s")
        return Outcome(False, said % {"host": _server(), "why": str(error) or type(error).__name__})
    except ValueError as error:
        return Outcome(False, str(error), is_final=True)
    return Outcome(bool(sent), _("The mail server %s took it.") % _server())


def _text(message: Message) -> str:
    footer = f"-- \n{message.footer}" if message.footer else ""  # what a mail program takes for the signature
    return "\n\n".join(filter(None, (message.body, message.link, footer))) + "\n"


def _headers(number: int, unsubscribe: str, site: str) -> dict[str, str]:
    host = urlsplit(site).hostname or "syncadmin.invalid"
    headers = {
        "Message-ID": f"<alert-{number}@{host}>",
        "List-Id": formataddr(("Syncadmin alerts", f"alerts.{host}")),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    return headers | ({"List-Unsubscribe": f"<{unsubscribe}>"} if unsubscribe else {})


def _refused(code: int, reason: bytes | str) -> str:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    told = {"host": _server(), "code": code, "text": " ".join(text.split())}
    return _("The mail server %(host)s refused it: %(code)s %(text)s") % told


def _server() -> str:
    return str(settings.EMAIL_HOST or _("of this machine"))
