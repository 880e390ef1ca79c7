"""People deleted here whose records Salesforce kept: remembered, so that reading them again brings nobody back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from syncadmin.models import Connection, SyncState, Tombstone
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.values import Value

#: After a deletion the sync may still write what it had begun; and Salesforce's clock may differ from ours.
OWN_WRITES = timedelta(minutes=2)


def bury(ids: Sequence[int], now: datetime, *, actor_id: int | None = None, source: str = "") -> None:
    """Before people are deleted: a tombstone for each record they have. Two statements, and one to write."""
    states = SyncState.objects.filter(person__in=ids, successor="").select_related("person")
    _write([_tombstone(state) for state in states], now, actor_id, source)


def bury_created(created: Iterable[tuple[str, Mapping[str, Value]]], now: datetime) -> None:
    """Leads created for people who were deleted while the answer was on its way: (SFDC Id, the person's values)."""
    found = []
    for sfdc_id, values in created:
        name = f"{values.get('first_name') or ''} {values.get('last_name') or ''}".strip()
        found.append(
            Tombstone(sfdc_id=sfdc_id, object="Lead", name=name[:255], email=str(values.get("email") or ""))
        )
    _write(found, now, None, "")


def _tombstone(state: SyncState) -> Tombstone:
    return Tombstone(
        sfdc_id=state.sfdc_id, object=state.object, name=str(state.person)[:255], email=state.person.email,
        system_modstamp=state.system_modstamp,
    )  # fmt: skip


def _write(found: Sequence[Tombstone], now: datetime, actor_id: int | None, source: str) -> None:
    if not found:
        return
    setting = Connection.objects.values_list("deleted_here", flat=True).first()
    for one in found:
        one.deleted_at, one.deleted_by_id, one.source = now, actor_id, source[:120]
        one.stays = setting == Connection.DeletedHere.STAYS_AWAY
    Tombstone.objects.bulk_create(
        found, batch_size=500, update_conflicts=True, unique_fields=["sfdc_id"],
        update_fields=["name", "email", "system_modstamp", "stays", "deleted_at", "deleted_by", "source"],
    )  # fmt: skip


def kept_away(connection: Connection, raws: Sequence[RawRecord]) -> set[str]:
    """Records of people who were deleted here and don't come back with this reading of them.

    What the sync user wrote itself until the person was deleted is no change that brings anybody back.
    """
    if not raws:
        return set()
    known = {stone.sfdc_id: stone for stone in Tombstone.objects.filter(pk__in=[raw["Id"] for raw in raws])}
    return {
        raw["Id"]
        for raw in raws
        if (stone := known.get(raw["Id"]))
        and (
            stone.stays
            or raw["SystemModstamp"] <= stone.system_modstamp
            or (raw.get("LastModifiedById") == connection.user_id and raw["SystemModstamp"] <= _until(stone))
        )
    }


def _until(stone: Tombstone) -> str:
    return (stone.deleted_at.astimezone(UTC) + OWN_WRITES).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def lift(sfdc_ids: Collection[str]) -> int:
    """These records may have people again."""
    return Tombstone.objects.filter(pk__in=list(sfdc_ids)).delete()[0] if sfdc_ids else 0
