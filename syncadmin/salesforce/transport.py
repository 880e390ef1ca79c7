"""One way out: every request to Salesforce goes through :meth:`Transport.call`.

simple_salesforce builds and reads the requests (``restful``). Around it is what it lacks or has wrong:
timeouts, bounded retries, a log-in at most once per request, and the count of calls. It is given a token, so
that it never logs in by itself: that drops the caller's headers and, in ``sf.Lead.create``, has no end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stamina

from syncadmin.salesforce.address import origin, same_trust
from syncadmin.salesforce.auth import Credentials, Token, log_in
from syncadmin.salesforce.errors import failure
from syncadmin.salesforce.faults import Expired, Lost, Undone, answer_fault, connection_fault, lost
from syncadmin.sync.ports import SyncError

if TYPE_CHECKING:
    from requests import Response
    from simple_salesforce.api import Salesforce

    from syncadmin.salesforce.session import Session

#: How often one request is sent at most, and the seconds after which no further attempt begins.
ATTEMPTS, PATIENCE = 4, 150.0
#: The longest that Salesforce may ask us to wait within one request, in seconds.
LONGEST_WAIT = 20.0
#: Turned away at the door, and not counted: no session, no calls left, too many at once.
_TURNED_AWAY = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of the last 24 hours by all apps of the org, and how many it may make; 0 of 0 when not known."""

    used: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer, and its Date header."""

    body: Any
    date: str


@dataclass(slots=True)
class _Receipt:
    """What ``restful`` keeps to itself of a response: ``status`` (0 without one) and headers.

    Not the response itself: that knows its request, which knows this hook, so a page's body would stay in memory
    until the garbage collector comes by.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def catch(self, response: Response, *args: object, **kwargs: object) -> None:
        self.status, self.headers = response.status_code, response.headers

    def header(self, name: str) -> str:
        return str(self.headers.get(name, ""))

    @property
    def usage(self) -> Usage | None:
        """What Salesforce tells of the usage, such as ``api-usage=18/15000; api-bursts=1/750``.

        https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
        """
        told = re.search(r"\bapi-usage=(\d+)/(\d+)", self.header("Sforce-Limit-Info"))
        return Usage(int(told[1]), int(told[2])) if told else None

    @property
    def wait(self) -> float:
        """The seconds that Salesforce asks us to wait, within reason; 0 if it does not."""
        told = self.header("Retry-After")
        return min(float(told), LONGEST_WAIT) if told.isdigit() else 0.0

    @property
    def is_html(self) -> bool:
        return "html" in self.header("Content-Type").lower()


@dataclass
class Transport:
    """Requests to one org. Safe to share between threads. Raises nothing but SyncError.

    ``on_token`` is called with every new token, so that it can be kept for the next process; it runs under the
    lock that keeps other threads from logging in, so it must not ask this transport for anything.
    """

    credentials: Credentials
    token: Token | None = field(default=None, repr=False)
    on_token: Callable[[Token], None] | None = None
    usage: Usage = Usage()
    api_calls: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)
    _session: Session | None = field(default=None, repr=False)
    _client: tuple[Token, Salesforce] | None = field(default=None, repr=False)

    @property
    def version_path(self) -> str:
        """What comes before a resource's path in an address, such as ``/services/data/v64.0/``."""
        return f"/services/data/v{self.credentials.api_version}/"

    def call(self, method: str, path: str, body: object = None, *, repeatable: bool = True) -> Answer:
        """One request, sent again while that may help. ``path`` is below :attr:`version_path`.

        ``repeatable`` False: it is not sent again once it may have been carried out; :class:`Lost` is raised.
        """
        renewed: list[bool] = []
        retries = stamina.retry_context(
            _again(repeatable), ATTEMPTS, PATIENCE, wait_initial=0.2, wait_max=5.0, wait_jitter=0.3
        )
        for attempt in retries:
            with attempt:
                return self._authorised(method, path, body, renewed)
        raise AssertionError("stamina ends with a result or an exception")

    def _authorised(self, method: str, path: str, body: object, renewed: list[bool]) -> Answer:
        token = self._valid_token(None)
        while True:
            try:
                return self._once(token, method, path, body)
            except Expired as error:
                if renewed:
                    raise failure(error.code) from None
            renewed.append(True)
            token = self._valid_token(token)

    def _valid_token(self, expired: Token | None) -> Token:
        """The present token; a new one if there is none or it is the one that expired.

        The lock makes threads that meet the same expired token log in once, not each.
        """
        with self._lock:
            if self.token is None or self.token == expired:
                self.token = log_in(self.credentials)
                if self.on_token:
                    self.on_token(self.token)
            return self.token

    def _once(self, token: Token, method: str, path: str, body: object) -> Answer:
        client, receipt = self._client_for(token), _Receipt()
        try:
            found = _exchange(client, receipt, method, path, body)
        except SyncError as fault:
            self._count(receipt, path, may_be_done=isinstance(fault, Lost))
            raise
        self._count(receipt, path)
        return Answer(found, receipt.header("Date"))

    def _count(self, receipt: _Receipt, path: str, *, may_be_done: bool = False) -> None:
        """Salesforce counts what it lets in, refused records included; not the bare list of resources.

        What got no answer may have been counted all the same: we had rather count too many.
        """
        status = receipt.status
        let_in = status < 500 and status not in _TURNED_AWAY if status else may_be_done
        with self._lock:
            self.api_calls += bool(path and let_in)
            self.usage = receipt.usage or self.usage

    def _client_for(self, token: Token) -> Salesforce:
        with self._lock:
            if self._client is None or self._client[0] != token:
                self._client = (token, self._new_client(token))
            return self._client[1]

    def _new_client(self, token: Token) -> Salesforce:
        from simple_salesforce.api import Salesforce

        home = same_trust(token.instance_url, origin(self.credentials.instance_url))
        client = Salesforce(
            session_id=token.access_token,
            instance=urlsplit(home).netloc,
            session=self._open_session(),
            version=self.credentials.api_version,
            object_pairs_hook=None,  # plain dicts: OrderedDict doubles the time of a page
        )
        client.headers.pop("X-PrettyPrint", None)  # indented answers are a third longer
        return client

    def close(self) -> None:
        """Close the connections; the next call would open new ones."""
        if self._session is not None:
            self._session.close()

    def _open_session(self) -> Session:
        if self._session is None:
            from syncadmin.salesforce.session import open_session

            self._session = open_session(origin(self.credentials.instance_url))
        return self._session


def _exchange(client: Salesforce, receipt: _Receipt, method: str, path: str, body: object) -> Any:
    """The JSON of one answer, or the failure as a SyncError; exceptions of libraries end here."""
    from requests import RequestException
    from simple_salesforce.exceptions import SalesforceError

    try:
        return client.restful(path, None, method, json=body, hooks={"response": receipt.catch})
    except SalesforceError as refusal:
        raise answer_fault(refusal.status, refusal.content, receipt.is_html, receipt.wait) from None
    except ValueError:  # not JSON: cut off on the way, or a page of something that is not Salesforce
        raise failure("NOT_SALESFORCE") if receipt.is_html else lost() from None
    except RequestException as error:
        raise connection_fault(error) from None


def _again(repeatable: bool) -> Callable[[Exception], bool | float]:
    """Whether, or after how many seconds, a failed request is sent again."""

    def decide(error: Exception) -> bool | float:
        if isinstance(error, Undone):
            return error.wait or True
        return repeatable and isinstance(error, Lost)

    return decide
