"""Template tags and filters of every page: chips, times, values, links to Salesforce."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from people.models import Person, PersonState
from syncadmin.models import Connection, SyncFailure, SyncRun, SyncStep
from syncadmin.templatetags import shown

register = template.Library()

KINDS = {"ok", "warn", "err", "info", "muted", "busy"}
PERSON_KINDS = {
    PersonState.IN_STEP: "ok",
    PersonState.WAITING: "info",
    PersonState.FAILING: "err",
    PersonState.NOT_IN_SFDC: "muted",
    PersonState.DELETED: "warn",
}
RUN_KINDS = {
    SyncRun.State.RUNNING: "busy",
    SyncRun.State.DONE: "ok",
    SyncRun.State.FAILED: "err",
    SyncRun.State.INCOMPLETE: "warn",
    SyncRun.State.STOPPED: "err",
    SyncRun.State.WAITING: "warn",
    SyncRun.State.WAITING: "warn",
}
FAILURE_KINDS = {
    SyncFailure.State.OPEN: "err",
    SyncFailure.State.RESOLVED: "ok",
    SyncFailure.State.IGNORED: "muted",
}


# --- Chips ----------------------------------------------------------------------------------------
@register.simple_tag
def chip(kind: str, label: str) -> SafeString:
    """A state in a word: ``{% chip "ok" "Working" %}``. Kinds: ok, warn, err, info, muted, busy."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of chip: {kind}")
    return format_html('<span class="chip chip-{}">{}</span>', kind, label)


@register.simple_tag
def chip_person(person: Person | PersonState | str) -> SafeString:
    """The state of a person, or a PersonState."""
    state = PersonState(person.sfdc_state if isinstance(person, Person) else person)
    return chip(PERSON_KINDS[state], str(state.label))


@register.simple_tag
def chip_run(run: SyncRun | SyncStep | str) -> SafeString:
    """The state of a cycle or of one of its steps."""
    if isinstance(run, str):
        return chip(RUN_KINDS[SyncRun.State(run)], str(SyncRun.State(run).label))
    return chip(RUN_KINDS[SyncRun.State(run.state)], run.get_state_display())


@register.simple_tag
def chip_failure(failure: SyncFailure | str) -> SafeString:
    """Whether a failure is open, resolved or ignored."""
    state = SyncFailure.State(failure if isinstance(failure, str) else failure.state)
    return chip(FAILURE_KINDS[state], str(state.label))


@register.simple_tag
def chip_connection(connection: Connection | None) -> SafeString:
    """The state of the sync, for the top bar. What stops it says so first."""
    if not connection or not connection.is_ready:
        return chip("muted", _("Not connected"))
    if connection.health == Connection.Health.FAILED:
        return chip("err", _("Not working"))
    if connection.health == Connection.Health.STOPPED:
        return chip("err", _("Stopped"))
    if connection.awaits_start:
        return chip("info", _("Not started"))
    if connection.is_paused:
        return chip("warn", _("Paused"))
    return chip("ok", _("Working"))


@register.filter
def backfill_kind(state: str) -> str:
    """The tone of a backfill's state."""
    return {"done": "ok", "failed": "err", "cancelled": "warn", "running": "busy"}.get(state, "info")


# --- Times ----------------------------------------------------------------------------------------
@register.simple_tag
def when(moment: datetime | date | None) -> SafeString:
    """A moment in the reader's time zone; how long ago it was, when pointed at."""
    if not isinstance(moment, datetime):
        return shown.moment(moment) if moment else shown.blank()
    local = timezone.localtime(moment)
    text = date_format(local, shown.DATE_TIME)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), relative(moment), text)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """How long ago, kept up to date by the page's script; the exact time when pointed at."""
    if not moment:
        return shown.blank()
    local = timezone.localtime(moment)
    exact = date_format(local, "j M Y, H:i:s")
    markup = '<time datetime="{}" title="{}" data-ago>{}</time>'
    return format_html(markup, local.isoformat(), exact, relative(moment))


@register.simple_tag
def countdown(moment: datetime | None, done: str = "") -> SafeString:
    """Minutes and seconds until a moment, counted down by the page's script; then ``done``."""
    if not moment:
        return SafeString("")
    text = done or _("any moment now")
    left = (moment - timezone.now()).total_seconds()
    markup = '<time datetime="{0}" data-countdown="{0}" data-countdown-done="{1}">{2}</time>'
    return format_html(markup, moment.isoformat(), text, shown.clock(left) if left > 0 else text)


def relative(moment: datetime, now: datetime | None = None) -> str:
    """ "3 minutes ago", "in 4 minutes", "just now"; one unit is precise enough."""
    now = now or timezone.now()
    distance = now - moment
    if abs(distance) < timedelta(seconds=45):
        return _("just now")
    if distance > timedelta():
        return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
    return _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}


@register.filter
def duration(timed: Any) -> str:
    """How long a cycle or a step took, or has taken so far: ``{{ run|duration }}``. Also of a timedelta."""
    if isinstance(timed, timedelta):
        return shown.length_of_time(timed.total_seconds())
    if not getattr(timed, "started_at", None):
        return "–"
    end = timed.ended_at or timezone.now()
    return shown.length_of_time((end - timed.started_at).total_seconds())


# --- Values ---------------------------------------------------------------------------------------
@register.filter
def value(content: Any, type_: str = "") -> SafeString:
    """A field's value as people read it; the field's type says more: ``{{ x|value:field.type }}``."""
    return shown.value(content, str(type_))


@register.simple_tag
def change(old: Any, new: Any, type_: str = "") -> SafeString:
    """Old value → new value."""
    markup = (
        '<span class="change"><del class="was">{}</del><span class="change-arrow" aria-hidden="true">→</span>'
        '<ins class="now">{}</ins></span>'
    )
    return format_html(markup, shown.value(old, type_), shown.value(new, type_))


# --- Links ----------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def sfdc_link(context: Context, sfdc_id: str | None, label: str = "") -> SafeString:
    """A record in Salesforce, in a new tab; the bare id if no org is connected."""
    if not sfdc_id:
        return shown.blank()
    connection = context.get("connection")
    text = label or format_html("<code>{}</code>", sfdc_id)
    if not connection:
        return format_html("{}", text)
    markup = (
        '<a class="external" href="{}" target="_blank" rel="noopener noreferrer">{}'
        '<span class="visually-hidden"> ({})</span>{}</a>'
    )
    url = connection.record_url(sfdc_id)
    return format_html(markup, url, text, _("in Salesforce"), shown.icon("external-link"))


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon by its file name under templates/icons."""
    return shown.icon(name)


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(context: Context, route: str, label: str, icon_name: str) -> dict[str, Any]:
    """A line of the sidebar, marked on its page and on those below it; left out if there is no such page."""
    try:
        url = reverse(route)
    except NoReverseMatch:
        return {"url": ""}
    path = context["request"].path if "request" in context else ""
    is_here = path == url
    return {
        "url": url,
        "label": label,
        "icon": f"icons/{icon_name}.svg",
        "is_here": is_here,
        "is_active": is_here or (url != "/" and path.startswith(url)),
    }


# --- Who is logged in -----------------------------------------------------------------------------
@register.filter
def role(user: User | AnonymousUser) -> str:
    """What the user may do here, in a word: the group, or administrator."""
    if user.is_superuser:
        return _("Administrator")
    group = user.groups.values_list("name", flat=True).first() if user.is_authenticated else None
    return _(str(capfirst(group))) if group else _("No role")


@register.filter
def initials(user: User | AnonymousUser) -> str:
    """Two letters for the avatar."""
    if not user.is_authenticated:
        return "?"
    letters = f"{user.first_name[:1]}{user.last_name[:1]}"
    return letters or user.get_username()[:2]
