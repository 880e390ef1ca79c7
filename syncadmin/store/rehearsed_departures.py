"""What would become of people whose records departed: the cycle's own code, run and undone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from people.models import Activity, ActivityType
from syncadmin.store.batch import Origin
from syncadmin.store.departures import follow_departed
from syncadmin.store.memory import Memory
from syncadmin.store.passing import in_passing
from syncadmin.store.rows import PersonRow
from syncadmin.sync.findings import Findings, Item, Who
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import Tally

_KINDS = {
    ActivityType.DELETED_FROM_SFDC: "delete",
    ActivityType.CONVERT_PERSON: "convert",
    ActivityType.MERGE_PEOPLE: "merge",
}


def rehearse_departed(memory: Memory, raws: Sequence[RawRecord], origin: Origin, findings: Findings) -> Tally:
    """Count and note what ``follow_departed`` would do."""
    names = ("Id", "MasterRecordId", "ConvertedContactId")
    ids = {str(raw[name]) for raw in raws for name in names if raw.get(name)}
    tally, logged = in_passing(memory, ids, (), origin, partial(follow_departed, raws, origin))
    for entry in logged:
        _note(findings, memory, entry)
    return tally


def _note(findings: Findings, memory: Memory, entry: Activity) -> None:
    details, kind = entry.attributes, _KINDS.get(ActivityType(entry.type))
    row = memory.rows.get(entry.person_id)
    if kind is None or row is None or str(details.get("note", "")).startswith("duplicate"):
        return
    impact = findings.impact
    if kind == "delete" and row.id > 0:
        impact.deleted.add(row.id)
        impact.authors[entry.source] += 1
    if kind == "merge" and details.get("loser_id"):
        # Told of the person who is no more; the other one is who it becomes.
        loser = int(details["loser_id"])
        impact.unlinked.add(loser)
        impact.authors[entry.source] += 1
        who = Who(loser if loser > 0 else None, str(details.get("name") or ""), row.columns["sfdc_type"])
        findings.note(Item("merge", who, new=who_is(row).name, reason="merged"))
        return
    if kind != "delete":
        memory.relinked.add(
            row.id
        )  # whoever goes on as another record isn't held back by what the old one refused
    findings.note(Item(kind, who_is(row), old=details.get("from"), new=details.get("to")))


def who_is(row: PersonRow) -> Who:
    """A person of ours, as the findings name them."""
    columns = row.columns
    name = f"{columns['first_name']} {columns['last_name']}".strip() or columns["email"]
    return Who(row.id if row.id > 0 else None, name, columns["sfdc_type"], columns["sfdc_id"])
