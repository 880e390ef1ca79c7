"""A refusal, in words: which rule, which field, which value, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from syncadmin.models import SyncFailure
from syncadmin.store.failure_groups import group_of
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RecordError, Write, WriteResult
from syncadmin.sync.records import LinkedPerson

_OWNER_CODES = frozenset(
    {"INACTIVE_OWNER_OR_USER", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "TRANSFER_REQUIRES_READ"}
)


def refusal(
    person: LinkedPerson, object: str, errors: Sequence[RecordError], rules: ObjectRules, assign_to: str
) -> SyncFailure:
    """The failure to keep for what Salesforce refused (not saved yet)."""
    from syncadmin.salesforce.errors import explain

    first = errors[0]
    api_names = tuple(dict.fromkeys(name for error in errors for name in error.fields))
    names = [rules.by_api_name[name].name if name in rules.by_api_name else name for name in api_names]
    failure = SyncFailure(
        person_id=person.person_id,
        object=object,
        sfdc_id=person.sfdc_id,
        code=first.code,
        message=" ".join(dict.fromkeys(error.message for error in errors)),
        advice=explain(first.code, first.message, first.fields).advice,
        fields=names,
        values={name: person.values.get(name) for name in names if name in rules.by_name},
        assign_to=assign_to,
        is_permanent=not any(error.transient for error in errors),
        person_version=person.version,
    )
    failure.group = group_of(failure, person.values)
    return failure


def own_refusal(
    person: LinkedPerson, object: str, code: str, message: str, rules: ObjectRules, assign_to: str,
    api_names: Sequence[str] = (),
) -> SyncFailure:  # fmt: skip
    """The failure to keep for what a rule of ours refused."""
    error = RecordError(code, message, tuple(api_names), transient=code in ("LOST_ANSWER", "IN_PROGRESS"))
    return refusal(person, object, [error], rules, assign_to)


def is_owner_refusal(write: Write, result: WriteResult) -> bool:
    """Whether the owner is what Salesforce refused; the other fields may be sent without it."""
    return (
        write.operation == "update"
        and "OwnerId" in write.fields
        and any(error.code in _OWNER_CODES or "OwnerId" in error.fields for error in result.errors)
    )
