"""What became of one person, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from campaigns.effects import owner_names
from campaigns.models import FlowStepItem
from people.models import PersonField
from syncadmin.services.failure_words import in_words
from syncadmin.services.failures import RefusedField, refused_fields


@dataclass(frozen=True, slots=True)
class Told:
    """An item as the pages show it. ``why`` and the rest are blank unless it failed."""

    item: FlowStepItem
    what: str
    sent: str
    asked: str
    owner: str
    why: str = ""
    message: str = ""
    advice: str = ""
    refused: tuple[RefusedField, ...] = ()

    @property
    def outcome(self) -> dict[str, Any]:
        """The SyncOutcome as it was stored."""
        outcome: dict[str, Any] = self.item.outcome
        return outcome

    @property
    def owner_differs(self) -> bool:
        """Salesforce gave the record to somebody else than was asked for."""
        asked_id = str(self.outcome.get("asked", "")).partition(":")[2]
        duplicate = self.outcome.get("duplicate_id") or self.outcome.get("action") == "duplicate_moved"
        given = self.outcome.get("owner_id")
        return bool(asked_id and given and given != asked_id and not duplicate)

    @property
    def edit_field(self) -> str:
        """The field at which the edit page opens."""
        return next((field.name for field in self.refused if field.name), "")


def tell(items: Iterable[FlowStepItem]) -> list[Told]:
    """Items in words; owners and labels are looked up once each."""
    kept = list(items)
    names = {name for item in kept for name in item.outcome.get("fields", ())}
    labels = dict(PersonField.objects.filter(name__in=names).values_list("name", "label")) if names else {}
    asked = owner_names({_asked(item) for item in kept})
    return [_tell(item, labels, asked) for item in kept]


def _asked(item: FlowStepItem) -> str:
    return str(item.outcome.get("asked") or item.run.parameters.get("assign_to", ""))


def _tell(item: FlowStepItem, labels: dict[str, str], asked: dict[str, str]) -> Told:
    outcome = item.outcome
    common = {
        "what": what(item),
        "sent": ", ".join(labels.get(name, name) for name in outcome.get("fields", ())),
        "asked": asked.get(_asked(item), "") or _("assignment rules"),
        "owner": str(outcome.get("owner", "")),
    }
    code, message = str(outcome.get("code", "")), str(outcome.get("message", ""))
    if not code:
        return Told(item, **common)
    refused = refused_fields(outcome.get("refused") or {})
    words = in_words(code, message, [field.label for field in refused])
    return Told(item, **common, why=words.title, message=message, advice=words.advice, refused=refused)


def what(item: FlowStepItem) -> str:
    """The outcome in one phrase."""
    action = str(item.outcome.get("action", ""))
    object_ = str(item.outcome.get("object") or _("record"))
    if item.state == FlowStepItem.State.QUEUED:
        return _("Waiting")
    if action in ("duplicate_created", "duplicate_moved"):
        return _duplicate(action)
    if item.state == FlowStepItem.State.FAILED:
        return _("Refused")
    phrases = {
        "created": _("Lead created"),
        "linked": _("Linked to the %s with the same e-mail") % object_,
        "updated": _("%s updated") % object_,
        "unchanged": _("Nothing to send: already in step"),
        "not_sent": _("Not sent"),
    }
    return phrases.get(action, action)


def _duplicate(action: str) -> str:
    if action == "duplicate_created":
        return _("A Contact can’t belong to a queue: a duplicate Lead was created for it")
    return _("A Contact can’t belong to a queue: its duplicate Lead was given to it")
