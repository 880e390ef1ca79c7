"""Changes of rules and schema at run time, as `POST /emulator/rules` and `/emulator/schema` ask for them."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from dataclasses import replace
from typing import Any

from syncadmin.emulator.dml import finish
from syncadmin.emulator.dml.automation import change_automation
from syncadmin.emulator.dml.dependents import check_field
from syncadmin.emulator.dml.related import Related, kinds_of
from syncadmin.emulator.dml.values import convert
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.formula.compiler import compile_formula
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rules import make_assignment, make_duplicate, make_validation
from syncadmin.emulator.schema.custom import declare
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.schema.registry import HIDDEN, PERMISSIONS, PRIVATE, READ_ONLY, Sharing
from syncadmin.emulator.state import State
from syncadmin.emulator.store import Row

Spec = dict[str, Any]


def change_rules(state: State, body: Spec) -> None:
    """Add, replace or remove rules; see rules.py for the JSON."""
    unknown = set(body) - set(KINDS)
    if unknown:
        raise ValueError(f"unknown kinds of rules: {', '.join(sorted(unknown))}")
    for kind, specs in body.items():
        for spec in specs if isinstance(specs, list) else [specs]:
            KINDS[kind](state, spec)
    state.keep_setup()


def _of_object(state: State, spec: Spec) -> Spec:
    """The JSON of a rule with its object, which is Lead unless named, as the schema spells it."""
    return {**spec, "object": state.schema.must(spec.get("object", "Lead")).name}


def _validation(state: State, spec: Spec) -> None:
    spec = _of_object(state, spec)
    key = (spec.get("name", "Rule"), spec["object"])
    kept = [r for r in state.rules.validation if (r.name, r.object) != key]
    if not spec.get("remove"):
        compile_formula(spec["formula"], kinds_of(state.schema.must(key[1])))
        kept.append(make_validation(spec))
    state.rules.validation = kept


def _duplicate(state: State, spec: Spec) -> None:
    rule = make_duplicate(_of_object(state, spec))
    kept = [r for r in state.rules.duplicate if (r.name, r.object) != (rule.name, rule.object)]
    if not spec.get("remove"):
        own, other = state.schema.must(rule.object), state.schema.must(rule.matched)
        names = tuple(own.fields[name.lower()].name for name in rule.fields)
        if not names or not all(other.get(name) for name in names):
            raise ValueError(f"{other.name} hasn't all of these fields: {', '.join(names)}")
        kept.append(replace(rule, fields=names, match=other.name))
    state.rules.duplicate = kept


def _assignment(state: State, spec: Spec) -> None:
    """One rule of an object is active at most; its record is in the AssignmentRule table."""
    spec = _of_object(state, spec)
    name, sobject = spec.get("name", "Standard"), spec["object"]
    old = next((r for r in state.rules.assignment if (r.name, r.object) == (name, sobject)), None)
    rest = [r for r in state.rules.assignment if r is not old]
    if spec.get("remove"):
        state.rules.assignment = rest
        state.store.execute('DELETE FROM "AssignmentRule" WHERE "Id" = ?', (old.id if old else "",))
        return
    for entry in spec.get("entries", ()):
        _check_criteria(state.schema.must(sobject), entry.get("criteria"))
    entries = [{**e, "assign_to": find_owner(state, e["assign_to"])} for e in spec.get("entries", ())]
    rule_id = old.id if old else state.next_id(state.schema.must("AssignmentRule"))
    rule = make_assignment({**spec, "entries": entries}, rule_id)
    state.rules.assignment = [*rest, rule]
    save_setup(
        state,
        "AssignmentRule",
        {"Id": rule_id, "Name": name, "SobjectType": sobject, "Active": int(rule.active)},
    )


def _check_criteria(sobject: SObject, criteria: Any) -> None:
    if isinstance(criteria, str) and criteria:
        compile_formula(criteria, kinds_of(sobject))
    for one in criteria if isinstance(criteria, list) else ():
        if one["field"] not in {f.name for f in sobject.fields.values()} or "equals" not in one:
            raise ValueError(f"not a criterion: {one}")


def save_setup(state: State, name: str, values: Row) -> None:
    """Insert or change a record of a setup object, as an administrator would in Setup."""
    sobject = state.schema.must(name)
    stamp, user = state.clock.stamp(), state.integration_user
    row = finish.blank(sobject) | values
    finish.stamp_new(row, user, stamp)
    row = {k: v for k, v in row.items() if sobject.get(k) and sobject.fields[k.lower()].stored}
    with state.store.transaction():
        state.store.execute(f'DELETE FROM "{name}" WHERE "Id" = ?', (values["Id"],))
        state.store.insert(name, [row])


def find_owner(state: State, name: str) -> str:
    """The id of a user or queue, given by id, username, or name."""
    if is_id(name) and name[:3] in ("005", "00G"):
        return to18(name)
    for sql in (
        'SELECT "Id" FROM "User" WHERE "Username" = ? OR "Name" = ?',
        'SELECT "Id" FROM "Group" WHERE "DeveloperName" = ? OR "Name" = ?',
    ):
        rows = state.store.select(sql, (name, name))
        if rows:
            return str(rows[0][0])
    raise ValueError(f"neither a user nor a queue: {name}")


def _required(state: State, spec: Spec) -> None:
    field = _field(state, spec)
    key = (state.schema.must(spec["object"]).name, field.name)
    if spec.get("required", True) and not spec.get("remove"):
        state.rules.required.add(key)
    else:
        state.rules.required.discard(key)


def _security(state: State, spec: Spec) -> None:
    _field(state, spec)
    access = HIDDEN if not spec.get("visible", True) else None if spec.get("editable", True) else READ_ONLY
    user = find_owner(state, spec["user"]) if spec.get("user") else state.integration_user
    state.schema.secure(spec["object"], spec["field"], user, access, state.clock.now())


def _permissions(state: State, spec: Spec) -> None:
    unknown = set(spec) - {"object", "user", *PERMISSIONS}
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    user = find_owner(state, spec["user"]) if spec.get("user") else state.integration_user
    granted = {name: bool(spec.get(name, True)) for name in PERMISSIONS}
    state.schema.permit(spec["object"], user, granted, state.clock.now())


def _sharing(state: State, spec: Spec) -> None:
    access = spec.get("access", PRIVATE)
    if access not in (PRIVATE, "read", "public"):
        raise ValueError(f"access is private, read or public, not {access}")
    user = find_owner(state, spec["user"]) if spec.get("user") else state.integration_user
    owners = owners_seen(state, user)
    sharing = None if access == "public" else Sharing(access, owners)
    state.schema.share(spec["object"], user, sharing, state.clock.now())


def owners_seen(state: State, user: str) -> tuple[str, ...]:
    """Whose records a user sees where sharing is private: his own, those of his queues, and those of the users
    below him in the role hierarchy (the Organization-Wide Defaults page).
    """
    queues = state.store.select('SELECT "GroupId" FROM "GroupMember" WHERE "UserOrGroupId" = ?', (user,))
    below = state.store.select(BELOW, (user,))
    return tuple(dict.fromkeys([user, *(row[0] for row in queues), *(row[0] for row in below)]))


BELOW = """
WITH RECURSIVE lower(id) AS (
    SELECT r."Id" FROM "UserRole" r JOIN "User" u ON r."ParentRoleId" = u."UserRoleId" WHERE u."Id" = ?
    UNION SELECT r."Id" FROM "UserRole" r JOIN lower ON r."ParentRoleId" = lower.id)
SELECT u."Id" FROM "User" u JOIN lower ON u."UserRoleId" = lower.id
"""


def _lead_mapping(state: State, spec: Spec) -> None:
    lead, target = state.schema.must("Lead"), state.schema.must(spec["object"])
    key = (lead.fields[str(spec["field"]).lower()].name, target.name)
    if spec.get("remove"):
        state.rules.lead_mapping.pop(key, None)
    else:
        state.rules.lead_mapping[key] = target.fields[str(spec["to"]).lower()].name


def _field(state: State, spec: Spec) -> Field:
    return state.schema.must(spec["object"]).fields[str(spec["field"]).lower()]


KINDS = {
    "validation": _validation,
    "duplicate": _duplicate,
    "assignment": _assignment,
    "automation": change_automation,
    "required": _required,
    "field_level_security": _security,
    "object_permissions": _permissions,
    "sharing": _sharing,
    "lead_mapping": _lead_mapping,
}


def change_schema(state: State, body: Spec) -> None:
    """Change custom fields; see `control.schema` for the JSON."""
    unknown = set(body) - set(ACTIONS)
    if unknown:
        raise ValueError(f"unknown actions: {', '.join(sorted(unknown))}")
    state.settle(everything=True)  # writes that are to show later know the columns of today
    for action, specs in body.items():
        for spec in specs if isinstance(specs, list) else [specs]:
            with state.store.transaction():
                ACTIONS[action](state, state.schema.must(spec["object"]), spec)
    state.keep_setup()


def _check_formula(sobject: SObject, spec: Spec) -> None:
    if spec.get("formula"):
        compile_formula(spec["formula"], kinds_of(sobject))
        check_field(spec["formula"])


def _add(state: State, sobject: SObject, spec: Spec) -> None:
    _check_formula(sobject, spec)
    if sobject.get(str(spec["name"])):
        raise ValueError(f"there is a field {spec['name']}")
    state.schema.add_field(sobject.name, spec, state.clock.now())
    state.store.create_table(sobject)
    recompute(state, sobject)


def _declaration(state: State, sobject: SObject, name: str) -> Spec:
    for spec in state.schema.custom.get(sobject.name, []):
        if spec["name"].lower() == name.lower():
            return spec
    raise ValueError(f"not a custom field: {name}")


def _rename(state: State, sobject: SObject, spec: Spec) -> None:
    old = _declaration(state, sobject, spec["field"])
    new = {**old, "name": spec["to"]} | ({"label": spec["label"]} if "label" in spec else {})
    declare(new)
    if sobject.get(str(new["name"])) not in (None, sobject.get(old["name"])):
        raise ValueError(f"there is a field {new['name']}")
    state.schema.drop_field(sobject.name, old["name"], state.clock.now())
    state.schema.add_field(sobject.name, new, state.clock.now())
    state.store.rename_column(sobject, old["name"], spec["to"])


def _retype(state: State, sobject: SObject, spec: Spec) -> None:
    """Values that the new type can't hold are lost, as when an administrator changes a type."""
    old = _declaration(state, sobject, spec["field"])
    _check_formula(sobject, spec)
    changes = {k: v for k, v in spec.items() if k not in ("object", "field", "name")}
    state.schema.add_field(sobject.name, {**old, **changes}, state.clock.now())
    field = sobject.fields[old["name"].lower()]
    rows = state.store.select(f'SELECT "Id", "{field.name}" FROM "{sobject.name}"')
    state.store.drop_column(sobject, field.name)
    state.store.create_table(sobject)
    with state.store.transaction() as db:
        db.executemany(
            f'UPDATE "{sobject.name}" SET "{field.name}" = ? WHERE "Id" = ?',
            [(_converted(field, value), key) for key, value in rows],
        )
    recompute(state, sobject)


def _converted(field: Field, value: Any) -> Any:
    try:
        return convert(field, value)
    except RecordError:
        return int(bool(field.default)) if field.type == "boolean" else None


def _remove(state: State, sobject: SObject, spec: Spec) -> None:
    gone = state.schema.drop_field(sobject.name, spec["field"], state.clock.now())
    state.store.drop_column(sobject, gone.name)


def _hide(state: State, sobject: SObject, spec: Spec) -> None:
    state.schema.secure(sobject.name, spec["field"], state.integration_user, HIDDEN, state.clock.now())


def _show(state: State, sobject: SObject, spec: Spec) -> None:
    state.schema.secure(sobject.name, spec["field"], state.integration_user, None, state.clock.now())


ACTIONS = {"add": _add, "rename": _rename, "retype": _retype, "remove": _remove, "hide": _hide, "show": _show}


def recompute(state: State, sobject: SObject) -> None:
    """Fill in the formula fields anew; that doesn't move SystemModstamp, in an org either."""
    calculated = finish.formulas(sobject)
    if not calculated:
        return
    ids = [row[0] for row in state.store.select(f'SELECT "Id" FROM "{sobject.name}"')]
    related = Related(state, sobject, state.integration_user)
    for row in state.store.fetch(sobject, ids).values():
        finish.compute(sobject, row, calculated, related)
        state.store.update(sobject.name, row["Id"], {f.name: row[f.name] for f, _ in calculated})
