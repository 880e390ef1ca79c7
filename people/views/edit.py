"""A new person, and editing one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people import services
from people.access import marketer
from people.forms import PersonForm
from people.models import Person, PersonField


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def new(request: HttpRequest) -> HttpResponse:
    """A person typed in."""
    form = PersonForm(request.POST or None, fields=list(PersonField.objects.all()))
    if request.method == "POST" and form.is_valid():
        person = services.create_person(
            form.changes, actor=request.user, source="New person page", now=timezone.now()
        )
        messages.success(request, _("%s was created.") % person)
        return redirect(person)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's fields, to be changed."""
    person = get_object_or_404(Person, pk=pk)
    data = request.POST if request.method == "POST" else None
    form = PersonForm(data, fields=list(PersonField.objects.all()), person=person)
    if request.method == "POST" and form.is_valid():
        _save(request, form, person)
        return redirect(person)
    return _form_page(request, form, person)


def _save(request: HttpRequest, form: PersonForm, person: Person) -> None:
    changed = services.edit_person(
        person.pk, form.changes, actor=request.user, source="Edit page", now=timezone.now()
    )
    if not changed:
        messages.info(request, _("Nothing was changed."))
        return
    labels = ", ".join(form.person_fields[name].label for name in changed)
    if person.is_in_salesforce:
        messages.success(request, _("Saved: %s. Fields that sync wait to be pushed to Salesforce.") % labels)
    else:
        messages.success(request, _("Saved: %s.") % labels)


def _form_page(request: HttpRequest, form: PersonForm, person: Person | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "people/person_form.html", {"form": form, "person": person}, status=status)
