"""What the names of a query mean: fields, relationship paths, and the joins those need."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from syncadmin.emulator.schema.build import checkbox, email, phone, record_id, text
from syncadmin.emulator.schema.model import Field, SObject, make_object
from syncadmin.emulator.schema.registry import Schema, View
from syncadmin.emulator.soql.report import no_column, no_object, no_relation

NAME_OBJECT = make_object(
    "Name",
    "Name",
    "Names",
    None,
    [
        record_id("Id"),
        text("Name", "Name"),
        text("LastName", "Last Name"),
        text("FirstName", "First Name"),
        text("Type", "Type"),
        text("Alias", "Alias"),
        text("Username", "Username"),
        email("Email", "Email"),
        phone("Phone", "Phone"),
        text("Title", "Title"),
        checkbox("IsActive", "Active"),
    ],
)
NAME_VIEW = """
CREATE VIEW IF NOT EXISTS "Name" AS
SELECT "Id", "Name", "LastName", "FirstName", 'User' AS "Type", "Alias", "Username", "Email", "Phone",
       "Title", "IsActive" FROM "User"
UNION ALL
SELECT "Id", "Name", NULL, NULL, CASE "Type" WHEN 'Queue' THEN 'Queue' ELSE 'Group' END, NULL, NULL, "Email",
       NULL, NULL, NULL FROM "Group"
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What a name stands for: a field, the relationships on the way to it, and its SQL."""

    field: Field
    path: tuple[str, ...]
    sql: str


class Scope:
    """The object a query reads, and what can be reached from it. One per query; a semi-join has its own."""

    def __init__(
        self,
        schema: Schema,
        user_id: str | None,
        soql: str,
        sobject: Token,
        alias: Token | None,
        level: int = 0,
    ) -> None:
        found = schema.get(sobject)
        if found is None or not schema.may("read", found, user_id):
            raise no_object(soql, sobject.start_pos or 0, str(sobject))
        self.schema, self.user_id, self.soql, self.sobject = schema, user_id, soql, found
        self.view = schema.view(found, user_id)
        self._prefixes = {found.name.lower()} | ({alias.lower()} if alias else set())
        self._table = f"t{level}"
        self._joins: dict[tuple[str, ...], tuple[str, SObject]] = {(): (self._table, found)}
        self._sql: list[str] = [f'"{found.name}" {self._table}']

    @property
    def from_sql(self) -> str:
        """What comes after FROM."""
        return " ".join(self._sql)

    def column(self, path: tuple[str, ...], name: str) -> str:
        """The SQL of a field at the end of a path that has been resolved before."""
        return f'{self._joins[path][0]}."{name}"'

    def view_at(self, path: tuple[str, ...]) -> View:
        """The object at the end of a path, as the user sees it."""
        return self.schema.view(self._joins[path][1], self.user_id)

    def resolve(self, token: Token) -> Target:
        """The field a name stands for; an ApiError with its place if there is none."""
        parts = token.split(".")
        if (
            len(parts) > 1
            and parts[0].lower() in self._prefixes
            and self._relation(self.view, parts[0]) is None
        ):
            parts = parts[1:]
        path, view = self._walk(parts[:-1], token)
        field = view.get(parts[-1])
        if field is None:
            raise no_column(self.soql, token.start_pos or 0, parts[-1], view.sobject.name)
        sql = self.column(path, field.name) if field.stored else "NULL"
        return Target(field, path, sql)

    def _walk(self, names: list[str], token: Token) -> tuple[tuple[str, ...], View]:
        path: tuple[str, ...] = ()
        view = self.view
        for name in names:
            field = self._relation(view, name)
            target = self._target(field) if field else None
            if field is None or target is None:
                raise no_relation(self.soql, token.start_pos or 0, name)
            path = self._join(path, field, target)
            view = self.view_at(path)
        return path, view

    @staticmethod
    def _relation(view: View, name: str) -> Field | None:
        wanted = name.lower()
        for field in view.fields.values():
            if field.relationship and field.relationship.lower() == wanted and field.reference_to:
                return field
        return None

    def _target(self, field: Field) -> SObject | None:
        if len(field.reference_to) > 1:
            return NAME_OBJECT
        found = self.schema.get(field.reference_to[0])
        return found if found and self.schema.may("read", found, self.user_id) else None

    def _join(self, path: tuple[str, ...], field: Field, target: SObject) -> tuple[str, ...]:
        longer = (*path, field.relationship or "")
        if longer not in self._joins:
            alias = f"{self._table}_{len(self._joins)}"
            on = f'{self.column(path, field.name)} = {alias}."Id"'
            self._sql.append(f'LEFT JOIN "{target.name}" {alias} ON {on}')
            self._joins[longer] = (alias, target)
        return longer
