"""Story: a marketer asks to be told; Salesforce stops accepting the credentials, and accepts them again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.alerts.receivers import Mailbox
from tests.e2e.installation import WAIT_SECONDS, Installation, unique
from tests.processes import eventually


def test_who_asked_hears_once_that_credentials_are_refused_and_once_that_they_work_again(
    marketer_page: Page, installation: Installation, mailbox: Mailbox
) -> None:
    page, address, emulator = marketer_page, f"{unique('may')}@example.com", installation.emulator
    page.goto("/sync/alerts/")
    page.get_by_role("link", name="Choose what you want to hear of").click()
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("checkbox", name="The guard has stopped the sync: E-mail").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your alerts were saved.")).to_be_visible()
    page.get_by_role("button", name="Save and send a test by e-mail").click()
    expect(page.get_by_text(f"The test arrived at the server, for {address}.")).to_be_visible()
    assert mailbox.subjects(address) == ["[Syncadmin] Test"]

    emulator.fault(error_code="invalid_grant", match="*oauth2/token*")
    emulator.expire_sessions()
    installation.run_cycle()
    installation.run_cycle()
    refused = "[Syncadmin] Salesforce refuses the credentials: nothing syncs"
    eventually(lambda: mailbox.subjects(address)[1:] == [refused], WAIT_SECONDS)
    page.goto("/sync/alerts/")
    now = page.get_by_role("region", name="What is wrong now")
    expect(now.get_by_text("Salesforce refuses the credentials: nothing syncs", exact=True)).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name=re.compile(r"^\d+ alerts?$"))).to_be_visible()

    emulator.clear_faults()
    emulator.login()
    installation.run_cycle()
    eventually(lambda: len(mailbox.to(address)) == 3, WAIT_SECONDS)
    assert mailbox.subjects(address)[2].startswith(
        "[Syncadmin] Salesforce accepts the credentials again, after "
    )
    assert f"\r\n{installation.url}/\r\n" in mailbox.to(address)[1].get_content()
    page.reload()
    expect(now).not_to_contain_text("Salesforce refuses the credentials")
    expect(page.get_by_role("row", name="Salesforce refuses the credentials: nothing syncs")).to_be_visible()
