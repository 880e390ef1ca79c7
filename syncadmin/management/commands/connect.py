"""``manage.py connect``: store and test a connection."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from syncadmin import services
from syncadmin.models import Connection
from syncadmin.sync.ports import SyncError


class Command(BaseCommand):
    help = "Store and test a connection to Salesforce, and leave the sync ready to run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--instance-url", required=True, help="your My Domain address")
        parser.add_argument("--client-id", default="", help="consumer key (client credentials flow)")
        parser.add_argument("--client-secret", default="")
        parser.add_argument("--username", default="")
        parser.add_argument("--password", default="")
        parser.add_argument("--security-token", default="")
        parser.add_argument("--api-version", default="62.0")
        parser.add_argument(
            "--start",
            action="store_true",
            help="start the background sync at once, without a look at its preview",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = Connection.objects.first() or Connection()
        for name in ("client_id", "client_secret", "username", "password", "security_token", "api_version"):
            setattr(connection, name, options[name])
        connection.instance_url = options["instance_url"].rstrip("/")
        by_password = bool(options["username"])
        connection.method = (
            Connection.Method.PASSWORD if by_password else Connection.Method.CLIENT_CREDENTIALS
        )
        try:
            report = services.connect(connection, timezone.now())
        except (SyncError, services.OtherOrgError) as error:
            raise CommandError(str(error)) from None
        if report.code:
            raise CommandError(f"{report.code}: {report.message}")
        self.stdout.write(f"Connected to {report.org_name} ({report.org_id}) as {report.user_name}.")
        for problem in report.problems:
            self.stderr.write(f"{problem.object}: {problem.message} {problem.advice}")
        if options["start"]:
            services.start_syncing(timezone.now())
        elif Connection.objects.get().awaits_start:
            self.stdout.write(
                "The background sync waits for somebody to start it: look at the preview on the page /sync/preview/ "
                "(or manage.py sync --dry-run), or give --start. Cycles in the foreground run at once."
            )
        if not report.ok:
            raise CommandError("The connection works, but the sync user lacks permissions it needs.")
