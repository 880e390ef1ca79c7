"""Tags of templates/tables/: what a table's head and foot need beyond django-tables2."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django_tables2 import Table
from django_tables2.columns import BoundColumn

register = template.Library()

PAGE_SIZES = (25, 50, 100)


@register.simple_tag
def aria_sort(column: BoundColumn) -> SafeString:
    """The attribute that tells a screen reader by which column, and how, the table is sorted."""
    if not column.is_ordered:
        return SafeString("")
    direction = "descending" if column.order_by_alias.is_descending else "ascending"
    return mark_safe(f'aria-sort="{direction}"')  # noqa: S308 - one of two words


@register.simple_tag
def page_numbers(table: Table) -> list[Any]:
    """The page numbers to offer: the ends, and the neighbours of the current one."""
    return list(table.paginator.get_elided_page_range(table.page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def page_sizes() -> tuple[int, ...]:
    """How many rows a page may have."""
    return PAGE_SIZES
