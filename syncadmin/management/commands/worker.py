"""``manage.py worker``: the background jobs of one machine."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = (
        "Run the background jobs (the sync cycles, and what users asked for by a click) until told to stop."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            default=30,
            help="seconds that running jobs get to finish in, when told to stop",
        )
        parser.add_argument(
            "--patience",
            type=float,
            default=15,
            help="seconds after which a job that isn't begun means trouble",
        )
        # How the supervisor calls itself for one cluster.
        parser.add_argument("--queue", help=argparse.SUPPRESS)

    def handle(self, *args: Any, queue: str | None, grace: float, patience: float, **options: Any) -> None:
        if queue:
            from syncadmin import cluster

            cluster.run(queue)
            return
        from syncadmin.supervisor import Supervisor

        if self.stdout.isatty():
            self.stdout.write("The worker is running. Ctrl-C stops it, after the running jobs.")
        Supervisor(grace=grace, patience=patience).run()
