"""The filters of the failures. The query string is their only state."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from people.models import LeadOwner, Person, PersonField
from people.search import search
from syncadmin.filters import DayFilter
from syncadmin.models import FailureGroup, SObject, SyncFailure

SELECT = {"class": "form-select"}
#: What is seen at once; the others unfold.
FIRST = ("q", "state", "assignee", "direction")
#: Causes that are looked through for the codes and fields on offer.
MOST_CAUSES = 2_000
_BIGGEST = 2**63 - 1


class FailureFilter(django_filters.FilterSet):
    """``/sync/failures/?state=open&group=7&code=STRING_TOO_LONG&field=phone&owner=005…&step=3&cycle=12&assignee=me``"""

    q = django_filters.CharFilter(method="by_person", label=_("Person"), max_length=200)
    state = django_filters.ChoiceFilter(
        choices=SyncFailure.State.choices, label=_("State"), empty_label=_("Any state")
    )
    assignee = django_filters.CharFilter(
        method="by_assignee", label=_("Assigned to"), widget=forms.Select(attrs=SELECT)
    )
    direction = django_filters.ChoiceFilter(
        choices=SyncFailure.Direction.choices, label=_("Direction"), empty_label=_("Both ways")
    )
    group = django_filters.NumberFilter(min_value=1, max_value=_BIGGEST, widget=forms.HiddenInput())
    code = django_filters.CharFilter(label=_("Code"), max_length=80, widget=forms.Select(attrs=SELECT))
    field = django_filters.CharFilter(
        method="by_field", label=_("Field"), max_length=80, widget=forms.Select(attrs=SELECT)
    )
    object = django_filters.ChoiceFilter(
        choices=SObject.choices, label=_("Object"), empty_label=_("Any object")
    )
    owner = django_filters.ModelChoiceFilter(
        field_name="person__owner", queryset=LeadOwner.objects.all(), label=_("Lead Owner"),
        empty_label=_("Any owner"), null_label=_("No owner"),
    )  # fmt: skip
    step = django_filters.NumberFilter(
        field_name="step_run_id", label=_("Flow step run no."), min_value=1, max_value=_BIGGEST
    )
    cycle = django_filters.NumberFilter(
        field_name="run", label=_("Sync cycle no."), min_value=1, max_value=_BIGGEST
    )
    since = DayFilter(method="tried_since", label=_("Tried from"))
    until = DayFilter(method="tried_until", label=_("Tried to"))

    class Meta:
        model = SyncFailure
        fields: list[str] = []

    @property
    def form(self) -> Any:
        form = super().form
        if not getattr(form, "has_choices", False):
            _offer_choices(form, self.data)
            form.has_choices = True
        return form

    def by_person(self, queryset: QuerySet[SyncFailure], name: str, value: str) -> QuerySet[SyncFailure]:
        people = search(Person.objects.order_by(), value)
        if self.data.get("state") == SyncFailure.State.OPEN:
            people = people.filter(failed_at__isnull=False)
        return queryset.filter(person__in=people.values("pk"))

    def by_field(self, queryset: QuerySet[SyncFailure], name: str, value: str) -> QuerySet[SyncFailure]:
        return queryset.filter(group__in=FailureGroup.objects.filter(searched__contains=f"|{value}|"))

    def by_assignee(self, queryset: QuerySet[SyncFailure], name: str, value: str) -> QuerySet[SyncFailure]:
        if value == "nobody":
            return queryset.filter(assignee=None)
        wanted = str(self.request.user.pk or 0) if value == "me" and self.request else value
        return queryset.filter(assignee=int(wanted)) if _is_id(wanted) else queryset.none()

    def tried_since(self, queryset: QuerySet[SyncFailure], name: str, value: date) -> QuerySet[SyncFailure]:
        return queryset.filter(last_at__gte=_moment(value, time.min))

    def tried_until(self, queryset: QuerySet[SyncFailure], name: str, value: date) -> QuerySet[SyncFailure]:
        return queryset.filter(last_at__lte=_moment(value, time.max))

    @property
    def is_active(self) -> bool:
        """Whether anything but the state "open", with which the page begins, is filtered for."""
        return any(self.data.get(name) for name in self.filters if name != "state") or (
            self.data.get("state") != SyncFailure.State.OPEN
        )

    @property
    def first(self) -> list[Any]:
        """The fields that are seen at once."""
        return [self.form[name] for name in FIRST]

    @property
    def more(self) -> list[Any]:
        """The fields that unfold."""
        return [self.form[name] for name in self.filters if name not in (*FIRST, "group")]

    @property
    def has_more(self) -> bool:
        """Whether one of those that unfold is used."""
        return any(self.data.get(name) for name in self.filters if name not in (*FIRST, "group"))


def failure_filter(request: HttpRequest) -> FailureFilter:
    """The filter of a request's query string; without a state the open ones are shown."""
    wanted = request.GET.copy()
    wanted.setdefault("state", SyncFailure.State.OPEN)
    rows = SyncFailure.objects.select_related("person", "assignee", "stopped_by").order_by("-last_at", "-pk")
    return FailureFilter(wanted, queryset=rows, request=request)


def colleagues() -> QuerySet[User]:
    """Who may put failures right."""
    people = User.objects.with_perm(
        "people.change_person", backend="django.contrib.auth.backends.ModelBackend"
    )
    return people.order_by("first_name", "last_name", "username")


def name_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """A user, as colleagues call one."""
    full = user.get_full_name() if isinstance(user, User) else ""
    return full or str(user.get_username())


def _offer_choices(form: forms.Form, data: Any) -> None:
    """The codes and fields that there are causes of, and the colleagues; what is asked for besides stays."""
    causes = FailureGroup.objects.order_by("-pk").values_list("code", "fields")[:MOST_CAUSES]
    codes, names = set(), set()
    for code, fields in causes:
        codes.add(code)
        names.update(fields)
    labels = dict(PersonField.objects.filter(name__in=names).values_list("name", "label"))
    fields_ = sorted(((name, labels.get(name, name)) for name in names), key=lambda pair: pair[1].lower())
    users = [(str(user.pk), name_of(user)) for user in colleagues()]
    fixed = [("me", _now("Mine")), ("nobody", _now("Nobody"))]
    _set(form, "code", _now("Any code"), [(code, code) for code in sorted(codes)], data)
    _set(form, "field", _now("Any field"), fields_, data)
    _set(form, "assignee", _now("Anybody"), [*fixed, *users], data)


def _set(form: forms.Form, name: str, blank: str, choices: list[tuple[str, str]], data: Any) -> None:
    asked = str(data.get(name, "")) if data else ""
    extra = [(asked, asked)] if asked and asked not in dict(choices) else []
    form.fields[name].widget.choices = [("", blank), *choices, *extra]  # type: ignore[attr-defined]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _moment(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
