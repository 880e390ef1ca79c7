"""Story: a marketer brings people in from a CSV file, and takes them out into one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique

Upload = Callable[..., Page]


@pytest.fixture
def upload(marketer_page: Page, tmp_path: Path) -> Upload:
    def send(*lines: str) -> Page:
        file = tmp_path / "fair.csv"
        file.write_text("\n".join(lines))
        marketer_page.goto("/people/")
        marketer_page.get_by_role("link", name="Import CSV").click()
        marketer_page.get_by_label("CSV file").set_input_files(file)
        marketer_page.get_by_role("button", name="Upload and preview").click()
        expect(marketer_page.get_by_role("heading", name="fair.csv")).to_be_visible()
        return marketer_page

    return send


def figure(page: Page, label: str) -> str:
    return page.locator(".stat").filter(has_text=label).locator(".stat-value").inner_text()


def test_columns_are_matched_by_salesforce_label_too_and_who_has_the_e_mail_is_updated(
    upload: Upload, installation: Installation
) -> None:
    fair = unique("fair")
    installation.add_person(last_name="Here", company=fair, email=f"here@{fair}.example", phone="+49 1")
    page = upload(
        "Email,LAST NAME,company,Title,Shoe size",
        f"here@{fair}.example,,,Gardener,43",
        f"new@{fair}.example,Newman,{fair},Baker,38",
    )
    assert figure(page, "New people") == figure(page, "People updated") == "1"
    expect(page.get_by_role("combobox", name="Title")).to_have_value("job_title")
    expect(page.get_by_role("combobox", name="Shoe size")).to_have_value("")
    expect(page.get_by_text("No field has this name.")).to_be_visible()
    assert len(installation.people(q=fair)) == 1
    page.get_by_role("button", name="Import 2 people").click()
    expect(page.get_by_role("heading", name="fair.csv was imported")).to_be_visible()
    assert figure(page, "New people") == figure(page, "People updated") == "1"
    here = installation.person(f"here@{fair}.example")
    assert (here["last_name"], here["phone"], here["job_title"]) == ("Here", "+49 1", "Gardener")
    assert installation.person(f"new@{fair}.example")["job_title"] == "Baker"


def test_a_column_may_be_given_to_another_field(upload: Upload, installation: Installation) -> None:
    fair = unique("fair")
    page = upload("Email,Company,Town", f"t@{fair}.example,{fair},Ulm")
    page.get_by_role("combobox", name="Town").select_option("City")
    page.get_by_role("button", name="Check again with these columns").click()
    page.get_by_role("button", name="Import 1 person").click()
    expect(page.get_by_role("heading", name="fair.csv was imported")).to_be_visible()
    assert installation.person(fair)["city"] == "Ulm"


def test_bad_rows_are_told_by_line_and_nothing_is_imported_by_half(
    upload: Upload, installation: Installation
) -> None:
    fair = unique("fair")
    page = upload("Email,Last Name,Company", f"good@{fair}.example,Good,{fair}", f"no address,Bad,{fair}")
    bad = page.get_by_role("group", name="Rows that can’t be imported").locator("tbody tr")
    expect(bad).to_have_count(1)
    expect(bad.get_by_role("cell").first).to_have_text("3")
    expect(bad).to_contain_text("no address")
    expect(page.get_by_role("button", name="Import", exact=False)).to_have_count(1)
    assert installation.people(q=fair) == []
    page.get_by_role("button", name="Leave the bad rows out and import 1 person").click()
    expect(page.get_by_role("heading", name="fair.csv was imported")).to_be_visible()
    assert figure(page, "Rows left out") == "1"
    assert [row["last_name"] for row in installation.people(q=fair)] == ["Good"]


def test_an_export_has_those_who_were_chosen_and_no_formulas(
    marketer_page: Page, installation: Installation
) -> None:
    company, page = unique("Evil"), marketer_page
    formula = '=HYPERLINK("http://evil.example")'
    for number in (1, 2):
        values = {"first_name": formula, "phone": "+49 30 1234", "email": f"h{number}@{company}.example"}
        installation.add_person(last_name=f"Harm{number}", company=company, **values)
    page.goto(f"/people/?q={company}&sort=name")
    page.get_by_role("row", name="Harm1").get_by_role("checkbox").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    with download.value.path().open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["last_name"], row["first_name"], row["phone"]) for row in rows] == [
        ("Harm1", f"'{formula}", "+49 30 1234")
    ]
