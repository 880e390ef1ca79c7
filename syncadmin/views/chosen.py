"""Rows that somebody chose in a list: those that are ticked (``ids``), or all that match (``all`` and ``filter``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import django_filters
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

Row = TypeVar("Row", bound=Model)


def chosen(
    data: QueryDict, rows: QuerySet[Row], filter_of: Callable[[Any], django_filters.FilterSet]
) -> QuerySet[Row]:
    """What a form chose. Nothing, if its filter makes no sense: it may decide what is overwritten."""
    if data.get("all"):
        filters = filter_of(QueryDict(data.get("filter", "")))
        found: QuerySet[Row] = filters.qs if filters.is_valid() else rows.none()
        return found
    return rows.filter(pk__in=list(numbers(data.getlist("ids"))))


def numbers(texts: Iterable[str]) -> Iterable[int]:
    """Those of them that may be ids; what a form says besides is passed over."""
    return (int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19)


def back(request: HttpRequest, route: str) -> HttpResponse:
    """To where the form says it came from, if that is a page of ours."""
    to = request.POST.get("back", "")
    if to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        return redirect(to)
    return redirect(route)
