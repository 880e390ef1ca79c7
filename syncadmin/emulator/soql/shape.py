"""From database rows to the records of a reply: attributes first, then the fields in the order asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from syncadmin.emulator.schema.model import Field, SObject

Record = dict[str, Any]
Row = tuple[Any, ...]
ADDRESS_PARTS = (
    ("city", "City"),
    ("country", "Country"),
    ("geocodeAccuracy", "GeocodeAccuracy"),
    ("latitude", "Latitude"),
    ("longitude", "Longitude"),
    ("postalCode", "PostalCode"),
    ("state", "State"),
    ("street", "Street"),
)


class Shape:
    """Collects the columns to select, and knows how to make records out of their rows.

    `column` says what SQL yields a field of the object at the end of a path of relationships.
    """

    def __init__(self, sobject: SObject, column: Callable[[tuple[str, ...], str], str]) -> None:
        self.sobject, self._column = sobject, column
        self.columns: list[str] = [column((), "Id")]
        self._makers: list[tuple[str, Callable[[Row, str], Any]]] = []
        self._plain: list[str] | None = []
        self._booleans: list[str] = []
        self.children: dict[str, Shape] = {}

    def _add(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def field(self, field: Field, path: tuple[str, ...] = ()) -> None:
        """Add a field of the object itself."""
        if field.type == "address":
            self._plain = None
            self._makers.append((field.name, self._address(field, path)))
            return
        index = self._add(self._column(path, field.name))
        if self._plain is not None:
            self._plain.append(field.name)
        if field.type == "boolean":
            self._booleans.append(field.name)
            self._makers.append((field.name, lambda row, _: None if row[index] is None else row[index] == 1))
        else:
            self._makers.append((field.name, lambda row, _: row[index]))

    def _address(self, field: Field, path: tuple[str, ...]) -> Callable[[Row, str], Any]:
        prefix = field.name.removesuffix("Address")
        places = [(key, self._add(self._column(path, prefix + part))) for key, part in ADDRESS_PARTS]

        def make(row: Row, _: str) -> Record | None:
            parts = {key: row[index] for key, index in places}
            return parts if any(value is not None for value in parts.values()) else None

        return make

    def relation(self, name: str, target: SObject, path: tuple[str, ...]) -> Shape:
        """The nested record at the end of a relationship; its fields join this shape's columns."""
        if name in self.children:
            return self.children[name]
        self._plain = None
        child = self.children[name] = Shape(target, self._column)
        child.columns = self.columns
        index = self._add(self._column(path, "Id"))
        self._makers.append((name, lambda row, base: child.nested(row, index, base)))
        return child

    def nested(self, row: Row, index: int, base: str) -> Record | None:
        """The record of a relationship, or None if there is none at its end."""
        if row[index] is None:
            return None
        record: Record = {"attributes": self._attributes(row[index], base)}
        for name, make in self._makers:
            record[name] = make(row, base)
        return record

    def _attributes(self, record_id: str, base: str) -> Record:
        name = self.sobject.name
        table = {"005": "User", "00G": "Group"}.get(record_id[:3], name) if name == "Name" else name
        return {"type": name, "url": f"{base}/sobjects/{table}/{record_id}"}

    def records(self, rows: Iterable[Row], base: str) -> list[Record]:
        """All records. Without relationships and addresses there is a faster way, and most pages are such."""
        if self._plain is None:
            return [self.nested(row, 0, base) or {} for row in rows]
        name, start, names, booleans = (
            self.sobject.name,
            f"{base}/sobjects/{self.sobject.name}/",
            self._plain,
            self._booleans,
        )
        made = []
        for row in rows:
            record: Record = {"attributes": {"type": name, "url": start + row[0]}}
            record.update(zip(names, row[1:], strict=True))
            for boolean in booleans:
                record[boolean] = record[boolean] == 1
            made.append(record)
        return made
