"""Which page is open to whom, and what pages do with addresses nobody should type."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from syncadmin.models import Connection, SyncRun

ALL, WRITE, ADMIN = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}, {"administrator"}
PAGES = [
    ("/", "get", ALL),
    ("/sync/live/", "get", ALL),
    ("/sync/now/", "post", WRITE),
    ("/sync/api/", "get", ALL),
    ("/sync/api/export/", "get", ALL),
    ("/sync/requests/", "get", ADMIN),
    ("/sync/requests/export/", "get", ADMIN),
    ("/sync/requests/1/", "get", ADMIN),
    ("/sync/runs/", "get", ALL),
    ("/sync/runs/export/", "get", ALL),
    ("/sync/runs/{run}/", "get", ALL),
    ("/sync/fields/", "get", ALL),
    ("/sync/fields/", "post", ADMIN),
    ("/sync/owners/", "get", ALL),
    ("/sync/owners/", "post", ADMIN),
    ("/sync/who/", "get", ALL),
    ("/sync/who/inclusion/", "get", ADMIN),
    ("/sync/who/inclusion/", "post", ADMIN),
    ("/sync/who/inclusion/people/", "get", ALL),
    ("/sync/preview/", "get", ALL),
    ("/sync/preview/", "post", WRITE),
    ("/sync/preview/start/", "post", ADMIN),
    ("/sync/guard/1/", "post", ADMIN),
    ("/sync/reconcile/", "get", ALL),
    ("/sync/reconcile/", "post", WRITE),
    ("/sync/reconcile/1/cancel/", "post", WRITE),
    ("/sync/reconcile/1/repair/", "post", WRITE),
    ("/sync/reconcile/1/export/", "get", ALL),
    ("/sync/tokens/", "get", ADMIN),
    ("/sync/tokens/", "post", ADMIN),
    ("/sync/tokens/export/", "get", ADMIN),
    ("/sync/tokens/1/revoke/", "post", ADMIN),
    ("/sync/retention/", "get", ADMIN),
    ("/sync/retention/", "post", ADMIN),
    ("/sync/retention/export/", "get", ADMIN),
    ("/sync/retention/prune/", "post", ADMIN),
    ("/sync/retention/prune/cancel/", "post", ADMIN),
    ("/api/v1/docs/", "get", ALL),
    ("/sync/connection/", "get", ADMIN),
    ("/sync/connection/", "post", ADMIN),
    ("/sync/connection/pause/", "post", ADMIN),
    ("/sync/connection/read-again/", "post", ADMIN),
    ("/sync/connection/refresh/", "post", ADMIN),
]


@pytest.fixture
def run(make_run: Callable[..., SyncRun]) -> SyncRun:
    return make_run()


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator", "nobody"])
def test_a_page_is_open_to_those_who_may_and_403_to_the_others(
    page: str, method: str, allowed: set[str], role: str, run: SyncRun, request: pytest.FixtureRequest,
    browser_of: Callable[[User | None], Client],
) -> None:  # fmt: skip
    user = User.objects.create_user("nobody") if role == "nobody" else request.getfixturevalue(role)
    status = getattr(browser_of(user), method)(page.format(run=run.pk)).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], run: SyncRun, browser_of: Callable[[User | None], Client]
) -> None:
    answer = getattr(browser_of(None), method)(page.format(run=run.pk))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize(("page", "method", "allowed"), [page for page in PAGES if page[1] == "post"])
def test_a_post_without_its_token_is_refused(
    page: str, method: str, allowed: set[str], administrator: User
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    assert client.post(page).status_code == 403


@pytest.mark.parametrize(
    "page",
    ["/sync/now/", "/sync/connection/pause/", "/sync/connection/read-again/", "/sync/connection/refresh/"],
)
def test_what_changes_something_takes_a_post(page: str, client: Client) -> None:
    assert client.get(page).status_code == 405


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_an_unknown_cycle_is_404(pk: str, client: Client) -> None:
    assert client.get(f"/sync/runs/{pk}/").status_code == 404


QUERIES = [
    "page=0", "page=-1", "page=abc", "page=" + "9" * 5000, "per_page=x", "sort=nonsense", "sort=-new", "sort=--new",
    "sort=error_message", "state=nonsense", "since=nonsense", "since=0001-01-01", "until=9999-12-31",
    "until=2026-02-30", "since=2026-01-01&until=2025-01-01", "q=%00", "q=%ff%fe", "show=nonsense", "ended=x&asked=-1",
    "asked=" + "9" * 5000, "asked=%C2%B2", "unknown=1",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "page", ["/", "/sync/live/", "/sync/runs/", "/sync/runs/export/", "/sync/owners/", "/sync/fields/"]
)
def test_a_senseless_query_is_no_error(
    page: str, query: str, client: Client, acme: Connection, run: SyncRun
) -> None:
    assert client.get(f"{page}?{query}").status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/sync/runs/",
        "/sync/api/",
        "/sync/requests/",
        "/sync/fields/",
        "/sync/owners/",
        "/sync/who/",
        "/sync/who/Lead/",
        "/sync/tokens/",
        "/sync/retention/",
        "/api/v1/docs/",
        "/sync/connection/",
    ],
)
def test_pages_hold_no_inline_script_or_style(page: str, client: Client, acme: Connection) -> None:
    html = client.get(page).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert "<script>" not in html
