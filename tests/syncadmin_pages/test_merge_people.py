"""The pages about who is who: duplicates, merging, what waits for a decision, who was deleted here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from people.services import create_person, delete_people
from syncadmin.models import Connection, SyncFailure, Tombstone
from tests.flow import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(connection: Connection, emulator: Any, as_user: Callable[[str], Any]) -> Stage:
    return Stage(emulator, as_user("marketer"))


def make(**values: Any) -> Person:
    return create_person(values, source="test", now=timezone.now())


def page(browser: Any, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


# --- Duplicates ---------------------------------------------------------------------------------------
def test_people_with_the_same_email_are_listed_in_groups(as_user: Callable[[str], Any]) -> None:
    for name in ("Ada", "Augusta"):
        make(first_name=name, last_name="Byron", email="ada@acme.example")
    make(last_name="Hopper", email="g@example.com")
    shown = page(as_user("marketer"), "/people/duplicates/")
    assert ("Augusta Byron" in shown, "Hopper" in shown, shown.count('name="ids"')) == (True, False, 2)
    assert "Merge" in shown


def test_people_with_the_same_name_and_company_are_listed_whatever_the_case(
    as_user: Callable[[str], Any],
) -> None:
    make(first_name="Ada", last_name="Byron", company="Acme", email="a@x.example")
    make(first_name="ADA", last_name="byron", company="ACME", email="b@x.example")
    make(first_name="Ada", last_name="Byron", company="Other")
    browser = as_user("marketer")
    assert page(browser, "/people/duplicates/?by=name").count('name="ids"') == 2
    assert "No duplicates" in page(browser, "/people/duplicates/?by=email")


def test_viewers_look_at_duplicates_and_can_not_merge(as_user: Callable[[str], Any]) -> None:
    people = [make(last_name="B", email="b@x.example") for _ in range(2)]
    browser = as_user("viewer")
    shown = page(browser, "/people/duplicates/")
    assert "b@x.example" in shown
    assert 'type="checkbox"' not in shown.split("<main")[1]
    query = "&".join(f"ids={person.pk}" for person in people)
    assert browser.get(f"/people/merge/?{query}").status_code == 403
    assert browser.post("/people/merge/", {"ids": [p.pk for p in people]}).status_code == 403
    assert browser.post("/people/deleted/lift/", {"ids": ["00Q"]}).status_code == 403
    assert browser.post("/sync/review/create/", {"ids": [1]}).status_code == 403


def test_a_page_of_duplicates_asks_the_same_number_of_questions_however_many_there_are(
    as_user: Callable[[str], Any],
) -> None:
    browser = as_user("marketer")

    def ask() -> int:
        with CaptureQueriesContext(database) as asked:
            page(browser, "/people/duplicates/")
        return len(asked)

    for number in range(2):
        make(last_name=f"{number}", email="a@x.example")
    few = ask()
    for number in range(60):
        make(last_name=f"{number}", email=f"{number // 3}@x.example")
    assert ask() == few
    assert "Page 1 of" not in page(browser, "/people/duplicates/")
    for number in range(12):
        make(last_name=f"{number}", email=f"more{number // 2}@x.example")
    assert "Page 1 of 2" in page(browser, "/people/duplicates/")
    assert ask() == few


def test_duplicates_are_exported(as_user: Callable[[str], Any]) -> None:
    for name in ("=1+1", "B"):
        make(last_name=name, email="b@x.example")
    answer = as_user("viewer").get("/people/duplicates/export/?by=email")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["group"], row["last_name"]) for row in rows] == [
        ("b@x.example", "'=1+1"),
        ("b@x.example", "B"),
    ]


# --- Merging ------------------------------------------------------------------------------------------
def form_of(*people: Person, **more: Any) -> dict[str, Any]:
    people = tuple(Person.objects.get(pk=person.pk) for person in people)
    return {
        "ids": [person.pk for person in people],
        "winner": people[0].pk,
        "version": [f"{p.pk}:{p.version}" for p in sorted(people, key=lambda p: p.pk)],
        "confirmed": "1",
        **more,
    }


def test_people_are_merged_with_the_values_that_were_chosen(stage: Stage) -> None:
    a = stage.person_as("lead", phone="1", score=10)
    b = stage.person(first_name="Augusta", phone="2", city="Ulm", score=20)
    shown = page(stage.browser, f"/people/merge/?ids={a.pk}&ids={b.pk}")
    assert "This person stays" in shown
    assert "can’t be undone" in shown
    assert "nothing is merged, for only one of them is there" in shown
    answer = stage.browser.post(
        "/people/merge/", form_of(a, b, **{"field-phone": b.pk, "field-score": "sum"}), follow=True
    )
    merged = Person.objects.get()
    assert answer.redirect_chain[-1][0] == merged.get_absolute_url()
    assert (merged.pk, merged.phone, merged.first_name, merged.score) == (a.pk, "2", "Ada", 30)
    assert "What the other one had" in answer.content.decode()
    stage.cycle()
    assert stage.leads()[0]["City"] == "Hamburg"


def test_two_leads_are_merged_in_salesforce_and_the_page_says_so_before(stage: Stage) -> None:
    ids = [stage.emulator.create(LastName=name, Company="C", Email=f"{name}@x.example") for name in "ab"]
    stage.cycle()
    a, b = (Person.objects.get(sfdc_id=sfdc_id) for sfdc_id in ids)
    shown = page(stage.browser, f"/people/merge/?ids={a.pk}&ids={b.pk}&winner={b.pk}")
    assert "merged into the Lead" in shown
    stage.browser.post("/people/merge/", form_of(b, a))
    assert [lead["Id"] for lead in stage.leads()] == [ids[1]]
    assert "Former records" in page(stage.browser, f"/people/{b.pk}/")


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"confirmed": ""}, 422, "Nothing was merged yet"),
        ({"version": ["1:99"]}, 409, "changed in the meantime"),
        ({"ids": []}, 422, "Choose two or three people"),
        ({"ids": ["x", "999999999999"]}, 422, "Choose two or three people"),
    ],
)
def test_nothing_is_merged_by_mistake(stage: Stage, change: dict[str, Any], status: int, words: str) -> None:
    people = [stage.person(first_name=name) for name in ("Ada", "Augusta")]
    answer = stage.browser.post("/people/merge/", form_of(*people) | change)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert Person.objects.count() == 2


def test_a_lead_and_a_contact_need_a_choice(stage: Stage) -> None:
    lead, contact = stage.person_as("lead"), None
    account = stage.emulator.create("Account", Name="Acme")
    contact_id = stage.emulator.create("Contact", LastName="King", Email="k@x.example", AccountId=account)
    stage.cycle()
    contact = Person.objects.get(sfdc_id=contact_id)
    assert "can’t merge a Lead with a Contact" in page(
        stage.browser, f"/people/merge/?ids={lead.pk}&ids={contact.pk}"
    )
    answer = stage.browser.post("/people/merge/", form_of(contact, lead))
    assert (answer.status_code, Person.objects.count()) == (422, 2)
    stage.browser.post("/people/merge/", form_of(contact, lead, leads="keep"))
    assert "Second record, doesn’t sync" in page(stage.browser, Person.objects.get().get_absolute_url())


def test_what_salesforce_refuses_is_said_on_the_page(stage: Stage) -> None:
    for name in "ab":
        stage.emulator.create(LastName=name, Company="C", Email=f"{name}@x.example")
    stage.cycle()
    stage.emulator.rules(object_permissions=[{"object": "Lead", "delete": False}])
    answer = stage.browser.post("/people/merge/", form_of(*Person.objects.order_by("pk")))
    assert (answer.status_code, "alert-danger" in answer.content.decode()) == (422, True)
    assert Person.objects.count() == 2


# --- To decide ----------------------------------------------------------------------------------------
@pytest.fixture
def held(stage: Stage) -> list[SyncFailure]:
    """Two Leads with the e-mail of a person who is a Lead already."""
    stage.person_as("lead")
    for name in ("King", "Noel"):
        stage.emulator.create(FirstName="Augusta", LastName=name, Company="X", Email="ada@acme.example")
    stage.cycle()
    return list(SyncFailure.objects.filter(direction="pull").order_by("pk"))


def test_what_waits_is_listed_with_whom_it_may_be(stage: Stage, held: list[SyncFailure]) -> None:
    shown = page(stage.browser, "/sync/review/")
    assert ("Augusta King" in shown, shown.count("Same person: merge")) == (True, 2)
    assert "Nothing to decide" not in shown


def test_many_records_become_people_at_once(stage: Stage, held: list[SyncFailure]) -> None:
    calls = stage.emulator.api_calls()
    answer = stage.browser.post("/sync/review/create/", {"ids": [f.pk for f in held]}, follow=True)
    assert "2 records are people of their own now." in answer.content.decode()
    assert stage.emulator.api_calls() - calls == 1
    assert Person.objects.count() == 3
    assert "Nothing to decide" in page(stage.browser, "/sync/review/")
    stage.browser.post("/sync/review/create/", {"ids": [f.pk for f in held]})
    assert Person.objects.count() == 3


def test_a_held_record_that_is_somebody_is_merged_with_it(stage: Stage, held: list[SyncFailure]) -> None:
    ada = Person.objects.get()
    answer = stage.browser.post(f"/sync/review/{held[0].pk}/merge/", {"person": ada.pk})
    made = Person.objects.get(sfdc_id=held[0].sfdc_id)
    assert answer["Location"] == f"/people/merge/?ids={ada.pk}&ids={made.pk}&winner={ada.pk}"
    stage.browser.post("/people/merge/", form_of(ada, made))
    assert Person.objects.get().pk == ada.pk
    assert len(stage.leads()) == 2


def test_a_held_person_gets_a_lead_of_its_own_if_somebody_says_so(stage: Stage) -> None:
    for name in ("B1", "B2"):
        stage.emulator.create(LastName=name, Company="X", Email="ada@acme.example")
    person = stage.person()
    stage.sync(person)
    failure = stage.failure(person)
    stage.browser.post(f"/sync/review/{failure.pk}/lead/")
    person.refresh_from_db()
    assert (len(stage.leads()), person.sfdc_state) == (3, "in_step")
    assert stage.browser.get("/sync/review/").status_code == 200


def test_a_decision_made_in_the_list_leads_back_to_it(stage: Stage, held: list[SyncFailure]) -> None:
    answer = stage.browser.post(f"/sync/failures/{held[0].pk}/create/", {"back": "review"})
    assert answer["Location"] == "/sync/review/"


def test_the_review_page_asks_the_same_number_of_questions_however_much_waits(
    stage: Stage, held: list[SyncFailure]
) -> None:
    def ask() -> int:
        with CaptureQueriesContext(database) as asked:
            page(stage.browser, "/sync/review/")
        return len(asked)

    few = ask()
    for number in range(10):
        stage.emulator.create(LastName=f"K{number}", Company="X", Email="ada@acme.example")
    stage.cycle()
    assert SyncFailure.objects.count() == 12
    assert ask() == few


# --- Deleted here -------------------------------------------------------------------------------------
def test_who_was_deleted_here_is_listed_exported_and_comes_back(stage: Stage) -> None:
    person = stage.person_as("lead")
    delete_people([person.pk], source="People list", now=timezone.now())
    shown = page(stage.browser, "/people/deleted/?q=byron")
    assert ("Ada Byron" in shown, "when it changes in Salesforce" in shown) == (True, True)
    answer = stage.browser.get("/people/deleted/export/")
    assert b"ada@acme.example" in b"".join(answer.streaming_content)
    answer = stage.browser.post("/people/deleted/lift/", {"ids": [person.sfdc_id]}, follow=True)
    assert "1 person is back." in answer.content.decode()
    assert (Person.objects.get().sfdc_id, Tombstone.objects.count()) == (person.sfdc_id, 0)
    assert "Nobody who is in Salesforce was deleted here" in page(stage.browser, "/people/deleted/")


def test_the_setting_is_an_administrators(stage: Stage, browser_of: Any, administrator: Any) -> None:
    data = {
        "form": "settings", "pause_minutes": 5, "lead_winner": "ours", "contact_winner": "ours", "matching": "email",
        "contact_queue": "duplicate", "guard_share": 20, "guard_least": 100, "deleted_here": "stays_away",
        "reconcile_hour": 3,
    }  # fmt: skip
    answer = browser_of(administrator).post("/sync/connection/", data)
    assert answer.status_code == 302
    assert Connection.objects.get().deleted_here == "stays_away"
    person = stage.person_as("lead")
    assert "stays away from here" in page(stage.browser, f"/people/delete/?ids={person.pk}")
