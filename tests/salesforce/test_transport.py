from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from syncadmin.salesforce.auth import Credentials, Token
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.sync.ports import Poll, SyncError
from tests.salesforce.conftest import Emulator, new_lead

LEADS = [Poll("Lead", ("Email", "LastName"))]


def test_a_lost_answer_to_a_question_is_asked_for_again(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(drop="after", match="/composite", times=1)
    assert org.poll(LEADS).owners


def test_a_connection_cut_before_anything_happened_is_tried_again(
    emulator: Emulator, org: SalesforceOrg
) -> None:
    emulator.fail(drop="before", match="/composite", times=2)
    assert org.poll(LEADS).owners


def test_an_answer_cut_short_is_asked_for_again(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(truncate=200, match="/composite", times=1)
    assert org.poll(LEADS).owners


def test_a_page_of_a_gateway_is_not_shown_to_anybody(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(status=503, match="/composite")
    with pytest.raises(SyncError) as caught:
        org.poll(LEADS)
    assert (caught.value.code, caught.value.permanent) == ("SERVER_UNAVAILABLE", False)
    assert "<" not in caught.value.message


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 429}, {"status": 502}, {"error_code": "SERVER_UNAVAILABLE"}]
)
def test_busy_is_waited_for(emulator: Emulator, org: SalesforceOrg, fault: dict[str, object]) -> None:
    emulator.fail(**fault, match="/composite", times=2)
    assert org.poll(LEADS).owners
    assert len(emulator.requests("/composite")) == 3


def test_retries_have_an_end(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(drop="before", match="/composite")
    with pytest.raises(SyncError) as caught:
        org.poll(LEADS)
    assert not caught.value.permanent


def test_used_up_calls_are_not_asked_for_again(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(error_code="REQUEST_LIMIT_EXCEEDED", match="/composite")
    with pytest.raises(SyncError) as caught:
        org.poll(LEADS)
    assert (caught.value.code, caught.value.permanent) == ("REQUEST_LIMIT_EXCEEDED", False)
    assert len(emulator.requests("/composite")) == 1


def test_a_refusal_that_will_not_change_is_not_asked_for_again(
    emulator: Emulator, org: SalesforceOrg
) -> None:
    emulator.fail(error_code="API_DISABLED_FOR_ORG", match="/composite")
    with pytest.raises(SyncError) as caught:
        org.poll(LEADS)
    assert (caught.value.code, caught.value.permanent) == ("API_DISABLED_FOR_ORG", True)
    assert len(emulator.requests("/composite")) == 1


def test_an_expired_session_is_renewed_once_in_the_middle_of_pages(
    emulator: Emulator, org: SalesforceOrg
) -> None:
    emulator.reset("2500")
    page = org.poll(LEADS).pages["Lead"]
    emulator.expire_sessions()
    assert len(org.read_on(page).records) == 500
    assert emulator.logins() == 2


def test_many_threads_with_one_expired_session_log_in_once(
    emulator: Emulator, credentials: Credentials
) -> None:
    told: list[Token] = []
    org = SalesforceOrg(credentials, on_token=told.append)
    org.poll(LEADS)
    emulator.expire_sessions()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: org.poll(LEADS), range(6)))
    assert all(answer.owners for answer in answers)
    assert len(told) == emulator.logins() == 2


@pytest.mark.parametrize("kept", [True, False])
def test_a_lasting_401_does_not_log_in_for_ever(
    emulator: Emulator, credentials: Credentials, kept: bool
) -> None:
    emulator.fail(error_code="INVALID_SESSION_ID", match="/services/data/")
    org = SalesforceOrg(credentials, token=Token("00D!x", emulator.url) if kept else None)
    with pytest.raises(SyncError) as caught:
        org.write([new_lead()])
    assert (caught.value.code, caught.value.permanent) == ("INVALID_SESSION_ID", True)
    assert emulator.logins() <= 2


def test_headers_survive_a_new_log_in(emulator: Emulator, org: SalesforceOrg) -> None:
    org.poll(LEADS)
    emulator.expire_sessions()
    org.poll(LEADS)
    assert {request["client"] for request in emulator.requests("/services/data/")} == {"syncadmin"}


def test_calls_are_counted_as_salesforce_counts_them(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.reset("2500")
    org.read_on(org.poll(LEADS).pages["Lead"])
    emulator.expire_sessions()
    emulator.fail(status=503, match="/composite", times=1)
    org.write([new_lead(number) for number in range(1100)])
    emulator.fail(error_code="UNABLE_TO_LOCK_ROW", match="/composite", times=1)
    org.write([new_lead(2000), new_lead(2001)])
    emulator.fail(truncate=100, match="/composite", times=1)
    org.find(["nr1@example.com"], {"Lead": [], "Contact": []})
    emulator.fail(drop="after", match="/composite", times=1)
    org.poll(LEADS)
    org.check()
    assert org.api_calls == emulator.api_calls()
    assert org.usage.used == org.api_calls
    assert org.usage.limit > org.usage.used
