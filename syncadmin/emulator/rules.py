"""The org's rules, as values, and the JSON they are set with (`POST /emulator/rules`).

    {"validation": [{"name", "object": "Lead", "formula", "message", "field": API name or null,
                     "active": true}],
     "duplicate":  [{"name", "object", "fields": ["Email"], "action": "alert"|"block", "message",
                     "active": true, "on_update": false, "match": the object to look in, if another one}],
     "assignment": [{"name", "object": "Lead", "active": true, "entries": [
                     {"criteria": formula or [{"field", "equals": value or [values]}],
                      "assign_to": id or name}]}],
     "automation": [{"name", "object": "Lead", "field", "formula": what it is set to, "criteria": formula,
                     "active": true}],
     "required":   [{"object", "field", "required": true}],
     "field_level_security": [{"object", "field", "visible": true, "editable": true,
                     "user": username or id}],
     "lead_mapping": [{"field": of the lead, "object": "Contact"|"Account"|"Opportunity", "to": field}],
     "sharing":    [{"object", "access": "private"|"read"|"public", "user": username or id}],
     "object_permissions": [{"object", "read": true, "create": true, "edit": true, "delete": true,
                     "user": username or id}]}

The user is the integration user unless named. With private sharing he sees only his own records, those of his
queues and those of users below his role; with read he sees them all, but may only change those. A single object
may stand for a list of one. A rule replaces the one of its name and object; `"remove": true` takes it away.
An automation is a flow that runs before each save whose record meets its criteria (each, if there are none).
`assign_to` may also be the name or API name of a queue or the username of a user.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from syncadmin.emulator.formula.compiler import Kinds, Scene, compile_formula

ALERT_TEXT = "Use one of these records?"


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A record is refused when the formula is true."""

    name: str
    object: str
    formula: str
    message: str
    field: str | None = None
    active: bool = True

    def broken_by(self, scene: Scene, kinds: Kinds = frozenset()) -> bool:
        """Whether this record is one the rule refuses."""
        return self.active and bool(compile_formula(self.formula, kinds)(scene))


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """A record is refused, or only warned about, when another has the same values in all these fields."""

    name: str
    object: str
    fields: tuple[str, ...] = ("Email",)
    action: str = "alert"
    message: str = ALERT_TEXT
    active: bool = True
    on_update: bool = False
    match: str = ""

    @property
    def matched(self) -> str:
        """The object among whose records it looks for duplicates."""
        return self.match or self.object


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an assignment rule: the first whose criteria a record meets decides its owner."""

    criteria: Any
    assign_to: str

    def takes(self, scene: Scene, kinds: Kinds = frozenset()) -> bool:
        """Whether the record meets the criteria; no criteria at all are always met."""
        if isinstance(self.criteria, str):
            return not self.criteria or bool(compile_formula(self.criteria, kinds)(scene))
        return all(_meets(scene, c) for c in self.criteria or [])


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """Who gets a new lead."""

    id: str
    name: str
    object: str = "Lead"
    active: bool = True
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Automation:
    """Before a record is saved, a field of it is set."""

    name: str
    object: str
    field: str
    formula: str
    criteria: str = ""
    active: bool = True

    def takes(self, scene: Scene, kinds: Kinds = frozenset()) -> bool:
        """Whether the record meets the criteria."""
        return not self.criteria or bool(compile_formula(self.criteria, kinds)(scene))


@dataclass(slots=True)
class Rules:
    """All rules of the org."""

    validation: list[ValidationRule] = field(default_factory=list)
    duplicate: list[DuplicateRule] = field(default_factory=list)
    assignment: list[AssignmentRule] = field(default_factory=list)
    automation: list[Automation] = field(default_factory=list)
    required: set[tuple[str, str]] = field(default_factory=set)
    lead_mapping: dict[tuple[str, str], str] = field(default_factory=dict)

    def dump(self) -> dict[str, Any]:
        """As JSON, for a data file."""
        return {
            "validation": [asdict(r) for r in self.validation],
            "duplicate": [asdict(r) for r in self.duplicate],
            "assignment": [asdict(r) for r in self.assignment],
            "automation": [asdict(r) for r in self.automation],
            "required": sorted(self.required),
            "lead_mapping": [[*key, to] for key, to in sorted(self.lead_mapping.items())],
        }

    def load(self, kept: dict[str, Any]) -> None:
        """The inverse of dump."""
        self.validation = [make_validation(r) for r in kept["validation"]]
        self.duplicate = [make_duplicate(r) for r in kept["duplicate"]]
        self.assignment = [make_assignment(r, r["id"]) for r in kept["assignment"]]
        self.automation = [make_automation(r) for r in kept.get("automation", [])]
        self.required = {(o, f) for o, f in kept["required"]}
        self.lead_mapping = {(name, to): target for name, to, target in kept.get("lead_mapping", [])}


def _meets(scene: Scene, criterion: dict[str, Any]) -> bool:
    wanted = criterion["equals"]
    allowed = wanted if isinstance(wanted, list) else [wanted]
    value = scene.record.get(criterion["field"])
    return any(_folded(value) == _folded(one) for one in allowed)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def make_validation(spec: dict[str, Any]) -> ValidationRule:
    """From JSON; FormulaError if its formula is none."""
    compile_formula(spec["formula"])
    return ValidationRule(
        spec.get("name", "Rule"),
        spec.get("object", "Lead"),
        spec["formula"],
        spec["message"],
        spec.get("field"),
        bool(spec.get("active", True)),
    )


def make_duplicate(spec: dict[str, Any]) -> DuplicateRule:
    """From JSON."""
    sobject = spec.get("object", "Lead")
    return DuplicateRule(
        spec.get("name", f"Standard_{sobject}_Duplicate_Rule"),
        sobject,
        tuple(spec.get("fields", ("Email",))),
        spec.get("action", "alert"),
        spec.get("message", ALERT_TEXT),
        bool(spec.get("active", True)),
        bool(spec.get("on_update", False)),
        spec.get("match", ""),
    )


def make_automation(spec: dict[str, Any]) -> Automation:
    """From JSON."""
    return Automation(
        spec.get("name", "Flow"),
        spec.get("object", "Lead"),
        spec["field"],
        spec["formula"],
        spec.get("criteria") or "",
        bool(spec.get("active", True)),
    )


def make_assignment(spec: dict[str, Any], rule_id: str) -> AssignmentRule:
    """From JSON; assign_to has to be an id by now."""
    entries = tuple(Entry(e.get("criteria") or [], e["assign_to"]) for e in spec.get("entries", ()))
    return AssignmentRule(
        rule_id,
        spec.get("name", "Standard"),
        spec.get("object", "Lead"),
        bool(spec.get("active", True)),
        entries,
    )
