"""Read every record again: for values that came before their field was switched on, or to be sure."""

from __future__ import annotations

from datetime import datetime

from people.models import Person
from syncadmin.models import PullCursor, SObject, SyncRun
from syncadmin.services.cycle.lease import LEASE
from syncadmin.sync import bulk

#: Records in one page of a query.
PAGE = 2_000
#: What a bulk job costs beside its results: it is made, looked at some times, and its fields are described.
BULK_CALLS = 10
#: The call that begins a cycle: users, queues, schema and the first pages.
FIRST_CALL = 1


def read_all_again(now: datetime) -> bool:
    """Forget how far the objects were read. False while a cycle runs: at its end it would say how far it got."""
    if SyncRun.objects.filter(state=SyncRun.State.RUNNING, heartbeat_at__gte=now - LEASE).exists():
        return False
    PullCursor.objects.update(polled_at="", began_at="", position_stamp="", position_id="")
    return True


def calls_to_read_all() -> int:
    """About how many API calls it takes to read every Lead and Contact."""
    linked = Person.objects.exclude(sfdc_id="").filter(sfdc_is_deleted=False)
    return FIRST_CALL + sum(
        _calls_to_read(linked.filter(sfdc_type=object).count()) for object in SObject.values
    )


def _calls_to_read(number: int) -> int:
    if number < bulk.READ_FROM:
        return -(-number // PAGE)
    return BULK_CALLS + -(-number // bulk.PART)
