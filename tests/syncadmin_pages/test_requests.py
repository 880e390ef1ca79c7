"""The request inspector: what was asked of Salesforce, found by what it was and whom it was about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from syncadmin.models import ApiRequest, ApiRequestPerson, Connection

PAGE = "/sync/requests/"


@pytest.fixture
def make_request(db: None) -> Callable[..., ApiRequest]:
    """A request, about some people."""

    def make(*people: Person, age: timedelta = timedelta(minutes=1), **values: Any) -> ApiRequest:
        made = ApiRequest.objects.create(
            **{
                "at": timezone.now() - age, "method": "POST", "path": "/services/data/v62.0/composite", "status": 200,
                "outcome": "ok", "calls": 1, "sent": 310, "received": 20_000, "milliseconds": 87, "purpose": "push",
                "parts": "GET queryAll?q=SELECT Id FROM Lead\nPATCH composite/sobjects (2 records)", "records": 2,
                "request_body": '{"LastName": "Byron"}', "answer_body": '[{"id": "00Q5g000004AbCdEAK"', **values,
            }
        )  # fmt: skip
        ApiRequestPerson.objects.bulk_create(
            ApiRequestPerson(request=made, person_id=person.pk) for person in people
        )
        return made

    return make


Make = Callable[..., ApiRequest]


def listed(client: Client, query: str = "") -> list[int]:
    return [row.record.pk for row in client.get(PAGE + query).context["table"].page.object_list]


def test_it_says_why_nothing_is_listed(client: Client, acme: Connection) -> None:
    assert "From the next sync cycle on" in client.get(PAGE).content.decode()
    Connection.objects.update(request_log=False)
    assert "switched off" in client.get(PAGE).content.decode()


def test_a_line_says_what_was_asked_what_came_of_it_and_what_for(
    client: Client, acme: Connection, make_request: Make
) -> None:
    make_request(status=400, outcome="refused", code="MALFORMED_QUERY")
    html = client.get(PAGE).content.decode()
    for words in ("POST composite", "SELECT Id FROM Lead", "+1", "Refused", "400 MALFORMED_<wbr>QUERY", "87 ms",
                  "Push updates", "19.5"):  # fmt: skip
        assert words in html


@pytest.mark.parametrize(
    "query",
    [
        "path=query/01g", "outcome=lost", "code=malformed_query", "purpose=click", "run=7", "person={id}",
        "person=ada@acme.example", "person=Ada@Acme.example", "person=00Q5g000004AbCdEAK", "since={today}",
        "purpose=click&outcome=lost",
    ],
)  # fmt: skip
def test_it_is_found_by(
    query: str, client: Client, acme: Connection, make_request: Make, make_person: Any
) -> None:
    ada = make_person(email="ada@acme.example", sfdc_id="00Q5g000004AbCdEAK", sfdc_type="Lead")
    make_request(make_person(email="other@acme.example"), age=timedelta(days=3))
    found = make_request(
        ada,
        path="/services/data/v62.0/query/01gX",
        outcome="lost",
        code="MALFORMED_QUERY",
        purpose="click",
        run_id=7,
    )
    today = timezone.localdate().isoformat()
    assert listed(client, "?" + query.format(id=ada.pk, today=today)) == [found.pk]


@pytest.mark.parametrize(
    "query", ["person=nobody@acme.example", "run=x", "run=-1", "person=" + "9" * 40, "since=nonsense",
              "outcome=nonsense", "person=%00", "path=%00"]
)  # fmt: skip
def test_what_means_nothing_finds_nothing(
    query: str, client: Client, acme: Connection, make_request: Make, make_person: Any
) -> None:
    make_request(make_person())
    assert listed(client, "?" + query) == []


def test_one_request_shows_all_of_it(
    client: Client, acme: Connection, make_request: Make, make_person: Any
) -> None:
    ada = make_person(first_name="Ada", last_name="Byron")
    gone = make_person()
    request = make_request(ada, gone, outcome="partly", code="UNABLE_TO_LOCK_ROW")
    number = gone.pk
    gone.delete()
    html = client.get(request.get_absolute_url()).content.decode()
    for words in ("Ada Byron", f"#{number}, who is gone", "PATCH composite/sobjects (2 records)", "Partly refused",
                  "UNABLE_TO_LOCK_ROW", "What to do:", "&quot;LastName&quot;: &quot;Byron&quot;"):  # fmt: skip
        assert words in html


def test_what_was_answered_is_shown_as_text_and_never_as_a_page(
    client: Client, acme: Connection, make_request: Make
) -> None:
    request = make_request(answer_body="<script>alert(1)</script>", path="/<b>", code="<i>", parts="<u>")
    html = client.get(request.get_absolute_url()).content.decode() + client.get(PAGE).content.decode()
    for tag in ("<script>alert", "<b>", "<i>", "<u>"):
        assert tag not in html


def test_an_unknown_request_is_404(client: Client) -> None:
    assert client.get(PAGE + "999999/").status_code == 404


def test_the_file_has_what_matches_and_no_bodies(
    client: Client, acme: Connection, make_request: Make
) -> None:
    make_request(purpose="click")
    make_request(purpose="check")
    text = b"".join(client.get(PAGE + "export/?purpose=click").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = text.splitlines()
    assert "Byron" not in text
    assert lines[0].startswith("id,sent_at,method,path")
    assert "click" in text
    assert "check" not in text


def test_the_list_takes_as_many_statements_for_many_as_for_few(
    client: Client, acme: Connection, make_request: Make, make_person: Any
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(database) as context:
            client.get(PAGE)
        assert not any('"request_body"' in query["sql"] for query in context)
        return len(context)

    make_request(make_person())
    few = statements()
    for _ in range(40):
        make_request(make_person())
    assert statements() == few
