"""Channels of many, and the log of what was sent to anybody. Administrators only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.downloads import csv_download
from people.paging import paginate
from syncadmin.access import administrator
from syncadmin.forms_alerts import SharedChannelForm
from syncadmin.models import AlertChannel, AlertDelivery
from syncadmin.services.alerts import channels, deliveries
from syncadmin.services.alerts.deliveries import is_mail_set_up
from syncadmin.services.alerts.site import learn_site, site_url
from syncadmin.views.alerts import send_test

COLUMNS = (
    "id", "written", "what", "to", "channel", "subject", "state", "tries", "next_try", "answer", "ended",
)  # fmt: skip
_ANY = AlertDelivery.objects.select_related("channel__user").defer("channel__url")


# --- Shared channels ------------------------------------------------------------------------------
@require_safe
@administrator
def shared(request: HttpRequest) -> HttpResponse:
    """All of them, with what each hears of."""
    found = list(AlertChannel.objects.defer("url").filter(user=None))
    context = {"channels": found, "has_mail": is_mail_set_up(), "tab": "shared"}
    return render(request, "syncadmin/alerts_shared.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def channel(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new one, or one to change. ``test``: save, and send a test."""
    known = get_object_or_404(AlertChannel.objects.defer("url"), pk=pk, user=None) if pk else None
    if request.method != "POST":
        return _form(request, SharedChannelForm(channel=known))
    form = SharedChannelForm(request.POST, channel=known)
    if not form.is_valid():
        return _form(request, form, status=422)
    learn_site(request.build_absolute_uri("/").rstrip("/"))
    changed = known or AlertChannel(method=form.wish.method)
    changed.name = form.cleaned_data["name"]
    try:
        saved = channels.save_shared(changed, form.wish, form.times, timezone.now())
    except ImproperlyConfigured as error:  # without a key no secret is stored
        form.add_error("address", str(error))
        return _form(request, form, status=422)
    if request.POST.get("test"):
        send_test(request, saved)
        return redirect("alerts-channel", saved.pk)
    messages.success(request, _("%s was saved.") % saved)
    return redirect("alerts-shared")


def _form(request: HttpRequest, form: SharedChannelForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "channel": form.channel, "has_mail": is_mail_set_up(), "site": site_url(), "tab": "shared",
    }  # fmt: skip
    return render(request, "syncadmin/alerts_channel.html", context, status=status)


@require_POST
@administrator
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a shared channel."""
    if channels.remove(pk):
        messages.success(request, _("The channel was removed. What was sent to it stays in the log."))
    return redirect("alerts-shared")


# --- The log --------------------------------------------------------------------------------------
class DeliveryFilter(django_filters.FilterSet):
    """``/sync/alerts/deliveries/?state=failed&event=digest``"""

    state = django_filters.ChoiceFilter(
        choices=AlertDelivery.State.choices,
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("Any state"),
    )
    event = django_filters.ChoiceFilter(
        choices=AlertDelivery.Event.choices, label=gettext_lazy("What"), empty_label=gettext_lazy("Anything")
    )

    class Meta:
        model = AlertDelivery
        fields: list[str] = []

    @property
    def is_active(self) -> bool:
        return any(self.data.get(name) for name in self.filters)


class DeliveriesTable(tables.Table):
    """One row per message, newest first."""

    created_at = tables.TemplateColumn(
        "{% load sync %}{% when record.created_at %}", verbose_name=gettext_lazy("Written"), order_by=("pk",),
        initial_sort_descending=True,
        attrs={"td": {"class": "d-none d-md-table-cell"}, "th": {"class": "d-none d-md-table-cell"}},
    )  # fmt: skip
    subject = tables.TemplateColumn(
        template_name="syncadmin/alerts_message.html", verbose_name=gettext_lazy("Message"), orderable=False,
    )  # fmt: skip
    state = tables.TemplateColumn(
        template_name="syncadmin/alerts_delivered.html",
        verbose_name=gettext_lazy("What became of it"),
        orderable=False,
    )

    class Meta:
        order_by = "-created_at"
        empty_text = gettext_lazy("No messages found")


@require_safe
@administrator
def log(request: HttpRequest) -> HttpResponse:
    """What was sent to whom, and whether it arrived."""
    filters = DeliveryFilter(request.GET, queryset=_ANY.order_by("-pk"))
    table = DeliveriesTable(_found(filters), order_by=request.GET.getlist("sort") or None)
    paginate(table, request)
    context = {
        "filters": filters,
        "table": table,
        "is_empty": not table.paginator.count and not filters.is_active,
        "tab": "log",
    }
    return render(request, "syncadmin/alerts_log.html", context)


def _found(filters: DeliveryFilter) -> QuerySet[AlertDelivery]:
    return filters.qs if filters.is_valid() else AlertDelivery.objects.none()


@require_POST
@administrator
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a message again at once."""
    if deliveries.try_again(pk, timezone.now()):
        messages.success(request, _("The message is sent again in a moment."))
    else:
        messages.info(request, _("The message has been sent already, or is being sent now."))
    return redirect("alerts-log")


@require_safe
@administrator
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The messages that match the filters, as CSV."""
    filters = DeliveryFilter(request.GET, queryset=_ANY.order_by("-pk"))
    return csv_download("alert-messages", COLUMNS, _rows(_found(filters)))


def _rows(found: QuerySet[AlertDelivery]) -> Iterator[tuple[Any, ...]]:
    for row in found.iterator(chunk_size=2_000):
        next_try = row.next_at.isoformat() if row.state == AlertDelivery.State.QUEUED else ""
        yield (
            row.pk, row.created_at.isoformat(), row.event, row.target, str(row.channel or ""), row.subject, row.state,
            row.attempts, next_try, row.answer, row.ended_at.isoformat() if row.ended_at else "",
        )  # fmt: skip
