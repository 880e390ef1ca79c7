"""The connection: how to log in to Salesforce, how the sync behaves, and its switches. Administrators only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from syncadmin import queries, services
from syncadmin.access import administrator
from syncadmin.forms import SECRETS, CredentialsForm, SettingsForm
from syncadmin.models import Connection
from syncadmin.services.explaining import explain
from syncadmin.services.rereading import calls_to_read_all, read_all_again
from syncadmin.services.sync_settings import save_settings
from syncadmin.services.trying import try_credentials
from syncadmin.sync.ports import SyncError
from syncadmin.views.dashboard import back

if TYPE_CHECKING:
    from syncadmin.salesforce.connection import ConnectionReport


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def connection(request: HttpRequest) -> HttpResponse:
    """Both forms. Posting one of them says which, and what to do with it."""
    if request.method != "POST":
        return _page(request)
    if request.POST.get("form") == "settings":
        return _save_settings(request)
    return _test(request) if request.POST.get("action") == "test" else _connect(request)


def _stored() -> tuple[Connection, str]:
    """The connection with its secrets; without them, and why, if they can't be decrypted."""
    try:
        return Connection.objects.first() or Connection(), ""
    except ImproperlyConfigured as error:
        stored = queries.connection() or Connection()
        for name in (*SECRETS, "access_token"):
            setattr(stored, name, "")
        return stored, str(error)


# --- Logging in -----------------------------------------------------------------------------------
def _connect(request: HttpRequest) -> HttpResponse:
    stored, trouble = _stored()
    is_first = not stored.is_ready
    form = CredentialsForm(request.POST, stored=stored)
    if not form.is_valid():
        return _page(request, form, trouble=trouble, status=422)
    try:
        report = services.connect(form.instance, timezone.now())
    except SyncError as error:
        form.refuse(error.code, error.message)
    except (services.OtherOrgError, ImproperlyConfigured) as error:
        form.add_error(None, str(error))
    else:
        if report.org_id:
            return _connected(request, report, is_first=is_first)
        form.refuse(report.code, report.message)
    return _page(request, form, trouble=trouble, status=422)


def _connected(request: HttpRequest, report: ConnectionReport, *, is_first: bool) -> HttpResponse:
    names = {"org": report.org_name, "user": report.user_name}
    messages.success(request, _("Connected to %(org)s as %(user)s.") % names)
    for problem in report.problems:
        messages.warning(request, f"{problem.message} {problem.advice}")
    if is_first:
        messages.info(
            request,
            _(
                "Fields, users and queues were read. Choose what syncs, look at what the first sync would do, and "
                "start it."
            ),
        )
    return redirect("connection")


def _test(request: HttpRequest) -> HttpResponse:
    """Try what the form holds, without storing it; what is stored is told how it did."""
    stored, trouble = _stored()
    form = CredentialsForm(request.POST, stored=stored)
    report, other_org = None, ""
    if form.is_valid():
        try:
            report = _try(form)
        except SyncError as error:
            form.refuse(error.code, error.message)
        except services.OtherOrgError as error:
            other_org = str(error)
    context = {
        "report": report,
        "other_org": other_org,
        "why": explain(report.code, report.message) if report and report.code else None,
    }
    status = 422 if form.errors or other_org else 200
    if request.htmx:
        return render(request, "syncadmin/_report.html", {**context, "form": form}, status=status)
    return _page(request, form, trouble=trouble, status=status, **context)


def _try(form: CredentialsForm) -> ConnectionReport:
    if form.has_changed() or not form.instance.is_ready:
        return try_credentials(form.instance)
    return services.check_connection(form.instance, timezone.now())


# --- Settings -------------------------------------------------------------------------------------
def _save_settings(request: HttpRequest) -> HttpResponse:
    stored = queries.connection()
    if stored is None:
        messages.error(request, _("Connect Salesforce first."))
        return redirect("connection")
    form = SettingsForm(request.POST, stored=stored)
    if not form.is_valid():
        return _page(request, settings=form, status=422)
    save_settings(form.cleaned_data)
    messages.success(request, _("The settings were saved; the next sync cycle goes by them."))
    return redirect("connection")


def _page(
    request: HttpRequest,
    form: CredentialsForm | None = None,
    *,
    settings: SettingsForm | None = None,
    trouble: str = "",
    status: int = 200,
    **report: object,
) -> HttpResponse:
    if form is None:
        stored, trouble = _stored()
        form = CredentialsForm(stored=stored)
    known = queries.connection()
    if settings is None and known is not None:
        settings = SettingsForm(stored=known)
    context = {
        "connection": known, "form": form, "settings_form": settings, "trouble": trouble,
        "calls_to_read_all": calls_to_read_all(), **report,
    }  # fmt: skip
    return render(request, "syncadmin/connection.html", context, status=status)


# --- Switches -------------------------------------------------------------------------------------
@require_POST
@administrator
def pause(request: HttpRequest) -> HttpResponse:
    """Pause the background sync, or let it go on."""
    paused = request.POST.get("paused") == "1"
    try:
        services.pause(paused=paused, now=timezone.now())
    except services.NotStartedError as error:
        messages.error(request, str(error))
        return redirect("preview")
    if paused:
        messages.success(
            request,
            _("The background sync is paused. Single people can still be synced by a click or a campaign."),
        )
    else:
        messages.success(request, _("The background sync goes on; a cycle begins in a moment."))
    return redirect(back(request, "connection"))


@require_POST
@administrator
def read_again(request: HttpRequest) -> HttpResponse:
    """Let the next cycle read every record."""
    if read_all_again(timezone.now()):
        messages.success(request, _("The next sync cycle reads every Lead and Contact again."))
    else:
        messages.error(request, _("A sync cycle is under way. Try again when it has ended."))
    return redirect("connection")


@require_POST
@administrator
def refresh(request: HttpRequest) -> HttpResponse:
    """Read fields, users and queues now instead of with the next cycle."""
    try:
        services.learn_org(services.ready_connection(), timezone.now())
    except SyncError as error:
        why = explain(error.code, error.message)
        messages.error(request, f"{why.title}. {error.message}")
    except (services.NotConnectedError, ImproperlyConfigured) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Fields, users and queues were read from Salesforce."))
    return redirect(back(request, "owners"))
