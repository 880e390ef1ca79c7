"""What a cycle would do with one person, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from syncadmin.services.failure_words import in_words
from syncadmin.services.review.conflicts import REASONS
from syncadmin.sync.findings import Item


@dataclass(frozen=True, slots=True)
class ToldItem:
    """``pair``: the value now and then; None if no value is told. ``tone`` as of a chip."""

    what: str
    text: str
    tone: str
    label: str = ""
    pair: tuple[Any, Any] | None = None


_WORDS: Mapping[str, tuple[str, Promise, Promise]] = {
    "new": ("info", _("New person"), _("The record becomes a person of its own.")),
    "link": (
        "info",
        _("Matched by e-mail"),
        _("The person is linked to the one record with the same e-mail address."),
    ),
    "change": ("info", _("Changed here"), _("Salesforce’s value is taken over.")),
    "push": ("ok", _("Pushed to Salesforce"), _("Ours is sent.")),
    "create": ("ok", _("Created in Salesforce"), _("A Lead is created.")),
    "conflict": ("warn", _("Conflict"), _("Both sides changed it; ours stays.")),
    "delete": ("warn", _("Marked as deleted"), _("The record is gone from Salesforce; the person stays.")),
    "restore": ("ok", _("Restored"), _("The record is there again.")),
    "convert": ("info", _("Converted"), _("The person goes on as the Contact.")),
    "merge": ("info", _("Merged"), _("The person becomes one with the person of the record that remains.")),
    "hold": ("warn", _("Held"), _("Which person it is can’t be guessed: somebody has to decide.")),
    "owner": ("info", _("New owner"), _("Salesforce has another owner for the record.")),
    "fail": ("err", _("Can’t be sent"), _("Nothing is sent.")),
}


def tell_item(item: Item) -> ToldItem:
    """One thing that would happen."""
    tone, what, text = _WORDS[item.kind]
    if item.kind == "fail":
        words = in_words(item.reason, str(item.new or ""))
        return ToldItem(str(what), f"{words.title}: {item.new} {words.advice}", tone)
    won = ""
    if item.winner:
        stays = _("Ours wins.") if item.winner == "ours" else _("Salesforce wins.")
        won = f"{REASONS.get(item.reason, item.reason)}. {stays}"
    pair = (item.old, item.new) if item.field or item.kind == "owner" else None
    return ToldItem(str(what), won or str(text), tone, item.label, pair)
