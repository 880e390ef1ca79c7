"""The door to the org: opens the connector with what the connection holds, and has its requests taken down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils import timezone

from syncadmin.models import Connection, Purpose
from syncadmin.services.api.recorder import Recorder
from syncadmin.sync.ports import Errand, Org

if TYPE_CHECKING:
    from syncadmin.salesforce.auth import Credentials, Token
    from syncadmin.salesforce.org import SalesforceOrg
    from syncadmin.salesforce.receipt import Usage


def credentials_of(connection: Connection) -> Credentials:
    """The stored credentials, decrypted, for the connector alone."""
    from syncadmin.salesforce.auth import Credentials

    return Credentials(
        instance_url=connection.instance_url,
        method=connection.method,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        username=connection.username,
        password=connection.password,
        security_token=connection.security_token,
        api_version=connection.api_version,
    )


def open_org(connection: Connection, purpose: str = Purpose.OTHER) -> SalesforceOrg:
    """The org behind a connection. Its session is kept (see close_org), so that a click needs no log-in.

    ``purpose``: what its calls are counted as, until :func:`errand` says otherwise.
    """
    from syncadmin.salesforce.auth import Token
    from syncadmin.salesforce.org import SalesforceOrg

    def keep(token: Token) -> None:
        # Only set, not saved: this may be called by the thread that reads ahead.
        connection.access_token, connection.token_url = token.access_token, token.instance_url

    token = Token(connection.access_token, connection.token_url) if connection.access_token else None
    recorder = Recorder(connection)
    org = SalesforceOrg(
        credentials_of(connection), token=token, on_token=keep, external_id_field=connection.external_id_field,
        on_exchange=recorder, keep_bodies=recorder.keep_bodies,
    )  # fmt: skip
    org.errand = Errand(purpose)
    return org


@contextmanager
def errand(org: Org, purpose: str = "", people: Sequence[int] = ()) -> Iterator[None]:
    """What the requests within are for, and whom they are about; what isn't said stays as it was."""
    before = org.errand
    org.errand = Errand(purpose or before.purpose, tuple(people) or before.people)
    try:
        yield
    finally:
        org.errand = before


def recorder_of(org: Org) -> Recorder | None:
    """Who takes down what this org is asked."""
    found = getattr(org, "on_exchange", None)
    return found if isinstance(found, Recorder) else None


def told_usage(org: Org | None) -> Usage | None:
    """What the org told of the use of its calls, if it was asked already."""
    return getattr(org, "usage", None)


def hang_up(org: SalesforceOrg) -> None:
    """Close the connections, and store what was asked; for an org that isn't the one we are connected to (yet)."""
    org.close()
    if recorder := recorder_of(org):
        recorder.flush()


def close_org(connection: Connection, org: SalesforceOrg) -> None:
    """Hang up; keep the session, and how much of the org's API allowance is used as Salesforce last told."""
    hang_up(org)
    same = Connection.objects.filter(
        pk=connection.pk, instance_url=connection.instance_url, client_id=connection.client_id,
        username=connection.username,
    )  # fmt: skip
    # Not if the credentials were changed meanwhile: the session is that of the earlier ones.
    told = {}
    if org.usage.limit:
        connection.api_used, connection.api_limit = org.usage.used, org.usage.limit
        connection.api_told_at = timezone.now()
        told = {name: getattr(connection, name) for name in ("api_used", "api_limit", "api_told_at")}
    same.update(access_token=connection.access_token, token_url=connection.token_url, **told)
