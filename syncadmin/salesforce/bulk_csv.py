"""CSV as Bulk API 2.0 takes and gives it: cells by type, records from rows, the words of a refusal.

Prepare CSV Files: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Self

from syncadmin.salesforce.errors import is_transient, words
from syncadmin.sync.ports import RawRecord, RecordError

#: An empty cell leaves a field alone; this empties it.
NULL = "#N/A"
#: Characters of a value that a bulk job takes; REST takes more.
LONGEST = 32_000
#: Bytes of a file that are kept in memory; what is longer lies in a file that has no name.
IN_MEMORY = 8 << 20

csv.field_size_limit(max(csv.field_size_limit(), 1 << 20))

#: ``CODE:message:Field,Field --``, one after the other.
_ERROR = re.compile(r"([A-Z][A-Z0-9_]+):(.*?):([\w.,\s]*?)\s?--", re.DOTALL)
_NUMBERS = frozenset({"double", "currency", "percent", "long"})


def scratch() -> IO[bytes]:
    """A file for what is on its way; gone when it is closed."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)


# -- to Salesforce ----------------------------------------------------------------------------------------


def can_carry(value: Any) -> bool:
    """Whether a cell says exactly this; what looks like the mark for null, or is very long, goes by REST."""
    if not isinstance(value, str):
        return True
    return bool(value) and value.upper() != NULL and len(value) <= LONGEST and "\x00" not in value


def cell(value: Any) -> str:
    """A value (in normal form) as a cell."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format(Decimal(repr(value)), "f")
    return str(value)


class UpdateCsv:
    """Updates for one job, to be closed. Which columns it has is known at the end: only those that are needed."""

    def __init__(self) -> None:
        self.size = 0
        self._rows = scratch()
        self._columns: dict[str, None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._rows.close()

    def add(self, id: str, fields: Mapping[str, Any]) -> bool:
        """Put a record in; False if a cell can't say one of its values."""
        if not all(map(can_carry, fields.values())):
            return False
        self._columns.update(dict.fromkeys(fields))
        row = json.dumps([id, {name: cell(value) for name, value in fields.items()}], ensure_ascii=False)
        self.size += self._rows.write(row.encode() + b"\n")
        return True

    def write_to(self, target: IO[bytes]) -> None:
        """The file as Salesforce wants it: a header, LF, the record's id first."""
        columns = list(self._columns)
        text = TextIOWrapper(target, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["Id", *columns])
        self._rows.seek(0)
        for line in self._rows:
            id, cells = json.loads(line)
            writer.writerow([id, *(cells.get(name, "") for name in columns)])
        text.detach()  # flushes, and leaves the file open


# -- from Salesforce --------------------------------------------------------------------------------------


def rows(source: IO[bytes]) -> Iterator[list[str]]:
    """The rows of a file, its header first."""
    yield from csv.reader(TextIOWrapper(source, encoding="utf-8", newline=""))


def reader(header: Sequence[str], types: Mapping[str, str]) -> Callable[[Sequence[str]], RawRecord]:
    """How rows become records as REST has them. ``types``: of the object's own fields, as describe names them."""
    own = [(n, name, _TYPED.get(types.get(name, ""))) for n, name in enumerate(header) if "." not in name]
    followed = [(n, *_path(name)) for n, name in enumerate(header) if "." in name]

    def read(cells: Sequence[str]) -> RawRecord:
        record: RawRecord = {}
        for number, name, typed in own:
            text = cells[number]
            record[name] = (typed(text) if typed else text) if text else None
        for number, relation, name in followed:
            parent = record.setdefault(relation, None)
            if text := cells[number]:
                parent = record[relation] = parent or {}
                parent[name] = text
        return record

    return read


def _path(name: str) -> tuple[str, str]:
    relation, _, field = name.partition(".")
    return relation, field


def _moment(text: str) -> str:
    """In the form in which REST writes them."""
    return f"{text[:-1]}+0000" if text.endswith("Z") else text


_TYPED: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text.lower() == "true",
    "datetime": _moment,
    "int": lambda text: int(float(text)),
    **dict.fromkeys(_NUMBERS, float),
}


def errors_in(text: str) -> tuple[RecordError, ...]:
    """The refusals of one record, from its cell ``sf__Error``; never empty."""
    found = tuple(
        RecordError(
            code,
            message.strip() or code,
            tuple(filter(None, map(str.strip, fields.split(",")))),
            is_transient(code),
        )
        for code, message, fields in _ERROR.findall(text)
    )
    return found or (RecordError("UNKNOWN_EXCEPTION", text.strip() or words("UNKNOWN_EXCEPTION"), (), True),)
