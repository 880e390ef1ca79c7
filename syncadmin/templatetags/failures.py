"""What is wrong with a person, for its page."""

from __future__ import annotations

from django import template

from people.models import Person
from syncadmin.services.failures import ExplainedFailure, open_failures_of
from syncadmin.services.review.conflicts import REASONS
from syncadmin.services.review.flipflops import Shown, stopped_of

register = template.Library()


@register.simple_tag
def open_failures(person: Person) -> list[ExplainedFailure]:
    """``{% open_failures person as failures %}``: each with its rule, field, value and advice."""
    return open_failures_of(person)


@register.simple_tag
def stopped_fields(person: Person) -> list[Shown]:
    """``{% stopped_fields person as stopped %}``: fields that bounce, with both values and who sets them."""
    return stopped_of(person)


@register.filter
def in_words(reason: str) -> str:
    """Why a conflict went as it did; anything else as it is: ``{{ activity.attributes.reason|in_words }}``."""
    return str(REASONS.get(reason, reason))
