"""Writing the records of a chunk, as the operation of their job says.

Source: the Bulk API 2.0 pages on operations. What REST does by a header a job does by a property: without
`assignmentRuleId` no assignment rule runs. Duplicate rules that alert stop a record, as there is no way to
allow it. `hardDelete` is allowed to everybody here; in an org it takes a permission that nobody has at first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.bulk.job import Job
from syncadmin.emulator.dml.draft import Actor, Outcome
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.faults import Fault
from syncadmin.emulator.rest.collections import upsert_records, with_fault

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Body = dict[str, Any]
Given = Body | RecordError


def write(org: Org, job: Job, given: Sequence[Given], fault: Fault | None) -> list[Outcome]:
    """The outcomes of a chunk, in its order. A record that couldn't be read has failed already; a fault of
    records fails the first of those that could.
    """
    outcomes = [Outcome(errors=[one]) if isinstance(one, RecordError) else None for one in given]
    good = [one for one in given if not isinstance(one, RecordError)]
    done = iter(with_fault(fault, good, lambda bodies: _operate(org, job, bodies)) if good else ())
    return [outcome or next(done) for outcome in outcomes]


def _operate(org: Org, job: Job, bodies: Sequence[Body]) -> list[Outcome]:
    sobject = org.state.schema.must(job.object)
    actor = Actor(job.created_by, job.assignment_rule or "FALSE")
    if job.operation == "insert" and sobject.createable:
        return org.dml.create(sobject, bodies, actor)
    if job.operation == "upsert" and sobject.createable:
        return upsert_records(org, sobject, sobject.fields[job.external_id.lower()], bodies, actor)
    if job.operation == "update" and sobject.updateable:
        return _named(
            bodies, lambda ids, given: org.dml.update(sobject, list(zip(ids, given, strict=True)), actor)
        )
    if job.operation == "delete" and sobject.deletable:
        return _named(bodies, lambda ids, _: org.dml.delete(sobject, ids, actor))
    if job.operation == "hardDelete" and sobject.deletable:
        return _named(bodies, lambda ids, _: org.dml.hard_delete(sobject, ids, actor))
    text = f"entity type cannot be changed: {sobject.label}"
    return [Outcome(errors=[RecordError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", text)]) for _ in bodies]


def id_of(body: Body) -> str:
    """The Id a body names, or nothing."""
    return str(next((value for key, value in body.items() if key.lower() == "id"), None) or "")


def _named(bodies: Sequence[Body], work: Any) -> list[Outcome]:
    """Do it with those that name a record; the others fail by themselves (recorded MISSING_ARGUMENT)."""
    named = [body for body in bodies if id_of(body)]
    done = iter(work([id_of(body) for body in named], named) if named else [])
    missing = RecordError("MISSING_ARGUMENT", "Id not specified in an update call")
    return [next(done) if id_of(body) else Outcome(errors=[missing]) for body in bodies]


def errors_of(outcome: Outcome) -> str:
    """The errors of a record as they are kept: JSON, or nothing."""
    return json.dumps([[e.code, e.message, e.fields] for e in outcome.errors]) if outcome.errors else ""


def error_text(errors: str) -> str:
    """`sf__Error`: `CODE:message:field,field --` (recorded); of several errors one after the other (from
    memory).
    """
    return "".join(
        f"{code}:{message}:{','.join(fields)} --" if fields else f"{code}:{message}:--"
        for code, message, fields in json.loads(errors)
    )
