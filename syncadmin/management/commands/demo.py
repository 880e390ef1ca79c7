"""``manage.py demo``: what ``make demo`` needs in the database."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people.services import create_person
from syncadmin import services
from syncadmin.demo_people import demo_people
from syncadmin.models import Connection

USERS = {"admin": "Administrator", "marketer": "Marketer", "viewer": "Viewer"}
PASSWORD = "demo"  # noqa: S105


class Command(BaseCommand):
    help = (
        "Prepare the demo's database: tables, users, people, the connection to the emulator. See make demo."
    )
    requires_system_checks = []  # make lint has run them; a demo should start fast

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--emulator", required=True, metavar="URL", help="where the emulator listens")

    def handle(self, *args: Any, emulator: str, **options: Any) -> None:
        if not os.environ.get("DEMO_DIR"):
            raise CommandError("This makes users whose password everybody knows. Run it by: make demo")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if create_users():
            create_people()
        if not Connection.objects.filter(instance_url=emulator).exclude(org_id="").exists():
            call_command(
                "connect", instance_url=emulator, client_id="demo", client_secret=PASSWORD, stdout=self.stdout
            )
            services.start_syncing(timezone.now())


def create_users() -> bool:
    """The three users; False if they were there."""
    if User.objects.filter(username__in=USERS).exists():
        return False
    for name, group in USERS.items():
        is_admin = name == "admin"
        user = User.objects.create_user(name, password=PASSWORD, is_staff=is_admin, is_superuser=is_admin)
        user.groups.add(Group.objects.get(name=group))
    return True


def create_people() -> None:
    """The people who are not in Salesforce."""
    for values, origin, moment in demo_people(timezone.now()):
        create_person(values, actor=None, source=origin, now=moment)
