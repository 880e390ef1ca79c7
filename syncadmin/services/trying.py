"""Try credentials without storing anything: *Test connection* while the form is being filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.models import Connection, Purpose
from syncadmin.services.org import hang_up, open_org

if TYPE_CHECKING:
    from syncadmin.salesforce.connection import ConnectionReport


def try_credentials(connection: Connection) -> ConnectionReport:
    """Log in with what this (unsaved) connection holds, never with the session of the stored one.

    SyncError if the address can't even be asked; every other failure is in the report.
    """
    connection.access_token = connection.token_url = ""
    org = open_org(connection, Purpose.TEST)
    report = org.check()
    hang_up(org)
    return report
