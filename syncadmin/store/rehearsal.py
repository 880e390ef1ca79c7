"""What a cycle would do with pages of records: decided by the code of the cycle, kept in memory, noted as findings."""

from __future__ import annotations

from collections.abc import Sequence

from syncadmin.models import Connection
from syncadmin.store.batch import Origin
from syncadmin.store.known import Known, email_of
from syncadmin.store.memory import Memory, RehearsedBatch
from syncadmin.store.pulls import changed_records, decide_page, write_page
from syncadmin.store.rehearsed_departures import rehearse_departed
from syncadmin.sync.fields import ObjectRules, Winner
from syncadmin.sync.findings import Findings, Item, Who
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import PullIntent, PullKind, Tally


def rehearse_records(
    memory: Memory,
    connection: Connection,
    rules: ObjectRules,
    raws: Sequence[RawRecord],
    origin: Origin,
    findings: Findings,
) -> Tally:
    """``store.pulls.store_records``, without storing."""
    departed = [raw for raw in raws if raw.get("IsDeleted") or raw.get("IsConverted")]
    tally = Tally()
    if departed:
        tally.add(rehearse_departed(memory, departed, origin, findings))
    present = {raw["Id"]: raw for raw in raws if not (raw.get("IsDeleted") or raw.get("IsConverted"))}
    if present:
        tally.add(_present(memory, connection, rules, list(present.values()), origin, findings))
    return tally


def _present(
    memory: Memory,
    connection: Connection,
    rules: ObjectRules,
    raws: Sequence[RawRecord],
    origin: Origin,
    findings: Findings,
) -> Tally:
    known = memory.load_known([raw["Id"] for raw in raws], {email_of(raw) for raw in raws} - {""})
    intents = decide_page(connection, rules, raws, known, origin)
    for intent in intents:
        _note(findings, intent, known, rules, origin)
        if intent.kind is PullKind.LINK and intent.person:
            memory.relinked.add(intent.person.person_id)
    memory.changed_records.update(changed_records(intents, known))
    batch, tally = RehearsedBatch(origin, memory, known), Tally()
    write_page(batch, tally, intents, known, rules, memory.allocate_ids)
    batch.flush()
    return tally


def _note(findings: Findings, intent: PullIntent, known: Known, rules: ObjectRules, origin: Origin) -> None:
    if intent.kind is PullKind.NEW:
        findings.note(Item("new", _record(intent, rules)))
    elif intent.kind is PullKind.HOLD:
        findings.note(Item("hold", _record(intent, rules), reason="several_matches"))
    elif intent.kind in (PullKind.UPDATE, PullKind.LINK):
        _note_known(findings, intent, rules, origin)


def _note_known(findings: Findings, intent: PullIntent, rules: ObjectRules, origin: Origin) -> None:
    person, raw = intent.person, intent.raw
    assert person is not None  # noqa: S101 - the engine gives UPDATE and LINK a person
    who = _who(intent, rules)
    author = origin.salesforce_source(raw.get("LastModifiedById"))
    if intent.kind is PullKind.LINK:
        findings.note(Item("link", who, reason="same e-mail"))
    if intent.is_restored:
        findings.note(Item("restore", who))
    if raw.get("OwnerId") and raw["OwnerId"] != person.owner_id:
        old, new = origin.owner_name(person.owner_id), origin.owner_name(raw["OwnerId"])
        findings.note(Item("owner", who, old=old, new=new))
    lost = {conflict.name: conflict for conflict in intent.conflicts}
    for name, value in intent.values.items():
        label = rules.by_name[name].label
        findings.change_here(who, name, label, person.values.get(name), value, lost.pop(name, None), author)
    for name, conflict in lost.items():
        if conflict.winner is Winner.OURS:
            findings.conflict(who, rules.by_name[name].label, conflict)


def _record(intent: PullIntent, rules: ObjectRules) -> Who:
    """A record that nobody has."""
    raw = intent.raw
    name = f"{raw.get('FirstName') or ''} {raw.get('LastName') or ''}".strip() or str(raw.get("Email") or "")
    return Who(None, name, rules.object, raw["Id"])


def _who(intent: PullIntent, rules: ObjectRules) -> Who:
    assert intent.person is not None  # noqa: S101
    values = intent.person.values
    name = f"{values.get('first_name') or ''} {values.get('last_name') or ''}".strip()
    number = intent.person.person_id
    return Who(
        number if number > 0 else None, name or str(values.get("email") or ""), rules.object, intent.raw["Id"]
    )
