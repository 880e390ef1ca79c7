"""``manage.py sync_person``: Sync Person to SFDC, from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from syncadmin import services


class Command(BaseCommand):
    help = "Sync people to Salesforce now. Exit code 1 if one failed; the reason is in the output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="+", type=int, metavar="ID", help="ids of people")
        parser.add_argument(
            "--assign-to", default="rules", help="rules (default), user:SFDCID or queue:SFDCID"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcomes = services.sync_people(
                options["ids"], options["assign_to"], now=timezone.now(), source="Command line"
            )
        except (services.NotConnectedError, ValueError) as error:
            raise CommandError(str(error)) from None
        failed = [outcome for outcome in outcomes if outcome.status == "failed"]
        if options["json"]:
            people = [outcome.as_dict() for outcome in outcomes]
            self.stdout.write(json.dumps({"status": "failed" if failed else "done", "people": people}))
        else:
            for outcome in outcomes:
                self.stdout.write(words(outcome))
        if failed:
            raise CommandError(f"{len(failed)} of {len(outcomes)} failed")


def words(outcome: services.SyncOutcome) -> str:
    """What became of one person, in a line."""
    if outcome.status == "failed":
        return f"{outcome.person_id}: {outcome.code}: {outcome.message} {outcome.advice}"
    place = f" {outcome.object} {outcome.sfdc_id}".rstrip()
    owner = f", owner {outcome.owner}" if outcome.owner else ""
    return f"{outcome.person_id}: {outcome.action}{place}{owner}"
