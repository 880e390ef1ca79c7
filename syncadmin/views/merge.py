"""Merge people: their values side by side, what that means in Salesforce, and the button that can't be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people.models import Person, PersonField
from people.values import Stored, is_blank, is_same
from syncadmin.access import marketer
from syncadmin.models import SyncState
from syncadmin.services.review.merge_plans import MOST, MergeError, MergePlan, plan_merge
from syncadmin.services.review.merging import merge_chosen

SUM = "sum"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a field. ``key``: whose it is, or "sum"."""

    key: str
    value: object
    is_chosen: bool = False
    is_blank: bool = False


@dataclass(slots=True)
class Row:
    """A field in which the people differ; an option for each of them, in their order, and perhaps their sum."""

    field: PersonField
    options: list[Option] = field(default_factory=list)
    sum: Option | None = None

    @property
    def chosen(self) -> Stored:
        options = [*self.options, self.sum] if self.sum else self.options
        return next(option.value for option in options if option.is_chosen)  # type: ignore[return-value]


@dataclass(slots=True)
class Column:
    """One of the people, with its record."""

    person: Person
    record: SyncState | None
    is_winner: bool


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def merge(request: HttpRequest) -> HttpResponse:
    """``?ids=1&ids=2&winner=2``; posting it merges."""
    data = request.POST if request.method == "POST" else request.GET
    try:
        plan = plan_merge(_numbers(data.getlist("ids")), next(iter(_numbers([data.get("winner", "")])), 0))
    except MergeError as error:
        return _page(request, None, data, problem=str(error), status=422 if request.method == "POST" else 200)
    if request.method != "POST":
        return _page(request, plan, data)
    if data.getlist("version") != _versions(plan):
        problem = _("One of them changed in the meantime, so nothing was merged. Look at the values again.")
        return _page(request, plan, data, problem=problem, status=409)
    if not data.get("confirmed"):
        problem = _(
            "Nothing was merged yet. Tick the box below to say that you know that it can’t be undone."
        )
        return _page(request, plan, data, problem=problem, status=422)
    return _merge(request, plan, data)


def _merge(request: HttpRequest, plan: MergePlan, data: QueryDict) -> HttpResponse:
    values = {row.field.name: row.chosen for row in rows_of(plan, data)}
    ids = [person.pk for person in plan.people]
    try:
        winner = merge_chosen(
            ids, plan.winner.pk, values, leads=data.get("leads", ""), actor=request.user, now=timezone.now()
        )
    except MergeError as error:
        return _page(request, plan, data, problem=str(error), status=422)
    messages.success(
        request, _("They are one person now. Values that sync go to Salesforce with the next cycle.")
    )
    return redirect(winner)


def _page(
    request: HttpRequest, plan: MergePlan | None, data: QueryDict, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"plan": plan, "problem": problem, "most": MOST}
    if plan is not None:
        columns = [Column(p, plan.record_of(p), p.pk == plan.winner.pk) for p in plan.people]
        context |= {
            "columns": columns,
            "rows": rows_of(plan, data),
            "versions": _versions(plan),
            "leads": data.get("leads", ""),
            "deleted": [p for p in plan.people if p.sfdc_is_deleted],
        }
    return render(request, "syncadmin/merge.html", context, status=status)


def rows_of(plan: MergePlan, data: QueryDict) -> list[Row]:
    """The fields in which the people differ, with what is chosen: by the form, else the winner, if it has a value."""
    rows = []
    for one in PersonField.objects.filter(is_read_only=False):
        values = {str(person.pk): person.value(one.name) for person in plan.people}
        first = next(iter(values.values()))
        if all(is_same(first, value) for value in values.values()):
            continue
        rows.append(_row(one, values, data.get(f"field-{one.name}", "")))
    return rows


def _row(one: PersonField, values: dict[str, object], asked: str) -> Row:
    filled = [key for key, value in values.items() if not is_blank(value)]
    can_sum = one.name == "score" and len(filled) > 1
    keys = {*values, SUM} if can_sum else set(values)
    chosen = asked if asked in keys else SUM if can_sum else filled[0]
    row = Row(one, [Option(key, value, key == chosen, is_blank(value)) for key, value in values.items()])
    if can_sum:
        total = sum(int(str(values[key])) for key in filled)
        row.sum = Option(SUM, total, chosen == SUM)
    return row


def _versions(plan: MergePlan) -> list[str]:
    return [f"{person.pk}:{person.version}" for person in sorted(plan.people, key=lambda p: p.pk)]


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
