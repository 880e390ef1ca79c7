"""A person's timeline: every decision in order, filtered, linked to, exported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from people.downloads import csv_download
from people.models import Person
from syncadmin import queries
from syncadmin.access import viewer
from syncadmin.filters import DayField
from syncadmin.services.timeline.entries import (
    Filter,
    Place,
    became,
    every_entry,
    find_place,
    find_row,
    read_page,
)
from syncadmin.services.timeline.facts import facts_of
from syncadmin.services.timeline.standing import say
from syncadmin.services.timeline.telling import Entry, Teller
from syncadmin.services.timeline.words import GROUPS

COLUMNS = (
    "entry", "at", "first_at", "times", "kind", "what", "why", "field", "before", "after", "who", "source", "cycle",
    "object", "sfdc_ids",
)  # fmt: skip


class TimelineForm(forms.Form):
    """``?kind=refused&since=2026-01-01&until=2026-01-31``"""

    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All kinds")), *((group.value, label) for group, label in GROUPS.items())],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def found(self, person: Person) -> Filter:
        """What the form asks for; what makes no sense is left out."""
        self.full_clean()
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        return Filter(
            person.pk,
            data.get("kind") or "",
            _moment(since, time.min) if since else None,
            _moment(until, time.max) if until else None,
        )

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.fields)


def _moment(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


@require_safe
@viewer
def timeline(request: HttpRequest, pk: int, key: str = "") -> HttpResponse:
    """The newest entries; with a key, those from that entry on, which is pointed out."""
    person = Person.objects.select_related("owner").filter(pk=pk).first()
    if person is None:
        return _gone(pk, key)
    start = find_place(pk, key) if key else _place(request, pk)
    if key and start is None:
        return _moved(pk, key)
    form = TimelineForm(request.GET)
    page = read_page(form.found(person), start)
    connection = queries.connection()
    context = {
        "person": person,
        "form": form,
        "entries": Teller(person, timezone.now()).tell(page.rows),
        "page": page,
        "key": key,
        "said": say(facts_of(person, connection, timezone.now())),
        "connection": connection,
        "query": _query(request),
    }
    return render(request, "syncadmin/timeline.html", context)


def _place(request: HttpRequest, pk: int) -> Place | None:
    start = request.GET.get("from", "")
    return find_place(pk, start) if start else None


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("from", None)
    return query.urlencode()


def _gone(pk: int, key: str) -> HttpResponse:
    """The person is no more; whoever it was merged into has its entries."""
    person = became(pk)
    if person is None:
        raise Http404
    return redirect("timeline-entry", person.pk, key) if key else redirect("timeline", person.pk)


def _moved(pk: int, key: str) -> HttpResponse:
    """Entries go along when people become one: an address that was passed on leads there."""
    row = find_row(key)
    if row is None or row.person_id == pk:
        raise Http404
    return redirect("timeline-entry", row.person_id, key)


@require_safe
@viewer
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The entries that match the filters as CSV."""
    person = get_object_or_404(Person, pk=pk)
    return csv_download("timeline", COLUMNS, _rows(person, TimelineForm(request.GET).found(person)))


def _rows(person: Person, found: Filter) -> Iterator[tuple[Any, ...]]:
    teller = Teller(person, timezone.now())
    for rows in every_entry(found):
        yield from (_row(entry) for entry in teller.tell(rows))


def _row(entry: Entry) -> tuple[Any, ...]:
    row, told = entry.row, entry.told
    before, after = told.pair or (None, None)
    object = row.object if hasattr(row, "object") else row.attributes.get("object", "")
    return (
        entry.key, row.at, entry.first_at, entry.times, told.group.value, told.title, " ".join(told.sentences),
        told.field, before, after, row.actor.get_username() if row.actor else "", entry.source, row.run_id, object,
        " ".join(entry.records),
    )  # fmt: skip
