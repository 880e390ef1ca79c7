"""Records that are leads and contacts no more: deleted, merged into another one, or converted.

They are few, so they are followed one by one; the rest of a page is set-based.
"""

from __future__ import annotations

from collections.abc import Sequence

from people import sfdc
from people.models import Activity, ActivityType, Person, SfdcType
from people.services import merge_people
from syncadmin.models import SyncState
from syncadmin.store.batch import Origin
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import Tally


def follow_departed(raws: Sequence[RawRecord], origin: Origin) -> Tally:
    """Deleted: the person stays, marked. Merged or converted: the person goes on as the record that remains."""
    states = {
        state.sfdc_id: state
        for state in SyncState.objects.filter(pk__in=[raw["Id"] for raw in raws]).select_related("person")
    }
    tally = Tally(skipped=len(raws))
    for raw in raws:
        state = states.get(raw["Id"])
        if state is not None and not state.is_deleted and _follow(raw, state, origin):
            tally.skipped -= 1
            if raw.get("IsDeleted") and not raw.get("MasterRecordId"):
                tally.deleted += 1
            else:
                tally.updated += 1
    return tally


def _follow(raw: RawRecord, state: SyncState, origin: Origin) -> bool:
    state.is_deleted = True
    state.system_modstamp, state.synced_at = raw["SystemModstamp"], origin.now
    state.save(update_fields=["is_deleted", "system_modstamp", "synced_at"])
    if state.is_duplicate:
        return True
    if raw.get("IsDeleted") and raw.get("MasterRecordId"):
        _go_on_as(state, raw["MasterRecordId"], state.object, ActivityType.MERGE_PEOPLE, raw, origin)
    elif raw.get("IsDeleted"):
        _mark_deleted(state, raw, origin)
    elif raw.get("ConvertedContactId"):
        _go_on_as(
            state, raw["ConvertedContactId"], SfdcType.CONTACT, ActivityType.CONVERT_PERSON, raw, origin
        )
    return True


def _mark_deleted(state: SyncState, raw: RawRecord, origin: Origin) -> None:
    sfdc.set_sfdc_facts(state.person_id, sfdc_is_deleted=True, synced_at=origin.now, now=origin.now)
    _log(
        state.person_id,
        ActivityType.DELETED_FROM_SFDC,
        {"sfdc_id": state.sfdc_id, "object": state.object},
        raw,
        origin,
    )


def _go_on_as(
    state: SyncState, sfdc_id: str, object: str, activity: ActivityType, raw: RawRecord, origin: Origin
) -> None:
    """Link the person to the remaining record; if that one is a person already, the two become one."""
    person: Person = state.person
    attributes = {"from": state.sfdc_id, "to": sfdc_id, "object": object}
    other = SyncState.objects.filter(pk=sfdc_id, is_deleted=False).first()
    if other is None:
        # No base: what the two sides hold is compared when the record itself is read, and a value beats a blank,
        # so a custom field that Salesforce didn't map is not lost here.
        SyncState.objects.update_or_create(
            sfdc_id=sfdc_id,
            defaults={
                "object": object,
                "person": person,
                "base": {},
                "is_deleted": False,
                "synced_at": origin.now,
            },
        )
        sfdc.set_sfdc_facts(
            person.pk,
            sfdc_type=object,
            sfdc_id=sfdc_id,
            sfdc_is_deleted=False,
            synced_at=origin.now,
            now=origin.now,
        )
        _log(person.pk, activity, attributes, raw, origin)
    elif other.person_id == person.pk:
        # The person's own duplicate Lead was the one that remained.
        SyncState.objects.filter(pk=sfdc_id).update(is_duplicate=False)
        sfdc.set_sfdc_facts(person.pk, sfdc_type=object, sfdc_id=sfdc_id, now=origin.now)
        _log(person.pk, activity, attributes, raw, origin)
    else:
        SyncState.objects.filter(person=person).update(person_id=other.person_id, is_deleted=True)
        merge_people(
            other.person_id,
            person.pk,
            source=origin.salesforce_source(raw.get("LastModifiedById")),
            run_id=origin.run_id,
            now=origin.now,
        )
        if activity is not ActivityType.MERGE_PEOPLE:  # which merge_people has logged itself
            _log(other.person_id, activity, attributes, raw, origin)


def _log(
    person_id: int, type: ActivityType, attributes: dict[str, str], raw: RawRecord, origin: Origin
) -> None:
    Activity.objects.create(
        person_id=person_id, type=type, at=origin.now, run_id=origin.run_id, attributes=attributes,
        source=origin.salesforce_source(raw.get("LastModifiedById"))[:120],
    )  # fmt: skip
