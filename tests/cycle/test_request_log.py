"""Every request is on the log: what it was, what came of it, whom it was about, and never a credential."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import Max
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from syncadmin.models import ApiHour, ApiRequest, ApiRequestPerson, Connection, Purpose
from syncadmin.salesforce import session
from syncadmin.salesforce.redaction import spellings
from syncadmin.services import connect, sync_people
from syncadmin.services.api import recorder as recording
from syncadmin.services.org import open_org
from syncadmin.services.retention.pruning import start_pruning, work_on
from syncadmin.sync import bulk as limits
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db
SECRET = "9A7F+/=hush&secret"


def newest() -> ApiRequest:
    return ApiRequest.objects.latest("pk")


def since(pk: int | None) -> list[ApiRequest]:
    return list(ApiRequest.objects.filter(pk__gt=pk or 0).order_by("pk"))


def last_pk() -> int | None:
    return ApiRequest.objects.aggregate(last=Max("pk"))["last"]


def everything() -> str:
    """All that is stored of requests, in one text."""
    return "\n".join(str(value) for row in ApiRequest.objects.values_list() for value in row)


def about(request: ApiRequest) -> set[int]:
    return set(request.people.values_list("person_id", flat=True))


# --- what is told -----------------------------------------------------------------------------------
def test_a_push_says_what_it_carried_how_large_how_long_and_about_whom(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    desk.edit(person, city="London")
    run = desk.done()
    poll, look_up, write = ApiRequest.objects.filter(run=run).order_by("pk")
    assert [each.purpose for each in (poll, look_up, write)] == ["poll", "push", "push"]
    assert (write.method, write.status, write.outcome, write.calls) == ("POST", 200, "ok", 1)
    assert write.path.endswith("/composite")
    assert write.parts == "PATCH composite/sobjects (1 records)"
    assert look_up.parts.startswith("GET queryAll?q=SELECT")
    assert (about(look_up), about(write)) == ({person.pk}, {person.pk})
    assert write.records == 1
    assert sfdc_id in write.request_body
    assert "London" in write.request_body
    assert write.sent == len(write.request_body.encode())
    assert write.received == len(write.answer_body.encode())
    assert 0 < write.milliseconds < 60_000


def test_a_poll_names_the_people_it_brought_even_the_new_ones(desk: Desk, emulator: Any) -> None:
    emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com")
    desk.done()
    assert about(newest()) == {desk.by_email("g@example.com").pk}


def test_a_refused_create_is_found_by_the_person_it_was_for(desk: Desk, emulator: Any) -> None:
    emulator.rules(
        validation=[{"object": "Lead", "name": "No", "formula": 'City = "London"', "message": "Closed."}]
    )
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com", city="London")
    sync_people([person.pk], "rules", now=timezone.now(), source="test")
    found = ApiRequest.objects.filter(people__person_id=person.pk).order_by("pk")
    assert [each.outcome for each in found] == ["ok", "partly"]
    assert found[1].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_of_a_large_page_the_number_is_told_and_not_everybody(desk: Desk, emulator: Any) -> None:
    emulator.reset(2_500)
    desk.done()
    pages = ApiRequest.objects.filter(purpose="pull")
    assert [(page.records, page.people.count()) for page in pages] == [(500, 500)]
    poll = ApiRequest.objects.filter(purpose="poll", records__gt=0).get()
    assert (poll.records, poll.people.count()) == (2_000, 0)


# --- what goes wrong --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "logged"),
    [
        ({"drop": "before"}, [(0, "lost", "LOST_ANSWER", 1), (200, "ok", "", 1)]),
        ({"drop": "after"}, [(0, "lost", "LOST_ANSWER", 1), (200, "ok", "", 1)]),
        ({"truncate": 60}, [(200, "lost", "LOST_ANSWER", 1), (200, "ok", "", 1)]),
        ({"status": 503}, [(503, "undone", "SERVER_UNAVAILABLE", 0), (200, "ok", "", 1)]),
        ({"status": 502}, [(502, "lost", "SERVER_UNAVAILABLE", 0), (200, "ok", "", 1)]),
    ],
)
def test_each_attempt_is_a_line_of_its_own(
    desk: Desk, emulator: Any, fault: dict[str, Any], logged: list[tuple[Any, ...]]
) -> None:
    desk.done()
    before = last_pk()
    emulator.fault(**fault, match="*composite*", times=1)
    desk.done()
    assert [(r.status, r.outcome, r.code, r.calls) for r in since(before)] == logged
    assert all(r.method == "POST" and r.path.endswith("composite") for r in since(before))


def test_an_expired_session_is_a_refusal_and_a_log_in_without_a_body(desk: Desk, emulator: Any) -> None:
    desk.done()
    before = last_pk()
    emulator.expire_sessions()
    desk.done()
    refused, log_in, again = since(before)
    assert (refused.status, refused.outcome, refused.code, refused.calls) == (
        401,
        "refused",
        "INVALID_SESSION_ID",
        0,
    )
    assert (log_in.path, log_in.status, log_in.calls) == ("/services/oauth2/token", 200, 0)
    assert log_in.request_body == log_in.answer_body == ""
    assert again.outcome == "ok"


def test_a_log_in_that_fails_is_told_even_if_nothing_is_stored_of_the_connection(
    db: None, emulator: Any
) -> None:
    wrong = Connection(instance_url=emulator.url, client_id="demo", client_secret="wrong-" + SECRET)
    connect(wrong, timezone.now())
    (request,) = ApiRequest.objects.all()
    assert (request.outcome, request.code, request.purpose) == ("refused", "INVALID_CLIENT", "test")
    assert SECRET not in everything()


def test_a_request_that_takes_too_long_is_told_with_how_long_it_was_waited_for(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.done()
    before = last_pk()
    monkeypatch.setattr(session, "TIMEOUT", (5.0, 0.3))
    emulator.fault(delay_ms=900, match="*composite*", times=1)
    desk.done()
    late, again = since(before)
    assert (late.status, late.outcome, late.code, late.received) == (0, "lost", "LOST_ANSWER", 0)
    assert 300 <= late.milliseconds < 900
    assert late.sent > 0
    assert again.outcome == "ok"


def test_an_answer_in_html_is_told_as_it_came(desk: Desk, emulator: Any) -> None:
    desk.done()
    emulator.fault(status=404, match="*composite*", times=1)
    desk.cycle()
    assert newest().outcome == "refused"
    assert newest().status == 404


def test_requests_by_several_threads_are_all_taken_down(desk: Desk, emulator: Any) -> None:
    emulator.reset(9_000)  # pages are read ahead by a thread of its own
    before = emulator.api_calls()
    desk.done()
    assert ApiRequest.objects.filter(calls=1, run__isnull=False).count() == emulator.api_calls() - before == 5
    assert {r.purpose for r in ApiRequest.objects.filter(run__isnull=False)} == {"poll", "pull"}


def test_files_of_bulk_jobs_have_a_size_and_no_body(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PUSH_FROM", 4)
    monkeypatch.setattr(limits, "PAUSES", (0.02,))
    for number in range(6):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    desk.done()
    for person in Person.objects.all():
        desk.edit(person, city="Paris")
    run = desk.done()
    by_path = {
        r.path.rpartition("/")[2]: r for r in ApiRequest.objects.filter(run=run, path__contains="/jobs/")
    }
    upload, results = by_path["batches"], by_path["successfulResults"]
    assert upload.sent > 100
    assert results.received > 100
    assert upload.request_body == results.answer_body == ""
    assert upload.purpose == Purpose.BULK_PUSH


def test_a_merge_by_soap_is_told_with_its_records(connection: Connection, emulator: Any) -> None:
    ids = [emulator.create(LastName=f"L{n}", Company="C") for n in range(2)]
    connection.refresh_from_db()
    org = open_org(connection, Purpose.REVIEW)
    org.merge("Lead", ids[0], ids[1:])
    org.on_exchange.flush()  # type: ignore[union-attr]
    request = newest()
    assert (request.method, request.records, request.outcome) == ("POST", 2, "ok")
    assert request.path.startswith("/services/Soap/u/")
    assert ids[1] in request.request_body
    assert connection.access_token not in request.request_body
    assert "<sessionId>[hidden]" in request.request_body


# --- credentials ------------------------------------------------------------------------------------
def test_no_credential_of_a_session_is_in_any_column(desk: Desk, emulator: Any) -> None:
    """All of them, in every spelling, as values of people, in what is asked, sent, refused and answered."""
    expired = Connection.objects.get().access_token
    emulator.expire_sessions()
    emulator.login()
    desk.done()
    connection = Connection.objects.get()
    connection.client_secret = SECRET  # not sent: the session is valid
    connection.password, connection.security_token = 'p<ss"wörd & more', "Zx9dKq2LrT"
    connection.save()
    secrets = [expired, connection.access_token, SECRET, connection.password, connection.security_token]
    for number, secret in enumerate(secrets):
        emulator.create(LastName=secret[:80], Company="C", Email=f"p{number}@example.com", Description=secret)
        desk.person(last_name=secret[:80], company=secret, email=f"q{number}@example.com")
    desk.done()
    people = list(Person.objects.order_by("pk"))
    for person in people:
        desk.edit(person, city="London", company=secrets[person.pk % len(secrets)])
    sync_people([person.pk for person in people], "rules", now=timezone.now(), source="test")
    emulator.fault(error_code=f"NO_{SECRET}", message=secrets[0], match="*composite*", times=1)
    desk.cycle()
    kept = everything()
    assert len(kept) > 10_000
    assert "[hidden]" in kept
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in kept
    assert "!AQ" not in kept  # whatever looks like a session


# --- settings ---------------------------------------------------------------------------------------
def test_bodies_are_cut_and_can_be_switched_off(desk: Desk, emulator: Any) -> None:
    emulator.reset(100)
    desk.done()
    assert len(newest().answer_body) == recording.KEPT < newest().received
    Connection.objects.update(request_log_bodies=False)
    desk.done()
    assert newest().request_body == newest().answer_body == ""
    assert newest().received > 0


def test_without_a_log_calls_are_counted_all_the_same(desk: Desk) -> None:
    Connection.objects.update(request_log=False)
    before, counted = ApiRequest.objects.count(), ApiHour.objects.filter(purpose="poll").count()
    desk.done()
    assert ApiRequest.objects.count() == before
    assert ApiHour.objects.filter(purpose="poll").count() == counted + 1


def test_what_is_older_is_removed_with_whom_it_was_about(desk: Desk, emulator: Any, ada: Ada) -> None:
    old = ApiRequest.objects.order_by("pk")[:3]
    ApiRequest.objects.filter(pk__in=[r.pk for r in old]).update(at=timezone.now() - timedelta(days=8))
    ApiRequestPerson.objects.create(request=old[0], person_id=1)
    kept = ApiRequest.objects.count() - 3
    job = start_pruning(timezone.now())
    assert job is not None
    assert work_on(job.pk, timezone.now, rest=lambda _: None).state == "done"  # type: ignore[union-attr]
    assert ApiRequest.objects.count() == kept
    known = set(ApiRequest.objects.values_list("pk", flat=True))
    assert set(ApiRequestPerson.objects.values_list("request_id", flat=True)) <= known
    assert ApiHour.objects.exists()  # the numbers stay


def test_a_batch_of_requests_is_a_constant_number_of_statements(desk: Desk, emulator: Any) -> None:
    def statements(number: int) -> int:
        org = open_org(Connection.objects.get())
        for _ in range(number):
            org.count("Lead", [None])
        with CaptureQueriesContext(database) as context:
            org.on_exchange.flush()  # type: ignore[union-attr]
        return len(context)

    assert statements(1) == statements(12) == 4  # counts and log, between two savepoints
