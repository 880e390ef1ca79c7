"""From database rows to the records of a reply: attributes first, then the fields in the order asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.soql.jsonrows import member, wrapped

Record = dict[str, Any]
Row = tuple[Any, ...]
Maker = Callable[[Row, str], Any]
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
PREFIXES = {"005": "User", "00G": "Group", "00Q": "Lead", "003": "Contact", "001": "Account"} | {
    "006": "Opportunity",
    "701": "Campaign",
}


class Shape:
    """Collects the columns to select, and knows how to make records out of their rows.

    `column` says what SQL yields a field of the object at the end of a path of relationships.
    """

    def __init__(self, sobject: SObject, column: Callable[[tuple[str, ...], str], str]) -> None:
        self.sobject, self._column = sobject, column
        self.columns: list[str] = [column((), "Id")]
        self._makers: list[tuple[str, Maker]] = []
        self._plain: list[str] | None = []
        self._booleans: list[str] = []
        self._members: list[tuple[str, str]] | None = []
        self.children: dict[str, Shape] = {}
        self.long_texts = 0

    def _add(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def field(self, field: Field, path: tuple[str, ...] = ()) -> None:
        """Add a field of the object itself."""
        if field.type == "address":
            self._plain = None
            self._makers.append((field.name, self._address(field, path)))
            return
        self.long_texts += field.custom and field.type == "textarea" and field.length > 255
        sql = self._column(path, field.name)
        index = self._add(sql)
        if self._members is not None:
            self._members.append((field.name, member(field, sql)))
        if self._plain is not None:
            self._plain.append(field.name)
        if field.type == "boolean":
            self._booleans.append(field.name)
            self._makers.append((field.name, lambda row, _: None if row[index] is None else row[index] == 1))
        else:
            self._makers.append((field.name, lambda row, _: row[index]))

    def shown(self, name: str, sql: str, show: Callable[[Any], Any]) -> None:
        """Add a value that is shown otherwise than it is stored."""
        self._plain = self._members = None
        index = self._add(sql)
        self._makers.append((name, lambda row, _: show(row[index])))

    def later(self, name: str) -> None:
        """Keep the place of what is filled in afterwards: the records of a child relationship."""
        self._plain = self._members = None
        self._makers.append((name, lambda row, _: None))

    def _address(self, field: Field, path: tuple[str, ...]) -> Maker:
        prefix = field.name.removesuffix("Address")
        columns = [(key, self._column(path, prefix + part)) for key, part in ADDRESS_PARTS]
        places = [(key, self._add(sql)) for key, sql in columns]
        if self._members is not None:
            self._members.append((field.name, wrapped(columns)))

        def make(row: Row, _: str) -> Record | None:
            parts = {key: row[index] for key, index in places}
            return parts if any(value is not None for value in parts.values()) else None

        return make

    def relation(self, name: str, target: SObject, path: tuple[str, ...]) -> Shape:
        """The nested record at the end of a relationship; its fields join this shape's columns."""
        if name in self.children:
            return self.children[name]
        child = self._nested(target, name)
        index = self._add(self._column(path, "Id"))
        self._makers.append((name, lambda row, base: child.nested(row, index, base)))
        return child

    def _nested(self, target: SObject, key: str) -> Shape:
        self._plain = self._members = None
        child = self.children[key] = Shape(target, self._column)
        child.columns = self.columns
        return child

    def cases(self, name: str, id_sql: str, targets: list[tuple[SObject, tuple[str, ...]]]) -> list[Shape]:
        """The nested record of TYPEOF: of the first of these objects that has one. The last shape is ELSE."""
        made = [(self._nested(o, f"{name}:{o.name}"), self._add(self._column(p, "Id"))) for o, p in targets]
        other = made[-1][0]
        index = self._add(id_sql)

        def make(row: Row, base: str) -> Record | None:
            for shape, place in made[:-1]:
                if row[place] is not None:
                    return shape.nested(row, place, base)
            return other.nested(row, index, base)

        self._makers.append((name, make))
        return [shape for shape, _ in made]

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
        table = PREFIXES.get(record_id[:3], name) if name == "Name" else name
        return {"type": name, "url": f"{base}/sobjects/{table}/{record_id}"}

    @property
    def members(self) -> list[tuple[str, str]] | None:
        """Name and SQL of the JSON of each member, if the database can write the records by itself."""
        return self._members

    def records(self, rows: Iterable[Row], base: str) -> list[Record]:
        """All records. Without relationships and addresses there is a faster way, and most pages are such."""
        if self._plain is None:
            return [self.nested(row, 0, base) or {} for row in rows]
        name, start = self.sobject.name, f"{base}/sobjects/{self.sobject.name}/"
        names, booleans = self._plain, self._booleans
        made = []
        for row in rows:
            record: Record = {"attributes": {"type": name, "url": start + row[0]}}
            record.update(zip(names, row[1:], strict=True))
            for boolean in booleans:
                record[boolean] = record[boolean] == 1
            made.append(record)
        return made
