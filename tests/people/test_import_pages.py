"""Importing in the browser, by the command, and what becomes of an uploaded file."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from people import imports, services
from people.models import ImportFile, Person
from tests.people.conftest import NOW

LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db


def _upload(client: Client, content: bytes, name: str = "leads.csv") -> Any:
    return client.post("/people/import/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_an_import_is_previewed_then_done(client: Client, person: Person) -> None:
    answer = _upload(client, b"email,city\nanna@acme.example,Bonn\nb@x.example,Kiel\n")
    assert answer.status_code == 200
    url = answer.redirect_chain[-1][0]
    assert "Import 2 people" in answer.content.decode()
    assert Person.objects.count() == 1
    for _ in range(2):
        done = client.post(f"{url}confirm/", follow=True)
    assert "leads.csv was imported" in done.content.decode()
    assert Person.objects.count() == 2


def test_a_preview_with_bad_rows_imports_nothing_unless_they_are_left_out(client: Client) -> None:
    answer = _upload(client, b"email,city\nbad,Bonn\nb@x.example,Kiel\n")
    url = answer.redirect_chain[-1][0]
    assert "“bad” is not an e-mail address" in answer.content.decode()
    refused = client.post(f"{url}confirm/", follow=True)
    assert "Nothing was imported" in refused.content.decode()
    assert not Person.objects.exists()
    client.post(f"{url}confirm/", {"leave_out_bad": "1"})
    assert Person.objects.count() == 1


def test_columns_are_chosen_in_the_preview(client: Client) -> None:
    url = _upload(client, b"Mail,Where\na@x.example,Bonn\n").redirect_chain[-1][0]
    assert "None of the columns is known" in client.get(url).content.decode()
    client.post(url, {"column_0": "email", "column_1": "city"})
    client.post(f"{url}confirm/")
    assert Person.objects.get().city == "Bonn"
    assert client.get(url).status_code == 302


def test_nonsense_columns_are_not_imported(client: Client) -> None:
    url = _upload(client, b"email,city\na@x.example,Bonn\n").redirect_chain[-1][0]
    client.post(url, {"column_0": "password", "column_1": "sfdc_id"})
    assert "None of the columns is known" in client.get(url).content.decode()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04xx", b"a\0b", b"email\n", b"\xff\xfe"])
def test_a_file_that_is_no_csv_is_422_and_said_beside_the_field(content: bytes, client: Client) -> None:
    answer = _upload(client, content)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()


def test_an_upload_without_a_file_is_422(client: Client) -> None:
    assert client.post("/people/import/").status_code == 422


def test_fields_are_named_on_the_import_page(client: Client) -> None:
    services.add_field(label="Shoe size")
    assert b"<code>shoe_size</code>" in client.get("/people/import/").content


# --- The command ----------------------------------------------------------------------------------------


def _command(tmp_path: Path, data: bytes | str, *options: str) -> tuple[str, str]:
    file, out, err = tmp_path / "leads.csv", StringIO(), StringIO()
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    try:
        call_command("import_people", str(file), *options, stdout=out, stderr=err)
    except CommandError as error:
        return f"exit {error.returncode}: {error}", err.getvalue()
    return out.getvalue(), err.getvalue()


def test_the_command_prints_a_summary(tmp_path: Path, person: Person) -> None:
    out, err = _command(tmp_path, "email,city,shoe\nanna@acme.example,Bonn,1\nb@x.example,Kiel,2\n")
    assert out == "1 new, 1 updated, 0 unchanged, 0 rows left out.\n"
    assert "“shoe” is not imported" in err


def test_the_command_reports_bad_rows_by_line_and_exits_with_1(tmp_path: Path) -> None:
    out, err = _command(tmp_path, "email\na@x.example\nbad\nworse\n")
    assert out == "exit 1: Nothing was imported."
    assert "Line 3: Email Address: “bad”" in err
    assert "Line 4:" in err
    assert not Person.objects.exists()
    assert _command(tmp_path, "email\na@x.example\nbad\n", "--leave-out-bad-rows")[0].startswith("1 new")


def test_the_command_says_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    assert _command(tmp_path, b"")[0] == "exit 1: The file is empty."
    with pytest.raises(CommandError, match="can't be read: No such file"):
        call_command("import_people", str(tmp_path / "gone.csv"))


# --- A stored file ----------------------------------------------------------------------------------------


def test_a_stored_file_is_imported_once_and_emptied(marketer: User) -> None:
    file = imports.keep_file("C:/leads.csv", b"last_name\nLee\n", user=marketer, now=NOW)
    for _ in range(2):
        file = imports.import_stored(file.pk, leave_out_bad=False, actor=marketer, now=LATER)
    assert Person.objects.count() == 1
    assert (file.state, file.data, file.result["new"]) == ("done", "", 1)


def test_files_that_nobody_imported_go_after_a_day(marketer: User) -> None:
    imports.keep_file("a.csv", b"last_name\nLee\n", user=marketer, now=NOW)
    imports.keep_file("b.csv", b"last_name\nLee\n", user=marketer, now=NOW + timedelta(days=2))
    assert [file.name for file in ImportFile.objects.all()] == ["b.csv"]
