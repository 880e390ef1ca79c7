"""Merging leads, contacts or accounts: a master keeps its values, up to two others go to the recycle bin.

Source: the merge() page of the SOAP API guide: the related records of the losers are reparented to the master, and
a loser has MasterRecordId set. From memory: the texts of its errors, that a converted lead is refused, and that of
two memberships in one campaign the master's stays.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from syncadmin.emulator.dml import activities, campaigns, checks, finish, recycle
from syncadmin.emulator.dml.convert import live, repoint
from syncadmin.emulator.dml.draft import Draft, Row, read_body
from syncadmin.emulator.dml.parents import Parents
from syncadmin.emulator.dml.related import Related
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import to18
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State

MERGEABLE = ("Account", "Contact", "Lead")
PERSON_FIELDS = ("LeadId", "ContactId")


def merge(
    state: State,
    sobject: SObject,
    master_id: str,
    losers: Sequence[str],
    user_id: str,
    values: dict[str, Any] | None = None,
) -> list[str]:
    """Merge up to two records into a master, which takes these values; RecordError if it can't be done.

    Returns the ids of the records that belonged to a loser and belong to the master now.
    """
    _check(sobject, master_id, losers)
    with state.store.transaction():
        master, *gone = [live(state, sobject.name, one, user_id) for one in (master_id, *losers)]
        _free(state, [master, *gone])
        stamp = state.clock.stamp()
        updated: list[str] = []
        for loser in gone:
            updated += _adopt(state, sobject, loser["Id"], master["Id"], stamp)
            left = state.store.fetch(sobject, [loser["Id"]])[loser["Id"]]
            recycle.bury(state, sobject, left, user_id, stamp, MasterRecordId=master["Id"])
        _keep(state, sobject, master, values or {}, user_id, stamp)
        _recount(state, sobject, master["Id"])
    return updated


def _check(sobject: SObject, master_id: str, losers: Sequence[str]) -> None:
    if sobject.name not in MERGEABLE:
        raise RecordError("INVALID_TYPE", f"merge isn't supported for {sobject.name}")
    if not 1 <= len(losers) <= 2:
        raise RecordError("INVALID_INPUT", "Merge needs one or two records besides the master")
    ids = [to18(i) for i in losers]
    if to18(master_id) in ids or len(set(ids)) != len(ids):
        raise RecordError("INVALID_INPUT", "A record can't be merged with itself")


def _free(state: State, rows: list[Row]) -> None:
    for row in rows:
        error = state.locks.refuse(row, state.clock.now())
        if row.get("IsConverted"):
            error = RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if error:
            raise error


def _adopt(state: State, sobject: SObject, loser: str, master: str, stamp: str) -> list[str]:
    """Everything that pointed at the loser points at the master; a membership the master has already goes."""
    updated = []
    for name, field in _pointing(state, sobject):
        if name == "CampaignMember":
            _drop_doubles(state, field, loser, master, stamp)
        values: Row = {field: master}
        updated += [row["Id"] for row in repoint(state, name, field, loser, values, stamp)]
    return updated


def _pointing(state: State, sobject: SObject) -> Iterator[tuple[str, str]]:
    """The fields of all objects that may point at this one."""
    for other in state.schema.objects.values():
        for field in other.fields.values():
            if sobject.name in field.reference_to and field.name != "MasterRecordId":
                derived = not field.createable and not field.name.startswith("Converted")
                if field.type == "reference" and not derived:
                    yield other.name, field.name


def _drop_doubles(state: State, field: str, loser: str, master: str, stamp: str) -> None:
    sobject = state.schema.must("CampaignMember")
    sql = (
        f'SELECT "Id" FROM "CampaignMember" WHERE "{field}" = ? AND "IsDeleted" = 0 AND "CampaignId" IN'
        f' (SELECT "CampaignId" FROM "CampaignMember" WHERE "{field}" = ? AND "IsDeleted" = 0)'
    )
    doubles = state.store.select(sql, (loser, master))
    for row in state.store.fetch(sobject, [double[0] for double in doubles]).values():
        recycle.bury(state, sobject, row, row["LastModifiedById"], stamp)


def _keep(state: State, sobject: SObject, master: Row, values: Row, user_id: str, stamp: str) -> None:
    """The master takes the values it is given, if they are such as it could have."""
    view = state.schema.view(sobject, user_id)
    draft = Draft(master, dict(master))
    draft.changes = read_body(view, values, False, Parents(state.schema, state.store).find, frozenset({"id"}))
    draft.row |= draft.changes
    related = Related(state, sobject, user_id)
    checks.check_owners([draft], sobject, state.store)
    checks.check_lookups([draft], sobject, state.schema, state.store)
    checks.check_required(checks.good([draft]), sobject, state.rules)
    checks.check_unique([draft], sobject, state.schema, state.store, user_id)
    checks.check_validation(checks.good([draft]), sobject, state.rules, related)
    if draft.errors:
        raise draft.errors[0]
    finish.stamp_changed(draft.row, user_id, stamp)
    finish.compute(sobject, draft.row, finish.formulas(sobject), related)
    state.save_changed(sobject, [(master, draft.row)])


def _recount(state: State, sobject: SObject, master: str) -> None:
    for field in PERSON_FIELDS:
        rows = state.store.select(f'SELECT "CampaignId" FROM "CampaignMember" WHERE "{field}" = ?', (master,))
        campaigns.recount(state, [row[0] for row in rows])
    activities.redate(state, [master])
