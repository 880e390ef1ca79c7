"""A person's page, its activity log, and the form."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import services
from people.models import Activity, LeadOwner, Person, PersonField
from tests.people.conftest import NOW

LATER = NOW + timedelta(hours=1)


def body(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split("<main")[1].split())


def test_the_page_shows_every_field_under_its_group(client: Client, person: Person) -> None:
    services.add_field(label="Shoe size", type="integer")
    page = body(client, f"/people/{person.pk}/")
    positions = [
        page.index(f">{label}<") for label in ("Person", "Company", "Address", "Marketing", "Custom fields")
    ]
    assert positions == sorted(positions)
    assert all(f">{label}</a></dt>" in page for label in PersonField.objects.values_list("label", flat=True))


def test_the_page_shows_what_salesforce_has(client: Client, person: Person, owner: LeadOwner) -> None:
    from syncadmin.models import Connection

    Connection.objects.create(pk=1, instance_url="https://acme.my.salesforce.com", org_id="00D")
    fields = {"sfdc_id": "00Q000000000001AAA", "sfdc_type": "Lead", "owner": owner, "synced_at": NOW}
    Person.objects.filter(pk=person.pk).update(**fields)
    services.edit_person(person.pk, {"city": "Bonn", "phone": "1"}, source="Edit page", now=LATER)
    page = body(client, f"/people/{person.pk}/")
    assert 'href="https://acme.my.salesforce.com/00Q000000000001AAA"' in page
    assert "Maria Gomez" in page
    assert "City, Phone Number<br>" in page


def test_the_page_says_since_when_and_why_a_person_is_failing(client: Client, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(failed_at=NOW)
    attributes = {"code": "BAD", "message": "Phone must begin with +1", "advice": "Correct the phone."}
    Activity.objects.create(person=person, type="sync_failed", at=NOW, attributes=attributes)
    page = body(client, f"/people/{person.pk}/")
    assert page.count("Phone must begin with +1") == 2
    assert "Correct the phone." in page


def test_an_owner_that_was_not_read_yet_is_shown_by_id(client: Client, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(owner_id="005000000000009AAA")
    assert "005000000000009AAA" in body(client, f"/people/{person.pk}/")
    assert client.get("/people/").status_code == 200


def test_the_log_shows_old_and_new_value_and_who_changed_it_newest_first(
    client: Client, person: Person, marketer: User
) -> None:
    services.edit_person(person.pk, {"city": "Bonn"}, source="Salesforce: Maria Gomez", now=NOW)
    services.edit_person(person.pk, {"city": "Kiel"}, actor=marketer, source="Edit page", now=LATER)
    log = body(client, f"/people/{person.pk}/").split('id="activity-log"')[1]
    assert '<del class="was">Bonn</del>' in log
    assert '<ins class="now">Kiel</ins>' in log
    assert "marketer · Edit page" in log
    assert log.index("Kiel") < log.index("Salesforce: Maria Gomez")


def test_the_log_is_filtered_by_type_and_paged(client: Client, person: Person) -> None:
    Activity.objects.create(person=person, type="new_person", at=NOW)
    for index in range(20):
        services.edit_person(
            person.pk, {"city": f"City {index}"}, source="test", now=NOW + timedelta(minutes=index)
        )
    first = body(client, f"/people/{person.pk}/?type=change_data_value")
    second = body(client, f"/people/{person.pk}/?type=change_data_value&page=2")
    assert first.count("<h3") == 15
    assert second.count("<h3") == 5
    assert "?type=change_data_value&amp;page=2#activity-log" in first
    assert body(client, f"/people/{person.pk}/?type=new_person").count("<h3") == 1


def test_the_log_shows_every_type_whatever_its_attributes_lack(client: Client, person: Person) -> None:
    from people.models import ActivityType

    for kind in ActivityType.values:
        Activity.objects.create(person=person, type=kind, at=NOW)
    assert client.get(f"/people/{person.pk}/").status_code == 200


def test_the_queries_of_the_page_do_not_grow_with_the_log(
    client: Client, person: Person, marketer: User
) -> None:
    counts = []
    for number in (10, 100):
        for index in range(number):
            services.edit_person(
                person.pk, {"city": f"{number} {index}"}, actor=marketer, source="x", now=NOW
            )
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/people/{person.pk}/")
        counts.append(len(captured))
    # One more: with several types there is something to filter by; with several pages, nothing more.
    assert counts[0] == counts[1]


def test_nothing_that_was_typed_or_synced_is_run_by_the_browser(client: Client, make_person: Any) -> None:
    evil = "<script>alert(1)</script>"
    person = make_person(first_name=evil, company=evil, website="javascript:alert(1)", notes=evil)
    services.add_field(label=evil)
    services.edit_person(person.pk, {"city": evil}, source=evil, now=NOW)
    for url in (
        "/people/",
        f"/people/{person.pk}/",
        f"/people/{person.pk}/edit/",
        f"/people/delete/?ids={person.pk}",
    ):
        page = client.get(url).content.decode()
        assert evil not in page
        assert 'href="javascript' not in page


# --- The form -------------------------------------------------------------------------------------------


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back without a change."""
    form = client.get(url).context["form"]
    data: dict[str, Any] = {"_shown": form["_shown"].value()}
    for name in form.person_fields:
        value = form[name].value()
        if value not in (None, False, ""):
            data[name] = "on" if value is True else value
    return data


def test_editing_saves_logs_and_says_what_was_changed(client: Client, person: Person, marketer: User) -> None:
    url = f"/people/{person.pk}/edit/"
    data = {**form_of(client, url), "city": "Bonn", "unsubscribed": "on", "score": "5"}
    answer = client.post(url, data, follow=True)
    person.refresh_from_db()
    assert (person.city, person.unsubscribed, person.score) == ("Bonn", True, 5)
    assert "Saved: City, Score, Unsubscribed." in answer.content.decode()
    assert {entry.actor for entry in person.activities.all()} == {marketer}


def test_saving_without_a_change_changes_nothing(client: Client, person: Person) -> None:
    services.add_field(label="Web", type="datetime")
    services.add_field(label="Colours", type="multipicklist", choices=["blue", "red"])
    custom = {"web": "2026-01-31T10:00:07Z", "colours": "blue;red"}
    notes = " a\r\nb "
    Person.objects.filter(pk=person.pk).update(
        custom=custom, notes=notes, annual_revenue="5.50", industry="Gone"
    )
    url = f"/people/{person.pk}/edit/"
    answer = client.post(url, form_of(client, url), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert not person.activities.exists()


def test_what_changed_meanwhile_is_not_set_back(client: Client, person: Person) -> None:
    url = f"/people/{person.pk}/edit/"
    data = {**form_of(client, url), "city": "Bonn"}
    services.edit_person(person.pk, {"phone": "+1"}, source="Salesforce: Maria", now=LATER)
    client.post(url, data)
    person.refresh_from_db()
    assert (person.city, person.phone) == ("Bonn", "+1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "anna"}, "“anna” is not an e-mail address."),
        ({"score": "1.5"}, "not a whole number"),
        ({"date_of_birth": "31/12/1999"}, "not a date"),
        ({"city": "x" * 41}, "at most 40 fit"),
        ({"city": "a\0b"}, "Null characters are not allowed"),
        ({"first_name": "", "last_name": "", "email": "", "company": ""}, "A person needs a name"),
        ({"rating": "Warm"}, "is not one of the available choices"),
        ({"_shown": "{", "score": "x"}, "not a number"),
        ({"_shown": "[]", "score": "x"}, "not a number"),
    ],
)
def test_what_is_not_valid_is_422_and_said_beside_the_field(
    changes: dict[str, str], words: str, client: Client, person: Person
) -> None:
    PersonField.objects.filter(name="rating").update(choices=["Hot"])
    url = f"/people/{person.pk}/edit/"
    answer = client.post(url, {**form_of(client, url), **changes})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not person.activities.exists()


def test_a_value_that_left_its_picklist_may_stay(client: Client, person: Person) -> None:
    PersonField.objects.filter(name="rating").update(choices=["Hot"])
    Person.objects.filter(pk=person.pk).update(rating="Warm")
    url = f"/people/{person.pk}/edit/"
    assert client.post(url, {**form_of(client, url), "city": "Bonn"}).status_code == 302


def test_read_only_fields_are_shown_and_not_edited(client: Client, person: Person) -> None:
    services.add_field(label="Rank", is_read_only=True)
    assert ">Rank</a></dt>" in body(client, f"/people/{person.pk}/")
    url = f"/people/{person.pk}/edit/"
    client.post(url, {**form_of(client, url), "rank": "1"})
    person.refresh_from_db()
    assert person.custom == {}


def test_times_are_edited_in_the_zone_of_the_reader(client: Client, person: Person) -> None:
    services.add_field(label="Web", type="datetime")
    client.cookies["timezone"] = "Europe/Berlin"
    url = f"/people/{person.pk}/edit/"
    client.post(url, {**form_of(client, url), "web": "2026-07-01T12:00"})
    person.refresh_from_db()
    assert person.custom == {"web": "2026-07-01T10:00:00Z"}
    assert 'value="2026-07-01T12:00:00"' in client.get(url).content.decode()


def test_a_new_person_is_created_and_shown(client: Client, marketer: User) -> None:
    data = {**form_of(client, "/people/new/"), "last_name": "Lee", "email": "Lee@X.example"}
    answer = client.post("/people/new/", data, follow=True)
    person = Person.objects.get()
    assert answer.redirect_chain[-1][0] == person.get_absolute_url()
    assert person.email == "lee@x.example"
    assert person.activities.get().actor == marketer


def test_a_new_person_needs_a_name_or_an_email(client: Client) -> None:
    assert client.post("/people/new/", {"city": "Bonn"}).status_code == 422
    assert not Person.objects.exists()


def test_a_second_person_with_an_email_is_asked_about(client: Client, person: Person) -> None:
    data = {"last_name": "Lee", "email": person.email, "_shown": json.dumps({})}
    answer = client.post("/people/new/", data)
    assert answer.status_code == 422
    assert "There is a person with this e-mail already." in answer.content.decode()
    assert person.get_absolute_url() in answer.content.decode()
    assert client.post("/people/new/", {**data, "_duplicate": "1"}).status_code == 302
    assert Person.objects.count() == 2


def test_the_form_asks_the_browser_for_the_right_keyboard(client: Client) -> None:
    page = body(client, "/people/new/")
    for piece in ('type="email"', 'type="tel"', 'type="date"', 'autocomplete="off"', 'maxlength="80"'):
        assert piece in page
