"""What came of a repair, in words, and why something differs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncadmin.models import ReconcileFinding, SyncState
from syncadmin.services.outcomes import SyncOutcome
from syncadmin.store.comparing import Found
from syncadmin.sync.comparing import Fate, fate_of
from syncadmin.sync.ports import RawRecord

State, Reason = ReconcileFinding.State, ReconcileFinding.Reason

#: (what it means, what to do), by reason.
MEANINGS: dict[str, tuple[Promise, Promise]] = {
    Reason.UNEXPLAINED: (
        gettext_lazy("Nothing says why: both sides agreed, and one has another value now. It was written past the sync "
                     "(straight into the database), or it is a bug."),
        gettext_lazy("Choose whose values are right. If it comes back, report it."),
    ),
    Reason.NEVER_SEEN: (
        gettext_lazy("The record is in Salesforce, no rule keeps it back, and it is nobody here. Its owner may have "
                     "been shared with the sync user only lately: that changes no record, so no cycle sees it."),
        gettext_lazy("Repair: it becomes a person, or is linked to the one with its e-mail address."),
    ),
    Reason.UNLINKED: (
        gettext_lazy("The person says that it is this record, but what links the two is gone."),
        gettext_lazy("Repair: they are linked again."),
    ),
    Reason.GONE: (
        gettext_lazy("The person is linked to a record that was deleted, merged, converted or hidden, and no cycle has "
                     "been told of it."),
        gettext_lazy("Repair: the person follows its record. A hidden one has to be shared with the sync user."),
    ),
    Reason.FAILED: (
        gettext_lazy("It was refused, or couldn’t be stored."),
        gettext_lazy("The Failures page says why and what to do; then it can be tried again here as well."),
    ),
    Reason.STOPPED: (
        gettext_lazy("The field bounced between two values, so the sync has stopped it for this person."),
        gettext_lazy("Decide on the page Conflicts, Flip-flops: keep ours, keep Salesforce’s, or try again."),
    ),
    Reason.CONFLICT: (
        gettext_lazy("Changed on both sides; the next cycle decides it by the winner of the field."),
        gettext_lazy("Nothing; or choose whose values stay."),
    ),
    Reason.NEVER_AGREED: (
        gettext_lazy("The field was switched on later, and its values were never compared; or one was written past the "
                     "sync."),
        gettext_lazy("Repair, or backfill the field for everybody."),
    ),
    Reason.FORMULA: (
        gettext_lazy("Salesforce computes the field. Its changes don’t change the record, so no cycle sees them."),
        gettext_lazy("Repair, or refresh all formulas on the Field sync page."),
    ),
    Reason.EXCLUDED: (
        gettext_lazy("Changed here, and the exclusion rule keeps the person from being pushed."),
        gettext_lazy("Nothing, if that is meant; else change the rule."),
    ),
    Reason.OUTSIDE: (
        gettext_lazy("The record doesn’t meet the record filter: it comes down no more, and nothing is pushed to it."),
        gettext_lazy("Nothing, if that is meant; else change the filter, or repair single records."),
    ),
    Reason.DELETED_HERE: (
        gettext_lazy("The person was deleted here, and Salesforce kept the record."),
        gettext_lazy("Nothing, if that is meant; repair brings the person back."),
    ),
    Reason.WAITING: (
        gettext_lazy("Changed here, and waiting for the next cycle to push it."),
        gettext_lazy("Nothing; repair pushes it at once."),
    ),
    Reason.ON_ITS_WAY: (
        gettext_lazy("Changed in Salesforce a moment ago; the next cycle reads it."),
        gettext_lazy("Nothing; repair reads it at once."),
    ),
    Reason.ONE_WAY: (
        gettext_lazy("The field syncs one way, or a blank never overwrites it: the difference is as it was set."),
        gettext_lazy("Nothing; or choose whose values are right for these people."),
    ),
}  # fmt: skip
FATES: dict[str, Promise] = {
    Fate.HIDDEN: gettext_lazy("hidden from the sync user, or deleted for good long ago"),
    Fate.DELETED: gettext_lazy("deleted"),
    Fate.MERGED: gettext_lazy("merged into another record"),
    Fate.CONVERTED: gettext_lazy("converted"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one finding. ``person_id``: whose record it is now."""

    state: str
    words: str
    person_id: int | None


def of_values(finding: ReconcileFinding, still: Found | None, pushed: SyncOutcome | None) -> Result:
    """``still``: how the record differs after the repair, if it does."""
    names = {each["name"] for each in finding.fields}
    left = [each for each in still.differences if each.rule.name in names] if still else []
    if not left:
        return Result(State.REPAIRED, _("In step now."), finding.person_id)
    if pushed and pushed.status != "done" and pushed.message:
        return Result(State.FAILED, f"{pushed.message} {pushed.advice}".strip(), finding.person_id)
    labels = ", ".join(each.rule.label for each in left)
    reason = Reason(left[0].cause.value)
    words = _("%(fields)s: still different. %(why)s") % {"fields": labels, "why": MEANINGS[reason][0]}
    return Result(State.FAILED, words, finding.person_id)


def of_record(
    finding: ReconcileFinding, raw: RawRecord | None, link: SyncState | None, failure: str
) -> Result:
    """``raw``: the record as it was read for the repair; ``link``, ``failure``: what is known of it after."""
    fate = fate_of(raw)
    person_id = link.person_id if link else finding.person_id
    if finding.kind == ReconcileFinding.Kind.MISSING_THERE:
        return _followed(fate, link, person_id)
    if link and not link.is_deleted:
        return Result(State.REPAIRED, _("In step now."), person_id)
    if failure:
        words = _("It has to be decided who it is: see the Failures page (%s).") % failure
        return Result(State.FAILED, words, person_id)
    if fate:
        return Result(State.REPAIRED, _("The record is gone from Salesforce as well."), person_id)
    return Result(
        State.FAILED, _("It could not be stored: another job has it in hand. Try again."), person_id
    )


def _followed(fate: Fate | None, link: SyncState | None, person_id: int | None) -> Result:
    if fate is None:
        return Result(State.REPAIRED, _("The record is there again."), person_id)
    if fate is Fate.HIDDEN:
        words = _("Salesforce doesn’t show the record to the sync user. Share it with them; if it was deleted for "
                  "good, delete the person here, or keep it.")  # fmt: skip
        return Result(State.FAILED, words, person_id)
    if link is None or link.is_deleted:
        return Result(State.REPAIRED, _("The person has followed its record."), person_id)
    return Result(State.FAILED, _("The person could not follow its record. Try again."), person_id)
