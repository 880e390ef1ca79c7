"""Alerts: what is wrong now, what was, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from people.downloads import csv_download
from people.paging import paginate
from syncadmin.access import viewer
from syncadmin.forms_alerts import MyAlertsForm
from syncadmin.models import Alert, AlertChannel, AlertDelivery, AlertKind, Severity
from syncadmin.services.alerts import channels
from syncadmin.services.alerts.deliveries import is_mail_set_up
from syncadmin.services.alerts.looking_after import last_look
from syncadmin.services.alerts.site import learn_site, site_url

COLUMNS = (
    "id",
    "kind",
    "severity",
    "what",
    "text",
    "advice",
    "since",
    "told",
    "over",
    "times_in_an_hour",
    "key",
)
OPEN, OVER = "open", "over"


class AlertFilter(django_filters.FilterSet):
    """``/sync/alerts/?kind=guard&state=over``"""

    kind = django_filters.ChoiceFilter(
        choices=AlertKind.choices, label=gettext_lazy("Kind"), empty_label=gettext_lazy("Any kind")
    )
    state = django_filters.ChoiceFilter(
        choices=[(OPEN, gettext_lazy("Not over")), (OVER, gettext_lazy("Over"))],
        method="by_state",
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("Any state"),
    )

    class Meta:
        model = Alert
        fields: list[str] = []

    def by_state(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(closed_at__isnull=value == OPEN)

    @property
    def is_active(self) -> bool:
        return any(self.data.get(name) for name in self.filters)


class AlertsTable(tables.Table):
    """One row per alert, newest first."""

    title = tables.TemplateColumn(
        template_name="syncadmin/alerts_what.html", verbose_name=gettext_lazy("What"), orderable=False,
    )  # fmt: skip
    kind = tables.Column(
        gettext_lazy("Kind"),
        order_by=("kind", "-opened_at"),
        attrs={"td": {"class": "d-none d-lg-table-cell"}, "th": {"class": "d-none d-lg-table-cell"}},
    )
    opened_at = tables.TemplateColumn(
        "{% load sync %}{% when record.began_at %}",
        verbose_name=gettext_lazy("Since"),
        order_by=("opened_at", "pk"),
        initial_sort_descending=True,
    )
    lasted = tables.TemplateColumn(
        template_name="syncadmin/alerts_lasted.html",
        verbose_name=gettext_lazy("Lasted"),
        orderable=False,
        empty_values=(),
    )

    class Meta:
        order_by = "-opened_at"
        empty_text = gettext_lazy("No alerts found")


@require_safe
@viewer
def alerts(request: HttpRequest) -> HttpResponse:
    """What is wrong now; below it all there was."""
    filters = AlertFilter(request.GET, queryset=Alert.objects.order_by("-opened_at", "-pk"))
    table = AlertsTable(_found(filters), order_by=request.GET.getlist("sort") or None)
    paginate(table, request)
    context = {
        "open_now": sorted(Alert.objects.filter(closed_at=None), key=_worst_first),
        "filters": filters,
        "table": table,
        "is_empty": not table.paginator.count and not filters.is_active,
        "look": last_look(timezone.now()),
        "hears": AlertChannel.objects.filter(user=request.user).exists(),
        "tab": "alerts",
    }
    return render(request, "syncadmin/alerts.html", context)


def _worst_first(alert: Alert) -> int:
    return Severity.values.index(alert.severity)


def _found(filters: AlertFilter) -> QuerySet[Alert]:
    return filters.qs if filters.is_valid() else Alert.objects.none()


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The alerts that match the filters, as CSV."""
    filters = AlertFilter(request.GET, queryset=Alert.objects.order_by("-opened_at", "-pk"))
    return csv_download("alerts", COLUMNS, _rows(_found(filters)))


def _rows(found: QuerySet[Alert]) -> Iterator[tuple[Any, ...]]:
    for alert in found.iterator(chunk_size=2_000):
        yield (
            alert.pk, alert.kind, alert.severity, alert.title, alert.text, alert.advice, alert.began_at.isoformat(),
            alert.opened_at.isoformat(), alert.closed_at.isoformat() if alert.closed_at else "", alert.times,
            alert.key,
        )  # fmt: skip


# --- My alerts ------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def mine(request: HttpRequest) -> HttpResponse:
    """What the user wants to hear of. ``test``: save, and send a test by this method."""
    known = channels.mine(request.user)
    if request.method != "POST":
        return _mine(request, MyAlertsForm(known=known, email=request.user.email))
    form = MyAlertsForm(request.POST, known=known)
    if not form.is_valid():
        return _mine(request, form, status=422)
    learn_site(request.build_absolute_uri("/").rstrip("/"))
    try:
        channels.save_mine(request.user, form.wishes, form.times, timezone.now())
    except ImproperlyConfigured as error:  # without a key no secret is stored
        form.add_error("url", str(error))
        return _mine(request, form, status=422)
    if method := request.POST.get("test", ""):
        send_test(request, channels.mine(request.user).get(method))
    else:
        messages.success(request, _("Your alerts were saved."))
    return redirect("alerts-mine")


def _mine(request: HttpRequest, form: MyAlertsForm, status: int = 200) -> HttpResponse:
    mail, hook = form.known.get("email"), form.known.get("webhook")
    muted = [channel.muted_until for channel in (mail, hook) if channel and channel.is_muted]
    context = {
        "form": form,
        "mail": mail,
        "hook": hook,
        "muted_until": muted[0] if muted else None,
        "has_mail": is_mail_set_up(),
        "site": site_url(),
        "tab": "mine",
    }
    return render(request, "syncadmin/alerts_mine.html", context, status=status)


def send_test(request: HttpRequest, channel: AlertChannel | None) -> None:
    """Send a test at once, and say what the server answered."""
    if channel is None:
        messages.error(request, _("Saved, and no test was sent: there is no address to send it to."))
        return
    try:
        delivery = channels.test(channel, request.user, timezone.now())
    except channels.ChannelError as error:
        messages.error(request, str(error))
        return
    if delivery.state == AlertDelivery.State.SENT:
        said = _("The test arrived at the server, for %(to)s. %(answer)s")
        messages.success(request, said % {"to": delivery.target, "answer": delivery.answer})
    else:
        said = _("The test did not arrive. %(answer)s")
        messages.error(request, said % {"answer": delivery.answer})
