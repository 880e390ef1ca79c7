"""People whose changes are under way in a bulk job, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.db import transaction

from people import bulk
from people.models import Person
from syncadmin.models import BulkJob, BulkRow, Connection
from syncadmin.store import pushes
from syncadmin.store.batch import Origin
from syncadmin.store.linked import load_people
from syncadmin.store.pushed import Pushed
from syncadmin.sync.assignment import Action, Step
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.pushes import PushPlan
from syncadmin.sync.records import LinkedPerson
from syncadmin.sync.values import Value

_COLUMNS = ("person_id", "job_id", "sfdc_id", "version", "sent")
Rules = Mapping[str, ObjectRules]


def note_rows(job: BulkJob, items: Sequence[Pushed]) -> None:
    """Note what is going to be sent for these people, before it is."""
    rows = [
        (p.person_id, job.pk, p.sfdc_id, p.version, json.dumps(item.plan.to_remote))
        for item in items
        for p in [item.plan.person]
    ]
    with transaction.atomic():
        BulkRow.objects.filter(person_id__in=[row[0] for row in rows]).delete()
        bulk.insert_rows(BulkRow, _COLUMNS, rows)


def recognise_echoes(
    people: Mapping[int, LinkedPerson], remotes: Mapping[str, RawRecord], rules: Rules
) -> None:
    """What a bulk job has written without telling us yet is our own doing, not Salesforce's change: into the base."""
    sent = dict(BulkRow.objects.filter(person_id__in=list(people)).values_list("person_id", "sent"))
    for person_id, values in sent.items():
        person = people[person_id]
        if person.sfdc_id in remotes:
            theirs = rules[person.object].read(remotes[person.sfdc_id])
            known = {
                name: value for name, value in values.items() if name in theirs and theirs[name] == value
            }
            person.base = {**person.base, **known}


def answered(job: BulkJob, keys: Sequence[str], rules: Rules) -> dict[str, Pushed]:
    """For the records that there is an answer for, what was decided of their people; by SFDC Id.

    Who is gone meanwhile, or goes on as another record, is left out.
    """
    rows = list(BulkRow.objects.filter(job=job, sfdc_id__in=keys))
    people = load_people(row.person_id for row in rows)
    found = {}
    for row in rows:
        person = people.get(row.person_id)
        if person is not None and person.sfdc_id == row.sfdc_id:
            known = rules[person.object].by_name
            sent: dict[str, Value] = {name: value for name, value in row.sent.items() if name in known}
            person.version = row.version
            plan = PushPlan(person, Step(Action.UPDATE), to_remote=sent)
            found[row.sfdc_id] = Pushed(plan, remote={}, way=f"bulk {job.sfdc_job_id}")
    return found


def remember_answers(
    job: BulkJob,
    keys: Sequence[str],
    items: Sequence[Pushed],
    connection: Connection,
    rules: Rules,
    origin: Origin,
) -> None:
    """Store the answers; the notes go with them, so that taking them twice does nothing."""
    with transaction.atomic():
        pushes.remember(connection, rules, items, origin)
        # Edited, and perhaps pushed by a click, after the file was made: the job may have set back that value.
        again = [i.plan.person.person_id for i in items if i.accepted and _differs(i)]
        Person.objects.filter(pk__in=again, changed_at=None).update(changed_at=origin.now)
        BulkRow.objects.filter(job=job, sfdc_id__in=keys).delete()


def _differs(item: Pushed) -> bool:
    values = item.plan.person.values
    return any(values.get(name) != value for name, value in item.pushed.items())


def forget_rows(job: BulkJob) -> int:
    """The job does no more: whoever has no answer waits for another push. How many they are."""
    return BulkRow.objects.filter(job=job).delete()[0]
