"""Story: an administrator gives a program a token, the program reads, and the token is taken away again."""

from __future__ import annotations

import re
from typing import Any

import requests
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique
from tests.processes import eventually


def call(
    installation: Installation, token: str, path: str = "/api/v1/people/", **query: Any
) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{installation.url}{path}", params=query, headers=headers, timeout=30)


def test_the_whole_life_of_a_token(admin_page: Page, installation: Installation) -> None:
    page, name, email = admin_page, unique("program"), f"{unique()}@api.example"
    person = installation.add_person(last_name="Read", company="Api", email=email)
    page.goto("/")
    page.get_by_role("link", name="API tokens").click()
    page.get_by_label("Which program will use it?").fill(name)
    page.get_by_label("It works for").select_option("30 days")
    page.get_by_role("button", name="Create token").click()
    token = page.locator("#token").inner_text()
    assert re.fullmatch(r"sya_[0-9a-z]{8}_[\w-]{43}", token)

    (found,) = call(installation, token, email=email).json()["items"]
    assert (found["id"], found["last_name"], found["sync_state"]) == (person, "Read", "not_in_sfdc")
    log = call(installation, token, "/api/v1/activities/", person=person).json()["items"]
    assert log[0]["type"] == "new_person"
    runs = call(installation, token, "/api/v1/runs/", order="newest", limit=1).json()["items"]
    assert runs[0]["steps"]
    first = call(installation, token, limit=2).json()
    assert call(installation, token, limit=2, cursor=first["next_cursor"]).json()["items"] != first["items"]
    metrics = call(installation, token, "/metrics/").text
    assert "syncadmin_workers 1.0" in metrics

    page.goto("/sync/tokens/")
    assert token not in page.content()
    row = page.get_by_role("row", name=name)
    expect(row).to_contain_text("just now")
    row.get_by_role("button", name=f"Revoke {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("was revoked")
    expect(page.get_by_role("row", name=name)).to_contain_text("Revoked")
    assert call(installation, token).status_code == 401
    assert token not in installation.log.read_text()

    page.get_by_role("link", name="What the API offers").click()
    expect(page.get_by_role("heading", name="One sync cycle")).to_be_visible()


def test_old_cycles_are_removed_once_somebody_decides_so(
    admin_page: Page, installation: Installation
) -> None:
    page = admin_page
    page.goto("/sync/retention/")
    # The first job ran by itself when the worker started, and counted.
    expect(page.get_by_role("row", name=re.compile("^Sync cycles"))).not_to_contain_text("not counted yet")
    page.get_by_label("Sync cycles and their steps").select_option("30 days")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_text("Nothing is old enough to be removed at once.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Sync cycles and their steps")).to_have_value("30")
    page.get_by_role("button", name="Remove now").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove now").click()
    expect(page.get_by_role("status").first).to_be_visible()

    def is_done() -> bool:
        page.goto("/sync/retention/")
        return page.get_by_role("row", name=re.compile("admin Done Nothing was old enough")).count() > 0

    eventually(is_done, 60)
