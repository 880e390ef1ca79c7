"""People chosen in the list: those that are ticked (``ids``), or everybody who matches (``all`` and ``filter``)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import QueryDict

from people.filters import matching
from people.models import Person

MAX_ID = 2**63 - 1


def selected(data: QueryDict) -> QuerySet[Person]:
    """The chosen people. Nobody, if nothing was ticked."""
    if data.get("all"):
        return matching(QueryDict(data.get("filter", "")))
    return Person.objects.select_related("owner").filter(pk__in=list(_ids(data.getlist("ids"))))


def as_pairs(data: QueryDict) -> list[tuple[str, str]]:
    """The same choice as names and values, for the hidden inputs of the next page."""
    if data.get("all"):
        return [("all", "1"), ("filter", data.get("filter", ""))]
    return [("ids", str(number)) for number in _ids(data.getlist("ids"))]


def _ids(texts: Iterable[str]) -> Iterable[int]:
    for text in texts:
        if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MAX_ID:
            yield int(text)
