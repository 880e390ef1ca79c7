"""CSV as the Bulk APIs read and write it.

Source: the Prepare CSV Files page; result files as recorded: all values quoted, of the header only the
columns that Salesforce adds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress

from syncadmin.emulator.bulk.job import Job

# A field of a bulk upload holds up to 131,072 characters, a record 400,000 (documented).
LONGEST_FIELD = 131_072
csv.field_size_limit(4 * LONGEST_FIELD)


class BadCsv(Exception):
    """The data can't be read as CSV; the text is the job's or batch's error."""


def read_rows(data: bytes, separator: str) -> Iterator[list[str]]:
    """The rows of a file, the header first; empty lines don't count. BadCsv if it can't be read."""
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    try:
        for row in csv.reader(stream, delimiter=separator, strict=True):
            if row:
                yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadCsv(f"InvalidBatch : Failed to parse CSV: {error}") from error


def readable_rows(data: bytes, separator: str) -> Iterator[list[str]]:
    """The rows up to what can't be read: the job fails for that when it is processed."""
    with suppress(BadCsv):
        yield from read_rows(data, separator)


def quoted(value: str) -> str:
    """A value between quotes."""
    return '"' + value.replace('"', '""') + '"'


def line(values: Iterable[str], separator: str) -> str:
    """A line of quoted values, without what ends it."""
    return separator.join(map(quoted, values))


def result_header(added: tuple[str, ...], columns: Iterable[str], separator: str) -> str:
    """The header of a result file: only the added columns are quoted (recorded)."""
    plain = [quoted(name) if separator in name or '"' in name else name for name in columns]
    return separator.join([*map(quoted, added), *plain])


def lines(job: Job, rows: Iterable[str]) -> bytes:
    """A file of these lines, each ended as the job wants it."""
    return "".join(f"{row}{job.newline}" for row in rows).encode()
