"""CSV imports: what is understood, what is refused and why, and that nothing is half imported."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people import imports, services
from people.imports import matching
from people.models import Activity, Person
from tests.people.conftest import NOW

LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db


def run(data: bytes | str, **options: object) -> imports.Result:
    content = data.encode() if isinstance(data, str) else data
    return imports.import_bytes(content, "leads.csv", now=LATER, **options)[1]


def plan_of(data: bytes | str) -> imports.Plan:
    content = data.encode() if isinstance(data, str) else data
    return imports.plan(imports.check(imports.decoded(content), {}))


# --- What is understood -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "email,last_name",
        "E-Mail,Last Name",
        "Email Address,LAST NAME",
        " e_mail , last-name ",
        "EMAIL,lastname",
    ],
)
def test_columns_are_matched_by_label_or_name_whatever_their_spelling(header: str) -> None:
    assert run(f"{header}\na@x.example,Lee\n").new == 1
    assert Person.objects.get().last_name == "Lee"


def test_columns_are_matched_by_what_salesforce_calls_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_sources", [])
    imports.register_aliases(
        lambda: {"Title": "job_title", "LeadSource": "source", "City": "country", "X": "gone"}
    )
    run("Email,Title,Lead Source,City\na@x.example,CEO,Web,Bonn\n")
    person = Person.objects.get()
    assert (person.job_title, person.source) == ("CEO", "Web")
    assert (person.city, person.country) == ("Bonn", ""), "our own names win over Salesforce's"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_recognised(
    encoding: str, delimiter: str, newline: str
) -> None:
    rows = [["email", "last_name", "company"], ["a@x.example", "Müller", '"Acme, Inc; | Co"']]
    text = newline.join(delimiter.join(row) for row in rows) + newline
    run(text.encode(encoding))
    person = Person.objects.get()
    assert (person.last_name, person.company) == ("Müller", "Acme, Inc; | Co")


def test_utf_16_of_either_byte_order_is_read() -> None:
    run(codecs.BOM_UTF16_BE + "email,city\na@x.example,Köln\n".encode("utf-16-be"))
    assert Person.objects.get().city == "Köln"


def test_the_line_that_tells_excel_the_delimiter_is_skipped() -> None:
    assert run("sep=;\r\nemail;city\r\na@x.example;Bonn\r\n").new == 1


def test_a_person_with_the_same_email_is_updated_whatever_its_case(person: Person) -> None:
    assert run("email,city\nANNA@acme.example,Bonn\n").updated == 1
    person.refresh_from_db()
    assert (person.city, person.version, person.updated_at) == ("Bonn", 2, LATER)


def test_an_empty_cell_changes_nothing(person: Person) -> None:
    assert run("email,first_name,city,score\nanna@acme.example,, ,\n").unchanged == 1
    assert not person.activities.exists()


def test_each_change_is_on_the_activity_log_under_the_name_of_the_file(
    person: Person, marketer: User
) -> None:
    run("email,city,score\nanna@acme.example,Bonn,5\nnew@x.example,Kiel,\n", actor=marketer)
    log = Activity.objects.filter(person=person).order_by("id")
    assert [(entry.attributes["field"], entry.attributes["new"]) for entry in log] == [
        ("city", "Bonn"),
        ("score", 5),
    ]
    assert {(entry.source, entry.actor) for entry in Activity.objects.all()} == {
        ("CSV import leads.csv", marketer)
    }
    assert Activity.objects.get(type="new_person").person.email == "new@x.example"


def test_people_in_salesforce_wait_to_be_pushed_after_an_import(make_person: Callable[..., Person]) -> None:
    person = make_person(email="a@x.example", sfdc_id="00Q000000000001AAA", sfdc_type="Lead")
    run("email,city\na@x.example,Bonn\n")
    person.refresh_from_db()
    assert person.changed_at == LATER


def test_of_rows_with_the_same_email_the_later_wins_and_it_is_said() -> None:
    data = "email,city,phone\na@x.example,Bonn,1\nA@x.example,Kiel,\n"
    assert "line 3 (a@x.example)" in plan_of(data).notes[0]
    run(data)
    person = Person.objects.get()
    assert (person.city, person.phone) == ("Kiel", "1")


def test_rows_without_an_email_are_new_people_and_it_is_said() -> None:
    data = "email,last_name\n,Lee\n,Lee\n"
    assert "2 rows have no e-mail" in plan_of(data).notes[0]
    assert run(data).new == 2


def test_unknown_and_own_columns_are_left_alone_and_it_is_said(person: Person) -> None:
    data = f"id,email,sfdc_id,owner,shoe,city\n{person.pk + 5},anna@acme.example,00Q,Maria,41,Bonn\n"
    notes = {column.header: column.note for column in plan_of(data).columns if not column.field}
    assert notes.keys() == {"id", "sfdc_id", "owner", "shoe"}
    assert "imports leave it alone" in notes["id"]
    run(data)
    person.refresh_from_db()
    assert (person.city, person.sfdc_id) == ("Bonn", "")


def test_a_column_that_salesforce_alone_writes_is_not_imported() -> None:
    field = services.add_field(label="Rank", is_read_only=True)
    plan = plan_of("email,Rank\na@x.example,1\n")
    assert plan.columns[1].field is None
    assert "read-only" in plan.columns[1].note
    assert field.name not in plan.creates[0]


def test_rows_may_leave_out_empty_cells_at_their_end() -> None:
    assert run("email,city,phone\na@x.example\n\n , ,\nb@x.example,Bonn,1,,\n").new == 2


def test_custom_fields_are_imported() -> None:
    services.add_field(label="Webinar", type="datetime")
    services.add_field(label="Colours", type="multipicklist")
    run("email,webinar,Colours\na@x.example,2026-01-31 10:00,red; blue\n")
    assert Person.objects.get().custom == {"webinar": "2026-01-31T10:00:00Z", "colours": "blue;red"}


# --- What is refused ----------------------------------------------------------------------------------

BINARY = random.Random(4).randbytes(2000)
UNREADABLE = {
    "empty file": (b"", "empty"),
    "blank lines only": (b"\n\n  \n", "empty"),
    "only a byte order mark": (codecs.BOM_UTF8, "empty|no people"),
    "only separators": (b",,,\n,,,\n", "empty"),
    "header only": (b"email,city\n", "nothing stands below"),
    "Excel workbook": (b"PK\x03\x04" + BINARY, "not a CSV file"),
    "PDF": (b"%PDF-1.7\n" + BINARY, "not a CSV file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + BINARY, "not a CSV file"),
    "noise": (BINARY, "not a CSV file"),
    "NULs": (b"email,city\na@x.example,Bo\0nn\n", "Line 2 holds a NUL"),
    "UTF-16 without a mark": ("email,city\na@x.example,Bonn\n".encode("utf-16-le"), "not a CSV file"),
    "half a UTF-16 character": (codecs.BOM_UTF16_LE + b"e", "can't be read"),
    "a lone surrogate in UTF-16": (codecs.BOM_UTF16_LE + b"\x00\xd8e\x00", "can't be read"),
    "no known encoding": (b"email,city\na@x.example,\x81\x8d\n", "can't be read"),
    "too large": (b"email\n" + b"x" * imports.MAX_BYTES, "larger than 20 MB"),
    "header with unbalanced quotes": (b'"email,city\na@x.example,Bonn\n', "quotation marks"),
    "too many columns": (b",".join(b"c%d" % i for i in range(501)) + b"\n1\n", "more than 500 columns"),
    "too many rows": (b"email\n" + b"a\n" * 200_001, "more than 200,000 rows"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_csv_is_refused_in_words(name: str) -> None:
    data, words = UNREADABLE[name]
    with pytest.raises(imports.UnreadableFile, match=words):
        run(data)
    assert not Person.objects.exists()


BAD_ROWS = {
    "no e-mail address": ("anna,Bonn,,", 2, "“anna” is not an e-mail address"),
    "bad date": ("a@x.example,,31/12/1999,", 2, "“31/12/1999” is not a date"),
    "no number": ("a@x.example,,,1.000,", 2, ""),
    "huge number": ("a@x.example,,,99999999999999999999", 2, "too large"),
    "formula as number": ("a@x.example,,,=1+1", 2, "“=1+1” is not a number"),
    "cell of 300,000 characters": (f"a@x.example,{'x' * 300_000},,", 2, "City: It is too long: 300,000"),
    "text too long": (f"a@x.example,{'x' * 41},,", 2, "City: It is too long: 41 characters, and at most 40"),
    "too many cells": ("a@x.example,Bonn,,,extra", 2, "has 5 cells, but the header only 4"),
    "nobody": (",Bonn,,", 2, "nobody could tell who this is"),
    "several reasons": ("anna,,never,", 2, "Date of Birth: “never”"),
    "unbalanced quotes": ('b@x.example,"Bonn,,\nc@x.example,Kiel,,', 2, "quotation marks"),
    "text after the quotes": ('b@x.example,"Bonn"x,,', 2, "quotation marks"),
    "a row that spans lines": ('b@x.example,"Bo\nnn",,\nbad,,,', 4, "“bad”"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_reported_by_line_and_nothing_is_imported(name: str) -> None:
    row, line, words = BAD_ROWS[name]
    data = f"email,city,Date of Birth,Score\n{row}\nz@x.example,Kiel,,\n"
    if name == "no number":
        row, words = "a@x.example,,,1.5", "not a whole number"
        data = f"email,city,Date of Birth,Score\n{row}\n"
    with pytest.raises(imports.NotImported) as refused:
        run(data)
    bad = refused.value.plan.bad[0]
    assert bad.line == line
    assert words in bad.reason
    assert not Person.objects.exists()
    assert not Activity.objects.exists()


def test_an_email_that_several_people_have_is_reported_not_guessed(
    make_person: Callable[..., Person],
) -> None:
    for _ in range(2):
        make_person(email="twin@x.example")
    plan = plan_of("email,city\na@x.example,Bonn\ntwin@x.example,Kiel\n")
    assert [bad.line for bad in plan.bad] == [3]
    assert "2 people have the e-mail twin@x.example" in plan.bad[0].reason


def test_two_columns_for_one_field_are_refused_until_one_is_chosen() -> None:
    text = "Email,E-Mail,city\na@x.example,b@x.example,Bonn\n"
    assert "“Email” (1), “E-Mail” (2)" in imports.plan(imports.check(text, {})).problems[0]
    assert imports.plan(imports.check(text, {"0": ""})).creates[0]["email"] == "b@x.example"


def test_a_file_without_a_known_column_is_refused() -> None:
    assert "None of the columns is known" in plan_of("foo,bar\n1,2\n").problems[0]
    assert "None of the columns is known" in plan_of("anna\nbo\n").problems[0]


def test_bad_rows_are_left_out_if_that_is_asked_for() -> None:
    result = run("email,city\nbad,Bonn\na@x.example,Kiel\n", leave_out_bad=True)
    assert (result.new, result.left_out) == (1, 1)


def test_an_import_that_fails_at_its_end_leaves_nothing(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> int:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("people.imports.files.batches.edit_people", fail)
    with pytest.raises(RuntimeError):
        run("email,city\nanna@acme.example,Bonn\nb@x.example,Kiel\n")
    assert list(Person.objects.all()) == [person]


def test_the_statements_do_not_grow_with_the_rows() -> None:
    counts = []
    for number in (10, 1_000):
        data = "email,city\n" + "".join(f"{number}p{i}@x.example,Bonn\n" for i in range(number))
        for content in (data, data.replace("Bonn", "Kiel")):
            with CaptureQueriesContext(connection) as queries:
                run(content)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
