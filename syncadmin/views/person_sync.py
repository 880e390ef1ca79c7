"""The two buttons of a person's page: *Explain now* and *Check against Salesforce*."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from people.models import Person
from syncadmin import queries
from syncadmin.access import marketer, viewer
from syncadmin.models import ReconcileFinding
from syncadmin.services import NotConnectedError
from syncadmin.services.timeline.check import check_person, repair_person
from syncadmin.services.timeline.explain import explain_now
from syncadmin.services.timeline.item_words import tell_item

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@viewer
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """What the next cycle would do with this person. Asked by posting, for it may cost an API call."""
    person = get_object_or_404(Person.objects.select_related("owner"), pk=pk)
    context: dict[str, Any] = {"person": person, "connection": queries.connection()}
    if request.method == "POST":
        found = explain_now(person, timezone.now)
        context |= {"found": found, "items": [tell_item(item) for item in found.items]}
    return render(request, "syncadmin/explain.html", context)


@require_http_methods(METHODS)
@marketer
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Both sides of this person, field by field. Asked by posting, for it costs an API call."""
    person = get_object_or_404(Person.objects.select_related("owner"), pk=pk)
    context: dict[str, Any] = {"person": person, "connection": queries.connection()}
    if request.method == "POST":
        try:
            context["checked"] = check_person(person, timezone.now)
        except LookupError:
            context["is_nowhere"] = True
        except NotConnectedError as error:
            messages.error(request, str(error))
            return redirect(person)
    return render(request, "syncadmin/check.html", context)


@require_POST
@marketer
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Take Salesforce's values (``theirs``) or push ours (``ours``), of one field or of all; or follow (``sync``)."""
    person = get_object_or_404(Person, pk=pk)
    action, _sep, name = request.POST.get("action", "").partition(" ")
    try:
        result = repair_person(person, action, [name] if name else [], request.user, timezone.now)
    except LookupError:
        messages.error(request, _("This person has no record in Salesforce, so there is nothing to repair."))
    except ValueError:
        messages.error(request, _("Choose what to do: take Salesforce’s values, or push ours."))
    except NotConnectedError as error:
        messages.error(request, str(error))
    else:
        is_done = result.state == ReconcileFinding.State.REPAIRED
        (messages.success if is_done else messages.error)(request, result.words)
    return redirect("person-check", pk)
