"""What is wrong with a person, for its page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import Person
from syncadmin.services.failure_groups import GroupCard, Trend
from syncadmin.services.failure_standing import until
from syncadmin.services.failures import ExplainedFailure, open_failures_of
from syncadmin.services.review.conflicts import REASONS
from syncadmin.services.review.flipflops import Shown, stopped_of
from syncadmin.templatetags.sync import chip

register = template.Library()
#: Longest value that is shown where there is little room.
LONGEST = 200


@register.simple_tag
def open_failures(person: Person) -> list[ExplainedFailure]:
    """``{% open_failures person as failures %}``: each with its rule, field, value and advice."""
    return open_failures_of(person, timezone.now())


@register.simple_tag
def chip_trend(trend: Trend) -> SafeString:
    """Whether a cause is new, rising, falling or neither."""
    kind, label = {
        Trend.NEW: ("err", _("New")),
        Trend.RISING: ("err", _("Rising")),
        Trend.FALLING: ("ok", _("Falling")),
        Trend.STEADY: ("muted", _("Steady")),
    }[trend]
    return chip(kind, label)


@register.simple_tag
def next_of_group(card: GroupCard) -> str:
    """What comes next for the failures of a cause: how many are tried again by themselves, and when."""
    if card.group.code == "SEVERAL_MATCHES":
        return _("Waits until somebody decides.")
    if card.next_at is None:
        return _("None of them is tried again until something changes.")
    when = until(card.next_at, timezone.now())
    text = ngettext(
        "%(number)s is tried again by itself, %(when)s.",
        "%(number)s are tried again by themselves, the next %(when)s.",
        card.waiting,
    )
    return text % {"number": card.waiting, "when": when}


@register.filter
def clipped(content: Any) -> Any:
    """A text of endless length, cut."""
    is_long = isinstance(content, str) and len(content) > LONGEST
    return f"{content[:LONGEST]}…" if is_long else content


@register.simple_tag
def stopped_fields(person: Person) -> list[Shown]:
    """``{% stopped_fields person as stopped %}``: fields that bounce, with both values and who sets them."""
    return stopped_of(person)


@register.filter
def in_words(reason: str) -> str:
    """Why a conflict went as it did; anything else as it is: ``{{ activity.attributes.reason|in_words }}``."""
    return str(REASONS.get(reason, reason))
