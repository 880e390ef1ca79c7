"""Merged in Salesforce, or here: one person, nothing lost, nothing done twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import Person
from syncadmin.models import SyncFailure, SyncRun, SyncState
from syncadmin.services import preview_now
from syncadmin.services.review.merge_plans import MergeError
from syncadmin.services.review.merging import merge_chosen
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db


def merge_there(emulator: Any, master: str, *losers: str, object: str = "Lead") -> None:
    emulator.control("merge", {"object": object, "master": master, "losers": list(losers)})


def lead(emulator: Any, name: str, **fields: Any) -> str:
    return str(emulator.create(LastName=name, Company="C", Email=f"{name}@example.com", **fields))


def contact(emulator: Any, name: str, **fields: Any) -> str:
    return str(emulator.create("Contact", LastName=name, Email=f"{name}@example.com", **fields))


# --- In Salesforce ------------------------------------------------------------------------------------
@pytest.mark.parametrize("object", ["Lead", "Contact"])
def test_two_people_merged_in_salesforce_are_one(desk: Desk, emulator: Any, object: str) -> None:
    make = lead if object == "Lead" else contact
    a, b = make(emulator, "a", Title="Boss"), make(emulator, "b", Phone="1")
    desk.done()
    loser, winner = desk.by_email("a@example.com"), desk.by_email("b@example.com")
    desk.edit(loser, score=10)
    desk.edit(winner, score=20)
    desk.done()
    merge_there(emulator, b, a, object=object)
    desk.done()
    person = Person.objects.get()
    assert (person.pk, person.last_name, person.phone, person.job_title) == (winner.pk, "b", "1", "Boss")
    assert (person.sfdc_id, person.score) == (b, 30)
    assert emulator.read(object, b)["Title"] == "Boss"
    assert len(desk.log(person, "new_person")) == 2
    assert desk.log(person, "merge_people")[0].attributes["lost"]["last_name"] == ["b", "a"]
    assert SyncState.objects.get(pk=a).successor == b


def test_a_change_that_waited_for_the_loser_goes_to_the_winner_unless_that_changed_too(
    desk: Desk, emulator: Any
) -> None:
    a, b = lead(emulator, "a", City="Bonn", Phone="1"), lead(emulator, "b", City="Bonn", Phone="2")
    desk.done()
    desk.edit(desk.by_email("a@example.com"), city="London", phone="9")
    merge_there(emulator, b, a)
    desk.done()
    assert (emulator.read("Lead", b)["City"], emulator.read("Lead", b)["Phone"]) == ("London", "2")
    assert Person.objects.get().city == "London"


def test_merged_into_a_lead_that_is_nobody_here_the_person_goes_on_as_that(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, loser = ada
    master = lead(emulator, "king", Title="Lady")
    merge_there(emulator, master, loser)
    desk.done()
    now = Person.objects.get()
    assert (now.pk, now.sfdc_id, now.last_name, now.job_title) == (person.pk, master, "king", "Lady")
    assert (now.phone, emulator.read("Lead", master)["Phone"], now.sfdc_state) == ("1", "1", "in_step")


def test_a_merge_of_two_leads_that_are_nobody_here_makes_one_person(desk: Desk, emulator: Any) -> None:
    a, b = lead(emulator, "a"), lead(emulator, "b")
    merge_there(emulator, b, a)
    desk.done()
    assert Person.objects.get().sfdc_id == b


@pytest.mark.parametrize("known", ["abc", "a", "ab", "ac"])
def test_a_chain_of_merges_ends_at_its_end(desk: Desk, emulator: Any, known: str) -> None:
    ids = {name: lead(emulator, name) for name in known}
    desk.done()
    ids |= {name: lead(emulator, name) for name in "abc" if name not in known}
    merge_there(emulator, ids["b"], ids["a"])
    merge_there(emulator, ids["c"], ids["b"])
    desk.done()
    person = Person.objects.get()
    assert (person.sfdc_id, person.sfdc_state, person.last_name) == (ids["c"], "in_step", "c")
    desk.edit(person, city="London")
    desk.done()
    assert emulator.read("Lead", ids["c"])["City"] == "London"
    assert not SyncFailure.objects.exists()


@pytest.mark.parametrize("is_known", [True, False])
def test_merged_and_then_deleted_is_deleted(desk: Desk, emulator: Any, ada: Ada, is_known: bool) -> None:
    master = lead(emulator, "king")
    if is_known:
        desk.done()
    merge_there(emulator, master, ada[1])
    emulator.delete("Lead", master)
    desk.done()
    desk.done()
    person = Person.objects.get()
    assert (person.sfdc_id, person.sfdc_state) == (master, "deleted")


def test_merged_and_then_converted_is_the_contact(desk: Desk, emulator: Any, ada: Ada) -> None:
    master = lead(emulator, "king")
    merge_there(emulator, master, ada[1])
    made = emulator.convert(master)
    desk.done()
    person = Person.objects.get()
    assert (person.pk, person.sfdc_type, person.sfdc_id) == (ada[0].pk, "Contact", made)


def test_an_opt_out_survives_a_merge(desk: Desk, emulator: Any) -> None:
    a, b = lead(emulator, "a", HasOptedOutOfEmail=True), lead(emulator, "b")
    desk.done()
    merge_there(emulator, b, a)
    desk.done()
    assert Person.objects.get().unsubscribed
    assert emulator.read("Lead", b)["HasOptedOutOfEmail"]


def test_a_loser_that_is_undeleted_is_held(desk: Desk, emulator: Any) -> None:
    a, b = lead(emulator, "a"), lead(emulator, "b")
    desk.done()
    merge_there(emulator, b, a)
    desk.done()
    emulator.control("undelete", {"ids": [a]})
    desk.done()
    assert Person.objects.get().sfdc_id == b
    assert SyncFailure.objects.get(state="open").sfdc_id == a


def test_a_preview_says_what_becomes_of_a_chain_and_of_what_waited(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, first = ada
    desk.edit(person, city="London")
    second, third = lead(emulator, "b"), lead(emulator, "c", Phone="7")
    merge_there(emulator, second, first)
    merge_there(emulator, third, second)
    found = preview_now(timezone.now)
    told = {(item.kind, item.label, item.new) for item in found.items.all()}
    assert {("merge", "", third), ("push", "City", "London"), ("push", "Job Title", "Countess")} <= told
    assert ("change", "Phone Number", "7") in told
    assert Person.objects.get().sfdc_id == first
    desk.done()
    now = Person.objects.get()
    assert (now.sfdc_id, now.city, now.phone, now.job_title) == (third, "London", "7", "Countess")
    there = emulator.read("Lead", third)
    assert (there["City"], there["Title"]) == ("London", "Countess")


# --- Here ---------------------------------------------------------------------------------------------
def merge_here(winner: Person, *losers: Person, leads: str = "", **values: Any) -> Person:
    ids = [person.pk for person in [winner, *losers]]
    return merge_chosen(ids, winner.pk, values, leads=leads, now=timezone.now())


@pytest.fixture
def twins(desk: Desk, emulator: Any) -> tuple[Person, Person]:
    lead(emulator, "a", City="Bonn", Phone="1")
    lead(emulator, "b", City="Köln")
    desk.done()
    return desk.by_email("a@example.com"), desk.by_email("b@example.com")


def test_two_leads_merged_here_are_merged_there(
    desk: Desk, emulator: Any, twins: tuple[Person, Person], marketer: Any
) -> None:
    a, b = twins
    merged = merge_chosen(
        [a.pk, b.pk], b.pk, {"city": "Bonn", "last_name": "b"}, actor=marketer, now=timezone.now()
    )
    assert (merged.pk, merged.city, merged.phone, merged.sfdc_id) == (b.pk, "Bonn", "1", b.sfdc_id)
    assert [row["Id"] for row in emulator.query("SELECT Id FROM Lead")] == [b.sfdc_id]
    (entry,) = desk.log(merged, "merge_people")
    assert (str(entry.actor), entry.source, entry.attributes["name"]) == ("marketer", "Merge page", "a")
    desk.done()
    there = emulator.read("Lead", b.sfdc_id)
    assert (there["City"], there["Phone"]) == ("Bonn", "1")
    assert Person.objects.get().sfdc_state == "in_step"
    assert len(desk.log(merged, "merge_people")) == 1


def test_three_people_are_merged_with_one_call(
    desk: Desk, emulator: Any, twins: tuple[Person, Person]
) -> None:
    lead(emulator, "c")
    desk.done()
    third = desk.by_email("c@example.com")
    merge_here(twins[0], twins[1], third)
    assert len([r for r in emulator.requests() if "Soap" in r["path"]]) == 1
    assert Person.objects.get().sfdc_id == twins[0].sfdc_id


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_is_looked_for_before_anything_is_repeated(
    desk: Desk, emulator: Any, twins: tuple[Person, Person], drop: str
) -> None:
    a, b = twins
    emulator.fault(drop=drop, match="*Soap*", times=1)
    if drop == "before":
        with pytest.raises(MergeError, match="nothing was merged there"):
            merge_here(a, b)
        assert Person.objects.count() == 2
    merge_here(a, b) if drop == "before" or Person.objects.count() == 2 else None
    assert Person.objects.get().sfdc_id == a.sfdc_id
    assert len([r for r in emulator.requests() if "Soap" in r["path"]]) == (2 if drop == "before" else 1)


def test_a_merge_that_was_done_there_already_is_finished_here(
    desk: Desk, emulator: Any, twins: tuple[Person, Person]
) -> None:
    a, b = twins
    merge_there(emulator, a.sfdc_id, b.sfdc_id)
    merge_here(a, b, city="Bonn")
    assert Person.objects.get().sfdc_id == a.sfdc_id
    assert not [r for r in emulator.requests() if "Soap" in r["path"]]
    desk.done()
    assert Person.objects.count() == 1


def test_what_salesforce_refuses_is_not_done_here_either(
    desk: Desk, emulator: Any, twins: tuple[Person, Person]
) -> None:
    emulator.rules(object_permissions=[{"object": "Lead", "delete": False}])
    with pytest.raises(MergeError, match=r"INSUFFICIENT_ACCESS|insufficient access|permission"):
        merge_here(*twins)
    assert Person.objects.count() == 2


def test_one_of_them_is_not_in_salesforce_so_nothing_is_merged_there(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    other = desk.person(last_name="King", city="London", email="k@example.com")
    merged = merge_here(other, person, last_name="King")
    assert (merged.pk, merged.sfdc_id, merged.sfdc_type) == (other.pk, sfdc_id, "Lead")
    desk.done()
    there = emulator.read("Lead", sfdc_id)
    assert (there["LastName"], there["City"], there["Title"]) == ("King", "London", "Countess")
    assert Person.objects.get().sfdc_state == "in_step"


def test_who_was_deleted_there_takes_the_living_record(
    desk: Desk, emulator: Any, twins: tuple[Person, Person]
) -> None:
    a, b = twins
    emulator.delete("Lead", a.sfdc_id)
    desk.done()
    merged = merge_here(Person.objects.get(pk=a.pk), b)
    assert (merged.sfdc_id, merged.sfdc_is_deleted) == (b.sfdc_id, False)
    assert SyncState.objects.filter(person=merged).count() == 2


@pytest.mark.parametrize("choice", ["convert", "keep"])
@pytest.mark.parametrize("winner", ["Lead", "Contact"])
def test_a_lead_and_a_contact(desk: Desk, emulator: Any, ada: Ada, choice: str, winner: str) -> None:
    person, lead_id = ada
    account = emulator.create("Account", Name="Engines")
    contact_id = contact(emulator, "king", AccountId=account)
    desk.done()
    other = desk.by_email("king@example.com")
    stays, goes = (person, other) if winner == "Lead" else (other, person)
    with pytest.raises(MergeError, match="Choose what"):
        merge_here(stays, goes)
    merged = merge_here(stays, goes, leads=choice, last_name="King", email="king@example.com")
    assert (merged.pk, merged.sfdc_type, merged.sfdc_id) == (stays.pk, "Contact", contact_id)
    there = emulator.query(f"SELECT IsConverted FROM Lead WHERE Id = '{lead_id}'")[0]
    assert there["IsConverted"] is (choice == "convert")
    state = SyncState.objects.get(pk=lead_id)
    assert (state.is_duplicate, state.is_deleted) == (choice == "keep", choice == "convert")
    run: SyncRun = desk.done()
    assert run.error_code == ""
    assert (Person.objects.count(), Person.objects.get().sfdc_state) == (1, "in_step")
    assert emulator.read("Contact", contact_id)["Title"] == "Countess"
    assert not SyncFailure.objects.filter(state="open").exists()


def test_what_the_sync_user_can_not_see_is_not_merged(
    desk: Desk, emulator: Any, twins: tuple[Person, Person]
) -> None:
    emulator.control("hard_delete", {"ids": [twins[1].sfdc_id]})
    with pytest.raises(MergeError, match="can’t see"):
        merge_here(*twins)
    assert Person.objects.count() == 2
