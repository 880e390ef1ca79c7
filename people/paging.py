"""The page of a table that a query string asks for.

Rows are counted up to MOST and no further: to know that a million people match takes longer than to show some of them,
and nobody turns to the ten thousandth. Who wants the others sorts or filters; exports and selections have them all.
"""

from __future__ import annotations

from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django_tables2 import RequestConfig, Table
from django_tables2.rows import BoundRows

PAGE_SIZES = (25, 50, 100)
#: Rows that one can turn to.
MOST = 10_000


class CappedPaginator(Paginator):
    """Pages of the first MOST rows of a table. ``is_capped``: there are more."""

    @property
    def _queryset(self) -> QuerySet[Any] | None:
        rows = getattr(self.object_list.data, "data", None)
        return rows if isinstance(rows, QuerySet) else None

    @cached_property
    def _counted(self) -> int:
        if self._queryset is None:
            return len(self.object_list)
        return int(self._queryset.order_by().values("pk")[: MOST + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def is_capped(self) -> bool:
        return self._counted > MOST

    def page(self, number: Any) -> Page:
        """The ids of the page first: what a row shows is then looked up for these alone, not for all before them."""
        rows = self._queryset
        if rows is None:
            return super().page(number)
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        ids = list(rows.values_list("pk", flat=True)[bottom : min(bottom + self.per_page, self.count)])
        return self._get_page(BoundRows(rows.filter(pk__in=ids), self.object_list.table), number, self)


def paginate(table: Table, request: HttpRequest) -> None:
    """Turn to the page asked for; what there isn't is the nearest there is.

    A table that was given the request itself would have counted all its rows by now: make it without.
    """
    RequestConfig(request, paginate=False).configure(table)
    options: dict[str, Any] = {"per_page": page_size(request), "paginator_class": CappedPaginator}
    try:
        table.paginate(page=request.GET.get("page", 1), **options)
    except PageNotAnInteger:
        table.paginate(page=1, **options)
    except EmptyPage:
        table.paginate(page=table.paginator.num_pages, **options)


def page_size(request: HttpRequest) -> int:
    """How many rows: one of the sizes on offer."""
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(request.GET.get("per_page", ""), PAGE_SIZES[0])
