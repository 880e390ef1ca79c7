"""``manage.py emulator``: a local Salesforce. It has no part in our database."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from syncadmin.emulator.__main__ import main


class Command(BaseCommand):
    help = "Run a local Salesforce over HTTP, for demos and tests."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8900, help="0: any free one")
        parser.add_argument("--seed", default="demo", help="demo, empty, or a number of leads")
        parser.add_argument("--data", help="keep the org in this file; an existing one isn't seeded")

    def handle(self, *args: Any, **options: Any) -> None:
        names = [name for name in ("host", "port", "seed", "data") if options[name] is not None]
        sys.exit(main([f"--{name}={options[name]}" for name in names]))
