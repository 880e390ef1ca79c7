"""Words for the refusals that are our own, and for those that mean something else by the direction."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext, gettext_noop

from syncadmin.salesforce.explanation import ADMIN, CRM_ADMIN, MARKETER, NOBODY, Explanation
from syncadmin.services.explaining import explain

_HELD_PERSON = Explanation(
    gettext_noop("Salesforce has this e-mail already"),
    gettext_noop(
        "Records in Salesforce have the person’s e-mail address, and which of them it is can’t be guessed. "
        "Nothing was sent."
    ),
    gettext_noop("Link the person to the right record, or merge the records in Salesforce and retry."),
    MARKETER,
)
_HELD_RECORD = Explanation(
    gettext_noop("Somebody here has this e-mail already"),
    gettext_noop(
        "A record came from Salesforce with the e-mail address of a person who is here. Whether it is the same "
        "one can’t be guessed, so the record waits."
    ),
    gettext_noop("Look at both: create it as a new person, or link it to the person it is."),
    MARKETER,
)
_OWN = {
    "NOT_STORED": Explanation(
        gettext_noop("A record can’t be stored here"),
        gettext_noop(
            "A record of Salesforce has a value that doesn’t fit here. The other records were stored."
        ),
        gettext_noop(
            "Correct the value in Salesforce, or switch the field off on the Field sync page; then retry."
        ),
        ADMIN,
    ),
    "NOT_VISIBLE": Explanation(
        gettext_noop("Not visible to the sync user"),
        gettext_noop(
            "Salesforce doesn’t show the record to the sync user: sharing rules hide it, or it was deleted for good "
            "weeks ago. It isn’t taken for deleted, and nothing is sent."
        ),
        gettext_noop(
            "Ask your Salesforce administrator to share it with the sync user; then retry. Once it is read again, "
            "it syncs by itself."
        ),
        CRM_ADMIN,
    ),
    "IN_PROGRESS": Explanation(
        gettext_noop("Another job was quicker"),
        gettext_noop("The person was being created in Salesforce by another job at the same moment."),
        gettext_noop("Nothing to do: the other job tells what became of it."),
        NOBODY,
    ),
    "NOT_POSSIBLE": Explanation(
        gettext_noop("It could not begin"),
        gettext_noop("The connection to Salesforce, or the owner that was chosen, isn’t there any more."),
        gettext_noop("Read the message; choose another owner if it names one, and sync again."),
        MARKETER,
    ),
    "EXCLUDED": Explanation(
        gettext_noop("Excluded by a rule"),
        gettext_noop("The exclusion rule says that this person is never pushed to Salesforce."),
        gettext_noop(
            "Change the person so that the rule doesn’t hold, or ask an administrator to change the rule."
        ),
        ADMIN,
    ),
    "RECORD_FILTER": Explanation(
        gettext_noop("The record filter can’t be applied"),
        gettext_noop(
            "It asks about a field that the sync user can’t see any more, or whose type has changed."
        ),
        gettext_noop("Change the filter on the page Who may sync."),
        ADMIN,
    ),
    "PERSON_GONE": Explanation(
        gettext_noop("The person is gone"),
        gettext_noop("It was deleted here, or merged into another person, before it was its turn."),
        gettext_noop("Nothing to do."),
        NOBODY,
    ),
}


def in_words(
    code: str, message: str = "", fields: Iterable[str] = (), direction: str = "push"
) -> Explanation:
    """What a code means, what to do and who can do it, in the reader's language."""
    own = _OWN.get(code)
    if code == "SEVERAL_MATCHES":
        own = _HELD_RECORD if direction == "pull" else _HELD_PERSON
    if own is None:
        return explain(code, message, fields)
    return Explanation(gettext(own.title), gettext(own.meaning), gettext(own.advice), gettext(own.who))
