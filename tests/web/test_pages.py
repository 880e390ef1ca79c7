"""What every page has: the shell, the log-in, the safety headers, and words for what goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from syncadmin.models import Connection


def test_login_page_is_open_to_all_and_names_the_product(client: Client, db: None) -> None:
    page = client.get(reverse("login")).content.decode()
    assert "Syncadmin" in page
    assert 'autocomplete="current-password"' in page


def test_wrong_password_is_answered_in_words(client: Client, admin: User) -> None:
    answer = client.post(reverse("login"), {"username": "ada", "password": "wrong"})
    assert "That user name and password don't match" in answer.content.decode()
    assert 'value="ada"' in answer.content.decode()


def test_login_leads_to_the_page_that_was_asked_for(client: Client, admin: User) -> None:
    answer = client.post(reverse("login"), {"username": "ada", "password": "demo", "next": "/shell/"})
    assert answer["Location"] == "/shell/"


def test_login_never_leads_to_another_site(client: Client, admin: User, settings: Any) -> None:
    settings.LOGIN_REDIRECT_URL = "/start/"
    answer = client.post(reverse("login"), {"username": "ada", "password": "demo", "next": "//evil.example/"})
    assert answer["Location"] == "/start/"


def test_logging_out_takes_a_post(logged_in: Client) -> None:
    assert logged_in.get(reverse("logout")).status_code == 405
    assert logged_in.post(reverse("logout"))["Location"] == reverse("login")


def test_strict_content_security_policy_is_sent(client: Client, db: None) -> None:
    policy = client.get(reverse("login"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_shell_has_skip_link_language_and_user(logged_in: Client) -> None:
    page = logged_in.get("/shell/").content.decode()
    assert '<html lang="en"' in page
    assert 'class="skip-link" href="#content"' in page
    assert "Ada Byron" in page
    assert "Administrator" in page


@pytest.mark.parametrize(
    ("path", "mark"),
    [("/people/", 'aria-current="page"'), ("/people/7/", 'aria-current="true"'), ("/peoples/", "nav-link")],
)
def test_navigation_marks_where_the_reader_is(rf: RequestFactory, path: str, mark: str) -> None:
    line = Template('{% load sync %}{% nav_item "people:list" "People" "users" %}')
    html = line.render(Context({"request": rf.get(path)}))
    assert mark in html
    assert ("active" in html) == ("aria-current" in html)


def test_navigation_leaves_out_what_is_not_there(rf: RequestFactory) -> None:
    line = Template('{% load sync %}{% nav_item "nowhere" "Nowhere" "home" %}')
    assert not line.render(Context({"request": rf.get("/")})).strip()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Not connected"),
        ({"org_id": "00D"}, "Working"),
        ({"org_id": "00D", "is_paused": True}, "Not started"),
        ({"org_id": "00D", "is_paused": True, "started_at": timezone.now()}, "Paused"),
        ({"org_id": "00D", "is_paused": True, "health": "failed"}, "Not working"),
    ],
)
def test_top_bar_says_how_the_sync_is(logged_in: Client, values: dict[str, Any], words: str) -> None:
    Connection.objects.create(pk=1, instance_url="https://acme.example", **values)
    assert words in logged_in.get("/shell/").content.decode()


def test_top_bar_says_when_no_org_is_connected(logged_in: Client) -> None:
    assert "Not connected" in logged_in.get("/shell/").content.decode()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere/", 404, "This page isn’t here"),
        ("/refuse/", 403, "Your account may not do this"),
        ("/distrust/", 400, "The server couldn’t read this request"),
        ("/break/", 500, "Something went wrong on our side"),
    ],
)
def test_errors_say_what_happened(logged_in: Client, path: str, status: int, words: str) -> None:
    answer = logged_in.get(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert page.count("<h1") == 1


def test_not_found_keeps_the_navigation_for_who_is_logged_in(logged_in: Client, client: Client) -> None:
    assert "sidebar-menu" in logged_in.get("/nowhere/").content.decode()
    assert "sidebar-menu" not in client.get("/nowhere/").content.decode()


def test_expired_form_is_answered_in_words(urls: None, admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("login"), {"username": "ada", "password": "demo"})
    assert answer.status_code == 403
    assert "too old to be sent" in answer.content.decode()


def test_lockout_says_how_long(rf: RequestFactory) -> None:
    assert "15 minutes" in render_to_string("registration/lockout.html", request=rf.get("/"))
