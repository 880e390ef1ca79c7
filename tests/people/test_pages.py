"""Which page is open to whom, and what pages do with addresses nobody should type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from people.models import ImportFile, Person
from tests.people.conftest import NOW

# page, method, roles that may (the others get 403)
READ, WRITE = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}
PAGES = [
    ("/people/", "get", READ),
    ("/people/?q=acme&state=failing&sort=-name&page=2", "get", READ),
    ("/people/{person}/", "get", READ),
    ("/people/export/?all=1", "get", READ),
    ("/people/{person}/edit/", "get", WRITE),
    ("/people/{person}/edit/", "post", WRITE),
    ("/people/new/", "get", WRITE),
    ("/people/new/", "post", WRITE),
    ("/people/delete/?ids={person}", "get", WRITE),
    ("/people/delete/", "post", WRITE),
    ("/people/import/", "get", WRITE),
    ("/people/import/", "post", WRITE),
    ("/people/import/{file}/confirm/", "post", WRITE),
]


@pytest.fixture
def users(viewer: User, marketer: User, administrator: User) -> dict[str, User]:
    nobody = User.objects.create_user("nobody", password="demo")
    return {"viewer": viewer, "marketer": marketer, "administrator": administrator, "nobody": nobody}


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator", "nobody"])
def test_a_page_is_open_to_those_who_may_and_403_to_the_others(
    page: str,
    method: str,
    allowed: set[str],
    role: str,
    users: dict[str, User],
    person: Person,
    browser_of: Callable[[User | None], Client],
) -> None:
    file = ImportFile.objects.create(
        name="a.csv", data="email\na@b.example\n", created_by=users[role], created_at=NOW
    )
    url = page.format(person=person.pk, file=file.pk)
    status = getattr(browser_of(users[role]), method)(url).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], person: Person, browser_of: Callable[[User | None], Client]
) -> None:
    answer = getattr(browser_of(None), method)(page.format(person=person.pk, file=1))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
@pytest.mark.parametrize(
    "page", ["/people/{}/", "/people/{}/edit/", "/people/import/{}/", "/people/import/{}/done/"]
)
def test_an_unknown_id_is_404(page: str, pk: str, client: Client) -> None:
    assert client.get(page.format(pk)).status_code == 404


def test_the_upload_of_somebody_else_is_404(client: Client, administrator: User) -> None:
    file = ImportFile.objects.create(name="a.csv", data="email\n", created_by=administrator, created_at=NOW)
    assert client.get(f"/people/import/{file.pk}/").status_code == 404
    assert client.post(f"/people/import/{file.pk}/confirm/").status_code == 404


QUERIES = [
    "page=0", "page=-1", "page=abc", "page=" + "9" * 5000, "per_page=0", "per_page=1000000", "per_page=x",
    "sort=nonsense", "sort=-", "sort=--name", "sort=owner__name", "sort=name&sort=-state", "sort=password",
    "state=nonsense", "type=Account", "owner=nobody", "owner=null", "q=%00", "q=" + "x" * 1000, "q=%ff%fe",
    "q=a+b+c+d+e+f+g+h+i", "q=%25_%27%22", "unknown=1", "ids=1&all=1", "q=%ED%A0%80",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("page", ["/people/", "/people/export/", "/people/delete/", "/people/{person}/"])
def test_no_query_string_breaks_a_page(page: str, query: str, client: Client, person: Person) -> None:
    assert client.get(f"{page.format(person=person.pk)}?{query}").status_code == 200


@pytest.mark.parametrize("ids", ["abc", "-1", "9" * 25, "1e3", "%00", "٣", ""])
@pytest.mark.parametrize("page", ["/people/export/", "/people/delete/"])
def test_nonsense_ids_choose_nobody(page: str, ids: str, client: Client, person: Person) -> None:
    answer: Any = client.get(f"{page}?ids={ids}")
    assert answer.status_code == 200
    assert "anna@acme.example" not in answer.getvalue().decode()
