"""Groups of people who may be one: the same e-mail, or the same name and company. Answered in SQL, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, TextChoices
from django.db.models.functions import Lower, Trim
from django.utils.translation import gettext_lazy as _

from people.models import Person
from people.paging import MOST

PAGE = 25
#: People of one group that a page shows; an export has them all.
SHOWN = 20
CHUNK = 500


class By(TextChoices):
    """What people of a group have in common."""

    EMAIL = "email", _("Same e-mail")
    NAME = "name", _("Same name and company")


@dataclass(slots=True)
class Group:
    """People who may be one. ``count``: how many there are; of a large group only the first are in ``people``."""

    label: str
    count: int
    people: list[Person]

    @property
    def more(self) -> int:
        return self.count - len(self.people)


_KEYS = {By.EMAIL: ("key_email",), By.NAME: ("key_first", "key_last", "key_company")}


def _keyed(by: By) -> QuerySet[Person]:
    if by is By.EMAIL:
        return Person.objects.exclude(email="").annotate(key_email=Lower(Trim("email")))
    named = Person.objects.exclude(last_name="").exclude(company="")
    return named.annotate(
        key_first=Lower(Trim("first_name")),
        key_last=Lower(Trim("last_name")),
        key_company=Lower(Trim("company")),
    )


def _keys(by: By) -> QuerySet[Any, dict[str, Any]]:
    """The keys that several people share, those with the most people first."""
    names = _KEYS[by]
    found = _keyed(by).order_by().values(*names).annotate(people=Count("pk")).filter(people__gt=1)
    return found.order_by("-people", *names)


def groups(by: By, page: str | int | None) -> tuple[Page[Any], list[Group]]:
    """One page of groups, in two statements however many there are: to find some is to look at everybody."""
    shown = Paginator(list(_keys(by)[:MOST]), PAGE).get_page(page)
    return shown, list(_with_people(by, list(shown.object_list), SHOWN))


def _with_people(by: By, keys: Sequence[dict[str, Any]], most: int | None) -> Iterator[Group]:
    names = _KEYS[by]
    wanted = Q()
    for key in keys:
        wanted |= Q(**{name: key[name] for name in names})
    found: dict[tuple[str, ...], list[Person]] = defaultdict(list)
    if keys:
        for person in _keyed(by).filter(wanted).select_related("owner").order_by("created_at", "pk"):
            found[tuple(getattr(person, name) for name in names)].append(person)
    for key in keys:
        members = found[tuple(key[name] for name in names)]
        yield Group(_label(by, key, members), len(members), members[:most])


def _label(by: By, key: dict[str, Any], members: Sequence[Person]) -> str:
    if by is By.EMAIL:
        return str(key["key_email"])
    return f"{members[0].full_name}, {members[0].company}" if members else str(key["key_last"])


def exported(by: By) -> Iterable[Group]:
    """All groups, with all their people; a few hundred groups to a statement."""
    keys = list(_keys(by))
    for start in range(0, len(keys), CHUNK):
        yield from _with_people(by, keys[start : start + CHUNK], None)
