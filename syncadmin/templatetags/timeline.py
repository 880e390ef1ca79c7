"""What the pages of a person's timeline need of the sync's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from syncadmin.services.reconcile.words import MEANINGS

register = template.Library()


@register.simple_tag
def cause_meaning(cause: str) -> str:
    """Why a value differs: ``{% cause_meaning difference.cause %}``"""
    return str(MEANINGS[cause][0])


@register.filter
def at_key(mapping: Mapping[Any, Any], key: Any) -> Any:
    """``{{ merged|at_key:person.pk }}``; None if there is nothing."""
    return mapping.get(key)
