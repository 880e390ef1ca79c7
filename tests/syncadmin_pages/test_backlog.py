"""The backlog page: how much waits, whether it grows, what caused it, and what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import LeadOwner, Person
from syncadmin.models import (
    BacklogSample,
    ChangeCause,
    Connection,
    PullCursor,
    SyncFailure,
    SyncRule,
    SyncRun,
    SyncStep,
)
from syncadmin.services.backlog.told import SPANS, Author, Told
from syncadmin.services.backlog.words import advice_on_causes, sentence
from syncadmin.sync.causes import CauseKind

pytestmark = pytest.mark.django_db
PAGE = "/sync/backlog/"
Maker = Callable[..., Any]


@pytest.fixture(autouse=True)
def acme_user(acme: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncadmin.services.backlog.samples.SLOW_MS", 10**9)  # however busy this machine is
    Connection.objects.update(user_id="005sync", is_paused=False)
    LeadOwner.objects.create(pk="005x", kind="user", name="Integration X")
    LeadOwner.objects.create(pk="005sync", kind="user", name="Sync User")


def words(client: Client, query: str = "") -> str:
    """The text of the page, as it is read."""
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    html = answer.content.decode()
    import re

    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def waits(make_person: Maker, number: int = 1, **values: Any) -> list[Person]:
    now = timezone.now()
    return [
        make_person(
            **{"sfdc_id": f"00Q{n}", "sfdc_type": "Lead", "changed_at": now - timedelta(minutes=n), **values}
        )
        for n in range(number)
    ]


def cause(direction: str, kind: str, who: str, records: int, **values: Any) -> None:
    at = values.pop("at", timezone.now())
    ChangeCause.objects.create(
        **{
            "at": at,
            "direction": direction,
            "object": "Lead",
            "kind": kind,
            "who": who,
            "records": records,
            **values,
        }
    )


def sample(age: timedelta, **lead: int) -> None:
    figures = {"push": {"Lead": lead, "Contact": {}, "": {}}, "pull": {"Lead": 0, "Contact": 0}, "steps": 0}
    BacklogSample.objects.create(at=timezone.now() - age, figures=figures)


# --- Who sees it ------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [PAGE, PAGE + "export/", PAGE + "trend/"])
def test_everybody_who_may_look_sees_it_and_nobody_else(
    path: str, browser_of: Callable[[User | None], Client], viewer: User
) -> None:
    assert browser_of(viewer).get(path).status_code == 200
    assert browser_of(None).get(path).status_code == 302
    assert browser_of(User.objects.create_user("nobody")).get(path).status_code == 403
    assert browser_of(viewer).post(path).status_code == 405


def test_without_a_connection_it_says_what_to_do(browser_of: Callable[[User | None], Client], administrator: User,
                                                 viewer: User) -> None:  # fmt: skip
    Connection.objects.all().delete()
    assert "Connect Salesforce first" in words(browser_of(administrator))
    assert "Ask an administrator" in words(browser_of(viewer))


# --- How much ---------------------------------------------------------------------------------------
def test_if_nothing_waits_it_says_so(client: Client) -> None:
    page = words(client)
    assert "Nothing waits." in page
    assert "Nobody. Whoever is edited here" in page
    assert "Not measured yet." in page


def test_people_who_wait_are_counted_and_listed_the_oldest_first(client: Client, make_person: Maker) -> None:
    people = waits(make_person, 3)
    page = words(client)
    assert "3 changes wait. That is normal" in page
    assert "Leads to Salesforce 3: Goes with the next cycle" in page
    assert page.index(str(people[2])) < page.index(str(people[0]))
    assert f'href="/people/{people[2].pk}/"' in client.get(PAGE).content.decode()


def test_who_is_held_back_is_told_with_the_next_try_and_where_to_go(
    client: Client, make_person: Maker, make_failure: Maker
) -> None:
    held, later = waits(make_person, 2)
    make_failure(person=held, person_version=1)
    make_failure(person=later, person_version=1, retry_at=timezone.now() + timedelta(minutes=12))
    page = words(client)
    assert "1 person is held back" in page
    assert "The next try is" in page
    assert 'href="/sync/failures/?direction=push"' in client.get(PAGE).content.decode()


def test_a_paused_sync_is_said_to_move_nothing(client: Client, make_person: Maker) -> None:
    waits(make_person)
    Connection.objects.update(is_paused=True)
    assert "The background sync is paused" in words(client)
    assert "not while paused" in words(client)


def test_a_first_reading_is_told_as_such_and_normal(client: Client, make_run: Maker) -> None:
    now = timezone.now()
    for object, number in (("Lead", 50_000), ("Contact", 7)):
        PullCursor.objects.create(object=object, to_read=number, to_read_at=now - timedelta(minutes=5))
    run = SyncRun.objects.create(state="running", started_at=now, heartbeat_at=now)
    SyncStep.objects.create(
        run=run, object="Lead", operation="pull", started_at=now - timedelta(minutes=4), done=20_000
    )
    page = words(client)
    assert "Everything is being read from the beginning. 20,000 of 50,000 Leads are here." in page
    assert "Leads from Salesforce 30,000 Normal not measured in about" in page
    assert "Growing" not in page.replace("Growing: more than", "")


def test_a_growing_backlog_is_said_so_with_what_it_was(client: Client, make_person: Maker) -> None:
    waits(make_person, 120)
    sample(timedelta(hours=6, minutes=3), due=4)
    sample(timedelta(hours=1, minutes=3), due=60)
    page = words(client)
    assert "The backlog is growing: 120 changes wait." in page
    assert "120 Leads that wait to be pushed, against 4 six hours ago." in page
    Connection.objects.update(is_paused=True)
    assert "six hours ago. The background sync is paused" in words(client)


# --- What caused it ---------------------------------------------------------------------------------
def test_one_integration_that_rewrites_what_doesnt_sync_is_named_with_its_share_its_cost_and_what_to_do(
    client: Client, browser_of: Callable[[User | None], Client], viewer: User
) -> None:
    cause("pull", "unsynced", "005x", 9_800)
    cause("pull", "changed", "005ann", 200)
    cause("pull", "changed", "005ann", 200, field="phone")
    run = SyncRun.objects.create(state="done", started_at=timezone.now(), heartbeat_at=timezone.now())
    SyncStep.objects.create(
        run=run, object="Lead", operation="pull", started_at=timezone.now(), done=10_000, api_calls=4
    )
    page = words(client)
    assert "10,000 records were read because they had changed; 98 % of them (9,800) touched no field" in page
    assert "took about 4 API calls" in page
    assert "Integration X changed 9,800 records only in fields that don’t sync" in page
    assert "Set a record filter" in page
    assert "the Salesforce user 005ann Lead Fields that sync Phone Number 200 200 2 %" in page
    assert "Ask an administrator of Syncadmin." in words(browser_of(viewer))


def test_an_import_here_is_named_with_the_user_and_the_field(client: Client) -> None:
    cause("push", "changed", "CSV import fair.csv", 5_000, actor="marketer")
    cause("push", "changed", "CSV import fair.csv", 5_000, actor="marketer", field="city")
    page = words(client)
    assert "5,000 changes were made here." in page
    assert "CSV import fair.csv, by marketer: 5,000 people (100 % of all), most of them in City." in page


def test_people_made_here_are_a_cause_only_if_they_are_to_be_created_in_salesforce(client: Client) -> None:
    cause("push", "new", "Web form", 3, object="")
    assert "Web form" not in words(client)
    SyncRule.objects.create(
        kind="inclusion", is_on=True, changed_at=timezone.now(),
        conditions=[{"field": "city", "operator": "is", "values": ["Rome"]}],
    )  # fmt: skip
    assert "Web form Not in Salesforce New" in words(client)


def test_the_causes_have_a_bar_for_every_slot_of_the_span(client: Client) -> None:
    cause("pull", "unsynced", "005x", 3)
    for span, bars in (("hour", 7), ("day", 25), ("days", 31)):
        chart = client.get(f"{PAGE}?span={span}").context["causes"][0]["chart"]
        assert len(chart.bars) == bars
        assert chart.bars[-1].total == 3


def test_a_span_shows_what_is_in_it(client: Client) -> None:
    cause("push", "changed", "Just now", 1)
    cause("push", "changed", "This morning", 1, at=timezone.now() - timedelta(hours=8))
    cause("push", "changed", "Days ago", 1, at=timezone.now() - timedelta(days=3))
    cause("push", "changed", "Weeks ago", 1, at=timezone.now() - timedelta(days=10))
    found = {
        span: [
            name
            for name in ("Just now", "This morning", "Days ago", "Weeks ago")
            if name in words(client, query)
        ]
        for span, query in (("hour", "?span=hour"), ("day", ""), ("days", "?span=days"))
    }
    assert found == {
        "hour": ["Just now"],
        "day": ["Just now", "This morning"],
        "days": ["Just now", "This morning", "Days ago"],
    }


@pytest.mark.parametrize("query", ["?span=x", "?span=", "?span=day&span=hour", "?span=%00"])
def test_a_senseless_query_is_no_error(query: str, client: Client) -> None:
    for path in (PAGE, PAGE + "export/"):
        assert client.get(path + query).status_code == 200


def table(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_causes_are_a_file(client: Client) -> None:
    cause("pull", "unsynced", "005x", 9_800)
    cause("push", "changed", "=cmd()", 5, actor="marketer", field="city")
    pull, push = table(client.get(PAGE + "export/"))
    assert (pull["changed_by"], pull["changed_by_id"], pull["kind"], pull["records"]) == (
        "Integration X", "005x", "unsynced", "9800",
    )  # fmt: skip
    assert (push["changed_by"], push["field"]) == ("'=cmd(), by marketer", "City")


def test_the_trend_is_a_file(client: Client) -> None:
    sample(timedelta(hours=1), due=3, excluded=9)
    (row,) = table(client.get(PAGE + "trend/"))
    assert (row["push_Lead"], row["total"]) == ("3", "3")


def test_the_trend_has_a_bar_for_what_was_measured_and_none_for_what_wasnt(client: Client) -> None:
    sample(timedelta(hours=5), due=3)
    sample(timedelta(hours=2), due=7)
    chart = client.get(PAGE).context["trend"]
    assert [bar.values[0] for bar in chart.bars] == [3, 7]
    assert chart.description == "Between 3 and 7 waited, 7 at last."


# --- Words ------------------------------------------------------------------------------------------
def author(direction: str, kind: CauseKind, records: int, who: str = "005x", name: str = "X") -> Author:
    made = Author(direction, "Lead", kind, who, "", name, records)
    made.fields["City"] = records
    return made


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ([author("pull", CauseKind.UNSYNCED, 99)], []),  # too few to be worth a sentence
        ([author("pull", CauseKind.UNSYNCED, 400), author("pull", CauseKind.CHANGED, 600, name="Y")],
         ["Y changed 600 records (60 % of all), most of them in City."]),
        ([author("pull", CauseKind.UNSYNCED, 600)], ["X changed 600 records only in fields that don’t sync"]),
        ([author("pull", CauseKind.UNSYNCED, 600, who="005sync")], ["another program works under the same user"]),
        ([author("pull", CauseKind.ECHO, 600, who="005sync")], []),
        ([author("pull", CauseKind.NEW, 600)], []),
        ([author("push", CauseKind.UNSYNCED, 600)], ["were changed only in fields that don’t go to Salesforce"]),
    ],
)  # fmt: skip
def test_advice_is_given_where_the_cause_is_plain(authors: list[Author], expected: list[str]) -> None:
    found = [each.text for each in advice_on_causes(Told(authors[0].direction, authors, ours="005sync"))]
    assert len(found) == len(expected)
    assert all(part in text for part, text in zip(expected, found, strict=True))


def test_what_isnt_everything_is_never_a_hundred_percent() -> None:
    told = Told("pull", [author("pull", CauseKind.UNSYNCED, 9_999), author("pull", CauseKind.CHANGED, 1)])
    assert "99 % of them (9,999)" in sentence(told)


def test_every_kind_and_span_has_its_words() -> None:
    assert {kind.value for kind in CauseKind} == set(ChangeCause.Kind.values)
    assert list(SPANS) == ["hour", "day", "days"]


# --- Cost -------------------------------------------------------------------------------------------
def test_the_number_of_queries_does_not_grow(
    client: Client, make_person: Maker, make_failure: Maker, make_run: Maker
) -> None:
    def fill(number: int) -> None:
        for n in range(number):
            (person,) = waits(make_person, 1, sfdc_id=f"00Q{Person.objects.count()}")
            make_failure(person=person, person_version=1, retry_at=timezone.now() + timedelta(hours=1))
            make_run(counted={"done": 300})
            cause("pull", "unsynced", f"005{n}", 3)
            cause("push", "changed", f"Import {n}", 3)
            sample(timedelta(minutes=10 * n), due=n)

    fill(1)
    few = queries_of(client)
    fill(30)
    assert queries_of(client) == few
    assert SyncFailure.objects.count() == 31


def queries_of(client: Client) -> int:
    client.get(PAGE)
    with CaptureQueriesContext(database) as queries:
        assert client.get(PAGE).status_code == 200
    return len(queries)
