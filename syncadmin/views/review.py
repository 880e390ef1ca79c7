"""Who is who: records and people that wait for somebody's decision, singly or many at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from syncadmin.access import marketer, viewer
from syncadmin.services import NotConnectedError
from syncadmin.services.review import held, reviewing

PAGE = 25


@require_safe
@viewer
def review(request: HttpRequest) -> HttpResponse:
    """All that is held, with those it may be."""
    page = Paginator(reviewing.waiting(), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "syncadmin/review.html", {"page": page, "items": reviewing.items(page.object_list)}
    )


@require_POST
@marketer
def create(request: HttpRequest) -> HttpResponse:
    """The records that are ticked become people of their own."""
    ids = _numbers(request.POST.getlist("ids"))
    try:
        done, of = reviewing.create_people(ids, timezone.now(), actor_id=request.user.pk)
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
        return redirect("review")
    if done:
        text = ngettext(
            "%s record is a person of its own now.", "%s records are people of their own now.", done
        )
        messages.success(request, text % done)
    if of > done:
        messages.info(request, _("The others were linked or deleted in Salesforce in the meantime."))
    if not of:
        messages.info(request, _("No record was ticked, so nothing was done."))
    return redirect("review")


@require_POST
@marketer
def create_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """A held person is none of the records: a Lead of its own."""
    try:
        reviewing.create_lead(pk, timezone.now(), actor_id=request.user.pk)
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A new Lead was created."))
    return redirect("review")


@require_POST
@marketer
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """A held record is somebody who is another record already: make it a person, and merge the two."""
    other = next(iter(_numbers([request.POST.get("person", "")])), 0)
    try:
        made = held.create_person(pk, timezone.now(), actor_id=request.user.pk)
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
        return redirect("review")
    messages.info(
        request, _("The record is a person of its own now. Choose which values stay, and merge the two.")
    )
    query = urlencode({"ids": [other, made], "winner": other}, doseq=True)
    return redirect(f"{reverse('merge-people')}?{query}")


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
