"""Find people who aren't in Salesforce there by their e-mail; several matches are held, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncadmin.store.linked import people_of_records
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import Org, RawRecord
from syncadmin.sync.pushes import choose_match
from syncadmin.sync.records import LinkedPerson


def link_by_email(
    org: Org, rules: Mapping[str, ObjectRules], people: Mapping[int, LinkedPerson]
) -> list[tuple[LinkedPerson, list[str], str]]:
    """Link each to the one record with the same e-mail (in ``people`` itself; nothing is stored).

    Who can't be told is in the answer: the person, the ids of the records that it may be, and why.
    """
    unlinked = [p for p in people.values() if (not p.sfdc_id or p.is_deleted) and p.values.get("email")]
    emails = sorted({str(person.values["email"]) for person in unlinked})
    if not emails:
        return []
    found = org.find(emails, {object: each.api_names for object, each in rules.items()})
    taken = people_of_records(raw["Id"] for raws in found.values() for raw in raws)
    return list(_held(unlinked, found, taken))


def _held(
    unlinked: list[LinkedPerson], found: Mapping[str, list[RawRecord]], taken: dict[str, int]
) -> Iterator[tuple[LinkedPerson, list[str], str]]:
    for person in unlinked:
        same = {
            object: [raw for raw in raws if str(raw.get("Email") or "").lower() == person.values["email"]
                     and raw["Id"] != person.duplicate_lead_id]
            for object, raws in found.items()
        }  # fmt: skip
        choice = choose_match(same)
        if choice is None:
            continue
        if isinstance(choice, tuple) and taken.get(choice[1]["Id"], person.person_id) == person.person_id:
            person.object, person.sfdc_id = choice[0], choice[1]["Id"]
            person.base, person.is_deleted = {}, False
            taken[person.sfdc_id] = person.person_id
            continue
        ids = choice if isinstance(choice, list) else [choice[1]["Id"]]
        yield person, ids, _why(str(person.values["email"]), ids, is_taken=isinstance(choice, tuple))


def _why(email: str, ids: list[str], *, is_taken: bool) -> str:
    listed = ", ".join(ids)
    if is_taken:
        return f"The record with the e-mail {email} ({listed}) belongs to another person here."
    return f"Salesforce has {len(ids)} records with the e-mail {email}: {listed}"
