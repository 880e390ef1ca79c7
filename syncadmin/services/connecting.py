"""Make, test and change the connection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from syncadmin.models import Connection, PullCursor, Purpose, SObject
from syncadmin.services.fields.schema import begin_field_sync, refresh_schema, try_lookups_again
from syncadmin.services.org import close_org, hang_up, open_org
from syncadmin.services.owners import refresh_owners
from syncadmin.sync.ports import Org, Poll

if TYPE_CHECKING:
    from syncadmin.salesforce.connection import ConnectionReport

_REPORTED = ["org_id", "org_name", "user_id", "user_name", "health", "health_message", "health_at"]
_CREDENTIALS = [
    "instance_url", "method", "client_id", "client_secret", "username", "password", "security_token", "api_version",
]  # fmt: skip
_STARTED = ["is_paused", "started_at"]
#: Later than any record: asks for the schema, the users and the queues, and for no record.
_NEVER = "2999-01-01T00:00:00.000+0000"


class OtherOrgError(Exception):
    """The credentials lead to another org than the one whose records the people are linked to."""


def check_connection(connection: Connection, now: datetime) -> ConnectionReport:
    """*Test connection*: log in, look at the permissions; store what was found, and how it went."""
    org = open_org(connection, Purpose.TEST)
    report = org.check()
    hang_up(org)  # whatever comes of it
    _take_report(connection, report, now)
    connection.save(update_fields=_REPORTED)
    close_org(connection, org)
    return report


def _take_report(connection: Connection, report: ConnectionReport, now: datetime) -> None:
    known = Connection.objects.exclude(org_id="").only("org_id", "org_name").first()
    if report.org_id and known is not None and report.org_id != known.org_id:
        raise OtherOrgError(
            f"These credentials lead to another org ({report.org_name}). The people here are linked to "
            f"{known.org_name}; another org needs an installation of its own."
        )
    if report.org_id:
        connection.org_id, connection.org_name = report.org_id, report.org_name
        connection.user_id, connection.user_name = report.user_id, report.user_name
    connection.health = Connection.Health.OK if report.ok else Connection.Health.FAILED
    connection.health_message = report.message or " ".join(problem.message for problem in report.problems)
    connection.health_at = now


def learn_org(connection: Connection, now: datetime) -> None:
    """Read schema, users and queues, and make the standard field sync, so that the pages have something to show."""
    PullCursor.objects.bulk_create(
        [PullCursor(object=object) for object in SObject.values], ignore_conflicts=True
    )
    try_lookups_again()
    org = open_org(connection, Purpose.TEST)
    read_schema(org, now)
    close_org(connection, org)


def read_schema(org: Org, now: datetime) -> None:
    """Read schema, users and queues by themselves. One API call, which no field of ours can spoil."""
    answer = org.poll([Poll(object, (), since=_NEVER) for object in SObject.values])
    with transaction.atomic():
        refresh_owners(answer.owners, now)
        refresh_schema(answer.schemas.values(), now)
        begin_field_sync()


def connect(connection: Connection, now: datetime) -> ConnectionReport:
    """Test credentials; if they work, store them and learn the org, which leaves the sync ready to run.

    A new connection, or one to another address, is paused until somebody starts it; a cycle in the foreground and
    single syncs work at once. Credentials that don't work are not stored: they would take the place of some that
    do. OtherOrgError if they lead to another org than the one that is connected.
    """
    connection.pk = 1
    connection.access_token = connection.token_url = ""
    org = open_org(connection, Purpose.TEST)
    report = org.check()
    hang_up(org)  # whatever comes of it
    _take_report(connection, report, now)
    if report.org_id:
        known = Connection.objects.filter(pk=1).values_list("instance_url", "org_id").first()
        started: list[str] = []
        if not known or (known[0].rstrip("/"), known[1]) != (
            connection.instance_url.rstrip("/"),
            connection.org_id,
        ):
            connection.is_paused, connection.started_at = True, None
            started = _STARTED
        # Only what was tested: a cycle may be writing the rest of the row at this moment.
        connection.save(update_fields=[*_CREDENTIALS, *_REPORTED, *started] if known else None)
        close_org(connection, org)
        learn_org(connection, now)
    return report
