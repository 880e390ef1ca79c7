"""The page of a table that a query string asks for."""

from __future__ import annotations

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import HttpRequest
from django_tables2 import Table

PAGE_SIZES = (25, 50, 100)


def paginate(table: Table, request: HttpRequest) -> None:
    """Turn to the page asked for; what there isn't is the nearest there is."""
    per_page = page_size(request)
    try:
        table.paginate(page=request.GET.get("page", 1), per_page=per_page)
    except PageNotAnInteger:
        table.paginate(page=1, per_page=per_page)
    except EmptyPage:
        table.paginate(page=table.paginator.num_pages, per_page=per_page)


def page_size(request: HttpRequest) -> int:
    """How many rows: one of the sizes on offer."""
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(request.GET.get("per_page", ""), PAGE_SIZES[0])
