"""People who may be one, to be merged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.access import viewer
from people.downloads import csv_download
from people.duplicates import By, exported, groups

COLUMNS = (
    "group", "id", "first_name", "last_name", "email", "company", "sfdc_type", "sfdc_id", "sfdc_is_deleted", "owner",
    "created_at", "updated_at",
)  # fmt: skip


@require_safe
@viewer
def duplicates(request: HttpRequest) -> HttpResponse:
    """``?by=email`` or ``?by=name``; a page of groups."""
    by = _by(request)
    page, found = groups(by, request.GET.get("page"))
    context = {"by": by, "choices": By.choices, "page": page, "groups": found}
    return render(request, "people/duplicates.html", context)


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All groups as CSV, a line for each person."""
    return csv_download("duplicates", COLUMNS, _lines(_by(request)))


def _lines(by: By) -> Iterator[tuple[Any, ...]]:
    for group in exported(by):
        for person in group.people:
            yield (
                group.label, person.pk, person.first_name, person.last_name, person.email, person.company,
                person.sfdc_type, person.sfdc_id, person.sfdc_is_deleted,
                person.owner.name if person.owner else person.owner_id or "", person.created_at, person.updated_at,
            )  # fmt: skip


def _by(request: HttpRequest) -> By:
    asked = request.GET.get("by", "")
    return By(asked) if asked in By.values else By.EMAIL
