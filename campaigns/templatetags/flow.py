"""Tags of flow steps, for the pages of people and of the sync."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from campaigns import queries, services
from campaigns.effects import Effect, owner_name
from campaigns.forms import SyncForm
from campaigns.models import FlowStepItem, FlowStepRun
from campaigns.words import Told, tell
from people.models import Person

register = template.Library()

RUN_KINDS = {
    FlowStepRun.State.QUEUED: "muted",
    FlowStepRun.State.RUNNING: "busy",
    FlowStepRun.State.DONE: "ok",
}
ITEM_KINDS = {
    FlowStepItem.State.QUEUED: "muted",
    FlowStepItem.State.DONE: "ok",
    FlowStepItem.State.SKIPPED: "warn",
    FlowStepItem.State.FAILED: "err",
}


@dataclass(frozen=True, slots=True)
class PersonSync:
    """What a person's page shows of *Sync Person to SFDC*: the form, and the run that it started."""

    form: SyncForm | None
    effect: Effect | None
    run: FlowStepRun | None = None
    told: Told | None = None
    counts: dict[str, int] | None = None
    asked: str = ""
    is_waiting_long: bool = False


@register.filter
def run_kind(run: FlowStepRun) -> str:
    """The kind of chip for a run; one that ended with an error says so."""
    return "err" if run.error else RUN_KINDS[FlowStepRun.State(run.state)]


@register.filter
def item_kind(item: FlowStepItem) -> str:
    """The kind of chip for what became of one person."""
    return ITEM_KINDS[FlowStepItem.State(item.state)]


@register.simple_tag(takes_context=True)
def sync_form(context: Context, person: Person) -> PersonSync:
    """``{% sync_form person as sync %}``: the form for one person, and the run named in the address."""
    connection, request = context.get("connection"), context["request"]
    form = None
    if connection and connection.is_ready and request.user.has_perm("people.change_person"):
        form = SyncForm(people=Person.objects.filter(pk=person.pk))
    effect = form.effect if form else None
    item = queries.latest_item(person, request.GET.get("run", ""))
    if item is None:
        return PersonSync(form, effect)
    run = item.run
    if _ended_meanwhile(run, request):
        # Other parts of the page were read before the end, and may not know of it. Shown as running, the panel asks
        # once more at once, hears of the end, and the page is loaded anew.
        run.state = FlowStepRun.State.RUNNING
    return PersonSync(
        form, effect, run, tell([item])[0], services.progress(run),
        owner_name(run.parameters.get("assign_to", "")), queries.is_waiting_long(run, timezone.now()),
    )  # fmt: skip


def _ended_meanwhile(run: FlowStepRun, request: Any) -> bool:
    """The run ended while this page was being made (or a moment before, which the database can't tell apart)."""
    just_now = timezone.now() - timedelta(seconds=2)
    return not request.htmx and run.ended_at is not None and run.ended_at > just_now
