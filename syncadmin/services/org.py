"""The door to the org: opens the connector with what the connection holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.models import Connection

if TYPE_CHECKING:
    from syncadmin.salesforce.auth import Credentials, Token
    from syncadmin.salesforce.org import SalesforceOrg


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


def open_org(connection: Connection) -> SalesforceOrg:
    """The org behind a connection. Its session is kept (see close_org), so that a click needs no log-in."""
    from syncadmin.salesforce.auth import Token
    from syncadmin.salesforce.org import SalesforceOrg

    def keep(token: Token) -> None:
        # Only set, not saved: this may be called by the thread that reads ahead.
        connection.access_token, connection.token_url = token.access_token, token.instance_url

    token = Token(connection.access_token, connection.token_url) if connection.access_token else None
    return SalesforceOrg(
        credentials_of(connection), token=token, on_token=keep, external_id_field=connection.external_id_field
    )


def close_org(connection: Connection, org: SalesforceOrg) -> None:
    """Hang up; keep the session, and how much of the org's API allowance is used as Salesforce last told."""
    org.close()
    same = Connection.objects.filter(
        pk=connection.pk, instance_url=connection.instance_url, client_id=connection.client_id,
        username=connection.username,
    )  # fmt: skip
    # Not if the credentials were changed meanwhile: the session is that of the earlier ones.
    same.update(access_token=connection.access_token, token_url=connection.token_url)
    if org.usage.limit:
        connection.api_used, connection.api_limit = org.usage.used, org.usage.limit
        same.update(api_used=connection.api_used, api_limit=connection.api_limit)
