"""How alerts are written on a page."""

from __future__ import annotations

from django import template

from syncadmin.models import Alert, AlertDelivery, AlertKind
from syncadmin.models.alerts import DIGEST
from syncadmin.services.alerts.words import length

register = template.Library()

DELIVERY_KINDS = {"queued": "info", "sending": "busy", "sent": "ok", "failed": "err"}


@register.filter
def lasted(alert: Alert) -> str:
    """From when it began to its end: ``{{ alert|lasted }}``."""
    return length(alert.closed_at - alert.began_at) if alert.closed_at else ""


@register.filter
def delivery_kind(delivery: AlertDelivery) -> str:
    """The tone of a message's state."""
    return DELIVERY_KINDS[delivery.state]


@register.filter
def kind_labels(kinds: list[str]) -> list[str]:
    """The kinds a channel hears of, in words."""
    from django.utils.translation import gettext as _

    labels = {**{kind.value: str(kind.label) for kind in AlertKind}, DIGEST: _("Daily digest")}
    return [labels[kind] for kind in kinds if kind in labels]
