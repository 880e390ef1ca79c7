"""Each entry of a person's timeline in words: what happened, why, and what came of it. Pure, but for the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import ActivityType
from syncadmin.models import Decision
from syncadmin.services.failure_words import in_words
from syncadmin.services.review.conflicts import REASONS

T, K = ActivityType, Decision.Kind
FROM_SALESFORCE = "Salesforce"


class Group(StrEnum):
    """By what a timeline is filtered."""

    CHANGED = "changed"
    PULLED = "pulled"
    PUSHED = "pushed"
    SKIPPED = "skipped"
    CONFLICT = "conflict"
    REFUSED = "refused"
    MATCHED = "matched"
    OWNER = "owner"
    LIFE = "life"


GROUPS: Mapping[Group, Promise] = {
    Group.CHANGED: gettext_lazy("Changed here"),
    Group.PULLED: gettext_lazy("Changed in Salesforce"),
    Group.PUSHED: gettext_lazy("Pushed"),
    Group.SKIPPED: gettext_lazy("Skipped"),
    Group.CONFLICT: gettext_lazy("Conflicts"),
    Group.REFUSED: gettext_lazy("Refused"),
    Group.MATCHED: gettext_lazy("Matched or held"),
    Group.OWNER: gettext_lazy("Owner"),
    Group.LIFE: gettext_lazy("New, converted, merged, deleted"),
}
_LOOKS: Mapping[Group, tuple[str, str]] = {
    Group.CHANGED: ("edit", ""),
    Group.PULLED: ("download", "info"),
    Group.PUSHED: ("upload", "ok"),
    Group.SKIPPED: ("eye", ""),
    Group.CONFLICT: ("arrows-left-right", "warn"),
    Group.REFUSED: ("alert-triangle", "err"),
    Group.MATCHED: ("arrows-join", "info"),
    Group.OWNER: ("user-check", ""),
    Group.LIFE: ("user", "info"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry in words. ``pair``: the value before and after, or an owner's; None if no value is told.

    ``lost``: values of somebody who was merged into this person, [(field, what stays, what the other had)].
    """

    group: Group
    title: str
    sentences: tuple[str, ...] = ()
    pair: tuple[Any, Any] | None = None
    field: str = ""
    is_warning: bool = False
    lost: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def icon(self) -> str:
        return "shield-lock" if self.is_warning else _LOOKS[self.group][0]

    @property
    def tone(self) -> str:
        return "warn" if self.is_warning else _LOOKS[self.group][1]


@dataclass(frozen=True, slots=True)
class Names:
    """What fields are called, and why some of them aren't pushed: {field: words}."""

    labels: Mapping[str, str] = field(default_factory=dict)
    unpushed: Mapping[str, str] = field(default_factory=dict)


def tell_activity(kind: str, attributes: Mapping[str, Any], source: str, names: Names) -> Told:
    """An entry of the activity log. A type that isn't known here is told by its own words."""
    tell = _TELLERS.get(kind)
    if tell is not None:
        return tell(attributes, source, names)
    label = str(ActivityType(kind).label) if kind in ActivityType.values else kind
    return Told(Group.LIFE, label, _given(attributes.get("note"), attributes.get("reason")))


def _given(*sentences: Any) -> tuple[str, ...]:
    return tuple(str(sentence) for sentence in sentences if sentence)


# --- Values ---------------------------------------------------------------------------------------------
def _changed(a: Mapping[str, Any], source: str, names: Names) -> Told:
    label, name = str(a.get("label") or a.get("field") or ""), str(a.get("field", ""))
    pair = (a.get("old"), a.get("new"))
    if source.startswith(FROM_SALESFORCE):
        who = source.removeprefix(f"{FROM_SALESFORCE}: ")
        by = _("Seen changed in Salesforce by %s, and taken over.") % who
        sentence = by if who != source else _("Seen changed in Salesforce, and taken over.")
        return Told(Group.PULLED, _("%s changed in Salesforce") % label, (sentence,), pair, name)
    sentences = _given(a.get("reason"), names.unpushed.get(name))
    return Told(Group.CHANGED, _("%s changed here") % label, sentences, pair, name)


def _conflict(a: Mapping[str, Any], source: str, names: Names) -> Told:
    reason = str(a.get("reason", ""))
    stayed = (
        _("Our value stayed, and was to be pushed.")
        if a.get("winner") == "ours"
        else _("Salesforce’s value stayed.")
    )
    by = a.get("theirs_by", "").removeprefix(f"{FROM_SALESFORCE}: ")
    who = _("In Salesforce it was changed by %s.") % by if by not in ("", FROM_SALESFORCE) else ""
    why = REASONS.get(reason, reason)
    sentences = _given(f"{why}." if why else "", who, _RULES.get(reason, _RULE), stayed)
    title = _("Conflict: %s") % (a.get("label") or a.get("field") or "")
    return Told(Group.CONFLICT, title, sentences, (a.get("ours"), a.get("theirs")), str(a.get("field", "")))


_RULE = gettext_lazy("The rule: the winner that is set for the field, or for the object.")
_RULES = {
    "blank_never_overwrites": gettext_lazy(
        "The rule: the value wins over the blank, whichever side it is on."
    ),
}


# --- To Salesforce -----------------------------------------------------------------------------------------
def _way(a: Mapping[str, Any]) -> str:
    way = str(a.get("way", ""))
    if way.startswith("bulk "):
        return _("By the Bulk API: job %s.") % way.removeprefix("bulk ")
    return _("By the REST API, in a collection.") if way else ""


def _owner(a: Mapping[str, Any]) -> str:
    asked, got = a.get("asked_owner"), a.get("owner")
    if asked and got:
        return _("Owner asked for: %(asked)s. Owner got: %(got)s.") % {"asked": asked, "got": got}
    if asked:
        return _("Owner asked for: %s.") % asked
    return _("Owner: %s.") % got if got else ""


def _sent(a: Mapping[str, Any], source: str, names: Names) -> Told:
    fields = ", ".join(a.get("fields") or ())
    what = _("Fields: %s.") % fields if fields else _("The owner alone.")
    return Told(Group.PUSHED, _("Pushed to Salesforce"), _given(what, _way(a), _owner(a)))


def _synced(a: Mapping[str, Any], source: str, names: Names) -> Told:
    note, object = a.get("note"), a.get("object") or "Lead"
    if note == "linked":
        text = _("Linked to the one %s with the same e-mail address.") % object
        return Told(Group.MATCHED, _("Matched by e-mail"), (text,))
    if note == "excluded":
        text = _("Somebody asked for it; the exclusion rule forbids it: %s.") % a.get("reason", "")
        return Told(Group.SKIPPED, _("Not pushed: excluded by a rule"), (text,), is_warning=True)
    if note == "duplicate_for_queue":
        text = _("A Contact can’t belong to a queue, so the queue got a Lead of its own.")
        return Told(Group.PUSHED, _("Duplicate Lead created"), _given(text, _way(a), _owner(a)))
    title = _("Created in Salesforce") if note == "created" else str(T.SYNC_TO_SFDC.label)
    text = _("A Lead was created.") if note == "created" else note
    return Told(Group.PUSHED, title, _given(text, _way(a), _owner(a)))


def _refused(a: Mapping[str, Any], source: str, names: Names) -> Told:
    code, message = str(a.get("code", "")), str(a.get("message", ""))
    known = [names.labels.get(name, name) for name in a.get("fields") or ()]
    words = in_words(code, message, known)
    fields = _("Field: %s.") % ", ".join(known) if known else ""
    meaning = words.meaning if words.meaning not in (message, code) else ""
    sentences = _given(f"{message} ({code})" if code else message, fields, meaning, words.advice)
    return Told(Group.REFUSED, _("Refused: %s") % words.title, sentences)


def _owner_changed(a: Mapping[str, Any], source: str, names: Names) -> Told:
    who = source.removeprefix(f"{FROM_SALESFORCE}: ")
    text = _("In Salesforce, by %s.") % who if who != source else ""
    return Told(Group.OWNER, str(T.CHANGE_OWNER.label), _given(text), (a.get("old"), a.get("new")))


# --- The lives of records -------------------------------------------------------------------------------------
def _new(a: Mapping[str, Any], source: str, names: Names) -> Told:
    if a.get("sfdc_id"):
        text = _("A %s that nobody here had came from Salesforce and became this person.") % (
            a.get("object") or "Lead"
        )
    else:
        text = _("Made here.")
    return Told(Group.LIFE, str(T.NEW_PERSON.label), (text,))


def _converted(a: Mapping[str, Any], source: str, names: Names) -> Told:
    text = _("The Lead was converted in Salesforce; the person goes on as the Contact.")
    return _of_record(a, T.CONVERT_PERSON, text)


def _merged(a: Mapping[str, Any], source: str, names: Names) -> Told:
    if not a.get("loser_id"):
        text = _("The record was merged into another one in Salesforce; the person goes on as that one.")
        return _of_record(a, T.MERGE_PEOPLE, text)
    who = " ".join(_given(a.get("name"), a.get("email") and f"({a['email']})"))
    text = _("%(who)s, person %(id)s until then, became one with this person.") % {
        "who": who,
        "id": a["loser_id"],
    }
    lost = [(names.labels.get(n, n), stays, had) for n, (stays, had) in (a.get("lost") or {}).items()]
    return Told(Group.LIFE, str(T.MERGE_PEOPLE.label), (text,), lost=tuple(lost))


def _deleted(a: Mapping[str, Any], source: str, names: Names) -> Told:
    text = _("The record was deleted in Salesforce. The person stays, and nothing is pushed until it is restored, or somebody syncs the person again.")  # fmt: skip  # noqa: E501
    return _of_record(a, T.DELETED_FROM_SFDC, text)


def _restored(a: Mapping[str, Any], source: str, names: Names) -> Told:
    return _of_record(a, T.RESTORED_IN_SFDC, _("The record is there again, and syncs as before."))


_DUPLICATE = {
    "duplicate_deleted": gettext_lazy("The duplicate Lead of the queue was deleted; the person stays what it is."),
    "duplicate_converted": gettext_lazy("The duplicate Lead of the queue was converted; the person stays what it is."),
    "duplicate_merged": gettext_lazy("The duplicate Lead of the queue was merged into another one; the person stays "
                                     "what it is."),
    "duplicate_restored": gettext_lazy("The duplicate Lead of the queue is there again."),
}  # fmt: skip


def _of_record(a: Mapping[str, Any], kind: ActivityType, text: str) -> Told:
    note = str(a.get("note") or "")
    return Told(Group.LIFE, str(kind.label), (str(_DUPLICATE.get(note, text)),))


_TELLERS: Mapping[str, Callable[[Mapping[str, Any], str, Names], Told]] = {
    T.NEW_PERSON: _new, T.CHANGE_DATA_VALUE: _changed, T.SYNC_TO_SFDC: _synced, T.SYNC_UPDATES_TO_SFDC: _sent,
    T.CHANGE_OWNER: _owner_changed, T.CONVERT_PERSON: _converted, T.MERGE_PEOPLE: _merged,
    T.DELETED_FROM_SFDC: _deleted, T.RESTORED_IN_SFDC: _restored, T.CONFLICT: _conflict, T.SYNC_FAILED: _refused,
}  # fmt: skip


# --- What changed nothing -------------------------------------------------------------------------------------
def tell_decision(kind: str, object: str, by: str, reason: str = "") -> Told:
    """A decision of the sync that left everything as it was."""
    title, text = _DECISIONS[Decision.Kind(kind)]
    who = by.removeprefix(f"{FROM_SALESFORCE}: ")
    known = {"object": object or _("record"), "by": who or FROM_SALESFORCE, "reason": reason}
    group = Group.MATCHED if kind == K.HELD else Group.SKIPPED
    warns = kind in (K.HELD, K.EXCLUDED, K.KEPT)
    return Told(group, str(title) % known, (str(text) % known,), is_warning=warns)


_SEEN = gettext_lazy("Seen changed in Salesforce")
_DECISIONS: Mapping[Decision.Kind, tuple[Promise, Promise]] = {
    K.UNCHANGED: (_SEEN, gettext_lazy(
        "Skipped: %(by)s changed the %(object)s, but no field that syncs from there differs from what is here.")),
    K.ECHO: (gettext_lazy("Our own write came back"), gettext_lazy(
        "Skipped: the %(object)s is reported as changed by the sync user, and it is as we had written it.")),
    K.OUTSIDE: (_SEEN, gettext_lazy(
        "Skipped: %(by)s changed the %(object)s, and it doesn’t meet the record filter.")),
    K.STALE: (_SEEN, gettext_lazy(
        "Skipped: this page was read before the person was synced by somebody, so it is older than what is known. "
        "The next cycle reads the %(object)s again.")),
    K.SECOND: (_SEEN, gettext_lazy(
        "Skipped: %(by)s changed the person’s second record, made for a queue; it never changes the person.")),
    K.HELD: (gettext_lazy("Held: a record with the same e-mail"), gettext_lazy(
        "A %(object)s came from Salesforce with the same e-mail address. Whether it is this person can’t be guessed, "
        "so it waits until somebody decides.")),
    K.EXCLUDED: (gettext_lazy("Not pushed: excluded by a rule"), gettext_lazy(
        "Changed here, and waiting: the exclusion rule forbids to push this person: %(reason)s.")),
    K.KEPT: (gettext_lazy("Not pushed: outside the record filter"), gettext_lazy(
        "Changed here, and waiting: the %(object)s doesn’t meet the record filter; neither side changes the other.")),
    K.NOTHING: (gettext_lazy("Nothing to push"), gettext_lazy(
        "Compared with the %(object)s by %(by)s: Salesforce has all that is to go there. Fields that are off, or come "
        "from Salesforce alone, are never sent.")),
}  # fmt: skip
