"""People who wait, and whom a cycle passes over because a rule says so: noted once for each change of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet

from people.models import Person
from syncadmin.models import Decision, SyncRule, SyncRun
from syncadmin.services.who.exclusion import exclusion_in_words
from syncadmin.store import who
from syncadmin.store.batch import Origin
from syncadmin.store.decisions import Note, write_notes

PAGE = 2_000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def note_passed_over(origin: Origin) -> None:
    """Note who waits and is excluded, or outside the record filter. One statement if nobody waits."""
    waiting = Person.objects.filter(changed_at__isnull=False, sfdc_is_deleted=False).exclude(sfdc_id="")
    if not waiting.exists():
        return
    last = SyncRun.objects.filter(state=SyncRun.State.DONE, pk__lt=origin.run_id or 0).order_by("-pk")
    before = last.values_list("started_at", flat=True).first() or _BEGINNING
    ruled = (
        SyncRule.objects.exclude(kind=who.INCLUSION).filter(changed_at__gte=before).order_by("-changed_at")
    )
    ruled_at = ruled.values_list("changed_at", flat=True).first()
    # Whoever waited already was told so by an earlier cycle, unless there is a new rule since.
    news = waiting if ruled_at else waiting.filter(changed_at__gte=before)
    for notes in _notes(news, ruled_at or _BEGINNING, origin.now):
        with transaction.atomic():
            write_notes(notes, origin)


def _notes(waiting: QuerySet[Person], ruled_at: datetime, now: datetime) -> Iterator[list[Note]]:
    rule = who.exclusion()
    excluded = waiting.none() if rule is None else waiting.exclude(who.not_excluded(now))
    reason = {"reason": exclusion_in_words(rule)} if rule is not None else {}
    outside = waiting.exclude(who.not_outside())
    for people, kind, details in (
        (excluded, Decision.Kind.EXCLUDED, reason),
        (outside, Decision.Kind.KEPT, {}),
    ):
        last = 0
        while page := _facts(people.filter(pk__gt=last)):
            last = page[-1][0]
            yield [
                Note(pk, kind, max(changed_at, ruled_at), object, sfdc_id, details=details)
                for pk, changed_at, object, sfdc_id in page
            ]


def _facts(people: QuerySet[Person]) -> list[tuple[int, datetime, str, str]]:
    return list(people.order_by("pk").values_list("pk", "changed_at", "sfdc_type", "sfdc_id")[:PAGE])
