"""Records in Salesforce whose people were deleted here: who they were, and letting them come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from people.downloads import csv_download
from people.paging import paginate
from syncadmin.access import marketer, viewer
from syncadmin.models import Tombstone
from syncadmin.services.review.deleted_here import bring_back
from syncadmin.services.review.held import HeldError

COLUMNS = ("object", "sfdc_id", "name", "email", "deleted_at", "deleted_by", "source", "stays")


class DeletedHereTable(tables.Table):
    """A row for each record."""

    ids = tables.CheckBoxColumn(
        accessor="pk",
        attrs={
            "th__input": {
                "class": "form-check-input m-0",
                "data-select-all": "",
                "aria-label": gettext_lazy("Select all of this page"),
            },
            "td__input": {
                "class": "form-check-input m-0",
                "name": "ids",
                "data-select": "",
                "aria-label": lambda record: _("Select %s") % record,
            },
            "td": {"class": "w-1"},
            "th": {"class": "w-1"},
        },
    )
    name = tables.TemplateColumn(
        template_name="syncadmin/deleted_here_name.html",
        verbose_name=gettext_lazy("Who"),
        order_by=("name", "pk"),
    )
    record = tables.TemplateColumn(
        "{% load sync %}{{ record.get_object_display }} {% sfdc_link record.sfdc_id %}",
        verbose_name=gettext_lazy("Kept in Salesforce"),
        order_by=("object", "pk"),
        empty_values=(),
    )
    deleted_at = tables.TemplateColumn(
        template_name="syncadmin/deleted_here_when.html", verbose_name=gettext_lazy("Deleted here")
    )
    stays = tables.TemplateColumn(
        template_name="syncadmin/deleted_here_stays.html",
        verbose_name=gettext_lazy("Comes back"),
        order_by=("stays", "pk"),
        empty_values=(),
    )


@require_safe
@viewer
def deleted_here(request: HttpRequest) -> HttpResponse:
    """The list; ``?q=`` looks for a name or an e-mail."""
    text = _query(request)
    can_act = request.user.has_perm("people.change_person")
    hidden: dict[str, Any] = {} if can_act else {"exclude": ("ids",)}
    table = DeletedHereTable(_found(text), order_by=request.GET.getlist("sort") or "-deleted_at", **hidden)
    paginate(table, request)
    context = {"table": table, "q": text, "is_empty": not text and not table.paginator.count}
    return render(request, "syncadmin/deleted_here.html", context)


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:200]


def _found(text: str) -> QuerySet[Tombstone]:
    stones = Tombstone.objects.select_related("deleted_by")
    return stones.filter(Q(name__icontains=text) | Q(email__icontains=text)) if text else stones


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """What the list shows, as CSV."""
    return csv_download("deleted-here", COLUMNS, _rows(_found(_query(request))))


def _rows(found: QuerySet[Tombstone]) -> Iterator[tuple[Any, ...]]:
    for stone in found.iterator(chunk_size=2_000):
        yield (
            stone.object, stone.sfdc_id, stone.name, stone.email, stone.deleted_at, str(stone.deleted_by or ""),
            stone.source, stone.stays,
        )  # fmt: skip


@require_POST
@marketer
def lift(request: HttpRequest) -> HttpResponse:
    """Those that are ticked may come back, and do so at once."""
    ids = request.POST.getlist("ids")
    if not ids:
        messages.info(request, _("Nobody was chosen, so nothing was done."))
        return redirect("deleted-here")
    try:
        came = bring_back(ids, timezone.now(), actor_id=request.user.pk)
    except HeldError as error:
        messages.warning(request, _("They come back when they change in Salesforce. Now: %s") % error)
        return redirect("deleted-here")
    messages.success(request, ngettext("%s person is back.", "%s people are back.", came) % came)
    if came < len(ids):
        messages.info(
            request,
            _(
                "The others are gone from Salesforce, or have the e-mail of somebody here and wait for a decision."
            ),
        )
    return redirect("deleted-here")
