"""What went wrong on the way, as exceptions that say whether the request can have been done.

Only this decides about sending again: what was not done may always be sent again, what may have been done
only if doing it twice does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.salesforce.errors import failure, is_transient, passes_soon, read_errors, words
from syncadmin.sync.ports import RecordError, SyncError

if TYPE_CHECKING:
    from requests import RequestException

#: Gateways answer these, too: whether Salesforce did the work is not known.
_AMBIGUOUS = frozenset({500, 502, 504})
_BUSY = frozenset({429, 503})


class Undone(SyncError):
    """The request was not carried out, and may be sent again soon; after ``wait`` seconds, if not 0."""

    wait: float = 0.0


class Lost(SyncError):
    """The request was sent; whether it was carried out is not known."""


class Expired(SyncError):
    """The session is over. A new log-in opens another."""


def lost(code: str = "LOST_ANSWER", message: str = "") -> Lost:
    """A request without a readable answer."""
    return Lost(code, message or words(code))


def busy() -> Undone:
    """Turned away because there is too much to do."""
    return Undone("SERVER_UNAVAILABLE", words("SERVER_UNAVAILABLE"))


def connection_fault(error: RequestException, *, asked: bool = True) -> SyncError:
    """A failed exchange in our words. ``asked`` False: it was a log-in, which may be repeated at will."""
    from requests import exceptions as http

    if isinstance(error, http.HTTPError):
        return busy()
    if isinstance(error, http.InvalidURL | http.MissingSchema | http.InvalidSchema):
        return failure("INSECURE_URL")
    if isinstance(error, http.SSLError):
        return failure(
            "UNREACHABLE", f"The encryption of the connection is not sound. {words('UNREACHABLE')}"
        )
    if isinstance(error, http.ConnectTimeout | http.ProxyError) or _never_connected(error) or not asked:
        return Undone("UNREACHABLE", words("UNREACHABLE"))
    return lost()


def _never_connected(error: RequestException) -> bool:
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def answer_fault(status: int, body: object, is_html: bool, wait: float) -> SyncError:
    """An answer of status 300 and more. ``body``: its JSON or text. ``wait``: its Retry-After, or 0."""
    errors = read_errors(body)
    fault = _coded_fault(status, errors[0]) if errors else _bare_fault(status, is_html)
    if isinstance(fault, Undone):
        fault.wait = wait
    return fault


def _bare_fault(status: int, is_html: bool) -> SyncError:
    """An answer without a code of Salesforce: mostly from something in between."""
    if status in _BUSY:
        return busy()
    if status in _AMBIGUOUS:
        return lost("SERVER_UNAVAILABLE")
    if status == 410:
        return failure("UNSUPPORTED_API_VERSION")
    if is_html or status < 400:
        return failure("NOT_SALESFORCE")
    return SyncError(f"HTTP_{status}", f"Salesforce answered with the status {status}.", permanent=True)


def _coded_fault(status: int, error: RecordError) -> SyncError:
    code, message = error.code, error.message
    if code == "INVALID_SESSION_ID":
        return Expired(code, message)
    if passes_soon(code) or (status in _BUSY and code != "REQUEST_LIMIT_EXCEEDED"):
        return Undone(code, message)
    if status >= 500 and is_transient(code):
        return Lost(code, message)
    return failure(code, message)
