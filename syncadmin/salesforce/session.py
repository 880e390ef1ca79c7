"""Our HTTP session: what requests leaves out and simple_salesforce takes for granted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from syncadmin.salesforce.address import is_loopback

#: Seconds to connect, and to wait for a byte of the answer. Salesforce gives a call 10 minutes, but such a
#: wait would stop the whole sync; what takes longer than this is asked for again.
TIMEOUT = (10.0, 120.0)

#: Salesforce, or a gateway before it, is not able to answer just now.
_BUSY = frozenset({429, 502, 503, 504})


class LoopbackAdapter(HTTPAdapter):
    """simple_salesforce writes https:// itself; the emulator on this machine speaks plain http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send in plain http, if it stays on this machine."""
        url = request.url or ""
        if not is_loopback(urlsplit(url).hostname or ""):
            raise requests.exceptions.InvalidURL("plain http leaves this machine")
        request.url = "http://" + url.split("://", 1)[1]
        return super().send(request, *args, **kwargs)


class Session(requests.Session):
    """A session with timeouts, without redirects (a token must not follow one) and without ~/.netrc."""

    def __init__(self) -> None:
        super().__init__()
        # With any auth set, requests leaves ~/.netrc alone, which would replace our Authorization header.
        self.auth = _leave_alone
        # Names us in Salesforce's logs, and in the change origin of what we write.
        self.headers["Sforce-Call-Options"] = "client=syncadmin"

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As in requests, with our timeouts and no redirects."""
        kwargs.setdefault("timeout", TIMEOUT)
        kwargs["allow_redirects"] = False
        return super().request(method, url, *args, **kwargs)


class LoginSession(Session):
    """A session for logging in: busy servers are an HTTPError, which simple_salesforce would not tell us of."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As in :class:`Session`."""
        answer = super().request(method, url, *args, **kwargs)
        if answer.status_code in _BUSY:
            raise requests.HTTPError(response=answer)
        return answer


def open_session(origin: str, kind: type[Session] = Session) -> Session:
    """A session for one org at ``https://host`` or, on this machine, ``http://host:port``."""
    session = kind()
    parts = urlsplit(origin)
    if is_loopback(parts.hostname or ""):
        session.trust_env = False  # a proxy of the environment would carry the token off this machine
    if parts.scheme == "http":
        session.mount(f"https://{parts.netloc}/", LoopbackAdapter())
        session.mount(f"http://{parts.netloc}/", LoopbackAdapter())
    return session


def _leave_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
