"""What a query selects: fields, relationships, FIELDS(), TYPEOF, functions, as the shape of its records."""

from __future__ import annotations

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.soql.ast import Call, Item, Query, TypeOf
from syncadmin.emulator.soql.functions import shown, unexpected
from syncadmin.emulator.soql.report import malformed, no_column, no_relation
from syncadmin.emulator.soql.scope import NAME_OBJECT, Path, Scope
from syncadmin.emulator.soql.shape import Shape

GROUPS = ("ALL", "STANDARD", "CUSTOM")
FIELDS_LIMIT = 200


class Selection:
    """Builds the shape of the records; child queries are collected by the name of their relationship."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.scope, self.shape = scope, Shape(scope.sobject, scope.column)
        self.children: list[Query] = []
        self._seen: set[tuple[str, ...]] = set()
        for item in query.items:
            if isinstance(item, Query):
                self.children.append(item)
                self.shape.later(str(item.sobject).rsplit(".", 1)[-1])
            elif isinstance(item, TypeOf):
                self._typeof(item)
            else:
                self._item(item)

    def _item(self, item: Item) -> None:
        if item.call and item.call.name != "FIELDS":
            self._shown(item, item.call)
            return
        if item.alias:
            raise self._error(item.alias, "only aggregate expressions use field aliasing")
        for token in self._names(item):
            self._select(token)

    def _names(self, item: Item) -> list[Token]:
        """The names an item selects: itself, or all those FIELDS() stands for."""
        if not item.call:
            return [item.token]
        group = str(item.call.arguments[0]).upper() if item.call.arguments else ""
        if group not in GROUPS:
            raise unexpected(self.scope, item.call)
        return [
            Token.new_borrow_pos("NAME", f.name, item.token)
            for f in self.scope.view.fields.values()
            if group == "ALL" or f.custom == (group == "CUSTOM")
        ]

    def _select(self, token: Token) -> None:
        target = self.scope.resolve(token)
        self._once((*target.path, target.field.name), token)
        self._nest(self.shape, target.path).field(target.field, target.path)

    def _once(self, key: tuple[str, ...], token: Token) -> None:
        if key in self._seen:
            raise self._error(token, f"duplicate field selected: {token}")
        self._seen.add(key)

    def _nest(self, shape: Shape, path: Path) -> Shape:
        """The shape at the end of a path."""
        for depth, name in enumerate(path, start=1):
            shape = shape.relation(name, self.scope.view_at(path[:depth]).sobject, path[:depth])
        return shape

    def _shown(self, item: Item, call: Call) -> None:
        """toLabel() and FORMAT(): under the alias, or the name of the field."""
        target, show = shown(self.scope, call)
        name = str(item.alias or target.field.name)
        self._once((*target.path, name), item.token)
        self._nest(self.shape, target.path).shown(name, target.sql, show)

    def _typeof(self, typeof: TypeOf) -> None:
        scope, token = self.scope, typeof.relation
        path = scope.walk(token.split(".")[:-1], token)
        field = scope.relation(scope.view_at(path), token.split(".")[-1])
        if field is None or len(field.reference_to) < 2:
            raise no_relation(scope.soql, token.start_pos or 0, str(token))
        self._once((*path, field.relationship or ""), token)
        targets = [
            (scope.join_as(path, field, self._object(field, name)), names) for name, names in typeof.cases
        ]
        whole = scope.walk([field.relationship or ""], token, path)
        id_sql = scope.column(path, field.name)
        found = [(scope.view_at(end).sobject, end) for end, _ in targets]
        shapes = self._nest(self.shape, path).cases(
            field.relationship or "", id_sql, [*found, (NAME_OBJECT, whole)]
        )
        for shape, end, names in zip(
            shapes,
            [*(end for end, _ in targets), whole],
            [*(n for _, n in targets), typeof.otherwise],
            strict=True,
        ):
            self._fields(shape, end, names)

    def _object(self, field: Field, name: Token) -> SObject:
        for target in self.scope.targets(field):
            if target.name.lower() == name.lower():
                return target
        text = f"'{name}' is not an object that '{field.relationship}' can be of"
        raise self._error(name, text)

    def _fields(self, shape: Shape, path: Path, names: tuple[Token, ...]) -> None:
        for name in names:
            if "." in name:
                raise self._error(name, "relationships within TYPEOF are not implemented by this emulator")
            field = self.scope.view_at(path).get(name)
            if field is None:
                where = self.scope.view_at(path).sobject.name
                raise no_column(self.scope.soql, name.start_pos or 0, str(name), where)
            shape.field(field, path)

    def _error(self, token: Token, text: str) -> ApiError:
        return malformed(self.scope.soql, token.start_pos or 0, len(token), text)


def check_fields_limit(query: Query, soql: str) -> None:
    """FIELDS(ALL) and FIELDS(CUSTOM) need a LIMIT of at most 200 (documented)."""
    wide = any(
        isinstance(i, Item)
        and i.call
        and i.call.name == "FIELDS"
        and i.call.arguments
        and str(i.call.arguments[0]).upper() != "STANDARD"
        for i in query.items
    )
    if wide and (query.limit is None or query.limit > FIELDS_LIMIT):
        raise malformed(soql, 0, 6, "The SOQL FIELDS function must have a LIMIT of at most 200")
