"""Lookups by name: all of a page in one query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from people.models import FieldType, PersonField
from syncadmin.models import RecordName
from syncadmin.templatetags.sync import sfdc_link

register = template.Library()


@register.simple_tag
def lookup_names(groups: Iterable[tuple[str, list[tuple[PersonField, Any]]]]) -> dict[str, str]:
    """Names by id, of all lookups in (heading, [(field, value)]) groups."""
    ids = {
        str(value)
        for _, members in groups
        for field, value in members
        if field.type == FieldType.REFERENCE and value
    }
    return dict(RecordName.objects.filter(pk__in=ids).values_list("sfdc_id", "name")) if ids else {}


@register.simple_tag(takes_context=True)
def lookup(context: Context, sfdc_id: str | None, names: dict[str, str]) -> SafeString:
    """The record a lookup points at, by its name if that is known, as a link to Salesforce."""
    return sfdc_link(context, sfdc_id, names.get(sfdc_id or "", ""))
