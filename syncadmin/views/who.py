"""Who may sync: the inclusion rule, the exclusion rule and the record filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people.downloads import csv_download
from people.exports import columns, rows
from syncadmin import queries
from syncadmin.access import administrator, viewer
from syncadmin.models import SyncRule
from syncadmin.services.who import rules
from syncadmin.services.who.drafts import OF_PEOPLE, AskedField, Draft, Line, asked_fields, draft_of, read
from syncadmin.services.who.rules import Effect, WhoError
from syncadmin.store.who import BrokenRuleError
from syncadmin.sync.conditions import MAX_CONDITIONS, Condition, Kind, Operator, kind_of

_INPUTS = {Kind.DATE: "date", Kind.MOMENT: "date", Kind.NUMBER: "number"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the form, with what can be chosen in it."""

    number: int
    line: Line
    asked: AskedField | None

    @property
    def operators(self) -> list[tuple[str, str]]:
        return self.asked.operators if self.asked else []

    @property
    def input(self) -> str:
        """The type of the input for the value."""
        if self.line.operator == Operator.PAST_DAYS:
            return "number"
        if self.asked is None or self.line.operator == Operator.ONE_OF:
            return "text"
        return _INPUTS.get(kind_of(self.asked.type), "text")

    @property
    def has_list(self) -> bool:
        """Whether values are proposed."""
        return self.input == "text" and bool(self.asked and self.asked.choices)

    @property
    def input_id(self) -> str:
        """The same as long as the input stays of one kind: what is typed while the form is renewed is preserved."""
        return f"value-{self.number}-{self.input}{'-list' if self.has_list else ''}"


@require_safe
@viewer
def who(request: HttpRequest) -> HttpResponse:
    """The rules as they stand, in words."""
    found = rules.standings(timezone.now())
    context = {
        "inclusion": found["inclusion"],
        "exclusion": found["exclusion"],
        "filters": [found["Lead"], found["Contact"]],
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/who.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def edit(request: HttpRequest, kind: str) -> HttpResponse:
    """One rule: every button comes back to the same form, so that it works without JavaScript."""
    if kind not in SyncRule.Kind.values:
        raise Http404
    now = timezone.now()
    if request.method != "POST":
        draft = draft_of(rules.kept_rule(kind, now))
        return _form(request, draft, asked_fields(kind))
    draft, fields, action = _posted(kind, request.POST), asked_fields(kind), request.POST.get("do", "show")
    if action == "add" and len(draft.lines) < MAX_CONDITIONS:
        draft.lines.append(Line())
    if action.startswith("remove-") and action[7:].isdecimal():
        del draft.lines[int(action[7:]) : int(action[7:]) + 1]
    if action not in ("check", "save"):
        return _form(request, draft, fields, effect=_looked_ahead(draft, fields, now))
    return _checked(request, draft, fields, now, save=action == "save")


def _posted(kind: str, data: QueryDict) -> Draft:
    """What was typed; a field that was exchanged takes the operator that fits it with it."""
    draft = Draft(kind, "is_on" in data, data.get("match") == "any")
    for number in range(MAX_CONDITIONS):
        if f"field-{number}" in data:
            field, operator = data.get(f"field-{number}", ""), data.get(f"operator-{number}", "")
            draft.lines.append(Line(field, operator, data.get(f"value-{number}", "").replace("\0", "")))
    return draft


def _looked_ahead(draft: Draft, fields: dict[str, AskedField], now: datetime) -> Effect | None:
    """What the rule would do, as far as it is typed; Salesforce isn't asked for that."""
    tried = Draft(draft.kind, match_any=draft.match_any, lines=[replace(line) for line in draft.lines])
    conditions = read(tried, fields)
    if not (draft.is_of_people and conditions) or tried.is_wrong:
        return None
    return rules.effect_of(draft, conditions, now)


def _checked(
    request: HttpRequest, draft: Draft, fields: dict[str, AskedField], now: datetime, *, save: bool
) -> HttpResponse:
    conditions = read(draft, fields)
    rules.check(draft, conditions)
    if draft.is_wrong:
        return _form(request, draft, fields, status=422)
    try:
        if save:
            return _saved(request, draft, conditions, now)
        return _form(request, draft, fields, effect=rules.effect_of(draft, conditions, now))
    except WhoError as error:
        draft.error = str(error)
        return _form(request, draft, fields, status=422)


def _saved(
    request: HttpRequest, draft: Draft, conditions: tuple[Condition, ...], now: datetime
) -> HttpResponse:
    rules.save(draft, conditions, actor=request.user, now=now)  # type: ignore[arg-type]
    if draft.is_of_people:
        messages.success(request, _("The rule was saved. It holds from now on."))
    else:
        messages.success(
            request, _("The record filter was saved. The next sync cycle reads all records that meet it.")
        )
    return redirect("who")


def _form(
    request: HttpRequest,
    draft: Draft,
    fields: dict[str, AskedField],
    *,
    effect: Effect | None = None,
    status: int = 200,
) -> HttpResponse:
    _fit_operators(draft, fields)
    if not draft.lines:
        draft.lines.append(Line())
    groups: dict[str, list[AskedField]] = {}
    for each in fields.values():
        groups.setdefault(each.group, []).append(each)
    context = {
        "draft": draft,
        "title": SyncRule.Kind(draft.kind).label,
        "rows": [Row(number, line, fields.get(line.field)) for number, line in enumerate(draft.lines)],
        "groups": groups,
        "effect": effect,
        "is_full": len(draft.lines) >= MAX_CONDITIONS,
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/who_edit.html", context, status=status)


def _fit_operators(draft: Draft, fields: dict[str, AskedField]) -> None:
    """An operator that the field doesn't have gives way to the first that it has."""
    for line in draft.lines:
        asked = fields.get(line.field)
        if asked and line.operator not in dict(asked.operators):
            line.operator = asked.operators[0][0]
            line.value = "" if asked.type not in ("text", "textarea") else line.value


@require_safe
@viewer
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """Everybody who meets the inclusion or the exclusion rule as it is saved, as a CSV file."""
    if kind not in OF_PEOPLE:
        raise Http404
    now = timezone.now()
    try:
        people = rules.people_meeting(rules.rule_of(rules.kept_rule(kind, now)), now)
    except BrokenRuleError as error:
        raise Http404(str(error)) from error
    header = columns()
    return csv_download(f"people-{kind}", header, rows(people, header))
