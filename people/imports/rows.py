"""The rows of a file as values, row by row; no database. Rows that can't be imported are listed with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from people.harmless import restored
from people.imports.matching import Column
from people.imports.reading import Line, Sheet
from people.models import PersonField
from people.values import Stored, canonical, clean_value, shortened

IDENTIFYING = ("email", "last_name", "first_name", "company")
CACHED_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    reason: str


@dataclass(slots=True)
class Entry:
    """What the file says about one person, and on which line it said it last."""

    line: int
    values: dict[str, Stored]


@dataclass(slots=True)
class Rows:
    """The people of a file: those with an e-mail by it, the others one by one."""

    by_email: dict[str, Entry] = field(default_factory=dict)
    without_email: list[Entry] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    repeated: list[tuple[int, str]] = field(default_factory=list)


def read_rows(sheet: Sheet, columns: Sequence[Column]) -> Rows:
    """All rows of the file, checked. Of rows with the same e-mail the later one wins, value by value."""
    cells = [(column.index, _Cell(column.field)) for column in columns if column.field]
    rows = Rows(bad=[BadRow(number, reason) for number, reason in sheet.broken])
    for line in sheet.lines:
        values, reasons = _read(line, cells, len(sheet.header))
        if reasons:
            rows.bad.append(BadRow(line.number, " ".join(reasons)))
        else:
            _take(rows, line.number, values)
    rows.bad.sort(key=lambda bad: bad.line)
    return rows


def _read(line: Line, cells: Sequence[tuple[int, _Cell]], width: int) -> tuple[dict[str, Stored], list[str]]:
    values: dict[str, Stored] = {}
    if len(line.cells) > width and any(cell.strip() for cell in line.cells[width:]):
        problem = _("The row has %(found)s cells, but the header only %(width)s.")
        return values, [problem % {"found": len(line.cells), "width": width}]
    reasons = []
    for index, cell in cells:
        # Spreadsheets leave out empty cells at the end of a row.
        raw = line.cells[index].strip() if index < len(line.cells) else ""
        value, reason = cell.read(raw) if raw else (None, "")
        if reason:
            reasons.append(reason)
        elif canonical(value) is not None:
            values[cell.field.name] = value
    return values, reasons if reasons else _nobody(values)


def _nobody(values: dict[str, Stored]) -> list[str]:
    if any(values.get(name) for name in IDENTIFYING):
        return []
    return [_("There is no e-mail address, no name and no company: nobody could tell who this is.")]


class _Cell:
    """Reads the cells of one column; the same text is checked once."""

    def __init__(self, field: PersonField) -> None:
        self.field = field
        self._known: dict[str, tuple[Stored, str]] = {}

    def read(self, raw: str) -> tuple[Stored, str]:
        if raw not in self._known:
            if len(self._known) >= CACHED_VALUES or len(raw) > 1_000:
                return self._cleaned(raw)
            self._known[raw] = self._cleaned(raw)
        return self._known[raw]

    def _cleaned(self, raw: str) -> tuple[Stored, str]:
        try:
            return clean_value(self.field, restored(raw)), ""
        except ValidationError as error:
            return None, f"{self.field.label}: {' '.join(error.messages)}"


def _take(rows: Rows, number: int, values: dict[str, Stored]) -> None:
    email = str(values.get("email", ""))
    if not email:
        rows.without_email.append(Entry(number, values))
    elif email in rows.by_email:
        rows.repeated.append((number, shortened(email)))
        entry = rows.by_email[email]
        entry.values |= values
        entry.line = number
    else:
        rows.by_email[email] = Entry(number, values)
