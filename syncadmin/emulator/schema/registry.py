"""The org's schema as it is now: objects, custom fields, and what each user may see and edit of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from syncadmin.emulator.schema import marketing, setup
from syncadmin.emulator.schema.account import ACCOUNT
from syncadmin.emulator.schema.contact import CONTACT
from syncadmin.emulator.schema.custom import declare
from syncadmin.emulator.schema.lead import LEAD
from syncadmin.emulator.schema.model import Field, SObject

STANDARD: tuple[SObject, ...] = (ACCOUNT, *marketing.OBJECTS, CONTACT, LEAD, *setup.OBJECTS)
HIDDEN, READ_ONLY, PRIVATE = "hidden", "read_only", "private"
PERMISSIONS = ("read", "create", "edit", "delete")


@dataclass(frozen=True, slots=True)
class View:
    """An object as one user sees it: the flags his permissions leave, and the fields field-level security
    leaves.
    """

    sobject: SObject
    fields: dict[str, Field]
    names: dict[str, Field]

    def get(self, name: str) -> Field | None:
        """The field of this API name, if the user sees it."""
        return self.names.get(name) or self.fields.get(name.lower())


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a user sees of an object that isn't public: the records of these owners, and with the access
    `read` the others too, without being able to change them.
    """

    access: str
    owners: tuple[str, ...]


T = TypeVar("T", Field, SObject)


def _restricted(one: T, denied: frozenset[str]) -> T:
    """A field or an object with the flags that are left without these permissions."""
    if not denied & {"create", "edit"}:
        return one
    return replace(
        one,
        createable=one.createable and "create" not in denied,
        updateable=one.updateable and "edit" not in denied,
    )


class Schema:
    """All objects; changes of it move `modified`, which describe answers as Last-Modified."""

    def __init__(self, now: datetime) -> None:
        self.objects = {o.name.lower(): o.copy() for o in STANDARD}
        self.by_prefix = {o.prefix: o for o in self.objects.values() if o.prefix}
        self.custom: dict[str, list[dict[str, Any]]] = {}
        self.security: dict[tuple[str, str, str], str] = {}
        self.denied: dict[tuple[str, str], frozenset[str]] = {}
        self.sharing: dict[tuple[str, str], Sharing] = {}
        self.version, self.modified = 0, now
        self._views: dict[tuple[str, str, int], View] = {}

    def get(self, name: str) -> SObject | None:
        """The object of this API name, whatever its case."""
        return self.objects.get(name.lower())

    def must(self, name: str) -> SObject:
        """The object of this API name; KeyError if there is none."""
        return self.objects[name.lower()]

    def owner_of(self, record_id: str) -> SObject | None:
        """The object a record id belongs to, by its first three characters."""
        return self.by_prefix.get(record_id[:3])

    def touch(self, now: datetime) -> None:
        """Note a change."""
        self.version += 1
        self.modified = now
        self._views.clear()

    def add_field(self, sobject: str, spec: dict[str, Any], now: datetime) -> Field:
        """Declare a custom field, or declare it anew; see `schema.custom.declare` for the keys."""
        target, new = self.must(sobject), declare(spec)
        target.put(new)
        kept = [s for s in self.custom.get(target.name, []) if s["name"].lower() != new.name.lower()]
        self.custom[target.name] = [*kept, spec]
        self.touch(now)
        return new

    def drop_field(self, sobject: str, name: str, now: datetime) -> Field:
        """Remove a custom field; KeyError if there is none."""
        target = self.must(sobject)
        if not target.fields[name.lower()].custom:
            raise KeyError(name)
        old = target.fields.pop(name.lower())
        self.custom[target.name] = [s for s in self.custom.get(target.name, []) if s["name"] != old.name]
        self.touch(now)
        return old

    def secure(self, sobject: str, field: str, user_id: str, access: str | None, now: datetime) -> None:
        """Set what a user may do with a field: hidden, read_only, or None for everything.

        Only permissionable fields obey (recorded flag; the Field-Level Security page says which they are).
        """
        key = (sobject.lower(), field.lower(), user_id)
        if access is None:
            self.security.pop(key, None)
        else:
            self.security[key] = access
        self.touch(now)

    def permit(self, sobject: str, user_id: str, granted: dict[str, bool], now: datetime) -> None:
        """Set a user's object permissions; whoever can't read a record can't write it either."""
        known = self.must(sobject)
        denied = {p for p in PERMISSIONS if not granted.get(p, True)}
        self.denied[known.name, user_id] = frozenset(PERMISSIONS if "read" in denied else denied)
        self.touch(now)

    def may(self, permission: str, sobject: SObject, user_id: str | None) -> bool:
        """Whether the user has an object permission; None is the org itself, which has all."""
        return permission not in self.denied.get((sobject.name, user_id or ""), ())

    def share(self, sobject: str, user_id: str, sharing: Sharing | None, now: datetime) -> None:
        """Limit a user to the records of some owners; None is public again (Organization-Wide Defaults)."""
        known = self.must(sobject)
        if sharing is None:
            self.sharing.pop((known.name, user_id), None)
        elif known.get("OwnerId") is None:
            raise ValueError(f"the records of {known.name} have no owner")
        else:
            self.sharing[known.name, user_id] = sharing
        self.touch(now)

    def row_condition(self, sobject: SObject, user_id: str | None, alias: str) -> str | None:
        """The SQL that leaves the records a user may see; None if he sees them all."""
        found = self.sharing.get((sobject.name, user_id or ""))
        if found is None or found.access != PRIVATE:
            return None
        return f'{alias}."OwnerId" IN ({", ".join(repr(owner) for owner in found.owners if owner.isalnum())})'

    def row_access(self, sobject: SObject, user_id: str | None, row: dict[str, Any]) -> str:
        """What a user may do with a record: edit, read, or nothing ("")."""
        found = self.sharing.get((sobject.name, user_id or ""))
        if found is None or row.get("OwnerId") in found.owners:
            return "edit"
        return "" if found.access == PRIVATE else "read"

    def view(self, sobject: SObject, user_id: str | None) -> View:
        """The object as this user sees it; None is the org itself, which sees everything."""
        key = (sobject.name, user_id or "", self.version)
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = self._make_view(sobject, user_id)
        return found

    def _make_view(self, sobject: SObject, user_id: str | None) -> View:
        secured = (self._secured(sobject, field, user_id) for field in sobject.fields.values())
        denied = self.denied.get((sobject.name, user_id or ""), frozenset())
        seen = [_restricted(field, denied) for field in secured if field]
        if "delete" in denied:
            sobject = replace(sobject, deletable=False)
        return View(
            _restricted(sobject, denied), {f.name.lower(): f for f in seen}, {f.name: f for f in seen}
        )

    def _secured(self, sobject: SObject, field: Field, user_id: str | None) -> Field | None:
        if user_id is None or not field.permissionable:
            return field
        access = self.security.get((sobject.name.lower(), field.name.lower(), user_id))
        if access == HIDDEN:
            return None
        return replace(field, createable=False, updateable=False) if access == READ_ONLY else field

    def dump(self) -> dict[str, Any]:
        """What of the schema has to be kept in a data file."""
        security = [[*key, access] for key, access in self.security.items()]
        permissions = [[*key, sorted(denied)] for key, denied in self.denied.items()]
        sharing = [[*key, one.access, list(one.owners)] for key, one in self.sharing.items()]
        return {
            "custom": self.custom,
            "security": security,
            "permissions": permissions,
            "sharing": sharing,
        }

    def load(self, kept: dict[str, Any], now: datetime) -> None:
        """The inverse of dump."""
        for sobject, specs in kept.get("custom", {}).items():
            self.add_fields(sobject, specs, now)
        for sobject, field, user_id, access in kept.get("security", []):
            self.secure(sobject, field, user_id, access, now)
        for sobject, user_id, denied in kept.get("permissions", []):
            self.permit(sobject, user_id, dict.fromkeys(denied, False), now)
        for sobject, user_id, access, owners in kept.get("sharing", []):
            self.share(sobject, user_id, Sharing(access, tuple(owners)), now)

    def add_fields(self, sobject: str, specs: Iterable[dict[str, Any]], now: datetime) -> None:
        """Declare several custom fields."""
        for spec in specs:
            self.add_field(sobject, spec, now)
