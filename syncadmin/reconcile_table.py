"""The findings of a full check: table and filter."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from people.models import PersonField
from people.paging import paginate
from syncadmin.models import ReconcileFinding, SObject
from syncadmin.services.reconcile.words import FATES, MEANINGS

Reason = ReconcileFinding.Reason
#: What nobody has to do anything about: the sync does it, or somebody wants it so.
AS_IT_SHOULD_BE = frozenset(
    {Reason.CONFLICT, Reason.EXCLUDED, Reason.OUTSIDE, Reason.DELETED_HERE, Reason.WAITING, Reason.ON_ITS_WAY,
     Reason.ONE_WAY}
)  # fmt: skip
KINDS = {reason: "muted" if reason in AS_IT_SHOULD_BE else "warn" for reason in Reason} | {
    Reason.UNEXPLAINED: "err", Reason.NEVER_SEEN: "err", Reason.UNLINKED: "err", Reason.GONE: "err",
    Reason.FAILED: "err", Reason.WAITING: "info", Reason.ON_ITS_WAY: "info", Reason.CONFLICT: "info",
}  # fmt: skip
#: Types whose values are links elsewhere; here they are to be compared, not followed.
LINKS = frozenset({"email", "phone", "url"})
STATES = {"open": "muted", "queued": "busy", "working": "busy", "repaired": "ok", "failed": "err"}


def _field_choices() -> list[tuple[str, str]]:
    return list(PersonField.objects.filter(sync__isnull=False).values_list("name", "label"))


class FindingFilter(django_filters.FilterSet):
    """``/sync/reconcile/7/?reason=unexplained&object=Lead&field=city&state=open&q=acme``"""

    q = django_filters.CharFilter(method="with_text", label=_("Person or SFDC Id"), max_length=200)
    reason = django_filters.ChoiceFilter(
        choices=Reason.choices, label=_("Why it differs"), empty_label=_("Any reason")
    )
    object = django_filters.ChoiceFilter(
        choices=SObject.choices, label=_("Object"), empty_label=_("Any object")
    )
    field = django_filters.ChoiceFilter(
        choices=_field_choices, method="of_field", label=_("Field"), empty_label=_("Any field")
    )
    state = django_filters.ChoiceFilter(
        choices=ReconcileFinding.State.choices, label=_("State"), empty_label=_("Any state")
    )

    class Meta:
        model = ReconcileFinding
        fields: list[str] = []

    def with_text(
        self, queryset: QuerySet[ReconcileFinding], name: str, value: str
    ) -> QuerySet[ReconcileFinding]:
        return queryset.filter(Q(name__icontains=value) | Q(sfdc_id__startswith=value))

    def of_field(
        self, queryset: QuerySet[ReconcileFinding], name: str, value: str
    ) -> QuerySet[ReconcileFinding]:
        return queryset.filter(field_names__contains=f"|{value}|")

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


class FindingsTable(tables.Table):
    """One row per record that differs."""

    ids = tables.CheckBoxColumn(
        accessor="pk",
        attrs={
            "th__input": {
                "class": "form-check-input m-0",
                "data-select-all": "",
                "aria-label": _("Select all of this page"),
            },
            "td__input": {
                "class": "form-check-input m-0",
                "name": "ids",
                "data-select": "",
                "aria-label": lambda record: _("Select %s") % record.name,
            },
            "td": {"class": "w-1"},
            "th": {"class": "w-1"},
        },
    )
    name = tables.TemplateColumn(
        template_name="syncadmin/reconcile_record.html", verbose_name=_("Record"), order_by=("name", "pk")
    )
    values = tables.TemplateColumn(
        template_name="syncadmin/reconcile_values.html", verbose_name=_("What differs"), orderable=False
    )
    reason = tables.TemplateColumn(
        template_name="syncadmin/reconcile_why.html", verbose_name=_("Why"), order_by=("reason", "pk")
    )
    result = tables.TemplateColumn(
        template_name="syncadmin/reconcile_result.html", verbose_name=_("Repair"), orderable=False
    )

    class Meta:
        empty_text = _("Nothing matches")


def findings_table(
    findings: QuerySet[ReconcileFinding], request: HttpRequest, *, can_act: bool
) -> FindingsTable:
    """The page of the table that the query string asks for."""
    hidden: dict[str, Any] = {} if can_act else {"exclude": ("ids",)}
    table = FindingsTable(findings, order_by=request.GET.getlist("sort") or None, **hidden)
    paginate(table, request)
    for row in table.page.object_list:
        explain(row.record)
    return table


def explain(finding: ReconcileFinding) -> None:
    """Put the words and tones on a finding that the templates show."""
    meaning, advice = MEANINGS[finding.reason]
    finding.meaning, finding.advice = meaning, advice  # type: ignore[attr-defined]
    finding.tone, finding.state_tone = KINDS[Reason(finding.reason)], STATES[finding.state]  # type: ignore[attr-defined]
    for field in finding.fields:
        field["why"] = Reason(field["reason"]).label
        if field["type"] in LINKS:
            field["type"] = ""
    finding.fate = FATES.get(finding.detail, "")  # type: ignore[attr-defined]
