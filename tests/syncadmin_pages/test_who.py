"""Who may sync: the cards, the form of a rule with and without JavaScript, and what a person's page says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, SyncRule, SyncState
from tests.syncadmin_pages.test_dashboard import queries_of

PAGE = "/sync/who/"
MakePerson = Callable[..., Person]


def rule(kind: str, *conditions: tuple[str, str, list[Any]], **values: Any) -> SyncRule:
    found = [{"field": f, "operator": o, "values": v} for f, o, v in conditions]
    return SyncRule.objects.create(
        kind=kind, conditions=found, **{"is_on": True, "changed_at": timezone.now(), **values}
    )


def post(client: Client, kind: str, *rows: tuple[str, str, str], do: str, **values: str) -> Any:
    typed = {
        f"{part}-{number}": value
        for number, row in enumerate(rows)
        for part, value in zip(("field", "operator", "value"), row, strict=True)
    }
    return client.post(f"{PAGE}{kind}/", {"match": "all", **typed, **values, "do": do})


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_rules_stand_there_in_words(client: Client, acme: Connection, make_person: MakePerson) -> None:
    make_person(country="Germany")
    rule("inclusion", ("country", "one_of", ["Germany", "Austria"]), ("score", "greater", [10.5]))
    rule("exclusion", ("country", "is", ["Germany"]), ("email", "contains", ["@acme."]), match_any=True)
    html = text(client.get(PAGE))
    assert "Country is one of Germany, Austria" in html
    assert "Score is greater than 10.5" in html
    assert "Email Address contains @acme." in html
    assert "1 person is excluded" in html
    assert "All records come down." in html


def test_only_administrators_change_rules_and_everybody_reads_them(
    browser_of: Callable[[User | None], Client], viewer: User, marketer: User, acme: Connection
) -> None:
    rule("inclusion", ("country", "is", ["Germany"]))
    for user in (viewer, marketer):
        browser = browser_of(user)
        assert "Country is Germany" in text(browser.get(PAGE))
        assert f"{PAGE}inclusion/" not in browser.get(PAGE).content.decode().replace("/people/", "")
        assert browser.get(f"{PAGE}inclusion/").status_code == 403
        assert post(browser, "inclusion", do="save").status_code == 403
    assert browser_of(None).get(PAGE).status_code == 302
    assert SyncRule.objects.get().is_on


def test_the_page_costs_as_many_queries_for_many_people(
    client: Client, acme: Connection, make_person: MakePerson
) -> None:
    rule("inclusion", ("country", "is", ["Germany"]))
    rule("exclusion", ("city", "is", ["Bonn"]))
    make_person()
    few = queries_of(client, PAGE)
    for _ in range(5):
        make_person(country="Germany", city="Bonn")
    assert queries_of(client, PAGE) == few


def test_rows_are_added_and_removed_by_buttons(client: Client, acme: Connection) -> None:
    row = ("city", "is", "Bonn")
    more = post(client, "exclusion", row, do="add", is_on="1")
    assert more.context["rows"][0].line.value == "Bonn"
    assert len(more.context["rows"]) == 2
    assert more.context["draft"].is_on
    fewer = post(client, "exclusion", row, ("country", "is_empty", ""), do="remove-0")
    assert [each.line.field for each in fewer.context["rows"]] == ["country"]
    assert not SyncRule.objects.exists()


def test_a_field_brings_its_operators_and_its_input(client: Client, acme: Connection) -> None:
    answer = post(client, "exclusion", ("date_of_birth", "contains", "x"), do="show")
    (row,) = answer.context["rows"]
    assert (row.line.operator, row.line.value, row.input) == ("is", "", "date")
    assert {"before", "past_days"} <= {value for value, _ in row.operators}
    assert 'type="date"' in answer.content.decode()


def test_a_rule_is_saved_with_who_and_when(client: Client, administrator: User, acme: Connection) -> None:
    rows = (("annual_revenue", "greater", "1234.50"), ("date_of_birth", "before", "31.01.1990"), ("", "", ""))
    assert post(client, "inclusion", *rows, do="save", is_on="1", match="any").status_code == 302
    kept = SyncRule.objects.get()
    assert kept.conditions == [
        {"field": "annual_revenue", "operator": "greater", "values": [1234.5]},
        {"field": "date_of_birth", "operator": "before", "values": ["1990-01-31"]},
    ]
    assert (kept.is_on, kept.match_any, kept.changed_by) == (True, True, administrator)
    again = client.get(f"{PAGE}inclusion/")
    assert [row.line.value for row in again.context["rows"]] == ["1234.5", "1990-01-31"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("nonsense", "is", "x"), "Choose a field."),
        (("city", "is", " "), "Enter a value."),
        (("annual_revenue", "less", "lots"), "is not a number"),
        (("date_of_birth", "after", "yesterday"), "is not a date"),
        (("date_of_birth", "past_days", "-3"), "Enter a number of days."),
        (("city", "is", "x" * 300), "missing, or too long"),
        (("city", "one_of", ";".join(map(str, range(201)))), "At most 200 values fit."),
        (("country", "no_such", "x"), "Choose what to ask of this field."),
    ],
)
def test_what_makes_no_sense_is_said_at_its_row_and_nothing_is_saved(
    row: tuple[str, str, str], said: str, client: Client, acme: Connection
) -> None:
    answer = post(client, "exclusion", row, do="save", is_on="1")
    assert answer.status_code == 422
    assert said in text(answer)
    assert not SyncRule.objects.exists()


def test_a_rule_that_would_exclude_everybody_is_not_saved(client: Client, acme: Connection) -> None:
    answer = post(client, "exclusion", do="save", is_on="1")
    assert answer.status_code == 422
    assert "hold for everybody" in text(answer)


def test_it_says_beforehand_whom_it_concerns(
    client: Client, acme: Connection, make_person: MakePerson
) -> None:
    for number in range(7):
        make_person(country="Germany", last_name=f"New{number}")
    make_person(country="Germany", sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    answer = post(client, "inclusion", ("country", "is", "germany"), do="check")
    effect = answer.context["effect"]
    assert (effect.meeting, effect.concerned, len(effect.sample)) == (8, 7, 5)
    assert "7 people would be created as Leads" in text(answer)
    typed = post(client, "inclusion", ("country", "is", "germany"), do="show")
    assert "7 people would be created as Leads" in text(typed)


def test_a_record_filter_is_tried_in_salesforce_before_it_is_saved(
    client: Client, emulator: Any, connection: Connection
) -> None:
    for industry in ("Banking", "Banking", "Energy"):
        emulator.create(LastName="L", Company="C", Industry=industry)
    row = ("Industry", "is", "Banking")
    assert "2 of 3 Leads would sync" in text(post(client, "Lead", row, do="check"))
    assert post(client, "Lead", row, do="save", is_on="1").status_code == 302
    kept = SyncRule.objects.get()
    assert (kept.matching, kept.total) == (2, 3)
    assert "2 of 3 records met it when it was saved." in text(client.get(PAGE))


def test_a_filter_that_salesforce_refuses_is_not_saved(
    client: Client, emulator: Any, connection: Connection
) -> None:
    emulator.rules(field_level_security=[{"object": "Lead", "field": "Industry", "visible": False}])
    answer = post(client, "Lead", ("Industry", "is", "Banking"), do="save", is_on="1")
    assert answer.status_code == 422
    assert "Salesforce doesn’t accept this filter" in text(answer)
    assert not SyncRule.objects.exists()


def test_a_filter_never_asks_what_time_or_a_formula_alone_changes(
    client: Client, connection: Connection
) -> None:
    fields = client.get(f"{PAGE}Lead/").content.decode()
    assert "LastModifiedDate" not in fields
    assert "SystemModstamp" not in fields
    (row,) = post(client, "Lead", ("CreatedDate", "past_days", "3"), do="show").context["rows"]
    assert "past_days" not in {value for value, _ in row.operators}
    assert post(client, "Lead", ("CreatedDate", "past_days", "3"), do="save", is_on="1").status_code == 422


def test_without_a_connection_a_filter_says_what_to_do(client: Client, db: None) -> None:
    answer = post(client, "Lead", ("", "", ""), do="check")
    assert "There is no connection to Salesforce yet" in text(answer)


def test_people_who_meet_a_rule_can_be_downloaded(
    client: Client, acme: Connection, make_person: MakePerson
) -> None:
    make_person(country="Germany", last_name="Noether")
    make_person(country="France", last_name="Curie")
    rule("exclusion", ("country", "is", ["Germany"]), is_on=False)
    answer = client.get(f"{PAGE}exclusion/people/")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Noether" in lines[1]
    assert client.get(f"{PAGE}Lead/people/").status_code == 404
    assert client.get(f"{PAGE}nonsense/").status_code == 404


def test_a_rule_about_a_field_that_is_gone_says_so(client: Client, acme: Connection) -> None:
    rule("exclusion", ("gone", "is", ["x"]))
    html = text(client.get(PAGE))
    assert "Can’t be read" in html
    assert "there is no field gone any more" in html
    assert "gone (gone)" in text(client.get(f"{PAGE}exclusion/"))


# --- A person's page ------------------------------------------------------------------------------------


def test_a_persons_page_says_why_not(client: Client, acme: Connection, make_person: MakePerson) -> None:
    person = make_person(country="Germany")
    usual = text(client.get(f"/people/{person.pk}/"))
    assert "Never pushed to Salesforce." not in usual
    assert "Meets the inclusion rule" not in usual
    rule("inclusion")
    assert "Meets the inclusion rule" in text(client.get(f"/people/{person.pk}/"))
    rule("exclusion", ("country", "is", ["Germany"]))
    shown = text(client.get(f"/people/{person.pk}/"))
    assert "Excluded by the rule: Country is Germany." in shown
    assert "Meets the inclusion rule" not in shown


def test_a_persons_page_says_since_when_its_record_is_outside_the_filter(
    client: Client, acme: Connection, make_person: MakePerson
) -> None:
    person = make_person(sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    now = timezone.now()
    SyncState.objects.create(
        sfdc_id=person.sfdc_id, object="Lead", person=person, synced_at=now, outside_since=now
    )
    assert "Outside the record filter" in text(client.get(f"/people/{person.pk}/"))
