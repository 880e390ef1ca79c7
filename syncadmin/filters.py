"""The filters of the cycles. The query string is their only state."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from syncadmin.models import SyncRun
from syncadmin.queries import started_between

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


class DayField(forms.DateField):
    """A day that a calendar of people may have."""

    def __init__(self, **options: Any) -> None:
        attrs = {
            "type": "date",
            "class": "form-control",
            "min": FIRST_DAY.isoformat(),
            "max": LAST_DAY.isoformat(),
        }
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Enter a date between 2000 and 2999."))
        return day


class DayFilter(django_filters.DateFilter):
    """One day, in the reader's time zone."""

    field_class = DayField


class RunFilter(django_filters.FilterSet):
    """``/sync/runs/?state=failed&since=2026-01-01&until=2026-01-31``"""

    state = django_filters.ChoiceFilter(
        choices=SyncRun.State.choices,
        label=_("State"),
        empty_label=_("Any state"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    since = DayFilter(method="started_since", label=_("From"))
    until = DayFilter(method="started_until", label=_("To"))

    class Meta:
        model = SyncRun
        fields: list[str] = []

    def started_since(self, queryset: QuerySet[SyncRun], name: str, value: date) -> QuerySet[SyncRun]:
        return started_between(queryset, moment_of(value, time.min), None)

    def started_until(self, queryset: QuerySet[SyncRun], name: str, value: date) -> QuerySet[SyncRun]:
        return started_between(queryset, None, moment_of(value, time.max))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


def moment_of(day: date, clock: time) -> datetime:
    """A time of a day, in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, clock))
