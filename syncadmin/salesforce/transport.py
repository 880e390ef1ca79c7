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
from typing import IO, TYPE_CHECKING, Any, TypeVar
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

_T = TypeVar("_T")
#: How often one request is sent at most, and the seconds after which no further attempt begins.
ATTEMPTS, PATIENCE = 4, 150.0
#: The longest that Salesforce may ask us to wait within one request, in seconds.
LONGEST_WAIT = 20.0
#: Turned away at the door, and not counted: no session, no calls left, too many at once.
_TURNED_AWAY = frozenset({401, 403, 429})
#: Bytes that are taken at once from a file on its way.
_PIECE = 1 << 18


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
class Receipt:
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


_Exchange = Callable[["Salesforce", Receipt], _T]


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

        def exchange(client: Salesforce, receipt: Receipt) -> Answer:
            found = _exchange(client, receipt, method, path, body)
            return Answer(found, receipt.header("Date"))

        return self.insist(exchange, path, repeatable)

    def upload(self, path: str, source: IO[bytes]) -> None:
        """Send a file as CSV (PUT). Not sent again once it may have arrived; then :class:`Lost` is raised."""

        def exchange(client: Salesforce, receipt: Receipt) -> None:
            source.seek(0)
            _transfer(client, receipt, "PUT", path, source=source)

        self.insist(exchange, path, repeatable=False)

    def download(self, path: str, target: IO[bytes]) -> Mapping[str, str]:
        """Take a CSV file; its headers. The file is never in memory as a whole, and ends at its beginning."""

        def exchange(client: Salesforce, receipt: Receipt) -> Mapping[str, str]:
            target.seek(0)
            target.truncate()
            _transfer(client, receipt, "GET", path, target=target)
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
                self.token = log_in(self.credentials)
                if self.on_token:
                    self.on_token(self.token)
            return self.token

    def _once(self, token: Token, exchange: _Exchange[_T], path: str) -> _T:
        client, receipt = self._client_for(token), Receipt()
        try:
            found = exchange(client, receipt)
        except SyncError as fault:
            self._count(receipt, path, may_be_done=isinstance(fault, Lost))
            raise
        self._count(receipt, path)
        return found

    def _count(self, receipt: Receipt, path: str, *, may_be_done: bool = False) -> None:
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


def _exchange(client: Salesforce, receipt: Receipt, method: str, path: str, body: object) -> Any:
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


def _transfer(
    client: Salesforce,
    receipt: Receipt,
    method: str,
    path: str,
    *,
    source: IO[bytes] | None = None,
    target: IO[bytes] | None = None,
) -> None:
    """One exchange of a file; simple_salesforce reads JSON alone, and holds all of it."""
    from requests import RequestException

    headers = {**client.headers, "Content-Type": "text/csv; charset=UTF-8", "Accept": "text/csv"}
    url = f"{client.base_url}{path}"
    try:
        with client.session.request(method, url, headers=headers, data=source, stream=True) as answer:
            receipt.catch(answer)
            if answer.status_code >= 300:
                raise answer_fault(answer.status_code, _body(answer), receipt.is_html, receipt.wait)
            for piece in answer.iter_content(_PIECE):
                if target is not None:
                    target.write(piece)
    except RequestException as error:
        raise connection_fault(error) from None


def _body(answer: Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _again(repeatable: bool) -> Callable[[Exception], bool | float]:
    """Whether, or after how many seconds, a failed request is sent again."""

    def decide(error: Exception) -> bool | float:
        if isinstance(error, Undone):
            return error.wait or True
        return repeatable and isinstance(error, Lost)

    return decide
