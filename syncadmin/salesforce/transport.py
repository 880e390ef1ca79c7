"""One way out: every request to Salesforce goes through :meth:`Transport.call`.

simple_salesforce builds and reads the requests (``restful``). Around it is what it lacks or has wrong:
timeouts, bounded retries, a log-in at most once per request, and the count of calls. It is given a token, so
that it never logs in by itself: that drops the caller's headers and, in ``sf.Lead.create``, has no end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import stamina

from syncadmin.salesforce.address import origin, same_trust
from syncadmin.salesforce.auth import Credentials, Token, log_in
from syncadmin.salesforce.errors import failure
from syncadmin.salesforce.exchanges import Exchange, exchange_of
from syncadmin.salesforce.faults import Expired, Lost, Undone
from syncadmin.salesforce.receipt import Receipt, Usage
from syncadmin.salesforce.redaction import MARGIN, Redactor
from syncadmin.salesforce.sending import send_file, send_json
from syncadmin.sync.ports import Errand, SyncError

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

    from syncadmin.salesforce.session import Session

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
#: How often one request is sent at most, and the seconds after which no further attempt begins.
ATTEMPTS, PATIENCE = 4, 150.0
#: Turned away at the door, and not counted: no session, no calls left, too many at once.
_TURNED_AWAY = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer, and its Date header."""

    body: Any
    date: str


_Exchange = Callable[["Salesforce", Receipt], _T]


@dataclass
class Transport:
    """Requests to one org. Safe to share between threads. Raises nothing but SyncError.

    ``on_token`` is called with every new token, so that it can be kept for the next process; it runs under the
    lock that keeps other threads from logging in, so it must not ask this transport for anything. ``on_exchange`` is
    called after every request by the thread that made it, under the same restriction; what it raises is logged alone.
    """

    credentials: Credentials
    token: Token | None = field(default=None, repr=False)
    on_token: Callable[[Token], None] | None = None
    on_exchange: Callable[[Exchange], None] | None = None
    keep_bodies: int = 0
    errand: Errand = field(default_factory=Errand)
    usage: Usage = field(default_factory=Usage)
    api_calls: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)
    _session: Session | None = field(default=None, repr=False)
    _client: tuple[Token, Salesforce] | None = field(default=None, repr=False)
    _redactor: Redactor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._redactor = Redactor(self.credentials)
        self._redactor.learn(self.token)

    @property
    def version_path(self) -> str:
        """What comes before a resource's path in an address, such as ``/services/data/v64.0/``."""
        return f"/services/data/v{self.credentials.api_version}/"

    def call(self, method: str, path: str, body: object = None, *, repeatable: bool = True) -> Answer:
        """One request, sent again while that may help. ``path`` is below :attr:`version_path`.

        ``repeatable`` False: it is not sent again once it may have been carried out; :class:`Lost` is raised.
        """

        def exchange(client: Salesforce, receipt: Receipt) -> Answer:
            found = send_json(client, receipt, method, path, body)
            return Answer(found, receipt.header("Date"))

        return self.insist(exchange, path, repeatable)

    def upload(self, path: str, source: IO[bytes]) -> None:
        """Send a file as CSV (PUT). Not sent again once it may have arrived; then :class:`Lost` is raised."""

        def exchange(client: Salesforce, receipt: Receipt) -> None:
            source.seek(0)
            send_file(client, receipt, "PUT", path, source=source)

        self.insist(exchange, path, repeatable=False)

    def download(self, path: str, target: IO[bytes]) -> Mapping[str, str]:
        """Take a CSV file; its headers. The file is never in memory as a whole, and ends at its beginning."""

        def exchange(client: Salesforce, receipt: Receipt) -> Mapping[str, str]:
            target.seek(0)
            target.truncate()
            send_file(client, receipt, "GET", path, target=target)
            target.seek(0)
            return receipt.headers

        return self.insist(exchange, path, repeatable=True)

    def insist(self, exchange: _Exchange[_T], path: str, repeatable: bool) -> _T:
        """Make an exchange with retries and a valid session; for what the other methods don't do."""
        renewed: list[bool] = []
        retries = stamina.retry_context(
            _again(repeatable), ATTEMPTS, PATIENCE, wait_initial=0.2, wait_max=5.0, wait_jitter=0.3
        )
        for attempt in retries:
            with attempt:
                return self._authorised(exchange, path, renewed)
        raise AssertionError("stamina ends with a result or an exception")

    def _authorised(self, exchange: _Exchange[_T], path: str, renewed: list[bool]) -> _T:
        token = self._valid_token(None)
        while True:
            try:
                return self._once(token, exchange, path)
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
                self.token = self._log_in()
                if self.on_token:
                    self.on_token(self.token)
            return self.token

    def _log_in(self) -> Token:
        """A new token. Of a log-in no body is kept: it is made of credentials."""
        receipt, began = Receipt(), perf_counter()
        try:
            token = log_in(self.credentials, receipt.catch)
        except SyncError as fault:
            self._tell(receipt, began, 0, fault)
            raise
        self._redactor.learn(token)
        self._tell(receipt, began, 0)
        return token

    def _once(self, token: Token, exchange: _Exchange[_T], path: str) -> _T:
        client, receipt = self._client_for(token), self._new_receipt()
        began = perf_counter()
        try:
            found = exchange(client, receipt)
        except SyncError as fault:
            calls = self._count(receipt, path, may_be_done=isinstance(fault, Lost))
            self._tell(receipt, began, calls, fault)
            raise
        self._tell(receipt, began, self._count(receipt, path))
        return found

    def _new_receipt(self) -> Receipt:
        return Receipt(self.keep_bodies + MARGIN if self.on_exchange and self.keep_bodies else 0)

    def _tell(self, receipt: Receipt, began: float, calls: int, fault: SyncError | None = None) -> None:
        """Tell of a request. That this goes wrong is no reason for the request to."""
        if self.on_exchange is None:
            return
        try:
            self.on_exchange(
                exchange_of(
                    receipt, self.errand, fault, seconds=perf_counter() - began, calls=calls, redact=self._redactor,
                    keep=self.keep_bodies if receipt.keep else 0,
                )
            )  # fmt: skip
        except Exception:
            _log.exception("a request could not be told of")

    def _count(self, receipt: Receipt, path: str, *, may_be_done: bool = False) -> int:
        """Salesforce counts what it lets in, refused records included; not the bare list of resources.

        What got no answer may have been counted all the same: we had rather count too many. 0 or 1.
        """
        status = receipt.status
        let_in = status < 500 and status not in _TURNED_AWAY if status else may_be_done
        calls = int(bool(path and let_in))
        with self._lock:
            self.api_calls += calls
            self.usage = receipt.usage or self.usage
        return calls

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


def _again(repeatable: bool) -> Callable[[Exception], bool | float]:
    """Whether, or after how many seconds, a failed request is sent again."""

    def decide(error: Exception) -> bool | float:
        if isinstance(error, Undone):
            return error.wait or True
        return repeatable and isinstance(error, Lost)

    return decide
