"""The filters of the people list. The query string is their only state."""

from __future__ import annotations

from typing import Any

import django_filters
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Hidden, Layout
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from people import queries
from people.models import LeadOwner, Person, PersonState, SfdcType
from people.search import search

KEPT = ("sort", "per_page")


class PeopleFilter(django_filters.FilterSet):
    """``/people/?q=acme&state=failing&type=Lead&owner=005…``"""

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=200)
    state = django_filters.ChoiceFilter(
        choices=PersonState.choices, method="in_state", label=_("State"), empty_label=_("Any state")
    )
    type = django_filters.ChoiceFilter(
        choices=SfdcType.choices, method="is_there_as", label=_("SFDC Type"), empty_label=_("Any type")
    )
    owner = django_filters.ModelChoiceFilter(
        queryset=LeadOwner.objects.all(),
        label=_("Lead Owner"),
        empty_label=_("Any owner"),
        null_label=_("No owner"),
    )

    class Meta:
        model = Person
        fields: list[str] = []

    def search(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return search(queryset, value)

    def in_state(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return queries.in_state(queryset, value)

    def is_there_as(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return queryset.filter(sfdc_type=value, sfdc_is_deleted=False)

    @property
    def form(self) -> Any:
        form = super().form
        if not hasattr(form, "helper"):
            form.helper = _helper(self.data)
            form.fields["q"].widget.attrs |= {"placeholder": _("Name, e-mail or company"), "type": "search"}
        return form

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


def matching(data: QueryDict) -> QuerySet[Person]:
    """People that match a query string; nobody if it makes no sense, for it may decide whom to delete."""
    found = PeopleFilter(data, queryset=queries.people())
    return found.qs if found.is_valid() else Person.objects.none()


def _helper(data: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_method = "get"
    helper.form_tag = False
    helper.disable_csrf = True
    selects = [
        Div(Field(name, data_autosubmit=""), css_class="col-6 col-md-3 col-xl-2")
        for name in ("state", "type", "owner")
    ]
    kept = [Hidden(name, data[name]) for name in KEPT if data and data.get(name)]
    button = HTML('{% include "people/_filter_button.html" %}')
    helper.layout = Layout(
        *kept,
        Div(
            Div("q", css_class="col-12 col-xl"),
            *selects,
            Div(button, css_class="col-6 col-md-3 col-xl-auto"),
            css_class="row g-2 align-items-end people-filter",
        ),
    )
    return helper
