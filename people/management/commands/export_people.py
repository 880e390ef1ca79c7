"""``manage.py export_people``: everybody, as CSV on standard output."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from people.exports import write_csv
from people.models import Person


class Command(BaseCommand):
    help = "Write all people to standard output as CSV, one column per field, by field name."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.ending = ""
        write_csv(self.stdout, Person.objects.all())
