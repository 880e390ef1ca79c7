"""One Salesforce org, as the engine wants it (:class:`syncadmin.sync.ports.Org`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from syncadmin.salesforce import collections, connection, reading, soap
from syncadmin.salesforce.auth import Credentials, Token
from syncadmin.salesforce.bulk import SalesforceBulk
from syncadmin.salesforce.connection import ConnectionReport, Identity
from syncadmin.salesforce.exchanges import Exchange
from syncadmin.salesforce.receipt import Usage
from syncadmin.salesforce.transport import Transport
from syncadmin.sync.filters import RecordFilter
from syncadmin.sync.ports import Errand, Page, Poll, PollAnswer, RawRecord, Write, WriteResult


class SalesforceOrg:
    """The real :class:`~syncadmin.sync.ports.Org`; nothing is sent before it is asked something.

    ``token``: one kept from before. Without one, or when it expired, a new one is got and ``on_token`` told.
    ``external_id_field``: a custom field, External ID and Unique in the org, by which creates become upserts.
    ``on_exchange`` is told of every request, log-ins included, by the thread that made it; with so many characters of
    its bodies as ``keep_bodies`` says, credentials hidden.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        token: Token | None = None,
        on_token: Callable[[Token], None] | None = None,
        external_id_field: str = "",
        on_exchange: Callable[[Exchange], None] | None = None,
        keep_bodies: int = 0,
    ) -> None:
        self._transport = Transport(credentials, token, on_token, on_exchange, keep_bodies)
        self._external_id_field = external_id_field
        self.bulk = SalesforceBulk(self._transport)
        """Jobs for very many records at once."""
        self._user_id = ""

    def __repr__(self) -> str:
        return f"SalesforceOrg({self._transport.credentials!r})"

    def close(self) -> None:
        """Close the connections to Salesforce; the session itself stays valid."""
        self._transport.close()

    @property
    def errand(self) -> Errand:
        """What the requests from now on are made for."""
        return self._transport.errand

    @errand.setter
    def errand(self, errand: Errand) -> None:
        self._transport.errand = errand

    @property
    def on_exchange(self) -> Callable[[Exchange], None] | None:
        """Who is told of every request."""
        return self._transport.on_exchange

    @property
    def api_calls(self) -> int:
        """Calls made so far, counted as Salesforce counts them; a Composite is one, a log-in none."""
        return self._transport.api_calls

    @property
    def usage(self) -> Usage:
        """The calls of all apps in the last 24 hours, and the limit, as the last answer told."""
        return self._transport.usage

    def poll(self, polls: Sequence[Poll]) -> PollAnswer:
        """Users, queues, changed describes and the first page of up to three objects, in one API call.

        One more for each further 2,000 users. A SyncError for a query names the object and the field refused.
        """
        return reading.poll(self._transport, polls)

    def read(self, poll: Poll) -> Page:
        """The first page of what one poll asks for, in one API call."""
        return reading.read(self._transport, poll)

    def read_on(self, page: Page) -> Page:
        """The page behind this one, in one API call. SyncError INVALID_QUERY_LOCATOR after two days."""
        return reading.read_on(self._transport, page)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, RawRecord]:
        """Records by their id of 18 characters, deleted ones included; 10,000 in one API call."""
        return reading.fetch(self._transport, object, ids, fields)

    def find_deleted(self, object: str, ids: Sequence[str], now: datetime) -> dict[str, str]:
        """Which of these records were deleted for good in the last two weeks, and when. One API call."""
        return reading.find_deleted(self._transport, object, ids, now)

    def find(self, emails: Sequence[str], fields: Mapping[str, Sequence[str]]) -> dict[str, list[RawRecord]]:
        """Leads (not converted) and Contacts by e-mail: {object: records}; 1,000 e-mails to a call."""
        return reading.find(self._transport, emails, fields)

    def count(self, object: str, filters: Sequence[RecordFilter | None]) -> list[int]:
        """How many records (neither deleted nor converted) meet each of up to five filters, in one API call."""
        return reading.count(self._transport, object, filters)

    def read_living(
        self, object: str, fields: Sequence[str], after: str, size: int = 2_000
    ) -> list[RawRecord]:
        """Records neither deleted nor converted, behind an id, in order of Id; one API call."""
        return reading.read_living(self._transport, object, fields, after, size)

    def find_created(self, object: str, age: timedelta, fields: Sequence[str]) -> list[RawRecord]:
        """What the sync user created lately, oldest first (to find a create whose answer was lost)."""
        self._user_id = self._user_id or connection.user_id(self._transport)[1]
        return reading.find_created(self._transport, object, age, fields, self._user_id)

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Write records, 1,000 to an API call; answers in order. Transient refusals are sent twice more.

        Writes of one call must be of different records. SyncError only if nothing at all was written.
        """
        return collections.write(self._transport, writes, self._external_id_field)

    def merge(self, object: str, master: str, losers: Sequence[str]) -> WriteResult:
        """Merge up to two Leads, or Contacts, into another one, which keeps its values. One API call."""
        return soap.merge(self._transport, object, master, losers)

    def convert_lead(self, lead: str, contact: str, *, account: str, owner: str) -> WriteResult:
        """Convert a Lead into a Contact that is there, with the first status that means so. Two API calls."""
        status = reading.converted_status(self._transport)
        return soap.convert_lead(self._transport, lead, contact, account=account, owner=owner, status=status)

    def calls_to_write(self, writes: Sequence[Write]) -> int:
        """How many API calls writing these takes, if nothing has to be sent twice. Makes none."""
        return collections.calls_to_write(writes, self._external_id_field)

    def identity(self) -> Identity:
        """The org and the sync user, with names. Two API calls."""
        return connection.identify(self._transport)

    def check(self) -> ConnectionReport:
        """What the *Test connection* page shows. Three API calls; a failure is in the report, not raised."""
        return connection.check(self._transport)
