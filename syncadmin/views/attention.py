"""What needs somebody: what a marketer or an administrator should look at next, each with the page to do it on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.translation import ngettext

from syncadmin.models import FlipFlop, SyncFailure
from syncadmin.services.backlog import words
from syncadmin.services.backlog.now import backlog_now, is_growing
from syncadmin.services.fields.decisions import open_changes

#: Failures that somebody decides, on a page of their own.
TO_DECIDE = "SEVERAL_MATCHES"


@dataclass(frozen=True, slots=True)
class Need:
    """A sentence, how grave it is (err, warn, info), and where to go."""

    kind: str
    text: str
    url: str


def needs(now: datetime) -> list[Need]:
    """The gravest first; a constant number of statements."""
    return [*_refused(), *_growing(now), *_bouncing(), *_changed()]


def _refused() -> Iterator[Need]:
    open_ones = SyncFailure.objects.filter(state=SyncFailure.State.OPEN)
    held = open_ones.filter(code=TO_DECIDE).count()
    refused = open_ones.count() - held
    if refused:
        text = ngettext(
            "%(number)s record doesn’t sync: Salesforce, or a rule of ours, refused it.",
            "%(number)s records don’t sync: Salesforce, or a rule of ours, refused them.",
            refused,
        )
        yield Need("err", text % {"number": intcomma(refused)}, reverse("failures"))
    if held:
        text = ngettext(
            "%(number)s record may belong to somebody who is here: decide whether they are the same.",
            "%(number)s records may belong to people who are here: decide whether they are the same.",
            held,
        )
        yield Need("warn", text % {"number": intcomma(held)}, reverse("review"))


def _growing(now: datetime) -> Iterator[Need]:
    if is_growing(now):  # by the samples alone; to count takes long where much waits
        found = words.summary(backlog_now(now))
        yield Need("warn", f"{found.title} {found.text}".strip(), reverse("backlog"))


def _bouncing() -> Iterator[Need]:
    number = FlipFlop.objects.filter(state=FlipFlop.State.STOPPED).count()
    if number:
        text = ngettext(
            "%(number)s value bounced between both sides and was stopped: look at what rewrites it.",
            "%(number)s values bounced between both sides and were stopped: look at what rewrites them.",
            number,
        )
        yield Need("warn", text % {"number": intcomma(number)}, reverse("flip-flops"))


def _changed() -> Iterator[Need]:
    number = open_changes().count()
    if number:
        text = ngettext(
            "%(number)s change of fields in Salesforce nobody has looked at yet.",
            "%(number)s changes of fields in Salesforce nobody has looked at yet.",
            number,
        )
        yield Need("info", text % {"number": intcomma(number)}, reverse("fields"))
