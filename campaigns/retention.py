"""Flow steps that are over may be removed when they are old, with what they did person by person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import FlowStepItem, FlowStepRun
from syncadmin.services.retention.kinds import Kind, register


def _ended() -> list[QuerySet[Any]]:
    return [FlowStepRun.objects.filter(state=FlowStepRun.State.DONE, ended_at__isnull=False)]


def register_own() -> None:
    """The one kind of rows that campaigns leave behind."""
    text = _(
        "Who was sent when, by whom, and what became of it. The people’s own activity logs are kept apart."
    )
    register(Kind("flow_steps", _("Flow steps"), text, _ended, "ended_at", None, ((FlowStepItem, "run"),)))
