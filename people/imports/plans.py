"""What an import would do to the people there are: whom it creates, whom it changes, and which rows stop it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.changes import changes_of
from people.imports.matching import Column, mapping_problems, match_columns
from people.imports.reading import Line, Sheet, read_sheet
from people.imports.rows import BadRow, Entry, Rows, read_rows
from people.models import Person, PersonField
from people.values import Stored

BATCH = 2_000
NOTES_SHOWN = 5


@dataclass(slots=True)
class Plan:
    """Everything the preview shows, and everything the import needs."""

    columns: list[Column]
    problems: list[str]
    rows: int
    sample: list[Line]
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    creates: list[dict[str, Stored]] = field(default_factory=list)
    edits: dict[int, dict[str, Stored]] = field(default_factory=dict)
    unchanged: int = 0

    @property
    def good(self) -> int:
        """How many people the rows without a problem make."""
        return len(self.creates) + len(self.edits) + self.unchanged


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was read and checked, not yet compared with the database."""

    sheet: Sheet
    columns: list[Column]
    problems: list[str]
    rows: Rows


def check(text: str, chosen: Mapping[str, str]) -> Checked:
    """Read the file. Raises UnreadableFile."""
    sheet = read_sheet(text)
    columns = match_columns(sheet.header, list(PersonField.objects.all()), chosen)
    problems = mapping_problems(columns)
    return Checked(sheet, columns, problems, Rows() if problems else read_rows(sheet, columns))


def plan(checked: Checked, *, lock: bool = False) -> Plan:
    """Compare with the people there are; ``lock`` holds their rows until the transaction ends."""
    made = Plan(checked.columns, checked.problems, len(checked.sheet.lines), checked.sheet.lines[:5])
    made.bad = list(checked.rows.bad)
    fields = {column.field.name: column.field for column in checked.columns if column.field}
    for batch in _batches(checked.rows.by_email):
        _plan_batch(made, batch, fields, lock=lock)
    made.creates += [entry.values for entry in checked.rows.without_email]
    made.bad.sort(key=lambda bad: bad.line)
    made.notes = _notes(checked.rows)
    return made


def _batches(entries: Mapping[str, Entry]) -> Iterator[dict[str, Entry]]:
    items = iter(entries.items())
    while batch := dict(islice(items, BATCH)):
        yield batch


def _plan_batch(
    made: Plan, batch: Mapping[str, Entry], fields: Mapping[str, PersonField], *, lock: bool
) -> None:
    found = _people_by_email(batch, lock=lock)
    for email, entry in batch.items():
        people = found.get(email, [])
        if not people:
            made.creates.append(entry.values)
        elif len(people) > 1:
            made.bad.append(BadRow(entry.line, _several(email, people)))
        else:
            changes = changes_of(people[0], entry.values, fields)
            if changes:
                made.edits[people[0].pk] = {change.field.name: change.new for change in changes}
            else:
                made.unchanged += 1


def _people_by_email(batch: Mapping[str, Entry], *, lock: bool) -> dict[str, list[Person]]:
    people = Person.objects.filter(email__in=list(batch)).order_by("pk")
    found: dict[str, list[Person]] = defaultdict(list)
    for person in people.select_for_update() if lock else people:
        found[person.email].append(person)
    return found


def _several(email: str, people: list[Person]) -> str:
    message = _("%(count)s people have the e-mail %(email)s (ids %(ids)s): which one is meant can't be told.")
    ids = ", ".join(str(person.pk) for person in people[:5])
    return message % {"count": len(people), "email": email, "ids": ids}


def _notes(rows: Rows) -> list[str]:
    notes = []
    if rows.without_email:
        notes.append(
            ngettext(
                "%s row has no e-mail address. It becomes a new person each time it is imported.",
                "%s rows have no e-mail address. They become new people each time they are imported.",
                len(rows.without_email),
            )
            % len(rows.without_email)
        )
    if rows.repeated:
        notes.append(_repeated(rows.repeated))
    return notes


def _repeated(repeated: list[tuple[int, str]]) -> str:
    shown = ", ".join(
        _("line %(line)s (%(email)s)") % {"line": line, "email": email}
        for line, email in repeated[:NOTES_SHOWN]
    )
    more = " …" if len(repeated) > NOTES_SHOWN else ""
    return _("The same e-mail stands in the file more than once; the later row wins: %s") % (shown + more)
