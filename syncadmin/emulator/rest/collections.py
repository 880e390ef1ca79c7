"""sObject Collections: up to 200 records in a write; for reads see retrieve.py.

Source: the sObject Collections pages of the REST API guide; results as recorded.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml.draft import Actor, Outcome
from syncadmin.emulator.dml.values import read_number
from syncadmin.emulator.errors import ApiError, RecordError, rolled_back
from syncadmin.emulator.faults import Fault
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rest.records import actor_of, external_field
from syncadmin.emulator.rest.resources import find_object
from syncadmin.emulator.schema.model import NUMBERS, Field, SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_WRITTEN, MOST_CHUNKS = 200, 10
Body = dict[str, Any]
Work = Callable[[], list[Outcome]]


class _Undo(Exception):
    """Undoes the transaction of a collection; carries what to answer nevertheless."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


def _records(request: Request) -> tuple[list[Body], bool]:
    body = request.json_object()
    records = body.get("records") or []
    if not isinstance(records, list) or not records:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if not all(isinstance(record, dict) for record in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "A record has to be an object")
    _check_size(len(records))
    return records, body.get("allOrNone") is True


def _check_size(count: int) -> None:
    if count > MOST_WRITTEN:
        raise ApiError(
            400,
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MOST_WRITTEN} records into this call",
        )


def _type_of(record: Body) -> str:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    if not kind:
        raise ApiError(400, "INVALID_TYPE", "sObject type must be specified in the attributes of a record")
    return str(kind)


def _chunks(org: Org, request: Request, records: Sequence[Body]) -> list[tuple[SObject, list[Body]]]:
    """Consecutive records of a type; more than ten such chunks are refused (documented)."""
    chunks = [(find_object(org, request, kind), list(group)) for kind, group in groupby(records, _type_of)]
    if len(chunks) > MOST_CHUNKS:
        raise ApiError(
            400,
            "INVALID_INPUT",
            f"Cannot have more than {MOST_CHUNKS} chunks in a single operation."
            " Please rearrange the data to reduce chunking.",
        )
    return chunks


def _write(
    org: Org,
    request: Request,
    records: list[Any],
    works: Callable[[Sequence[Any]], Iterable[Work]],
    together: bool,
) -> list[Outcome]:
    """Write the records in the works they make, one after the other; together: one refusal undoes them all."""

    def write(part: Sequence[Any]) -> list[Outcome]:
        return [outcome for work in works(part) for outcome in work()]

    try:
        with org.state.store.transaction():
            outcomes = with_fault(request.fault, records, write)
            if together and any(not outcome.ok for outcome in outcomes):
                raise _Undo(outcomes)
            return outcomes
    except _Undo as undone:
        return [Outcome(errors=o.errors or [rolled_back()]) for o in undone.outcomes]


def _reply(outcomes: list[Outcome], *, created: bool = False) -> Response:
    return Response(200, [_result(outcome, created) for outcome in outcomes])


def _result(outcome: Outcome, created: bool) -> Body:
    """A failed result has no id; an upsert says whether it created (recorded)."""
    if not outcome.ok:
        return {"success": False, "errors": [error.collected() for error in outcome.errors]}
    result: Body = {"id": outcome.id, "success": True, "errors": []}
    if created:
        result["created"] = bool(outcome.created)
    return result


def with_fault(
    fault: Fault | None, records: Sequence[Any], write: Callable[[Sequence[Any]], list[Outcome]]
) -> list[Outcome]:
    """The outcomes of a write, of which the first ones fail if a fault says so."""
    if fault is None or not fault.per_record:
        return write(records)
    count = len(records) if fault.records < 0 else min(fault.records, len(records))
    error = RecordError(fault.error_code, fault.answer()[1])
    rest = records[count:]
    return [Outcome(errors=[error]) for _ in range(count)] + (write(rest) if rest else [])


def create(org: Org, request: Request) -> Response:
    """POST /composite/sobjects."""
    records, all_or_none = _records(request)
    actor = actor_of(request)

    def works(part: Sequence[Body]) -> list[Work]:
        return [_creation(org, sobject, group, actor) for sobject, group in _chunks(org, request, part)]

    return _reply(_write(org, request, records, works, all_or_none))


def _creation(org: Org, sobject: SObject, records: list[Body], actor: Actor) -> Work:
    if not sobject.createable:
        return lambda: [Outcome(errors=[_locked(sobject)]) for _ in records]
    return lambda: org.dml.create(sobject, records, actor)


def _locked(sobject: SObject) -> RecordError:
    return RecordError(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be changed: {sobject.label}"
    )


def update(org: Org, request: Request) -> Response:
    """PATCH /composite/sobjects."""
    records, all_or_none = _records(request)
    actor = actor_of(request)

    def works(part: Sequence[Body]) -> list[Work]:
        return [_change(org, sobject, group, actor) for sobject, group in _chunks(org, request, part)]

    return _reply(_write(org, request, records, works, all_or_none))


def _id_of(record: Body) -> str | None:
    return next((record[key] for key in record if key.lower() == "id"), None)


def _change(org: Org, sobject: SObject, records: list[Body], actor: Actor) -> Work:
    """Changes by id; a record without one fails by itself (recorded MISSING_ARGUMENT)."""

    def work() -> list[Outcome]:
        if not sobject.updateable:
            return [Outcome(errors=[_locked(sobject)]) for _ in records]
        named = [(str(_id_of(r)), r) for r in records if _id_of(r)]
        outcomes = iter(org.dml.update(sobject, named, actor) if named else [])
        return [next(outcomes) if _id_of(r) else Outcome(errors=[_no_id()]) for r in records]

    return work


def _no_id() -> RecordError:
    return RecordError("MISSING_ARGUMENT", "Id not specified in an update call")


def upsert(org: Org, request: Request, name: str, key: str) -> Response:
    """PATCH /composite/sobjects/X/FIELD: one type; with the field Id, a null id inserts (recorded)."""
    records, all_or_none = _records(request)
    sobject = find_object(org, request, name)
    field, actor = external_field(org, request, sobject, key), actor_of(request)

    def works(part: Sequence[Body]) -> list[Work]:
        return [lambda: upsert_records(org, sobject, field, part, actor)]

    return _reply(_write(org, request, records, works, all_or_none), created=True)


def upsert_records(
    org: Org, sobject: SObject, field: Field, records: Sequence[Body], actor: Actor
) -> list[Outcome]:
    """Sort the records into new and known ones, write both, and put the results back in order."""
    keys = [_key(record, field) for record in records]
    known = _known(org, sobject, field, [key for key in keys if key], actor.user_id)
    counts = Counter(_fold(field, key) for key in keys if key)
    outcomes: dict[int, Outcome] = {}
    new, changed = [], []
    for index, (key, record) in enumerate(zip(keys, records, strict=True)):
        error = _key_error(field, key, counts, known)
        if error:
            outcomes[index] = Outcome(errors=[error])
        elif key and _fold(field, key) in known:
            changed.append((index, (known[_fold(field, key)][0], record)))
        else:
            new.append((index, record))
    # An id is never written; an external id is, for a new record and (unchanged) for a known one.
    skip = frozenset({"id"})
    made = org.dml.create(sobject, [record for _, record in new], actor, skip=skip)
    kept = org.dml.update(sobject, [change for _, change in changed], actor, skip=skip)
    outcomes |= dict(zip([i for i, _ in new], made, strict=True))
    outcomes |= dict(zip([i for i, _ in changed], kept, strict=True))
    return [outcomes[index] for index in range(len(records))]


def _fold(field: Field, key: Any) -> str:
    """What keys have in common that name the same record."""
    if field.type in NUMBERS:
        with suppress(ValueError):
            return repr(read_number(key))
    return str(key) if field.type == "id" or field.case_sensitive else str(key).casefold()


def _key(record: Body, field: Field) -> str | None:
    value = next((record[k] for k in record if k.lower() == field.name.lower()), None)
    if value is None or value == "":
        return None
    text = str(value).strip()
    return to18(text) if field.type == "id" and is_id(text) else text


def _known(org: Org, sobject: SObject, field: Field, keys: list[str], user_id: str) -> dict[str, list[str]]:
    """The ids of the records the user sees that have these keys."""
    if not keys:
        return {}
    live = sobject.live if field.type != "id" else "1"
    seen = org.state.schema.row_condition(sobject, user_id, f'"{sobject.name}"') or "1"
    sql = (
        f'SELECT "{field.name}", "Id" FROM "{sobject.name}"'
        f' WHERE "{field.name}" IN ({", ".join("?" * len(keys))}) AND {live} AND {seen}'
    )
    found: dict[str, list[str]] = {}
    for value, record_id in org.state.store.select(sql, keys):
        found.setdefault(_fold(field, value), []).append(record_id)
    return found


def _key_error(
    field: Field, key: str | None, counts: Counter[str], known: dict[str, list[str]]
) -> RecordError | None:
    """Why a record can't be upserted by this key (documented codes, texts from memory)."""
    if key is None:
        if field.type == "id":
            return None
        return RecordError("MISSING_ARGUMENT", f"{field.name} not specified")
    if counts[_fold(field, key)] > 1:
        return RecordError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", [field.name])
    matches = known.get(_fold(field, key), [])
    if len(matches) > 1:
        text = f"{field.name}: more than one record found for external id field: [{', '.join(matches)}]"
        return RecordError("DUPLICATE_EXTERNAL_ID", text)
    if field.type == "id" and not matches:
        return RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return None


def delete(org: Org, request: Request) -> Response:
    """DELETE /composite/sobjects?ids=a,b&allOrNone=…"""
    given = request.query
    ids = [i.strip() for i in given.get("ids", "").split(",") if i.strip()]
    if not ids:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    _check_size(len(ids))
    actor, all_or_none = actor_of(request), given.get("allOrNone", "").lower() == "true"

    def works(part: Sequence[str]) -> list[Work]:
        return [_removal(org, prefix, list(group), actor) for prefix, group in groupby(part, lambda i: i[:3])]

    return _reply(_write(org, request, ids, works, all_or_none))


def _removal(org: Org, prefix: str, ids: list[str], actor: Actor) -> Work:
    sobject = org.state.schema.by_prefix.get(prefix)
    if sobject is None or not sobject.deletable:
        return lambda: [Outcome(errors=[RecordError("MALFORMED_ID", f"malformed id {i}")]) for i in ids]
    return lambda: org.dml.delete(sobject, ids, actor)
