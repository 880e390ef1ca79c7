"""CSV exports: their columns, that they do no harm, and that an import gives back what was exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import imports, services
from people.exports import write_csv
from people.harmless import harmless, restored
from people.models import LeadOwner, Person
from tests.people.conftest import NOW

pytestmark = pytest.mark.django_db


def export_text() -> str:
    stream = io.StringIO(newline="")
    write_csv(stream, Person.objects.all())
    return stream.getvalue()


def exported() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export_text(), newline="")))


def test_the_columns_are_named_as_fields_are(person: Person, owner: LeadOwner) -> None:
    services.add_field(label="Shoe size", type="integer")
    person.owner, person.sfdc_id, person.sfdc_type = owner, "00Q000000000001AAA", "Lead"
    person.custom = {"shoe_size": 41}
    person.save()
    [row] = exported()
    names = list(row)
    assert names[:8] == ["id", "first_name", "last_name", "company", "email", "job_title", "phone", "city"]
    assert names[-5:] == ["shoe_size", "sfdc_type", "sfdc_id", "sfdc_is_deleted", "owner"]
    assert len(set(names)) == len(names) == 26 + 1 + 5
    assert (row["id"], row["sfdc_type"], row["sfdc_is_deleted"]) == (str(person.pk), "Lead", "false")
    assert (row["owner"], row["shoe_size"], row["unsubscribed"]) == ("Maria Gomez", "41", "false")


def test_an_owner_that_was_not_read_yet_is_exported_by_id(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(owner_id="005000000000009AAA")
    assert exported()[0]["owner"] == "005000000000009AAA"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-A1+2", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", "+49 ext. 5", "''-x"],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text
    assert restored(harmless(text)) == text


@pytest.mark.parametrize(
    "text",
    ["+49 30 1234", "+1 (555) 010-9999", "-5", "-12.5", "O'Brien", "'quoted'", "a=b", "", "'", "x@y.example"],
)
def test_phone_numbers_and_plain_text_are_left_alone(text: str) -> None:
    assert harmless(text) == text
    assert restored(text) == text


def test_an_import_gives_back_what_was_exported(make_person: Callable[..., Person]) -> None:
    for label, kind in [
        ("Web", "datetime"),
        ("Colours", "multipicklist"),
        ("Vip", "boolean"),
        ("Rate", "percent"),
    ]:
        services.add_field(label=label, type=kind)
    values: dict[str, Any] = {
        "first_name": "=HYPERLINK(\"x\")", "last_name": 'O"Brien, jr.', "company": "'=x", "phone": "+49 30 1234",
        "mobile_phone": "+1 ext. 5", "notes": "line 1\nline 2, “quoted”", "annual_revenue": Decimal("-1234567.89"),
        "score": -5, "date_of_birth": date(1990, 1, 31), "unsubscribed": True, "city": "Köln 日本",
        "custom": {"web": "2026-01-31T10:00:00Z", "colours": "blue;red", "vip": True, "rate": 12.5},
    }  # fmt: skip
    person = make_person(email="a@x.example", **values)
    before = Person.objects.values().get(pk=person.pk)
    text = export_text()

    unchanged = imports.import_bytes(text.encode(), "same.csv", now=NOW)[1]
    assert (unchanged.new, unchanged.updated, unchanged.unchanged) == (0, 0, 1)

    Person.objects.all().delete()
    imports.import_bytes(text.encode(), "again.csv", now=NOW)
    after = Person.objects.values().get()
    assert {**after, "id": 0} == {**before, "id": 0}


def test_the_command_writes_everybody_to_standard_output(make_person: Callable[..., Person]) -> None:
    make_person(notes="two\nlines")
    make_person()
    out = StringIO(newline="")
    call_command("export_people", stdout=out)
    out.seek(0)
    assert len(list(csv.DictReader(out))) == 2


def test_the_statements_do_not_grow_with_the_people(
    make_person: Callable[..., Person], owner: LeadOwner
) -> None:
    counts = []
    for _ in range(2):
        for index in range(30):
            make_person(owner_id=owner.pk if index % 2 else "005000000000009AAA")
        with CaptureQueriesContext(connection) as queries:
            exported()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _names(answer: Any) -> set[str]:
    content = answer.getvalue().decode("utf-8-sig")
    return {row["first_name"] for row in csv.DictReader(io.StringIO(content, newline=""))}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ids={bo}&ids={cy}", {"Bo", "Cy"}),
        ("", set()),
        ("all=1", {"Bo", "Cy", "Di"}),
        ("all=1&filter=q%3Dacme", {"Bo", "Cy"}),
        ("all=1&filter=q%3Dacme%26state%3Dfailing", set()),
        ("ids={bo}&filter=q%3Dglobex", {"Bo"}),
        ("all=1&filter=state%3Dnonsense", set()),
    ],
)
def test_the_page_exports_the_selection_or_all_that_match(
    query: str, names: set[str], client: Client, make_person: Callable[..., Person]
) -> None:
    bo, cy = make_person(first_name="Bo", company="Acme"), make_person(first_name="Cy", company="Acme")
    make_person(first_name="Di", company="Globex", email="d@x.example")
    answer = client.get(f"/people/export/?{query.format(bo=bo.pk, cy=cy.pk)}")
    assert _names(answer) == names
    assert answer["Content-Disposition"].startswith('attachment; filename="people-')
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
