"""What becomes of one person who is pushed: filled in by the push, step by step, and remembered at its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncadmin.models import SyncFailure
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.pushes import PushPlan
from syncadmin.sync.values import Value


@dataclass(slots=True)
class Pushed:
    """What became of one plan. ``created``/``duplicate``: ids of new Leads; ``after``: the record read back."""

    plan: PushPlan
    created: str = ""
    duplicate: str = ""
    accepted: bool = False
    """The update was taken, or there was nothing to send."""
    after: RawRecord | None = None
    remote: RawRecord | None = None
    """The record as it was just before; None if there is none, or it can't be read."""
    failure: SyncFailure | None = None
    claimed: bool = False
    """This push noted the create; it removes the note once there is an answer."""
    lost: bool = False
    busy: bool = False
    """Another job is creating this person; what became of it is for that job to remember."""
    excluded: str = ""
    """The exclusion rule that forbids to push this person, in words; nothing is sent then."""
    in_flight: bool = False
    """The write goes by a bulk job, whose answer comes later; until then the person waits."""
    linked: bool = False
    """The person was not in Salesforce and was linked to the one record with the same e-mail."""
    asked_owner: str = ""
    moved_owner: bool = False
    moved: bool = False
    """The record was found converted, or merged into another one."""
    pushed: dict[str, Value] = field(default_factory=dict)
    """Fields that Salesforce took, by person field name."""
    way: str = "rest"
    """How it goes there: "rest" (a collection), or "bulk JOB"."""

    @property
    def had_nothing(self) -> bool:
        """The person was looked at, and nothing had to be changed on either side."""
        plan = self.plan
        came = self.linked or self.moved or plan.to_local or plan.conflicts or self.after
        went = self.created or self.duplicate or self.moved_owner or self.pushed or plan.writes
        return self.accepted and bool(plan.person.sfdc_id) and not (self.failure or came or went)
