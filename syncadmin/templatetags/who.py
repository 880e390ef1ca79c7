"""What the rules of *Who may sync* mean for one person."""

from __future__ import annotations

from django import template
from django.utils import timezone

from people.models import Person
from syncadmin.services.who.rules import PersonStanding, standing_of

register = template.Library()


@register.simple_tag
def person_standing(person: Person) -> PersonStanding:
    """``{% person_standing person as standing %}``"""
    return standing_of(person, timezone.now())
