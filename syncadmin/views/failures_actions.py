"""What is done with failures: ignored, assigned, not tried again, decided. (Retrying them is a flow step.)"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from syncadmin.access import marketer
from syncadmin.failure_filters import colleagues, name_of
from syncadmin.models import SyncFailure
from syncadmin.services import NotConnectedError, failures
from syncadmin.services.review import held
from syncadmin.views.chosen import numbers

#: Ids that a form may send one by one; more are chosen by their group.
MOST = 1_000
SHOWN = 10
LONGEST_REASON = 500


def chosen(request: HttpRequest) -> QuerySet[SyncFailure]:
    """The open failures that a form is about: one (``only``), several (``ids``), or a whole ``group``."""
    if request.POST.get("only"):
        return failures.chosen(list(numbers([request.POST["only"]])))
    if ids := list(numbers(request.POST.getlist("ids")))[:MOST]:
        return failures.chosen(ids)
    return failures.chosen(group=group_of(request))


def group_of(request: HttpRequest) -> int:
    """The group that a form is about; 0 if it is about single failures."""
    one_by_one = request.POST.get("only") or request.POST.getlist("ids")
    return 0 if one_by_one else next(iter(numbers([request.POST.get("group", "")])), 0)


def back(request: HttpRequest) -> HttpResponse:
    """To the failure, or to the list as it was filtered (``query``), that the form stood on."""
    if request.POST.get("back") == "failure" and (one := next(_ids(request), 0)):
        return redirect("failure", one)
    query = QueryDict(request.POST.get("query", "")[:2_000]).urlencode()
    return redirect(reverse("failures") + (f"?{query}" if query else ""))


def _ids(request: HttpRequest) -> Iterator[int]:
    return iter(list(numbers([request.POST.get("only", ""), *request.POST.getlist("ids")])))


@require_POST
@marketer
def ignore(request: HttpRequest) -> HttpResponse:
    """Ask for the reason, then ignore the chosen failures."""
    wanted = chosen(request)
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if reason:
        number = failures.ignore(wanted, reason, timezone.now())
        text = ngettext("%s failure is ignored now.", "%s failures are ignored now.", number)
        messages.success(request, text % number)
        return back(request)
    is_asked_again = "reason" in request.POST
    group, rows = group_of(request), wanted.select_related("person", "stopped_by").order_by("pk")
    context = {
        "rows": failures.explained(rows[:SHOWN], timezone.now()),
        "total": wanted.count(),
        "group": group,
        "ids": [] if group else list(wanted.order_by("pk").values_list("pk", flat=True)),
        "is_asked_again": is_asked_again,
        "query": request.POST.get("query", ""),
        "longest": LONGEST_REASON,
    }
    return render(request, "syncadmin/failures_ignore.html", context, status=422 if is_asked_again else 200)


@require_POST
@marketer
def assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen failures, or a whole cause, to a colleague (``assignee``; blank: to nobody)."""
    user = _colleague(request.POST.get("assignee", ""))
    if user is None and request.POST.get("assignee"):
        messages.error(request, _("Choose somebody who may correct people."))
        return back(request)
    group = group_of(request)
    number = failures.assign_group(group, user) if group else failures.assign(chosen(request), user)
    if user is None:
        text = ngettext(
            "%s failure is assigned to nobody now.", "%s failures are assigned to nobody now.", number
        )
        messages.success(request, text % number)
    else:
        text = ngettext(
            "%(number)s failure is assigned to %(name)s now.",
            "%(number)s failures are assigned to %(name)s now.",
            number,
        )
        messages.success(request, text % {"number": number, "name": name_of(user)})
    return back(request)


def _colleague(text: str) -> User | None:
    number = next(iter(numbers([text])), 0)
    return colleagues().filter(pk=number).first() if number else None


@require_POST
@marketer
def cancel(request: HttpRequest) -> HttpResponse:
    """Don't try the chosen failures again by themselves."""
    number = failures.cancel(chosen(request), request.user)  # type: ignore[arg-type]
    if number:
        text = ngettext(
            "%s failure is not tried again by itself. You can still retry it by hand.",
            "%s failures are not tried again by themselves. You can still retry them by hand.",
            number,
        )
        messages.success(request, text % number)
    else:
        messages.info(
            request, _("There was nothing to cancel: none of these would have been tried again by itself.")
        )
    return back(request)


# --- Decisions about what is held ----------------------------------------------------------------------


@require_POST
@marketer
def create_person(request: HttpRequest, pk: int) -> HttpResponse:
    """A held record becomes a person of its own."""
    try:
        person_id = held.create_person(pk, timezone.now(), actor_id=request.user.pk)
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
        return redirect("failures")
    messages.success(request, _("The record is a person of its own now."))
    return _decided(request, person_id)


@require_POST
@marketer
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A held record is linked to a person (``person``), or a held person to a record (``sfdc_id``)."""
    person_id = next(iter(numbers([request.POST.get("person", "")])), 0)
    sfdc_id = request.POST.get("sfdc_id", "")[:18]
    try:
        linked = held.link(
            pk, person_id=person_id, sfdc_id=sfdc_id, now=timezone.now(), actor_id=request.user.pk
        )
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
        return redirect("failures")
    messages.success(request, _("Linked. Where the two differ, the next sync cycle sends what won."))
    return _decided(request, linked)


def _decided(request: HttpRequest, person_id: int) -> HttpResponse:
    """To the person; or to the next decision, where this one was made from the list of all."""
    if request.POST.get("back") == "review":
        return redirect("review")
    return redirect("people:detail", person_id)
