"""Story: without a connection nobody can be synced, and the pages say what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from people.models import Person
from tests.e2e.conftest import watch

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def person() -> Person:
    now = timezone.now()
    return Person.objects.create(last_name="Alone", company="Alone", created_at=now, updated_at=now)


@pytest.fixture
def page_as(live_server: Any, new_context: Any, errors: list[str]) -> Callable[[User], Page]:
    def make(user: User) -> Page:
        context = new_context(base_url=live_server.url)
        watch(context, errors)
        page: Page = context.new_page()
        page.goto("/login/")
        page.get_by_label("User name").fill(user.username)
        page.get_by_label("Password").fill("demo")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Salesforce is not connected yet.")).to_be_visible()
        return page

    return make


def test_an_administrator_is_led_to_the_connection(
    page_as: Callable[[User], Page], administrator: User, person: Person
) -> None:
    page = page_as(administrator)
    page.goto("/people/")
    page.get_by_label("Select Alone").check()
    expect(page.get_by_role("button", name="Export CSV")).to_be_visible()
    expect(page.get_by_role("button", name="Sync to Salesforce")).to_have_count(0)
    page.goto(f"/people/{person.pk}/")
    panel = page.get_by_role("region", name="Sync to Salesforce")
    expect(panel).to_contain_text("Salesforce is not connected, so nobody can be synced yet.")
    expect(panel.get_by_role("button")).to_have_count(0)
    panel.get_by_role("link", name="Connect Salesforce").click()
    expect(page.get_by_role("heading", name="Connection to Salesforce Not connected")).to_be_visible()
    expect(page.get_by_text("create an External Client App in Salesforce")).to_be_visible()
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()


def test_a_marketer_is_told_who_makes_it(
    page_as: Callable[[User], Page], marketer: User, person: Person
) -> None:
    page = page_as(marketer)
    expect(page.get_by_text("Ask an administrator of Syncadmin to connect it.")).to_be_visible()
    page.goto(f"/people/{person.pk}/")
    panel = page.get_by_role("region", name="Sync to Salesforce")
    expect(panel).to_contain_text("An administrator makes the connection.")
    expect(panel.get_by_role("button")).to_have_count(0)
    expect(panel.get_by_role("link")).to_have_count(0)
