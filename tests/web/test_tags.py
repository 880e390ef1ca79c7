"""How states, times and values are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group, User
from django.template import Context, Template
from django.utils import timezone
from django.utils.html import strip_tags

from people.models import Person, PersonState
from syncadmin.models import Connection, SyncFailure, SyncRun, SyncStep
from syncadmin.templatetags import shown, sync

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def rendered(source: str, **context: Any) -> str:
    return Template("{% load sync %}" + source).render(Context(context))


# --- Chips ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", PersonState)
def test_every_state_of_a_person_has_a_chip(state: PersonState) -> None:
    assert str(state.label) in sync.chip_person(state)


@pytest.mark.parametrize("state", SyncRun.State)
def test_every_state_of_a_cycle_has_a_chip(state: SyncRun.State) -> None:
    assert str(state.label) in sync.chip_run(SyncRun(state=state))
    assert str(state.label) in sync.chip_run(state)


@pytest.mark.parametrize("state", SyncStep.State)
def test_every_state_of_a_step_has_a_chip(state: SyncStep.State) -> None:
    assert str(state.label) in sync.chip_run(SyncStep(state=state.value))


@pytest.mark.parametrize("state", SyncFailure.State)
def test_every_state_of_a_failure_has_a_chip(state: SyncFailure.State) -> None:
    assert str(state.label) in sync.chip_failure(SyncFailure(state=state))


def test_failing_person_is_shown_as_an_error() -> None:
    assert "chip-err" in rendered("{% chip_person person %}", person=Person(failed_at=NOW))


def test_chip_escapes_its_label() -> None:
    assert "<b>" not in sync.chip("ok", "<b>")


def test_chip_of_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no such kind"):
        sync.chip("purple", "Hm")


def test_what_stops_the_sync_is_said_first() -> None:
    connection = Connection(org_id="00D", is_paused=True, health=Connection.Health.FAILED)
    assert "Not working" in sync.chip_connection(connection)


# --- Times -----------------------------------------------------------------------------------------------
@time_machine.travel(NOW, tick=False)
def test_moment_is_written_in_the_readers_time_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        text = rendered("{% when moment %}", moment=NOW - timedelta(minutes=3))
    assert 'datetime="2026-11-22T18:57:00+09:00"' in text
    assert "22 Nov 2026, 18:57" in text
    assert strip_tags(text) == "22 Nov 2026, 18:57"
    assert "3\N{NO-BREAK SPACE}minutes ago" in text


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=61), "1 hour ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(minutes=-5), "in 5 minutes"),
    ],
)
def test_distance_is_told_in_one_unit(distance: timedelta, words: str) -> None:
    assert sync.relative(NOW - distance, NOW).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize("tag", ["when", "ago"])
def test_no_moment_is_a_dash(tag: str) -> None:
    assert "blank" in rendered(f"{{% {tag} none %}}", none=None)


@time_machine.travel(NOW, tick=False)
def test_countdown_starts_with_what_is_left() -> None:
    text = rendered("{% countdown moment %}", moment=NOW + timedelta(minutes=4, seconds=32))
    assert ">4:32<" in text
    assert "any moment now" in rendered("{% countdown moment %}", moment=NOW - timedelta(1))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12, "12 s"), (185, "3 min 5 s"), (3720, "1 h 2 min"), (-1, "0.0 s")],
)
def test_length_of_time(seconds: float, text: str) -> None:
    assert shown.length_of_time(seconds) == text


@time_machine.travel(NOW, tick=False)
def test_running_cycle_lasts_until_now() -> None:
    assert sync.duration(SyncRun(started_at=NOW - timedelta(seconds=90))) == "1 min 30 s"
    assert sync.duration(SyncRun()) == "–"
    assert sync.duration(timedelta(seconds=30)) == "30 s"


# --- Values --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "type_", "text"),
    [
        (True, "", " Yes"),
        (False, "", "No"),
        (0, "", "0"),
        (1234567, "", "1,234,567"),
        (Decimal("1200.50"), "currency", "1,200.5"),
        (Decimal("-100"), "", "-100"),
        (Decimal("0.00"), "", "0"),
        (12.5, "percent", "12.5 %"),
        (date(2026, 2, 3), "", "3 Feb 2026"),
        ("2026-02-03", "date", "3 Feb 2026"),
        ("2026-99-03", "date", "2026-99-03"),
        ("2026-02-03", "", "2026-02-03"),
        ("A;B", "multipicklist", "A, B"),
        (["A", "B"], "", "A, B"),
        ("Acme", "", "Acme"),
    ],
)
def test_value_is_written_as_people_read_it(content: Any, type_: str, text: str) -> None:
    assert strip_tags(shown.value(content, type_)) == text


@pytest.mark.parametrize("content", [None, "", [], {}])
def test_blank_is_a_dash_that_says_so(content: Any) -> None:
    assert '<span class="visually-hidden">blank</span>' in shown.value(content)


@pytest.mark.parametrize(
    "type_", ["", "email", "phone", "url", "textarea", "multipicklist", "date", "datetime"]
)
def test_what_people_wrote_is_escaped(type_: str) -> None:
    assert "<script" not in shown.value("<script>alert(1)</script>+1", type_)


def test_only_web_addresses_become_links() -> None:
    assert "href" not in shown.value("javascript:alert(1)", "url")
    assert 'href="https://acme.example"' in shown.value("https://acme.example", "url")


def test_change_shows_both_values() -> None:
    assert strip_tags(rendered("{% change 1 2 %}")) == "1→2"


# --- Links -----------------------------------------------------------------------------------------------
def test_record_opens_in_salesforce() -> None:
    connection = Connection(instance_url="https://acme.my.salesforce.com")
    text = rendered("{% sfdc_link id %}", id="00Q8d000004XyZaEAK", connection=connection)
    assert 'href="https://acme.my.salesforce.com/00Q8d000004XyZaEAK"' in text
    assert 'rel="noopener noreferrer"' in text


def test_without_a_connection_the_id_is_text() -> None:
    assert rendered("{% sfdc_link id %}", id="00Q8d") == "<code>00Q8d</code>"


@pytest.mark.parametrize("name", ["../settings", "a/b", ""])
def test_icons_have_plain_names(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        shown.icon(name)


# --- Who is logged in ---------------------------------------------------------------------------------
def test_role_is_the_group(db: None) -> None:
    user = User.objects.create_user("mia", first_name="Mia", last_name="Ng")
    assert (sync.role(user), sync.initials(user)) == ("No role", "MN")
    user.groups.add(Group.objects.get_or_create(name="Marketer")[0])
    assert sync.role(user) == "Marketer"


def test_nobody_has_no_role() -> None:
    assert (sync.role(AnonymousUser()), sync.initials(AnonymousUser())) == ("No role", "?")
