"""People by what they are called: every word occurs in name, e-mail or company.

PostgreSQL has an index of the letters in it (trigrams, migration 0006); SQLite looks at everybody, which it does fast.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Func, Q, QuerySet, TextField

from people.models import Person

SEARCHED = ("first_name", "last_name", "email", "company")
MAX_WORDS = 6
#: A word of fewer letters begins a name: three are needed to find one by its middle.
MIDDLE = 3
#: So few people found are named to the database by their ids, which leaves it nothing to misjudge.
FEW = 1_000


class SearchText(Func):
    """The searched columns as one text that begins with a blank, as the index has it."""

    template = "(' ' || %(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()

    def __init__(self, *columns: Any, **extra: Any) -> None:
        super().__init__(*(columns or SEARCHED), **extra)


def search(queryset: QuerySet[Any], text: str, through: str = "") -> QuerySet[Any]:
    """Rows of people who are called so; ``through``: the field that says who (``person``), blank for people.

    One more statement: whom a rare name means is asked first.
    """
    words = text.split()[:MAX_WORDS]
    if not words:
        return queryset
    people = Person.objects.all() if through else queryset
    found = list(_called(people, words).order_by().values_list("pk", flat=True)[: FEW + 1])
    if len(found) <= FEW:
        return queryset.filter(**{f"{through}__in" if through else "pk__in": found})
    return _called(queryset, words, f"{through}__" if through else "")


def _called(queryset: QuerySet[Any], words: list[str], prefix: str = "") -> QuerySet[Any]:
    queryset = queryset.alias(search_text=SearchText(*(f"{prefix}{column}" for column in SEARCHED)))
    for word in words:
        queryset = queryset.filter(_occurs(word))
    return queryset


def _occurs(word: str) -> Q:
    condition = Q()
    for variant in _variants(word):
        wanted = variant if len(variant) >= MIDDLE else f" {variant}"
        condition |= Q(search_text__icontains=wanted)
    return condition


def _variants(word: str) -> set[str]:
    """SQLite ignores the case of ASCII letters alone, so "müller" has to look for "MÜLLER" as well."""
    return {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
