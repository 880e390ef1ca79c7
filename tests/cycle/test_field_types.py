"""Every field type, both ways, over HTTP: a value of ours arrives there, theirs here; equal; then silence."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import Person, PersonField
from people.values import clean_value
from syncadmin import services
from syncadmin.models import FieldSync, ObjectField, RecordName, SyncFailure
from syncadmin.services import Choice
from tests.cycle.conftest import Desk

pytestmark = pytest.mark.django_db

#: What both objects get, as the emulator declares fields.
FIELDS: dict[str, dict[str, Any]] = {
    "Text": {"type": "text", "length": 40},
    "Area": {"type": "textarea"},
    "Long": {"type": "long_text"},
    "Mail": {"type": "email"},
    "Call": {"type": "phone"},
    "Link": {"type": "url"},
    "Pick": {"type": "picklist", "values": ["A", "B"]},
    "Strict": {"type": "picklist", "values": ["A", "B"], "restricted": True},
    "Multi": {"type": "multipicklist", "values": ["Zebra", "Ant", "Bee"]},
    "Check": {"type": "checkbox"},
    "Whole": {"type": "number", "precision": 10, "scale": 0},
    "Parts": {"type": "number", "precision": 12, "scale": 4},
    "Money": {"type": "currency", "scale": 2},
    "Share": {"type": "percent", "precision": 16, "scale": 2},
    "Day": {"type": "date"},
    "Moment": {"type": "datetime"},
    "Pal": {"type": "lookup", "reference_to": "Account"},
    "Key": {"type": "text", "length": 64, "unique": True, "external_id": True},
}
READ_ONLY: dict[str, dict[str, Any]] = {
    "Grade": {"type": "formula", "formula": 'IF(Whole__c >= 75, "A", "B")'},
    "Number": {"type": "autonumber", "display_format": "N-{0000}"},
}
#: field, what a marketer types, what Salesforce has then, what a rep writes, what a person has then.
ROUND_TRIPS = [
    ("Text", " Zoë 😀 <b>'x'\\ ", "Zoë 😀 <b>'x'\\", "  next ", "next"),
    ("Area", "one\ntwo", "one\ntwo", "three\r\nfour", "three\nfour"),
    ("Long", "é" * 5_000, "é" * 5_000, "short", "short"),
    ("Mail", "Ada@Example.COM", "ada@example.com", "B@example.com", "b@example.com"),
    ("Call", "+44 20 7946-0000", "+44 20 7946-0000", "(030) 1234", "(030) 1234"),
    ("Link", "https://example.com/?a=1&b=ü", "https://example.com/?a=1&b=ü", "example.com", "example.com"),
    ("Pick", "B", "B", "C", "C"),
    ("Strict", "B", "B", "A", "A"),
    ("Multi", "Bee;Ant", "Ant;Bee", "Zebra;Ant;Zebra", "Ant;Zebra"),
    ("Check", "yes", True, False, False),
    ("Whole", "1234567890", 1234567890.0, 7, 7),
    ("Parts", "-0.0625", -0.0625, 12345678.1234, 12345678.1234),
    ("Money", "1234567.89", 1234567.89, 0.1, 0.1),
    ("Share", "12.5", 12.5, 100, 100),
    ("Day", "31.01.2026", "2026-01-31", "1999-12-31", "1999-12-31"),
    ("Moment", "2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.000+0000", "2026-07-01T23:59:59.999+02:00",
     "2026-07-01T21:59:59Z"),
    ("Key", "K-1", "K-1", "k-2", "k-2"),
]  # fmt: skip


class Shop:
    """An org whose Leads and Contacts have a field of each type, all of them syncing."""

    def __init__(self, desk: Desk, emulator: Any) -> None:
        self.desk, self.emulator = desk, emulator
        for object in ("Lead", "Contact"):
            for name, spec in {**FIELDS, **READ_ONLY}.items():
                added = {"object": object, "name": f"{name}__c", "label": name, **spec}
                emulator.control("schema", {"add": added})
        services.learn_org(desk.connection, timezone.now())
        rows = [row for row in services.field_rows() if row.is_custom]
        directions = {row.key: "from_salesforce" if row.is_read_only else "both" for row in rows}
        plan = services.plan_changes({key: Choice(direction) for key, direction in directions.items()})
        services.save_changes(plan, fill=False, now=timezone.now())

    def record(self, object: str, **fields: Any) -> tuple[Person, str]:
        company = {"Company": "Engines"} if object == "Lead" else {}
        custom = {f"{name}__c": value for name, value in fields.items()}
        sfdc_id = self.emulator.create(object, LastName="Byron", Email="ada@example.com", **company, **custom)
        self.desk.done()
        return self.desk.by_email("ada@example.com"), sfdc_id

    def here(self, person: Person, label: str) -> Any:
        person.refresh_from_db()
        return person.value(self.field(label).name)

    def there(self, object: str, sfdc_id: str, label: str) -> Any:
        return self.emulator.read(object, sfdc_id)[f"{label}__c"]

    def field(self, label: str) -> PersonField:
        return PersonField.objects.get(label=label, is_custom=True)

    def edit(self, person: Person, label: str, text: str) -> None:
        field = self.field(label)
        self.desk.edit(person, **{field.name: clean_value(field, text)})

    def silence(self, person: Person, object: str, sfdc_id: str) -> None:
        """Nobody says anything any more: one API call, no write on either side."""
        stamp, entries = self.emulator.read(object, sfdc_id)["SystemModstamp"], len(self.desk.log(person))
        assert self.desk.done().api_calls == 1
        assert self.emulator.read(object, sfdc_id)["SystemModstamp"] == stamp
        assert len(self.desk.log(person)) == entries


@pytest.fixture
def shop(desk: Desk, emulator: Any) -> Shop:
    return Shop(desk, emulator)


@pytest.mark.parametrize("object", ["Lead", "Contact"])
def test_a_value_of_each_type_goes_there_comes_back_and_then_there_is_silence(
    shop: Shop, object: str
) -> None:
    person, sfdc_id = shop.record(object)
    for label, typed, *_ in ROUND_TRIPS:
        shop.edit(person, label, typed)
    shop.desk.done()
    for label, _, there, *_ in ROUND_TRIPS:
        assert shop.there(object, sfdc_id, label) == there, label
    ours = {label: shop.here(person, label) for label, *_ in ROUND_TRIPS}
    shop.desk.done()  # the formula, which Salesforce works out of what was pushed
    entries = len(shop.desk.log(person))
    shop.silence(person, object, sfdc_id)
    assert {label: shop.here(person, label) for label, *_ in ROUND_TRIPS} == ours
    shop.emulator.edit(object, sfdc_id, **{f"{label}__c": theirs for label, _, _, theirs, _ in ROUND_TRIPS})
    shop.desk.done()
    for label, *_, expected in ROUND_TRIPS:
        assert shop.here(person, label) == expected, label
    assert len(shop.desk.log(person)) == entries + len(ROUND_TRIPS) + 1  # and the formula
    shop.silence(person, object, sfdc_id)


@pytest.mark.parametrize("object", ["Lead", "Contact"])
def test_a_value_of_each_type_is_cleared_from_either_side(shop: Shop, object: str) -> None:
    account = shop.emulator.create("Account", Name="Acme")
    values = {label: theirs for label, _, _, theirs, _ in ROUND_TRIPS} | {"Check": True, "Pal": account}
    person, sfdc_id = shop.record(object, **values)
    half, other = list(values)[::2], list(values)[1::2]
    for label in half:
        shop.edit(person, label, "")
    blank = {label: False if label == "Check" else None for label in values}
    shop.emulator.edit(object, sfdc_id, **{f"{label}__c": blank[label] for label in other})
    shop.desk.done()
    assert {label: shop.here(person, label) for label in values} == blank
    assert {label: shop.there(object, sfdc_id, label) for label in values} == blank
    shop.silence(person, object, sfdc_id)


def test_what_salesforce_rounds_comes_back_as_it_is_there(shop: Shop) -> None:
    person, sfdc_id = shop.record("Lead")
    shop.edit(person, "Money", "10.129")
    shop.desk.done()
    shop.desk.done()
    assert shop.here(person, "Money") == shop.there("Lead", sfdc_id, "Money") == 10.13
    shop.silence(person, "Lead", sfdc_id)


@pytest.mark.parametrize(
    ("label", "value", "code"),
    [
        ("Money", 10**17, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Strict", "C", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Text", "x" * 41, "STRING_TOO_LONG"),
        ("Mail", "nobody", "INVALID_EMAIL_ADDRESS"),
    ],
)
def test_what_salesforce_refuses_is_sent_and_told_with_its_reason(
    shop: Shop, label: str, value: Any, code: str
) -> None:
    person, sfdc_id = shop.record("Lead")
    shop.desk.edit(person, **{shop.field(label).name: value})
    shop.desk.done()
    failure = SyncFailure.objects.get()
    assert (failure.code, failure.fields) == (code, [shop.field(label).name])
    assert shop.here(person, label) == value
    assert shop.there("Lead", sfdc_id, label) is None


def test_a_key_that_another_record_has_is_refused_with_its_reason(shop: Shop) -> None:
    shop.emulator.create(LastName="Other", Company="C", Key__c="K-1")
    person, _ = shop.record("Lead")
    shop.edit(person, "Key", "k-1")
    shop.desk.done()
    assert SyncFailure.objects.get().code == "DUPLICATE_VALUE"


def test_an_id_of_15_characters_is_the_same_id(shop: Shop) -> None:
    account = shop.emulator.create("Account", Name="Acme")
    person, sfdc_id = shop.record("Lead")
    shop.edit(person, "Pal", account[:15])
    assert shop.here(person, "Pal") == account
    shop.desk.done()
    assert shop.there("Lead", sfdc_id, "Pal") == account
    shop.silence(person, "Lead", sfdc_id)


def test_formula_and_auto_number_come_from_salesforce_and_cant_be_edited_here(shop: Shop) -> None:
    person, sfdc_id = shop.record("Lead", Whole=80)
    assert (shop.here(person, "Grade"), shop.here(person, "Number")) == ("A", "N-0001")
    assert shop.field("Grade").is_read_only
    assert shop.field("Number").is_read_only
    shop.emulator.edit("Lead", sfdc_id, Whole__c=10)
    shop.desk.done()
    assert shop.here(person, "Grade") == "B"
    shop.silence(person, "Lead", sfdc_id)


def test_a_day_is_a_day_in_every_time_zone(shop: Shop) -> None:
    with timezone.override("Pacific/Auckland"):
        person, sfdc_id = shop.record("Lead", Day="2026-01-31")
        assert shop.here(person, "Day") == "2026-01-31"
        shop.edit(person, "Day", "2026-02-28")
        shop.desk.done()
    assert shop.there("Lead", sfdc_id, "Day") == "2026-02-28"


def test_a_moment_is_typed_in_the_readers_zone_and_is_the_same_instant(shop: Shop) -> None:
    person, sfdc_id = shop.record("Lead")
    with timezone.override("America/New_York"):
        shop.edit(person, "Moment", "2026-07-01 20:00")
    shop.desk.done()
    assert shop.there("Lead", sfdc_id, "Moment") == "2026-07-02T00:00:00.000+0000"
    shop.silence(person, "Lead", sfdc_id)


def test_all_values_go_with_a_new_lead(shop: Shop) -> None:
    person = shop.desk.person(last_name="Hopper", company="Navy", email="g@example.com")
    for label, typed, *_ in ROUND_TRIPS:
        shop.edit(person, label, typed)
    (outcome,) = services.sync_people([person.pk], "rules", now=timezone.now(), source="test")
    assert outcome.status == "done", outcome
    for label, _, there, *_ in ROUND_TRIPS:
        assert shop.there("Lead", outcome.sfdc_id, label) == there, label
    shop.desk.done()
    person.refresh_from_db()
    shop.silence(person, "Lead", outcome.sfdc_id)


# --- Lookups ------------------------------------------------------------------------------------------------
def test_the_name_of_a_lookups_record_is_read_in_the_same_query(shop: Shop) -> None:
    account = shop.emulator.create("Account", Name="Acme")
    person, sfdc_id = shop.record("Lead", Pal=account)
    assert shop.here(person, "Pal") == account
    assert RecordName.objects.get(pk=account).name == "Acme"
    shop.emulator.edit("Account", account, Name="Acme & Sons")
    shop.silence(person, "Lead", sfdc_id)
    shop.emulator.edit("Lead", sfdc_id, Text__c="read again")
    shop.desk.done()
    assert RecordName.objects.get(pk=account).name == "Acme & Sons"


def test_a_lookup_to_what_has_no_name_is_read_without_one(desk: Desk, emulator: Any) -> None:
    spec = {"object": "Lead", "name": "Plan__c", "type": "lookup", "reference_to": "Task"}
    emulator.control("schema", {"add": spec})
    services.learn_org(desk.connection, timezone.now())
    assert ObjectField.objects.get(name="Plan__c").relationship_name == ""


# --- Picklists that differ ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("restricted", "offered"),
    [((True, True), ["B"]), ((True, False), ["A", "B"]), ((False, False), ["A", "B", "C"])],
)
def test_a_picklist_offers_what_both_objects_take(
    desk: Desk, emulator: Any, restricted: tuple[bool, bool], offered: list[str]
) -> None:
    for object, values, strict in (
        ("Lead", ["A", "B"], restricted[0]),
        ("Contact", ["B", "C"], restricted[1]),
    ):
        spec = {
            "name": "Size__c",
            "label": "Size",
            "type": "picklist",
            "values": values,
            "restricted": strict,
        }
        emulator.control("schema", {"add": {"object": object, **spec}})
    services.learn_org(desk.connection, timezone.now())
    row = next(row for row in services.field_rows() if row.label == "Size")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=False, now=timezone.now())
    assert PersonField.objects.get(label="Size").choices == offered
    services.learn_org(desk.connection, timezone.now())
    assert FieldSync.objects.get(field__label="Size").field.choices == offered


def test_names_that_may_not_be_read_cost_the_sync_nothing_else(desk: Desk, emulator: Any) -> None:
    """The sync user sees the lookup, and not the object it points at: its query is refused as a whole."""
    spec = {"object": "Lead", "name": "Pal__c", "type": "lookup", "reference_to": "Campaign"}
    emulator.control("schema", {"add": {"label": "Pal", **spec}})
    campaign = emulator.create("Campaign", Name="Fair")
    services.learn_org(desk.connection, timezone.now())
    row = next(row for row in services.field_rows() if row.label == "Pal")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=False, now=timezone.now())
    emulator.create(LastName="L", Company="C", Email="l@example.com", Pal__c=campaign)
    emulator.rules(object_permissions={"object": "Campaign", "read": False})
    desk.done()
    assert desk.by_email("l@example.com").value("pal") == campaign
    assert not RecordName.objects.exists()
    assert desk.done().api_calls == 1
    emulator.rules(object_permissions={"object": "Campaign", "read": True})
    services.learn_org(desk.connection, timezone.now())
    desk.done()
    assert RecordName.objects.get().name == "Fair"


# --- Opted out ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("here", [True, False])
def test_an_opt_out_survives_a_first_link_whoever_has_it(desk: Desk, emulator: Any, here: bool) -> None:
    person = desk.person(last_name="Hopper", email="g@example.com", unsubscribed=here)
    lead = emulator.create(
        LastName="Hopper", Company="Navy", Email="g@example.com", HasOptedOutOfEmail=not here
    )
    desk.done()
    person.refresh_from_db()
    assert person.unsubscribed
    assert emulator.read("Lead", lead)["HasOptedOutOfEmail"]
    assert desk.done().api_calls == 1


def test_an_opt_out_loses_a_first_link_only_where_somebody_said_so(desk: Desk, emulator: Any) -> None:
    FieldSync.objects.filter(field__name="unsubscribed").update(winner="ours")
    person = desk.person(last_name="Hopper", email="g@example.com", unsubscribed=False)
    lead = emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com", HasOptedOutOfEmail=True)
    desk.done()
    person.refresh_from_db()
    assert (person.unsubscribed, emulator.read("Lead", lead)["HasOptedOutOfEmail"]) == (False, False)
    assert desk.log(person, "conflict")


def test_an_opt_out_survives_a_conversion_and_a_merge(desk: Desk, emulator: Any) -> None:
    one, other = (
        emulator.create(
            LastName="L", Company="C", Email=f"{name}@example.com", HasOptedOutOfEmail=name == "b"
        )
        for name in "ab"
    )
    desk.done()
    emulator.control("merge", {"object": "Lead", "master": one, "losers": [other]})
    desk.done()
    assert Person.objects.get().unsubscribed
    desk.done()
    assert emulator.read("Lead", one)["HasOptedOutOfEmail"]
    contact = emulator.convert(one)
    desk.done()
    assert (Person.objects.get().unsubscribed, Person.objects.get().sfdc_id) == (True, contact)
