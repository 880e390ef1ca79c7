"""The Reconcile page: run a check, see both sides, why they differ, and repair it with a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person, PersonField
from syncadmin.models import Connection, FieldSync, ReconcileFinding, ReconcileRun
from syncadmin.reconcile_table import KINDS
from syncadmin.services.reconcile.words import FATES, MEANINGS
from syncadmin.sync.comparing import Cause, Fate

PAGE = "/sync/reconcile/"
FIELD = {
    "name": "city", "label": "City", "type": "text", "base": "Rome", "here": "Paris <b>", "there": "London",
    "reason": "unexplained",
}  # fmt: skip
Maker = Callable[..., ReconcileRun]


@pytest.fixture
def make_check(acme: Connection, make_person: Callable[..., Person]) -> Maker:
    def make(
        findings: int = 1, reason: str = "unexplained", kind: str = "differs", **values: Any
    ) -> ReconcileRun:
        now = timezone.now()
        sides = {
            "there": 1_234,
            "here": 1_200,
            "linked": 1_200,
            "equal": 1_199,
            "differing": 1,
            "missing_here": 34,
        }
        given = {
            "state": "done", "requested_at": now, "started_at": now, "ended_at": now, "done": 1_234, "total": 1_234,
            "differences": findings, "kept": findings, "reasons": {reason: findings} if findings else {},
            "counts": {"Lead": sides, "Contact": {}}, "stage": "Lead",
        }  # fmt: skip
        run = ReconcileRun.objects.create(**{**given, **values})
        for n in range(findings):
            person = make_person()
            ReconcileFinding.objects.create(
                run=run, kind=kind, reason=reason, object="Lead", sfdc_id=f"00Q{n:015}", person=person,
                name=f"Ada <i>{n}</i>", fields=[FIELD] if kind == "differs" else [], field_names="|city|",
            )  # fmt: skip
        return run

    return make


def text_of(client: Client, url: str = PAGE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Running a check ----------------------------------------------------------------------------------------
def test_without_a_connection_it_leads_there(client: Client) -> None:
    assert "Connect Salesforce first" in text_of(client)


def test_before_the_first_check_the_page_says_what_it_is_and_what_it_costs(
    client: Client, acme: Connection
) -> None:
    page = text_of(client)
    assert "It changes nothing by itself." in page
    assert "Costs about 4 API calls." in page
    assert "Run check" in page


def test_a_click_queues_one_and_another_click_no_second(client: Client, acme: Connection) -> None:
    first = client.post(PAGE)
    assert client.post(PAGE)["Location"] == first["Location"]
    assert ReconcileRun.objects.get().requested_by == User.objects.get()
    page = text_of(client, first["Location"])
    assert "as soon as the worker is free" in page
    assert "every 2s" in page


def test_while_it_runs_the_page_shows_how_far_it_is_and_a_way_to_stop_it(
    client: Client, make_check: Maker
) -> None:
    run = make_check(0, state="running", done=1_000, ended_at=None)
    page = text_of(client, run.get_absolute_url())
    assert "1,000 of 1,234 records compared." in page
    client.post(f"{PAGE}{run.pk}/cancel/")
    assert "Cancelled before its end" in text_of(client, run.get_absolute_url())


def test_the_part_that_moves_comes_alone_for_htmx(client: Client, make_check: Maker) -> None:
    run = make_check(0, state="running", ended_at=None)
    answer = client.get(run.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "reconcile"})
    assert answer.content.decode().lstrip().startswith('<div id="reconcile"')


@pytest.mark.parametrize("role", ["viewer", "marketer", "administrator"])
def test_everybody_sees_it_and_marketers_act(
    role: str, make_check: Maker, as_user: Callable[[str], Client]
) -> None:
    run, browser = make_check(), as_user(role)
    page = text_of(browser)
    acts = role != "viewer"
    assert ("Run check" in page, "Repair all" in page, 'name="ids"' in page) == (acts, acts, acts)
    for url in (PAGE, f"{PAGE}{run.pk}/cancel/", f"{PAGE}{run.pk}/repair/"):
        assert (browser.post(url).status_code == 403) is not acts


# --- What it found ------------------------------------------------------------------------------------------
def test_both_sides_are_counted_side_by_side(client: Client, make_check: Maker) -> None:
    make_check()
    page = text_of(client)
    for words in ("Side by side", "1,234", "1,200", "1,199", "Only in Salesforce"):
        assert words in page


def test_a_difference_is_shown_with_its_three_values_and_its_reason(
    client: Client, make_check: Maker
) -> None:
    make_check()
    page = text_of(client)
    for words in ("Ada &lt;i&gt;0", "Paris &lt;b&gt;", "London", "Rome", "Unexplained", "1 needs somebody;"):
        assert words in page


def test_what_is_as_it_should_be_needs_nobody(client: Client, make_check: Maker) -> None:
    make_check(reason="waiting")
    assert "None of them needs anybody" in text_of(client)


def test_nothing_different_is_said(client: Client, make_check: Maker) -> None:
    make_check(0)
    page = text_of(client)
    assert "Both sides agree." in page
    assert "1,234 records were compared" in page


def test_a_failed_check_says_why_and_what_to_do(client: Client, make_check: Maker) -> None:
    make_check(0, state="failed", error_code="REQUEST_LIMIT_EXCEEDED", error_message="TotalRequests")
    page = text_of(client)
    assert "TotalRequests" in page
    assert "alert-danger" in page


@pytest.mark.parametrize("cause", Cause)
def test_every_reason_has_its_words(cause: Cause, client: Client, make_check: Maker) -> None:
    make_check(reason=cause.value)
    meaning, advice = MEANINGS[cause.value]
    page = text_of(client)
    assert KINDS[ReconcileFinding.Reason(cause.value)]
    assert str(meaning) in page
    assert str(advice) in page


@pytest.mark.parametrize("fate", Fate)
def test_what_became_of_a_record_is_said(fate: Fate, client: Client, make_check: Maker) -> None:
    run = make_check(kind="missing_there", reason="gone")
    run.findings.update(detail=fate.value)
    assert str(FATES[fate.value]) in text_of(client)


def test_it_can_be_filtered_and_exported(client: Client, make_check: Maker) -> None:
    run = make_check()
    for name in ("city", "phone"):
        FieldSync.objects.create(field=PersonField.objects.get(name=name))
    url = run.get_absolute_url()
    for query in ("reason=gone", "object=Contact", "field=phone", "state=repaired", "q=zzz"):
        assert "Nothing matches" in text_of(client, f"{url}?{query}")
    assert "Nothing matches" not in text_of(
        client, f"{url}?reason=unexplained&object=Lead&field=city&state=open&q=ada"
    )
    exported = client.get(f"{url}export/").getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    assert exported.splitlines()[1].startswith("differs,unexplained,Lead,00Q000000000000000,")
    assert "City,Rome,Paris <b>,London,unexplained,open," in exported


@pytest.mark.parametrize(
    "query", ["page=0", "sort=nonsense", "reason=x", "field=x", "q=%00", "per_page=x", "object="]
)
def test_a_senseless_query_is_no_error(query: str, client: Client, make_check: Maker) -> None:
    run = make_check()
    assert client.get(f"{run.get_absolute_url()}?{query}").status_code == 200
    assert client.get(f"{run.get_absolute_url()}export/?{query}").status_code == 200


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_an_unknown_check_is_404(pk: str, client: Client) -> None:
    assert client.get(f"{PAGE}{pk}/").status_code == 404


def test_a_page_asks_as_often_for_many_findings(client: Client, make_check: Maker) -> None:
    few = _questions(client, make_check(1))
    assert _questions(client, make_check(25)) == few


def _questions(client: Client, run: ReconcileRun) -> int:
    with CaptureQueriesContext(database) as queries:
        client.get(run.get_absolute_url())
    return len(queries)


# --- Repairing ----------------------------------------------------------------------------------------------
def states(run: ReconcileRun) -> list[tuple[str, str]]:
    return list(run.findings.values_list("state", "action"))


def test_one_is_repaired_by_its_button(client: Client, make_check: Maker) -> None:
    run = make_check(2)
    first = run.findings.first()
    client.post(f"{PAGE}{run.pk}/repair/", {"only": first.pk})
    assert states(run) == [("queued", "sync"), ("open", "")]
    page = text_of(client)
    assert "1 finding is being repaired" in page
    assert "every 2s" in page


@pytest.mark.parametrize("action", ["sync", "theirs", "ours"])
def test_ticked_ones_are_repaired_as_chosen(action: str, client: Client, make_check: Maker) -> None:
    run = make_check(2)
    ids = list(run.findings.values_list("pk", flat=True))
    client.post(f"{PAGE}{run.pk}/repair/", {"ids": ids, "action": action})
    assert states(run) == [("queued", action)] * 2
    assert run.findings.first().acted_by == User.objects.get()


def test_all_of_a_reason_are_repaired_at_once(client: Client, make_check: Maker) -> None:
    run = make_check(3)
    run.findings.filter(pk=run.findings.first().pk).update(reason="waiting")
    client.post(f"{PAGE}{run.pk}/repair/", {"reason": "unexplained", "action": "sync"})
    assert states(run) == [("open", ""), ("queued", "sync"), ("queued", "sync")]


def test_whose_values_is_no_question_where_one_side_has_none(client: Client, make_check: Maker) -> None:
    run = make_check(1, kind="missing_here", reason="never_seen")
    answer = client.post(
        f"{PAGE}{run.pk}/repair/", {"ids": [run.findings.get().pk], "action": "ours"}, follow=True
    )
    assert states(run) == [("open", "")]
    assert "Nothing to repair" in answer.content.decode()


@pytest.mark.parametrize(
    "data",
    [{}, {"ids": ["x", "9" * 30]}, {"action": "nonsense", "reason": "unexplained"}, {"reason": "nonsense"}],
)
def test_senseless_repairs_do_nothing(data: dict[str, Any], client: Client, make_check: Maker) -> None:
    run = make_check()
    assert client.post(f"{PAGE}{run.pk}/repair/", data).status_code == 302
    assert states(run) == [("open", "")]


def test_findings_of_another_check_are_not_repaired(client: Client, make_check: Maker) -> None:
    other, run = make_check(), make_check()
    client.post(f"{PAGE}{run.pk}/repair/", {"ids": [other.findings.get().pk]})
    assert states(other) == [("open", "")]


def test_nothing_is_repaired_while_the_check_goes_on(client: Client, make_check: Maker) -> None:
    run = make_check(state="running", ended_at=None)
    client.post(f"{PAGE}{run.pk}/repair/", {"reason": "unexplained"})
    assert states(run) == [("open", "")]


# --- Elsewhere ----------------------------------------------------------------------------------------------
def test_the_dashboard_tells_of_the_last_check(client: Client, make_check: Maker) -> None:
    assert "It compares every record of both sides" in text_of(client, "/")
    make_check(0)
    assert "Both sides agree: 1,234 records are equal." in text_of(client, "/")
    make_check(2)
    assert "2 differences among 1,234 records." in text_of(client, "/")


def test_the_nightly_check_is_a_setting(client: Client, acme: Connection) -> None:
    page = text_of(client, "/sync/connection/")
    assert "compare everything every night, at" in page.lower()
    form = {
        "form": "settings", "pause_minutes": 5, "lead_winner": "ours", "contact_winner": "ours",
        "matching": "email", "contact_queue": "duplicate", "deleted_here": "comes_back", "guard_share": 20,
        "guard_least": 100,
    }  # fmt: skip
    assert client.post("/sync/connection/", {**form, "reconcile_hour": "3"}).status_code == 302
    assert Connection.objects.get().reconcile_hour == 3
    assert client.post("/sync/connection/", {**form, "reconcile_hour": ""}).status_code == 302
    assert Connection.objects.get().reconcile_hour is None


def test_pages_hold_no_inline_script_or_style(client: Client, make_check: Maker) -> None:
    make_check()
    html = text_of(client)
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
