"""Who may sync: the rules as the page shows them, what they would do, and saving them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people.models import Person
from syncadmin.models import Purpose, SyncRule, SyncState
from syncadmin.services.api.meter import ensure_calls
from syncadmin.services.failure_words import in_words as explained
from syncadmin.services.org import close_org, open_org
from syncadmin.services.people import NotConnectedError, ready_connection
from syncadmin.services.settings_version import settings_changed
from syncadmin.services.who.drafts import OF_PEOPLE, AskedField, Draft, asked_fields
from syncadmin.services.who.exclusion import exclusion_in_words
from syncadmin.services.who.words import in_words
from syncadmin.store import who
from syncadmin.store.conditions import people_where
from syncadmin.store.newcomers import newcomers
from syncadmin.sync.conditions import Condition, Rule
from syncadmin.sync.filters import RecordFilter
from syncadmin.sync.ports import SyncError

INCLUSION, EXCLUSION = who.INCLUSION, who.EXCLUSION
SAMPLE = 5


class WhoError(Exception):
    """It can't be done; the message says why, and what to do."""


@dataclass(slots=True)
class Standing:
    """A rule as it stands. ``affects``: people it concerns at this moment."""

    kept: SyncRule
    words: list[str] = field(default_factory=list)
    problem: str = ""
    affects: int = 0


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """What the rules mean for one person. ``excluded``: the exclusion rule in words; blank if it doesn't hold."""

    excluded: str = ""
    outside_since: datetime | None = None
    is_included: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule would do. Of people: how many meet it, how many of them it concerns; of records: of how many."""

    meeting: int
    concerned: int = 0
    total: int = 0
    sample: tuple[Person, ...] = ()


def kept_rule(kind: str, now: datetime) -> SyncRule:
    """The stored rule, or one that is off."""
    return SyncRule.objects.select_related("changed_by").filter(kind=kind).first() or SyncRule(
        kind=kind, changed_at=now
    )


def standings(now: datetime) -> dict[str, Standing]:
    """All four rules, by kind."""
    return {kind: _standing(kept_rule(kind, now), now) for kind in SyncRule.Kind.values}


def _standing(kept: SyncRule, now: datetime) -> Standing:
    found = Standing(kept)
    labels = {name: each.label for name, each in asked_fields(kept.kind).items()} if kept.conditions else {}
    try:
        rule = rule_of(kept)
    except who.BrokenRuleError as error:
        found.problem = str(error)
        return found
    found.words = [in_words(condition, labels) for condition in rule.conditions]
    if kept.kind not in OF_PEOPLE:
        outside = SyncState.objects.filter(object=kept.kind, outside_since__isnull=False, is_deleted=False)
        found.affects = outside.filter(is_duplicate=False).count()
    elif kept.is_on:
        found.affects = (newcomers(now) if kept.kind == INCLUSION else people_meeting(rule, now)).count()
    return found


def standing_of(person: Person, now: datetime) -> PersonStanding:
    """Why this person isn't pushed, or will be, by the rules."""
    outside = SyncState.objects.filter(person=person, is_deleted=False, is_duplicate=False)
    since = outside.values_list("outside_since", flat=True).first()
    if not SyncRule.objects.filter(kind__in=OF_PEOPLE, is_on=True).exists():
        return PersonStanding(outside_since=since)
    rule = who.exclusion()
    if rule is not None and Person.objects.filter(people_where(rule, who.days(now)), pk=person.pk).exists():
        return PersonStanding(exclusion_in_words(rule), since)
    return PersonStanding("", since, newcomers(now).filter(pk=person.pk).exists())


def rule_of(kept: SyncRule) -> Rule:
    """The stored rule for the engine; store.who.BrokenRuleError if it can't be read any more."""
    types = who.person_types() if kept.kind in OF_PEOPLE else who.object_types(kept.kind)
    return who.compiled(kept, types)


def people_meeting(rule: Rule, now: datetime) -> QuerySet[Person]:
    """Everybody who meets a rule."""
    return Person.objects.filter(people_where(rule, who.days(now)))


def check(draft: Draft, conditions: tuple[Condition, ...]) -> None:
    """A rule that is on has to say something; one for new people may let all of them in."""
    if draft.is_on and not conditions and draft.kind != INCLUSION and not draft.is_wrong:
        draft.error = _("Without a condition this rule would hold for everybody: add one, or switch it off.")


def effect_of(draft: Draft, conditions: tuple[Condition, ...], now: datetime) -> Effect:
    """What the rule would do; of a record filter Salesforce is asked, in one API call. WhoError if it refuses."""
    rule = Rule(conditions, any=draft.match_any)
    if not draft.is_of_people:
        return _records(draft.kind, rule, now)
    meeting = people_meeting(rule, now)
    concerned = meeting.exclude(sfdc_id="").filter(sfdc_is_deleted=False)
    if draft.kind == INCLUSION:
        nowhere = meeting.filter(sfdc_type="", sfdc_id="", sfdc_is_deleted=False)
        concerned = nowhere.filter(who.not_excluded(now))
    sample = concerned if draft.kind == INCLUSION else meeting
    return Effect(meeting.count(), concerned.count(), sample=tuple(sample.order_by("-pk")[:SAMPLE]))


def _records(object: str, rule: Rule, now: datetime) -> Effect:
    try:
        connection = ready_connection()
    except NotConnectedError as error:
        raise WhoError(str(error)) from error
    org = open_org(connection, Purpose.RULES)
    try:
        ensure_calls(connection, now)
        meeting, total = org.count(object, [RecordFilter(rule, who.days(now), ""), None])
    except SyncError as error:
        words = explained(error.code, error.message)
        raise WhoError(
            _("Salesforce doesn’t accept this filter. %(title)s: %(message)s")
            % {"title": words.title, "message": error.message}
        ) from error
    finally:
        close_org(connection, org)
    return Effect(meeting, total=total)


def save(
    draft: Draft,
    conditions: tuple[Condition, ...],
    *,
    actor: AbstractBaseUser | None,
    now: datetime,
) -> Effect | None:
    """Save the rule. A record filter that is on is tried in Salesforce first; WhoError if it is refused there.

    The next cycle sees by itself that it reads under another filter, and reads from the beginning.
    """
    tried = effect_of(draft, conditions, now) if draft.is_on and not draft.is_of_people else None
    SyncRule.objects.update_or_create(
        kind=draft.kind,
        defaults={
            "is_on": draft.is_on, "match_any": draft.match_any, "changed_at": now, "changed_by": actor,
            "matching": tried.meeting if tried else None, "total": tried.total if tried else None,
            "conditions": [
                {"field": each.field, "operator": each.operator.value, "values": list(each.values)}
                for each in conditions
            ],
        },
    )  # fmt: skip
    settings_changed()
    return tried


__all__ = [
    "AskedField",
    "Draft",
    "Effect",
    "PersonStanding",
    "Standing",
    "WhoError",
    "check",
    "effect_of",
    "kept_rule",
    "people_meeting",
    "rule_of",
    "save",
    "standing_of",
    "standings",
]
