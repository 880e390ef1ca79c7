"""The org's administrator renames a field and gives it other types; ours decides what becomes of it here."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from syncadmin import services
from syncadmin.models import Backfill
from syncadmin.services.fields import decisions
from tests.cycle.lives_fields import CUSTOM
from tests.cycle.lives_people import PeopleAndRecords

OBJECTS = ("Lead", "Contact")
TYPES = {"text": {"length": 40}, "number": {"precision": 10, "scale": 1}, "long_text": {}}


class FieldsThatChange(PeopleAndRecords):
    """Hat__c, under whatever name and of whatever type."""

    @rule()
    def the_hat_is_renamed(self) -> None:
        new, self.is_schema_changed = f"Hat{self._next()}__c", True
        self.emulated.control(
            "schema", {"rename": [{"object": o, "field": self.hat, "to": new} for o in OBJECTS]}
        )
        self.hat = new
        self._map_lead_fields()

    def _map_lead_fields(self) -> None:
        names = [self.hat if name == "Hat" else f"{name}__c" for name in CUSTOM]
        self.emulated.rules(lead_mapping=[{"field": name, "object": "Contact", "to": name} for name in names])

    @rule(type=st.sampled_from(sorted(TYPES)))
    def the_hat_gets_another_type(self, type: str) -> None:
        self.is_schema_changed, self.hat_type = True, type
        spec = {"type": type, **TYPES[type]}
        self.emulated.control(
            "schema", {"retype": [{"object": o, "field": self.hat, **spec} for o in OBJECTS]}
        )

    @rule()
    def administrator_decides_about_the_fields(self) -> None:
        """Go on with the renamed field; convert what has another type. Each waits for the one before it."""
        self._begin_again_what_failed()
        self._work_off_backfills()
        for change in list(decisions.open_changes()):
            found = decisions.candidates([change]).get(change.pk, [])
            with suppress(ValueError):  # decided together with the one before it
                if found:
                    decisions.remap(change, found[0].name, timezone.now(), None)
                elif change.pk in decisions.unfit_changes():
                    decisions.convert_field(change, timezone.now(), None)
            self._work_off_backfills()

    def _begin_again_what_failed(self) -> None:
        for job in Backfill.objects.filter(state="failed"):
            with suppress(ValueError):
                services.start_backfill(job.fields, job.kind, timezone.now())
            job.delete()
