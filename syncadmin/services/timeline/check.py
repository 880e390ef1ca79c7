"""*Check against Salesforce*: both sides of one person, field by field, with the base; and putting right what differs.

Why the sides differ is decided as in a full check, and repaired as its findings are. Looking costs one API call.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from people.models import Person
from syncadmin.models import Connection, FieldSync, Purpose, ReconcileFinding, SyncState
from syncadmin.salesforce.explanation import Explanation as Words
from syncadmin.services.explaining import explain
from syncadmin.services.org import close_org, open_org
from syncadmin.services.people import ready_connection
from syncadmin.services.reconcile.repairs import Action, Bench, Kind, Reason
from syncadmin.services.reconcile.words import MEANINGS, Result
from syncadmin.services.timeline.explain import Clock, fields_off
from syncadmin.store.comparing import DIFFERS, compare_page, desk
from syncadmin.store.linked import load_people
from syncadmin.store.rules import load_rules
from syncadmin.sync.comparing import Difference, Fate, fate_of
from syncadmin.sync.fields import Direction, FieldRule, ObjectRules
from syncadmin.sync.ports import RawRecord, SyncError
from syncadmin.sync.values import Value

SOURCE = "Check against Salesforce"


@dataclass(frozen=True, slots=True)
class Compared:
    """One field with its three values. ``difference`` is None where both sides have the same."""

    rule: FieldRule
    ours: Value
    theirs: Value
    base: Value
    difference: Difference | None = None

    @property
    def direction(self) -> str:
        return str(FieldSync.Direction(self.rule.direction.value).label)

    @property
    def reason(self) -> str:
        return str(Reason(self.difference.cause.value).label) if self.difference else ""

    @property
    def meaning(self) -> str:
        return str(MEANINGS[self.difference.cause.value][0]) if self.difference else ""

    @property
    def is_pushable(self) -> bool:
        """Ours can be sent."""
        return self.rule.updateable and self.rule.direction is not Direction.FROM_SALESFORCE


@dataclass(slots=True)
class Checked:
    """Both sides of one person. ``fate``: what became of a record that isn't there any more; blank if it is.

    ``reason``: why a record that is there isn't this person's by the link, as the full check says it.
    """

    object: str
    sfdc_id: str
    read_at: datetime
    differing: list[Compared] = field(default_factory=list)
    equal: list[Compared] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    fate: Fate | None = None
    reason: str = ""
    api_calls: int = 0
    problem: Words | None = None

    @property
    def meaning(self) -> str:
        return str(MEANINGS[self.reason][0]) if self.reason else ""

    @property
    def any_pushable(self) -> bool:
        return any(each.is_pushable for each in self.differing)


def check_person(person: Person, clock: Clock) -> Checked:
    """Read the person's record, and compare. NotConnectedError without a connection; LookupError without a record."""
    connection = ready_connection()
    object, sfdc_id = _record_of(person)
    checked = Checked(object, sfdc_id, clock(), off=fields_off(person))
    org = open_org(connection, Purpose.CHECK)
    rules = load_rules(connection)[object]
    try:
        raw = org.fetch(object, [sfdc_id], rules.api_names).get(sfdc_id)
    except SyncError as error:
        checked.problem = explain(error.code, error.message)
    else:
        _compare(checked, person, connection, rules, raw)
    finally:
        checked.api_calls = org.api_calls
        close_org(connection, org)
    return checked


def _record_of(person: Person) -> tuple[str, str]:
    link = SyncState.objects.filter(
        Q(is_deleted=False) | Q(pk=person.sfdc_id), person=person, is_duplicate=False
    )
    state = link.order_by("is_deleted").first()
    if state is not None:
        return state.object, state.sfdc_id
    if person.sfdc_id:
        return person.sfdc_type or "Lead", person.sfdc_id
    raise LookupError("this person has no record in Salesforce")


def _compare(
    checked: Checked, person: Person, connection: Connection, rules: ObjectRules, raw: RawRecord | None
) -> None:
    checked.fate = fate_of(raw)
    if raw is None or checked.fate is not None:
        return
    found = compare_page(desk(connection, rules, checked.read_at), [raw]).found
    differences = {each.rule.name: each for one in found if one.kind == DIFFERS for each in one.differences}
    checked.reason = next((one.cause.value for one in found if one.kind != DIFFERS), "")
    linked = load_people([person.pk])[person.pk]
    theirs = rules.read(raw)
    for rule in rules.fields:
        row = Compared(
            rule, linked.values.get(rule.name), theirs.get(rule.name), linked.base.get(rule.name),
            differences.get(rule.name),
        )  # fmt: skip
        (checked.differing if row.difference else checked.equal).append(row)


# --- Putting right -----------------------------------------------------------------------------------------
def repair_person(
    person: Person, action: str, names: Collection[str], actor: AbstractBaseUser | None, clock: Clock
) -> Result:
    """Take Salesforce's values, or push ours, for these fields; or let the person follow its record (``sync``).

    ValueError for no action of ours, LookupError without a record, NotConnectedError without a connection.
    """
    connection = ready_connection()
    object, sfdc_id = _record_of(person)
    org = open_org(connection, Purpose.REPAIR)
    rules = load_rules(connection)
    bench = Bench((), connection, org, rules, clock, SOURCE)
    finding = _finding(person, object, sfdc_id, Action(action), names, rules[object])
    finding.acted_by_id = actor.pk if actor else None
    bench.portion = [finding]
    try:
        bench.act()
        return bench.results()[0]
    except SyncError as error:
        words = explain(error.code, error.message)
        return Result(ReconcileFinding.State.FAILED, f"{words.title}. {words.advice}".strip(), person.pk)
    finally:
        close_org(connection, org)


def _finding(
    person: Person, object: str, sfdc_id: str, action: Action, names: Collection[str], rules: ObjectRules
) -> ReconcileFinding:
    """What a full check would have kept of this person; it is never stored."""
    is_linked = SyncState.objects.filter(pk=sfdc_id, person=person, is_deleted=False).exists()
    alone = Kind.MISSING_THERE if is_linked else Kind.MISSING_HERE
    kind = alone if action is Action.SYNC else Kind.DIFFERS
    chosen = [{"name": rule.name} for rule in rules.fields if not names or rule.name in names]
    reason = Reason.UNLINKED if not is_linked else Reason.GONE
    return ReconcileFinding(
        pk=0,
        kind=kind,
        reason=reason,
        action=action.value,
        object=object,
        sfdc_id=sfdc_id,
        person=person,
        fields=chosen,
    )
