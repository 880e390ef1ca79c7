"""Fields that change in Salesforce: noticed by the next cycle, told, and nothing lost by any of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import Activity, Person, PersonField
from people.values import clean_value
from syncadmin import services
from syncadmin.models import Backfill, FieldSync, KeptValue, SchemaChange, SyncState
from syncadmin.services import Choice
from syncadmin.services.fields import decisions
from syncadmin.services.fields.rows import field_rows
from tests.cycle.conftest import Desk

pytestmark = pytest.mark.django_db


class Org:
    """An org with one Lead and a custom field, Shoe, that syncs both ways."""

    def __init__(self, desk: Desk, emulator: Any) -> None:
        self.desk, self.emulator = desk, emulator
        self.change("add", name="Shoe__c", label="Shoe", type="text", length=80)
        self.lead = emulator.create(LastName="L", Company="C", Email="p@example.com", Shoe__c="43")
        desk.done()
        row = next(row for row in services.field_rows() if row.label == "Shoe")
        changes = services.plan_changes({row.key: Choice("both")})
        services.save_changes(changes, fill=True, now=timezone.now())
        self.work()
        self.calm()
        assert not SchemaChange.objects.filter(decided_at=None)

    def change(self, action: str, object: str = "Lead", **spec: Any) -> None:
        self.emulator.control("schema", {action: {"object": object, **spec}})

    def calm(self) -> None:
        """Until no poll reads the record once more."""
        for _ in range(2):
            self.emulator.control("clock", {"advance_seconds": 3600})
            self.desk.done()
        assert self.desk.done().api_calls == 1

    def work(self) -> list[Backfill]:
        """All that is queued, to its end."""
        jobs = list(Backfill.objects.filter(state="queued"))
        for job in jobs:
            while job.is_open:
                services.work_on_backfill(job.pk, timezone.now)
                job.refresh_from_db()
            assert job.state == "done", job.error_message
        return jobs

    def news(self) -> SchemaChange:
        """The one thing that was noticed."""
        self.desk.done()
        return SchemaChange.objects.get(decided_at=None)

    @property
    def person(self) -> Person:
        return Person.objects.get()

    @property
    def shoe(self) -> Any:
        return self.person.value("shoe")

    def there(self, name: str = "Shoe__c") -> Any:
        return self.emulator.read("Lead", self.lead)[name]


@pytest.fixture
def org(desk: Desk, emulator: Any) -> Org:
    return Org(desk, emulator)


def test_the_first_describe_is_no_news(desk: Desk) -> None:
    desk.done()
    assert not SchemaChange.objects.exists()


# --- New ----------------------------------------------------------------------------------------------------
def test_a_new_field_is_offered_once_for_both_objects(org: Org) -> None:
    for object in ("Lead", "Contact"):
        org.change("add", object, name="Hat__c", label="Hat", type="text")
    news = org.news()
    assert (news.kind, news.of, news.name, news.label) == ("new", "Lead, Contact", "Hat__c", "Hat")
    assert org.desk.done().api_calls == 1
    assert SchemaChange.objects.filter(kind="new", name="Hat__c").count() == 1


def test_a_new_field_that_cant_sync_is_no_news(org: Org) -> None:
    org.desk.done()
    assert not SchemaChange.objects.exclude(name="Shoe__c").exists()


def test_not_now_is_remembered(org: Org) -> None:
    org.change("add", name="Hat__c", label="Hat", type="text")
    decisions.settle([org.news().pk], timezone.now(), None)
    org.change("add", name="Tie__c", label="Tie", type="text")
    assert org.news().label == "Tie"
    assert SchemaChange.objects.get(label="Hat").decision == "not_now"


def test_a_field_switched_on_is_news_no_more(org: Org) -> None:
    org.change("add", name="Hat__c", label="Hat", type="text")
    org.desk.done()
    row = next(row for row in field_rows() if row.label == "Hat")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=True, now=timezone.now())
    assert SchemaChange.objects.get(label="Hat").decision == "synced"


def test_a_new_field_that_is_gone_before_anybody_looked_is_news_no_more(org: Org) -> None:
    org.change("add", name="Hat__c", label="Hat", type="text")
    org.desk.done()
    org.change("remove", field="Hat__c")
    org.desk.done()
    assert SchemaChange.objects.get(label="Hat").decision == "undone"


# --- Renamed ------------------------------------------------------------------------------------------------
def test_a_new_label_is_taken_over_and_said(org: Org) -> None:
    org.change("rename", field="Shoe__c", to="Shoe__c", label="Shoe size")
    news = org.news()
    assert (news.kind, news.details) == ("label", {"before": "Shoe", "after": "Shoe size"})
    field = PersonField.objects.get(name="shoe")
    assert (field.label, org.shoe) == ("Shoe size", "43")
    assert FieldSync.objects.get(field=field).lead_field == "Shoe__c"


def test_a_label_that_was_chosen_here_stays(org: Org) -> None:
    PersonField.objects.filter(name="shoe").update(label="Our shoe")
    org.change("rename", field="Shoe__c", to="Shoe__c", label="Shoe size")
    org.news()
    assert PersonField.objects.get(name="shoe").label == "Our shoe"


def test_another_api_name_is_offered_and_goes_on_with_values_and_base(org: Org) -> None:
    org.change("rename", field="Shoe__c", to="Footwear__c")
    org.desk.done()
    gone = SchemaChange.objects.get(kind="gone")
    assert [field.name for field in decisions.candidates([gone])[gone.pk]] == ["Footwear__c"]
    assert FieldSync.objects.get(field__name="shoe").lead_field == "Shoe__c", "never by itself"
    org.emulator.edit("Lead", org.lead, Footwear__c="44")
    org.desk.edit(org.person, city="Paris")
    org.desk.done()
    assert org.shoe == "43"
    decisions.remap(gone, "Footwear__c", timezone.now(), None)
    org.work()
    assert org.shoe == "44"
    assert not org.desk.log(org.person, "conflict"), "the base was kept"
    org.desk.edit(org.person, shoe="45")
    org.desk.done()
    assert org.there("Footwear__c") == "45"
    assert not decisions.open_changes().exists()
    org.calm()


def test_a_vanished_field_goes_on_with_no_field_that_isnt_like_it(org: Org) -> None:
    org.change("remove", field="Shoe__c")
    org.change("add", name="Hat__c", label="Hat", type="text")
    org.change("add", name="Shoe2__c", label="Shoe", type="number")
    org.desk.done()
    gone = SchemaChange.objects.get(kind="gone")
    assert decisions.candidates([gone]) == {gone.pk: []}
    with pytest.raises(ValueError, match="can't go on"):
        decisions.remap(gone, "Hat__c", timezone.now(), None)


# --- Gone and back ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", ["hide", "remove"])
def test_a_field_that_is_gone_stops_syncing_and_keeps_its_data(org: Org, action: str) -> None:
    org.change(action, field="Shoe__c")
    news = org.news()
    assert (news.kind, news.of, news.field.name if news.field else "") == ("gone", "Lead", "shoe")
    org.desk.edit(org.person, shoe="44", city="Paris")
    org.desk.done()
    assert (org.shoe, org.there("City"), org.person.sfdc_state) == ("44", "Paris", "in_step")
    assert org.desk.done().api_calls == 1
    row = next(row for row in field_rows() if row.label == "Shoe" and row.sync)
    assert "any more" in row.why_not


def test_a_field_visible_again_comes_back_by_itself_and_nothing_was_missed(org: Org, emulator: Any) -> None:
    person = org.person
    org.change("hide", field="Shoe__c")
    org.calm()
    emulator.control(
        "rules", {"field_level_security": {"object": "Lead", "field": "Shoe__c", "visible": True}}
    )
    emulator.edit("Lead", org.lead, Shoe__c="44")
    emulator.control(
        "rules", {"field_level_security": {"object": "Lead", "field": "Shoe__c", "visible": False}}
    )
    org.calm()
    assert org.shoe == "43"
    org.change("show", field="Shoe__c")
    org.desk.done()
    assert [job.fields for job in org.work()] == [["shoe"]]
    assert org.shoe == "44"
    kinds = dict(SchemaChange.objects.exclude(kind="new").values_list("kind", "decision"))
    assert kinds == {"gone": "undone", "back": ""}
    assert not org.desk.log(person, "conflict")
    org.calm()


def test_an_edit_here_while_the_field_was_hidden_goes_there_when_it_is_back(org: Org) -> None:
    org.change("hide", field="Shoe__c")
    org.desk.done()
    org.desk.edit(org.person, shoe="45")
    org.desk.done()
    org.change("show", field="Shoe__c")
    org.desk.done()
    org.work()
    org.desk.done()
    assert org.there() == "45"


# --- Another type -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("type", "ours"),
    [("long_text", "textarea"), ("picklist", "picklist"), ("url", "url"), ("phone", "phone")],
)
def test_a_type_of_the_same_family_is_taken_over(org: Org, type: str, ours: str) -> None:
    org.change("retype", field="Shoe__c", type=type)
    assert org.news().kind == "type"
    assert (PersonField.objects.get(name="shoe").type, org.shoe) == (ours, "43")
    org.desk.edit(org.person, shoe="44")
    org.desk.done()
    assert org.there() == "44"


def test_a_type_that_doesnt_fit_stops_the_field_and_deletes_nothing(org: Org) -> None:
    org.change("retype", field="Shoe__c", type="number")
    news = org.news()
    assert (news.kind, news.details) == ("type", {"before": "string", "after": "double"})
    assert (org.shoe, SyncState.objects.get().base["shoe"]) == ("43", "43")
    org.desk.edit(org.person, shoe="large", city="Paris")
    org.desk.done()
    assert (org.there(), org.there("City"), org.person.sfdc_state) == (43.0, "Paris", "in_step")
    assert org.desk.done().api_calls == 1
    row = next(row for row in field_rows() if row.label == "Shoe")
    assert "of another type" in row.why_not
    assert decisions.settle([news.pk], timezone.now(), None) == 0, "it has to be decided"


def test_changed_back_in_salesforce_it_goes_on_by_itself(org: Org) -> None:
    org.change("retype", field="Shoe__c", type="number")
    org.desk.done()
    org.change("retype", field="Shoe__c", type="text")
    org.desk.done()
    assert not decisions.open_changes().exists()
    org.desk.edit(org.person, shoe="44")
    org.desk.done()
    assert org.there() == "44"


def test_converted_what_fits_gets_the_new_type_and_the_rest_is_kept_apart(org: Org, emulator: Any) -> None:
    other = emulator.create(LastName="M", Company="C", Email="m@example.com", Shoe__c="large")
    org.desk.done()
    org.change("retype", field="Shoe__c", type="number", precision=10, scale=0)
    news = org.news()
    m = org.desk.by_email("m@example.com")
    assert list(decisions.unfit_values(news)) == [(m.pk, "large")]
    decisions.convert_field(news, timezone.now(), None)
    org.desk.done()  # a cycle in between leaves the field alone
    (job,) = org.work()
    assert (job.kept, KeptValue.objects.get().value, KeptValue.objects.get().person) == (1, "large", m)
    p = org.desk.by_email("p@example.com")
    m.refresh_from_db()
    assert (p.value("shoe"), m.value("shoe")) == (43, None)
    assert PersonField.objects.get(name="shoe").type == "number"
    assert Activity.objects.get(person=m, attributes__old="large").attributes["new"] is None
    org.desk.edit(p, shoe=clean_value(PersonField.objects.get(name="shoe"), "44"))
    org.desk.done()
    assert (org.there(), emulator.read("Lead", other)["Shoe__c"]) == (44.0, None)
    assert not org.desk.log(p, "conflict")
    org.calm()


def test_killed_in_the_middle_a_conversion_goes_on_and_keeps_each_value_once(
    org: Org, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncadmin.services.fields import backfill_stages, backfills

    for number in range(3):
        emulator.create(LastName="M", Company="C", Email=f"m{number}@example.com", Shoe__c="large")
    org.desk.done()
    org.change("retype", field="Shoe__c", type="number")
    job = decisions.convert_field(org.news(), timezone.now(), None)
    monkeypatch.setattr(backfill_stages, "PAGE", 1)
    monkeypatch.setattr(backfills, "STEPS", 2)
    services.work_on_backfill(job.pk, timezone.now)
    assert not services.cancel_backfill(job.pk, timezone.now()), "half of the values would be of another type"
    org.desk.done()
    org.work()
    assert KeptValue.objects.count() == 3
    assert Activity.objects.filter(attributes__old="large").count() == 3
    assert org.desk.by_email("p@example.com").value("shoe") == 43


def test_a_conversion_that_failed_keeps_the_field_out_of_the_sync_until_it_is_done(org: Org) -> None:
    org.change("retype", field="Shoe__c", type="number")
    job = decisions.convert_field(org.news(), timezone.now(), None)
    Backfill.objects.filter(pk=job.pk).update(state="failed")
    org.desk.edit(org.person, city="Paris")
    org.desk.done()
    assert (org.shoe, org.there(), org.there("City")) == ("43", 43.0, "Paris")
    assert "given another type" in next(row for row in field_rows() if row.label == "Shoe").why_not
    services.start_backfill(job.fields, job.kind, timezone.now())
    org.work()
    assert org.shoe == 43
    org.calm()


def test_switched_off_the_values_stay_on_both_sides(org: Org) -> None:
    org.change("retype", field="Shoe__c", type="number")
    decisions.switch_off(org.news(), timezone.now(), None)
    assert (org.shoe, org.there(), FieldSync.objects.get(field__name="shoe").direction) == ("43", 43.0, "off")
    with pytest.raises(decisions.NotOpenError):
        decisions.switch_off(SchemaChange.objects.get(kind="type"), timezone.now(), None)


def test_a_field_of_whole_numbers_that_gets_decimals_holds_them(org: Org, emulator: Any) -> None:
    org.change("add", name="Hours__c", label="Hours", type="number", precision=10, scale=0)
    org.desk.done()
    row = next(row for row in field_rows() if row.label == "Hours")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=False, now=timezone.now())
    assert PersonField.objects.get(name="hours").type == "integer"
    org.change("retype", field="Hours__c", type="number", precision=10, scale=2)
    org.desk.done()
    emulator.edit("Lead", org.lead, Hours__c=7.5)
    org.desk.done()
    assert org.person.value("hours") == 7.5
    assert SchemaChange.objects.get(kind="limits").details == {"before": "10.0", "after": "8.2"}


# --- Limits, choices, access --------------------------------------------------------------------------------
def test_a_new_length_is_taken_over_and_said(org: Org) -> None:
    org.change("retype", field="Shoe__c", type="text", length=40)
    assert (org.news().kind, PersonField.objects.get(name="shoe").length) == ("limits", 40)


def test_new_picklist_values_are_taken_over_and_said(org: Org) -> None:
    org.change("add", name="Size__c", label="Size", type="picklist", values=["S", "M"])
    org.desk.done()
    row = next(row for row in field_rows() if row.label == "Size")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=False, now=timezone.now())
    org.change("retype", field="Size__c", type="picklist", values=["M", "L"])
    news = org.news()
    assert (news.kind, news.details) == ("choices", {"added": ["L"], "removed": ["S"]})
    assert PersonField.objects.get(name="size").choices == ["M", "L"]


def test_a_field_that_may_no_more_be_written_can_no_more_be_edited_here(org: Org, emulator: Any) -> None:
    rule = {"object": "Lead", "field": "Shoe__c", "editable": False}
    emulator.control("rules", {"field_level_security": rule})
    assert (org.news().kind, PersonField.objects.get(name="shoe").is_read_only) == ("access", True)
    emulator.control("rules", {"field_level_security": rule | {"editable": True}})
    org.desk.done()
    assert not PersonField.objects.get(name="shoe").is_read_only


def test_what_happens_to_fields_that_dont_sync_is_no_news(org: Org) -> None:
    FieldSync.objects.filter(field__name="shoe").update(direction="off")
    org.change("rename", field="Shoe__c", to="Shoe__c", label="Size")
    org.change("retype", field="Shoe__c", type="number")
    org.change("remove", field="Shoe__c")
    org.desk.done()
    assert not decisions.open_changes().exists()
