"""A CSV file as rows: its encoding, its delimiter, its limits. What can't be read is refused in words."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 500
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS = ",;\t|"
BINARY = (
    b"PK\x03\x04",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"\x7fELF",
)

# A cell may be as long as the file: the field's own limit refuses it, with the line it stands in.
csv.field_size_limit(MAX_BYTES + 1)


class UnreadableFile(ValueError):
    """The file is not a CSV file that can be imported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file, with the number of the line on which it begins."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header and the rows; ``broken`` are lines that are no rows, with the reason."""

    header: list[str]
    lines: list[Line]
    broken: list[tuple[int, str]] = field(default_factory=list)


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252."""
    if not data.strip():
        raise UnreadableFile(_("The file is empty."))
    if len(data) > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than 20 MB. Split it into several files."))
    if data.startswith(BINARY) or (_looks_binary(data) and not data.startswith(UTF_16)):
        raise UnreadableFile(
            _(
                "This is not a CSV file. In Excel or Google Sheets, save the sheet as “CSV UTF-8” and upload that."
            )
        )
    text = _decoded(data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableFile(
            _("Line %s holds a NUL character: this is not plain text. Save the sheet as “CSV UTF-8”.") % line
        )
    return text


def _looks_binary(data: bytes) -> bool:
    """Text has hardly any control characters; compressed and binary data are full of them."""
    start = data[:4096]
    return sum(byte < 32 and byte not in b"\t\n\v\f\r" for byte in start) > len(start) * 0.02 + 1


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith(UTF_16) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(
        _(
            "The file's characters can't be read: it is in none of UTF-8, UTF-16 and Windows-1252. "
            "Save it as “CSV UTF-8”."
        )
    )


def read_sheet(text: str) -> Sheet:
    """The header and the rows of the file."""
    delimiter, skipped = _delimiter(text)
    rows = _rows(text, delimiter)
    broken: list[tuple[int, str]] = []
    header: list[str] | None = None
    lines: list[Line] = []
    for number, cells in rows:
        if isinstance(cells, str):
            broken.append((number, cells))
        elif number <= skipped or not any(cell.strip() for cell in cells):
            continue
        elif header is None:
            header = _checked_header(cells)
        else:
            lines.append(Line(number, cells))
            _refuse_too_many(lines)
    if header is None:
        raise UnreadableFile(broken[0][1] if broken else _("The file is empty."))
    if not lines and not broken:
        raise UnreadableFile(_("There are no people in the file: nothing stands below the header."))
    return Sheet(header, lines, broken)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """(line, cells) for each row; (line, reason) where the file breaks off, which ends it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            yield start, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield (
                start,
                _("The quotation marks of this row don't match, so nothing from here on can be read."),
            )
            return


def _checked_header(cells: list[str]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(_("The file has more than %s columns.") % MAX_COLUMNS)
    return [cell.strip() for cell in cells]


def _refuse_too_many(lines: list[Line]) -> None:
    if len(lines) > MAX_ROWS:
        raise UnreadableFile(_("The file has more than 200,000 rows. Split it into several files."))


def _delimiter(text: str) -> tuple[str, int]:
    """What separates the cells, and how many lines come before the header (Excel's ``sep=;``)."""
    stripped = text.lstrip("\r\n")
    first = stripped.split("\n", 1)[0].strip()
    if first[:4].lower() == "sep=" and len(first) == 5 and first[4] in DELIMITERS:
        return first[4], text[: len(text) - len(stripped)].count("\n") + 1
    return max(DELIMITERS, key=lambda delimiter: _width(stripped, delimiter)), 0


def _width(text: str, delimiter: str) -> int:
    """How many cells the header has with this delimiter."""
    try:
        return len(next(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)))
    except (csv.Error, StopIteration):
        return 0
