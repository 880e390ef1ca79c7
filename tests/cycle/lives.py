"""Every life that records and people can lead, in any order: the machine that tries to break the sync."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from people.models import LeadOwner
from syncadmin.models import Backfill, Connection, SyncRule, SyncRun
from syncadmin.services import connect, run_sync_cycle
from tests.cycle.conftest import Desk
from tests.cycle.lives_fields import CUSTOM, EDITS, FAULTS
from tests.cycle.lives_schema import FieldsThatChange


class Lives(FieldsThatChange):
    """People, records, the org, time and the network. ``emulated``, ``wire`` and ``clock`` are given by the test."""

    @initialize(
        skew=st.sampled_from([0, 0, 5_400, -5_400]), winner=st.sampled_from(["ours", "salesforce"]),
        matching=st.sampled_from(["email", "email", "create"]),
        deleted_here=st.sampled_from(["comes_back", "stays_away"]),
    )  # fmt: skip
    def begin(self, skew: int, winner: str, matching: str, deleted_here: str) -> None:
        self.emulated.reset("empty")
        self.emulated.control("clock", {"reset": True})
        self.clock.ahead = timedelta(seconds=skew)
        for object in ("Lead", "Contact"):
            fields = [{"object": object, "name": f"{n}__c", "label": n, **spec} for n, spec in CUSTOM.items()]
            self.emulated.control("schema", {"add": fields})
        self._map_lead_fields()
        made = Connection(instance_url=self.emulated.url, client_id="demo", client_secret="demo")
        made.lead_winner = made.contact_winner = winner
        made.matching, made.deleted_here = matching, deleted_here
        assert connect(made, timezone.now()).ok
        self._sync_fields(dict.fromkeys(CUSTOM, "both") | {"Down": "from_salesforce", "Up": "to_salesforce"})
        self.desk = Desk(made)
        self.users = list(
            LeadOwner.objects.filter(kind="user", is_active=True).values_list("sfdc_id", flat=True)
        )
        for object in ("Lead", "Lead", "Lead", "Contact", "Contact"):
            self.rep_creates(object, 0)
        self.marketer_creates(email=True, city="")
        self.marketer_creates(email=False, city="Rome")
        self.desk.done()

    # -- the org -------------------------------------------------------------------------------------------
    @rule()
    def the_shoe_is_hidden_or_shown(self) -> None:
        action = "show" if self.is_hidden else "hide"
        self.is_hidden, self.is_schema_changed = not self.is_hidden, True
        self.emulated.control(
            "schema", {action: [{"object": o, "field": "Shoe__c"} for o in ("Lead", "Contact")]}
        )

    @rule(
        direction=st.sampled_from(["both", "from_salesforce", "to_salesforce", "off"]),
        label=st.sampled_from(["Shoe", "Long"]),
    )
    def administrator_changes_the_field_sync(self, direction: str, label: str) -> None:
        if not Backfill.objects.filter(state__in=["queued", "running"]).exists():
            self._sync_fields({label: direction})

    @rule(kind=st.sampled_from(["inclusion", "exclusion", "Lead"]), is_on=st.booleans())
    def administrator_changes_who_may_sync(self, kind: str, is_on: bool) -> None:
        field, value = {
            "inclusion": ("city", "Rome"),
            "exclusion": ("phone", "+49 1"),
            "Lead": ("Phone", "+49 2"),
        }[kind]
        operator = "is_not" if kind == "Lead" else "is"
        SyncRule.objects.update_or_create(
            kind=kind,
            defaults={"is_on": is_on, "match_any": False, "changed_at": timezone.now(),
                      "conditions": [{"field": field, "operator": operator, "values": [value]}]},
        )  # fmt: skip

    @rule(share=st.sampled_from([0, 40]))
    def administrator_sets_the_guard(self, share: int) -> None:
        Connection.objects.update(guard_share=share, guard_least=2)

    @rule(is_on=st.booleans())
    def administrator_of_the_org_makes_a_rule(self, is_on: bool) -> None:
        rules = [{"name": "R", "object": o, "formula": 'CONTAINS(Phone, "1")', "message": "No", "active": is_on}
                 for o in ("Lead", "Contact")]  # fmt: skip
        self.emulated.rules(validation=rules)

    # -- time, faults, and what happens at once --------------------------------------------------------------
    @rule(seconds=st.sampled_from([1, 90, 400, 3_600]))
    def time_passes(self, seconds: int) -> None:
        self.emulated.control("clock", {"advance_seconds": seconds})
        self.emulated.login()
        self.clock.ahead += timedelta(seconds=seconds)

    @rule()
    def cycle(self) -> None:
        self.desk.cycle()
        self._nothing_is_forgotten()

    @rule(fault=FAULTS, after=st.integers(0, 3), times=st.integers(1, 5))
    def something_breaks(self, fault: dict[str, Any], after: int, times: int) -> None:
        once = {} if "expire_at_call" in fault else {"times": times}
        self.emulated.fault(**fault, match="*composite*", after=after, **once)

    @rule(calls=st.integers(0, 3))
    def the_calls_of_the_day_are_used_up(self, calls: int) -> None:
        self.emulated.control(
            "limits", {"DailyApiRequests": {"Max": 100_000, "Remaining": calls}}, method="PUT"
        )
        self.cycle()
        self.emulated.control(
            "limits", {"DailyApiRequests": {"Max": 100_000, "Remaining": 99_000}}, method="PUT"
        )

    @rule(chosen=st.integers(0, 9))
    def somebody_else_holds_a_row(self, chosen: int) -> None:
        if record := self._living(chosen):
            self.emulated.control("lock", {"ids": [record[1]], "seconds": 30})
            self.cycle()
            self.emulated.control("lock", {"ids": [record[1]], "seconds": 0})

    @rule(at=st.integers(1, 5), is_after=st.booleans(), chosen=st.integers(0, 9), edit=EDITS)
    def marketer_edits_while_a_cycle_runs(
        self, at: int, is_after: bool, chosen: int, edit: tuple[str, str]
    ) -> None:
        with self.wire.at(at, is_after=is_after, act=lambda: self.marketer_edits(chosen, [edit])):
            self.cycle()

    @rule(at=st.integers(1, 5), is_after=st.booleans(), chosen=st.integers(0, 9), number=st.integers(1, 3))
    def marketer_clicks_while_a_cycle_runs(self, at: int, is_after: bool, chosen: int, number: int) -> None:
        with self.wire.at(at, is_after=is_after, act=lambda: self.marketer_syncs(chosen, number, "rules")):
            self.cycle()

    @rule(at=st.integers(1, 5), is_after=st.booleans(), chosen=st.integers(0, 9), number=st.integers(1, 3))
    def two_click_at_once(self, at: int, is_after: bool, chosen: int, number: int) -> None:
        with self.wire.at(at, is_after=is_after, act=lambda: self.marketer_syncs(chosen, number, "rules")):
            self.marketer_syncs(chosen, number, "rules")

    @rule(at=st.integers(1, 5), is_after=st.booleans())
    def another_worker_takes_over(self, at: int, is_after: bool) -> None:
        """The first was silent for so long that it is taken for dead, and goes on all the same."""
        with self.wire.at(at, is_after=is_after, act=self._take_over):
            run_sync_cycle("command", timezone.now)

    def _take_over(self) -> None:
        SyncRun.objects.filter(state="running").update(heartbeat_at=timezone.now() - timedelta(hours=1))
        run_sync_cycle("command", timezone.now)
