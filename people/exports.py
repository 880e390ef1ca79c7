"""People as CSV: one column per field, by field name."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from people.harmless import harmless
from people.models import Person, PersonField
from people.values import as_text, is_standard

#: What one looks for first; the other fields follow in the order of the person's page.
FIRST = ("first_name", "last_name", "company", "email", "job_title", "phone", "city")
LAST = ("sfdc_type", "sfdc_id", "sfdc_is_deleted", "owner")
CHUNK = 2_000


def columns() -> list[str]:
    """The header of an export."""
    fields = list(PersonField.objects.values_list("name", "is_custom"))
    standard = [name for name, is_custom in fields if not is_custom and name not in FIRST]
    return ["id", *FIRST, *standard, *(name for name, is_custom in fields if is_custom), *LAST]


def rows(queryset: QuerySet[Person], header: list[str]) -> Iterator[list[Any]]:
    """The stored values, person by person, so that memory doesn't grow with their number."""
    cells = [_reader(name) for name in header]
    for person in queryset.select_related("owner").order_by("pk").iterator(chunk_size=CHUNK):
        yield [cell(person) for cell in cells]


def write_csv(stream: Any, queryset: QuerySet[Person]) -> None:
    """The whole export into a text stream."""
    header = columns()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([harmless(as_text(cell)) for cell in row] for row in rows(queryset, header))


def _reader(name: str) -> Callable[[Person], Any]:
    if name == "owner":
        return _owner
    if name in LAST or name == "id" or is_standard(name):
        return lambda person: getattr(person, name)
    return lambda person: person.custom.get(name)


def _owner(person: Person) -> str:
    """The owner's name; the id while the users and queues were not read yet."""
    return person.owner.name if person.owner else person.owner_id or ""
