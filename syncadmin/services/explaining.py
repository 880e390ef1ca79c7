"""Codes in words, in the reader's language: what happened, what it means, what to do, and who can do it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext, gettext_noop

from syncadmin.salesforce.errors import CODES, Explanation
from syncadmin.salesforce.errors import explain as look_up
from syncadmin.salesforce.explanation import ADMIN, NOBODY

#: What a cycle says of itself; Salesforce has no part in it.
_OWN = {
    "WORKER_GONE": Explanation(
        gettext_noop("The worker stopped in the middle"),
        gettext_noop("It was restarted or killed. What it had stored is kept; the next cycle does the rest."),
        gettext_noop("Nothing to do. If it happens again and again, look at the memory and the log of the worker."),
        NOBODY,
    ),
    "UNEXPECTED": Explanation(
        gettext_noop("Something went wrong that shouldn’t"),
        gettext_noop("This is a fault of the product, not of Salesforce. The next cycle tries again."),
        gettext_noop("The worker’s log has the details: please report them."),
        ADMIN,
    ),
    "GUARD": Explanation(
        gettext_noop("Stopped by the guard"),
        gettext_noop("The cycle would have changed an unusual share of the people, so it stopped before it wrote "
                     "anything, here or in Salesforce."),
        gettext_noop("Look at what would change. If it is right, let one cycle run anyway. If it is a mistake, undo it "
                     "where it was made, and the next cycle goes on by itself."),
        ADMIN,
    ),
    "API_ALLOWANCE": Explanation(
        gettext_noop("The API calls that Syncadmin may make are used up"),
        gettext_noop("An administrator has set how many API calls Syncadmin may make in 24 hours. Background work "
                     "waits at three quarters of them, clicks and flow steps when all are used."),
        gettext_noop("Nothing has to be done: it goes on when calls come free. An administrator can allow more, or let "
                     "cycles run less often."),
        ADMIN,
    ),
    "API_ORG_SHORT": Explanation(
        gettext_noop("The API calls of the org are nearly used up"),
        gettext_noop("All apps of the Salesforce org share a number of API calls in 24 hours. The last of them are "
                     "left to the others."),
        gettext_noop("Nothing has to be done: it goes on when calls come free. Ask your Salesforce administrator which "
                     "app uses most of them."),
        ADMIN,
    ),
    "NOT_STORED": Explanation(
        gettext_noop("The record could not be stored"),
        gettext_noop("Salesforce sent the record, but it doesn’t fit here; the others of its page were stored."),
        gettext_noop("Read the message, correct the record in Salesforce, and it comes with the next cycle."),
        ADMIN,
    ),
}  # fmt: skip


def explain(code: str, message: str = "", fields: Iterable[str] = ()) -> Explanation:
    """Plain words for a code. An unknown one shows the message that came with it."""
    found = _OWN.get(code) if code not in CODES else None
    found = found or look_up(code, message, fields)
    return Explanation(*(_translated(text) for text in (found.title, found.meaning, found.advice, found.who)))


def _translated(text: str) -> str:
    """gettext answers a blank with the head of the catalogue."""
    return gettext(text) if text else ""
