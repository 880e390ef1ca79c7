"""What the names of a query mean: fields, relationship paths, and the joins those need."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.build import checkbox, email, phone, record_id, ref, text
from syncadmin.emulator.schema.model import Field, SObject, make_object
from syncadmin.emulator.schema.registry import Schema, View
from syncadmin.emulator.soql.report import malformed, no_column, no_object, no_relation

DEEPEST, MOST_PARENTS = 5, 55
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
        ref("ProfileId", "Profile ID", "Profile", "Profile"),
        ref("UserRoleId", "Role ID", "UserRole", "UserRole"),
    ],
)
#: For SQL that wants owners by name, users and queues alike; queries join the tables themselves.
NAME_VIEW = """
CREATE VIEW IF NOT EXISTS "Name" AS
SELECT "Id", "Name", "LastName", "FirstName", 'User' AS "Type", "Alias", "Username", "Email", "Phone",
       "Title", "IsActive" FROM "User"
UNION ALL
SELECT "Id", "Name", NULL, NULL, CASE "Type" WHEN 'Queue' THEN 'Queue' ELSE 'Group' END, NULL, NULL, "Email",
       NULL, NULL, NULL FROM "Group"
"""
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a name stands for: a field, the relationships on the way to it, and its SQL."""

    field: Field
    path: Path
    sql: str


@dataclass(frozen=True, slots=True)
class End:
    """What is at the end of a path: an object, and the tables in which its record may be. They are several
    for a polymorphic relationship.
    """

    sobject: SObject
    tables: tuple[tuple[str, SObject], ...]


class Scope:
    """The object a query reads, and what can be reached from it. A semi-join or child query has its own."""

    def __init__(
        self,
        schema: Schema,
        user_id: str | None,
        soql: str,
        sobject: Token,
        alias: Token | None,
        level: int = 0,
        found: SObject | None = None,
    ) -> None:
        found = found or schema.get(sobject)
        if found is None or not schema.may("read", found, user_id):
            raise no_object(soql, sobject.start_pos or 0, str(sobject))
        self.schema, self.user_id, self.soql, self.sobject = schema, user_id, soql, found
        self.view = schema.view(found, user_id)
        self.table = f"t{level}"
        self._prefixes: dict[str, Path] = {found.name.lower(): (), str(sobject).lower(): ()}
        if alias:
            self._prefixes[alias.lower()] = ()
        self._ends: dict[Path, End] = {(): End(found, ((self.table, found),))}
        self._sql: list[str] = [f'"{found.name}" {self.table}']

    @property
    def from_sql(self) -> str:
        """What comes after FROM."""
        return " ".join(self._sql)

    def relate(self, path: Token, alias: Token) -> None:
        """`FROM Contact c, c.Account a`: a is an alias of the relationship."""
        self._prefixes[alias.lower()] = self.walk(self._without_prefix(path.split(".")), path)

    def column(self, path: Path, name: str) -> str:
        """The SQL of a field at the end of a path that has been resolved before."""
        end = self._ends[path]
        if end.sobject is not NAME_OBJECT:
            return f'{end.tables[0][0]}."{name}"'
        if name == "Type":
            kinds = (f'WHEN {t}."Id" IS NOT NULL THEN {_kind(t, o)}' for t, o in end.tables)
            return f"(CASE {' '.join(kinds)} END COLLATE NOCASE)"
        held = [f'{table}."{name}"' for table, sobject in end.tables if sobject.get(name)]
        return f"(COALESCE({', '.join([*held, 'NULL', 'NULL'])}) COLLATE NOCASE)"

    def view_at(self, path: Path) -> View:
        """The object at the end of a path, as the user sees it."""
        return self.schema.view(self._ends[path].sobject, self.user_id)

    def resolve(self, token: Token, start: Path = ()) -> Target:
        """The field a name stands for; an ApiError with its place if there is none."""
        parts = token.split(".") if start else self._without_prefix(token.split("."))
        path = self.walk(parts[:-1], token, start)
        view = self.view_at(path)
        field = view.get(parts[-1])
        if field is None:
            raise no_column(self.soql, token.start_pos or 0, parts[-1], view.sobject.name)
        return Target(field, path, self.column(path, field.name) if field.stored else "NULL")

    def _without_prefix(self, parts: list[str]) -> list[str]:
        """Leave out the object's name or alias, or put the path an alias stands for in its place."""
        known = self._prefixes.get(parts[0].lower())
        if len(parts) == 1 or known is None or self.relation(self.view, parts[0]):
            return parts
        return [*known, *parts[1:]]

    def walk(self, names: list[str], token: Token, start: Path = ()) -> Path:
        """The path of these relationships; the tables on it are joined."""
        if len(names) > DEEPEST:
            text = f"SOQL relationship path '{token}' has more than {DEEPEST} levels"
            raise malformed(self.soql, token.start_pos or 0, len(token), text)
        path = start
        for name in names:
            field = self.relation(self.view_at(path), name)
            targets = self.targets(field) if field else []
            if field is None or not targets:
                raise no_relation(self.soql, token.start_pos or 0, name)
            path = self._join(path, field, targets, token)
        return path

    @staticmethod
    def relation(view: View, name: str) -> Field | None:
        """The field behind a relationship name, if the user sees it."""
        wanted = name.lower()
        for field in view.fields.values():
            if field.relationship and field.relationship.lower() == wanted and field.reference_to:
                return field
        return None

    def targets(self, field: Field) -> list[SObject]:
        """The objects a reference may point to, of those the user may read."""
        found = (self.schema.get(name) for name in field.reference_to)
        return [o for o in found if o and self.schema.may("read", o, self.user_id)]

    def join_as(self, path: Path, field: Field, target: SObject) -> Path:
        """Join one of the objects of a polymorphic relationship, for TYPEOF."""
        longer = (*path, f"{field.relationship}:{target.name}")
        if longer not in self._ends:
            self._ends[longer] = End(target, (self._table(path, field, target),))
        return longer

    def _join(self, path: Path, field: Field, targets: list[SObject], token: Token) -> Path:
        longer = (*path, field.relationship or "")
        if longer in self._ends:
            return longer
        if len(self._ends) > MOST_PARENTS:
            raise self._too_many(token)
        many = len(field.reference_to) > 1
        tables = tuple(self._table(path, field, target) for target in targets)
        self._ends[longer] = End(NAME_OBJECT if many else targets[0], tables)
        return longer

    def _table(self, path: Path, field: Field, target: SObject) -> tuple[str, SObject]:
        table = f"{self.table}_{len(self._sql)}"
        on = f'{self.column(path, field.name)} = {table}."Id"'
        seen = self.schema.row_condition(target, self.user_id, table)
        on += f" AND {seen}" if seen else ""
        self._sql.append(f'LEFT JOIN "{target.name}" {table} ON {on}')
        return table, target

    def _too_many(self, token: Token) -> ApiError:
        """The number is documented (Relationship Query Limitations), the text from memory."""
        text = f"Maximum number of child-to-parent relationships allowed is {MOST_PARENTS}"
        return malformed(self.soql, token.start_pos or 0, len(token), text)


def _kind(table: str, sobject: SObject) -> str:
    """What Owner.Type and the like say: the object, but Queue for a group that is one."""
    if sobject.name != "Group":
        return f"'{sobject.name}'"
    return f"CASE {table}.\"Type\" WHEN 'Queue' THEN 'Queue' ELSE 'Group' END"
