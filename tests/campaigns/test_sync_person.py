"""Sync Person to SFDC, over HTTP against an emulated Salesforce: the table of outcomes, row by row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import FlowStepItem, FlowStepRun
from campaigns.services import BATCH, start_sync_to_sfdc, work_on
from campaigns.services import _store as store_outcomes
from people.models import LeadOwner, Person
from syncadmin.models import Connection, PendingCreate, SyncFailure, SyncState
from tests.flow import Stage


# --- The table ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("owner", ["rules", "user", "queue"])
@pytest.mark.parametrize("state", ["new", "deleted"])
def test_who_is_not_in_salesforce_becomes_a_lead_with_the_owner_asked_for(
    stage: Stage, state: str, owner: str
) -> None:
    stage.assign_new_leads_to(stage.queue())
    person = stage.person_as(state)
    old_id = person.sfdc_id

    item = stage.sync(person, assign_to=stage.assign(owner))

    assert (item.state, item.outcome["action"]) == ("done", "created")
    [lead] = stage.leads()
    assert lead["City"] == "Hamburg"
    assert (
        lead["OwnerId"]
        == {"rules": stage.queue(), "user": stage.user("Marco"), "queue": stage.queue()}[owner]
    )
    person.refresh_from_db()
    assert (person.sfdc_type, person.sfdc_id, person.sfdc_is_deleted) == ("Lead", lead["Id"], False)
    assert person.sfdc_id != old_id
    assert person.owner_id == lead["OwnerId"]


@pytest.mark.parametrize("owner", ["rules", "user", "queue"])
def test_a_lead_gets_the_changed_fields_and_the_owner_if_one_was_chosen(stage: Stage, owner: str) -> None:
    stage.assign_new_leads_to(stage.queue())
    person = stage.person_as("lead")

    item = stage.sync(person, assign_to=stage.assign(owner))

    assert (item.state, item.outcome["action"], item.outcome["fields"]) == ("done", "updated", ["city"])
    [lead] = stage.leads()
    assert lead["City"] == "Hamburg"
    kept = stage.user("Sarah")
    assert lead["OwnerId"] == {"rules": kept, "user": stage.user("Marco"), "queue": stage.queue()}[owner]


@pytest.mark.parametrize("owner", ["rules", "user"])
def test_a_contact_gets_the_changed_fields_and_the_user_if_one_was_chosen(stage: Stage, owner: str) -> None:
    person = stage.person_as("contact")

    item = stage.sync(person, assign_to=stage.assign(owner))

    assert (item.state, item.outcome["action"]) == ("done", "updated")
    [contact] = stage.contacts()
    assert contact["MailingCity"] == "Hamburg"
    assert contact["OwnerId"] == stage.user("Sarah" if owner == "rules" else "Marco")
    assert stage.leads() == []


def test_a_contact_that_is_given_to_a_queue_gets_a_duplicate_lead_for_it(stage: Stage) -> None:
    person = stage.person_as("contact")

    item = stage.sync(person, assign_to=stage.assign("queue"), confirmed="1")

    assert (item.state, item.outcome["action"]) == ("done", "duplicate_created")
    [lead] = stage.leads()
    assert lead["OwnerId"] == stage.queue()
    assert item.outcome["duplicate_id"] == lead["Id"]
    assert stage.contacts()[0]["OwnerId"] == stage.user("Sarah")
    item.person.refresh_from_db()
    assert item.person.sfdc_type == "Contact"
    assert SyncState.objects.get(pk=lead["Id"]).is_duplicate


def test_the_duplicate_lead_never_becomes_a_second_person_or_a_second_duplicate(stage: Stage) -> None:
    person = stage.person_as("contact")
    stage.sync(person, assign_to=stage.assign("queue"), confirmed="1")
    stage.cycle()

    item = stage.sync(person, assign_to=stage.assign("queue"), confirmed="1")

    assert item.outcome["action"] == "duplicate_moved"
    assert len(stage.leads()) == 1
    assert Person.objects.count() == 1


def test_a_contact_is_refused_to_a_queue_if_the_connection_says_so(
    stage: Stage, connection: Connection
) -> None:
    Connection.objects.update(contact_queue=Connection.ContactQueue.REFUSE)
    person = stage.person_as("contact")

    item = stage.sync(person, assign_to=stage.assign("queue"), confirmed="1")

    assert (item.state, item.outcome["code"]) == ("failed", "QUEUE_REFUSED")
    assert stage.leads() == []
    assert stage.failure(person).assign_to == stage.assign("queue")


def test_nothing_to_send_is_said_so(stage: Stage) -> None:
    person = stage.person_as("lead")
    stage.sync(person)
    item = stage.sync(person)
    assert (item.state, item.outcome["action"], item.outcome["fields"]) == ("done", "unchanged", [])


def test_a_lead_whose_deletion_is_not_known_yet_is_created_anew(stage: Stage) -> None:
    person = stage.person_as("lead")
    stage.emulator.delete("Lead", person.sfdc_id)

    item = stage.sync(person)

    assert item.outcome["action"] == "created"
    item.person.refresh_from_db()
    assert [lead["Id"] for lead in stage.leads()] == [item.person.sfdc_id]


# --- Beforehand: a queue for Contacts is asked about -----------------------------------------------------
def test_a_queue_for_a_contact_is_asked_about_before_anything_is_done(stage: Stage) -> None:
    person = stage.person_as("contact")
    answer = stage.post(person, assign_to=stage.assign("queue"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This person is a Contact, which can’t belong to a queue." in page
    assert "Yes, create the duplicate Lead" in page
    assert 'name="confirmed"' in page
    assert not FlowStepRun.objects.exists()


def test_the_warning_appears_when_the_queue_is_chosen(stage: Stage) -> None:
    people = [stage.person_as("contact"), stage.person(email="bob@acme.example")]
    data = {"ids": [person.pk for person in people], "assign_to": stage.assign("queue")}
    page = stage.browser.post("/campaigns/sync/effect/", data).content.decode()
    assert "1 of them is a Contact, which can’t belong to a queue." in page
    assert "Inbound Leads" in page
    page = stage.browser.post("/campaigns/sync/effect/", data | {"assign_to": "rules"}).content.decode()
    assert "can’t belong to a queue" not in page


def test_the_warning_says_that_contacts_will_be_refused_if_the_connection_says_so(stage: Stage) -> None:
    Connection.objects.update(contact_queue=Connection.ContactQueue.REFUSE)
    person = stage.person_as("contact")
    page = stage.post(person, assign_to=stage.assign("queue")).content.decode()
    assert "the change of owner is refused" in page
    assert "duplicate Lead" not in page


def test_leads_need_no_confirmation_for_a_queue(stage: Stage) -> None:
    person = stage.person_as("lead")
    assert stage.post(person, assign_to=stage.assign("queue")).status_code == 302


# --- Owners ----------------------------------------------------------------------------------------------
def test_the_owner_that_salesforce_gave_is_read_back_and_shown_beside_the_one_asked_for(stage: Stage) -> None:
    stage.assign_new_leads_to(stage.queue())
    item = stage.sync(stage.person())
    assert (item.outcome["asked"], item.outcome["owner"]) == ("rules", "Inbound Leads")
    page = stage.browser.get(f"/campaigns/runs/{item.run_id}/").content.decode()
    assert "Inbound Leads" in page
    assert "assignment rules" in page


def test_the_owner_of_a_record_that_nothing_is_sent_to_is_told_as_salesforce_has_it(stage: Stage) -> None:
    person = stage.person_as("lead")
    stage.sync(person)
    stage.emulator.edit("Lead", person.sfdc_id, OwnerId=stage.user("Marco"))
    item = stage.sync(person, assign_to=stage.assign("user"))
    assert (item.outcome["action"], item.outcome["owner"]) == ("unchanged", "Marco Keller")


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_offered": False}])
def test_an_owner_who_is_inactive_or_not_offered_is_neither_shown_nor_taken(
    stage: Stage, change: dict[str, bool]
) -> None:
    person = stage.person()
    LeadOwner.objects.filter(pk=stage.user("Marco")).update(**change)
    assert "Marco Keller" not in stage.browser.get(f"/campaigns/sync/?ids={person.pk}").content.decode()
    answer = stage.post(person, assign_to=stage.assign("user"))
    assert answer.status_code == 422
    assert "Marco Keller" in answer.content.decode()  # who it is, in the reason
    assert not FlowStepRun.objects.exists()


def test_an_owner_that_salesforce_deactivated_meanwhile_is_refused_with_the_reason(stage: Stage) -> None:
    stage.emulator.reset("demo")
    left = stage.user("Jonas")
    LeadOwner.objects.create(sfdc_id=left, kind="user", name="Jonas Brandt", is_active=True)
    item = stage.sync(stage.person(), assign_to=f"user:{left}")
    assert (item.state, item.outcome["code"]) == ("failed", "INACTIVE_OWNER_OR_USER")
    item.person.refresh_from_db()
    assert item.person.sfdc_id == ""


def test_an_owner_that_was_withdrawn_between_click_and_work_ends_the_run_with_the_reason(
    stage: Stage,
) -> None:
    person = stage.person()
    stage.post(person, assign_to=stage.assign("user"))
    LeadOwner.objects.filter(pk=stage.user("Marco")).update(is_offered=False)
    item = stage.work()
    assert (item.state, item.outcome["code"]) == ("failed", "NOT_POSSIBLE")
    assert "Marco Keller is not offered" in item.outcome["message"]


def test_the_default_owner_is_chosen_beforehand(stage: Stage) -> None:
    LeadOwner.objects.filter(pk=stage.queue()).update(is_default=True)
    page = stage.browser.get(f"/campaigns/sync/?ids={stage.person().pk}").content.decode()
    assert f'<option value="queue:{stage.queue()}" selected>' in page


# --- Required fields, defaults, rules of Salesforce ------------------------------------------------------
@pytest.mark.parametrize("missing", ["last_name", "company"])
def test_who_lacks_a_required_field_is_not_sent_and_the_log_says_which(stage: Stage, missing: str) -> None:
    person = stage.person(**{missing: ""})
    item = stage.sync(person)
    assert (item.state, item.outcome["code"]) == ("failed", "MISSING_REQUIRED")
    assert item.outcome["refused"] == {missing: None}
    [entry] = stage.log(person, "sync_failed")
    assert entry.attributes["fields"] == [missing]
    assert stage.leads() == []
    person.refresh_from_db()
    assert person.failed_at is not None


def test_defaults_fill_what_is_missing_at_creation_only(stage: Stage) -> None:
    Connection.objects.update(default_last_name="Unknown", default_company="None given")
    new = stage.person(last_name="", company="", email="new@acme.example")
    assert stage.sync(new).outcome["action"] == "created"
    [lead] = stage.leads()
    assert (lead["LastName"], lead["Company"]) == ("Unknown", "None given")

    other = stage.person_as("lead")
    stage.edit(other, company="")
    stage.sync(other)
    assert "None given" not in [row["Company"] for row in stage.leads() if row["Id"] == other.sfdc_id]


def test_defaults_never_take_the_place_of_a_value(stage: Stage) -> None:
    Connection.objects.update(default_last_name="Unknown", default_company="None given")
    stage.sync(stage.person())
    [lead] = stage.leads()
    assert (lead["LastName"], lead["Company"]) == ("Byron", "Acme")


def test_a_validation_rule_refuses_then_an_edit_and_a_retry_work(stage: Stage) -> None:
    stage.emulator.rules(
        validation={
            "name": "NoHamburg", "object": "Lead", "formula": "City = 'Hamburg'", "message": "Not Hamburg, please",
            "field": "City",
        }
    )  # fmt: skip
    person = stage.person_as("lead")
    item = stage.sync(person)
    assert (item.state, item.outcome["code"]) == ("failed", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    page = stage.browser.get(f"/people/{person.pk}/").content.decode()
    assert "A validation rule in Salesforce said no" in page
    assert "Not Hamburg, please" in page
    assert f"/people/{person.pk}/edit/#id_city" in page

    stage.edit(person, city="Bremen")
    answer = stage.browser.post("/campaigns/retry/", {"only": stage.failure(person).pk})
    assert answer.status_code == 302
    assert stage.work().state == "done"
    assert stage.leads()[0]["City"] == "Bremen"
    assert SyncFailure.objects.get().state == "resolved"
    person.refresh_from_db()
    assert person.failed_at is None


# --- The background sync ----------------------------------------------------------------------------------
def test_it_works_while_the_background_sync_is_paused(stage: Stage) -> None:
    Connection.objects.update(is_paused=True)
    assert stage.sync(stage.person()).outcome["action"] == "created"


# --- Matching by e-mail -----------------------------------------------------------------------------------
@pytest.mark.parametrize("object", ["Lead", "Contact"])
def test_the_one_record_with_the_same_email_is_linked_instead_of_created(stage: Stage, object: str) -> None:
    more = {"Company": "Acme"} if object == "Lead" else {}
    there = stage.emulator.create(object, LastName="Byron", Email="ADA@acme.example", **more)
    person = stage.person(city="Hamburg")

    item = stage.sync(person)

    assert (item.state, item.outcome["action"], item.outcome["sfdc_id"]) == ("done", "linked", there)
    item.person.refresh_from_db()
    assert (item.person.sfdc_type, item.person.sfdc_id) == (object, there)
    assert len(stage.leads()) == (object == "Lead")
    assert item.outcome["owner"] == "Integration User"
    assert stage.log(person, "sync_to_sfdc")[0].attributes["note"] == "linked"


def test_several_records_with_the_same_email_are_held_and_nothing_is_sent(stage: Stage) -> None:
    ids = [stage.emulator.create(LastName=f"B{n}", Company="X", Email="ada@acme.example") for n in (1, 2)]
    person = stage.person()
    item = stage.sync(person)
    assert (item.state, item.outcome["code"]) == ("failed", "SEVERAL_MATCHES")
    assert stage.failure(person).values["candidates"] == ids
    assert len(stage.leads()) == 2
    person.refresh_from_db()
    assert person.sfdc_id == ""


def test_a_record_of_somebody_else_is_held(stage: Stage) -> None:
    owner = stage.person_as("lead")
    other = stage.person(first_name="Other", email="ada@acme.example")
    item = stage.sync(other)
    assert item.outcome["code"] == "SEVERAL_MATCHES"
    assert "belongs to another person" in item.outcome["message"]
    assert stage.leads()[0]["Id"] == owner.sfdc_id


def test_without_matching_a_lead_is_always_created(stage: Stage) -> None:
    Connection.objects.update(matching=Connection.Matching.CREATE)
    stage.emulator.create(LastName="Byron", Company="Acme", Email="ada@acme.example")
    assert stage.sync(stage.person()).outcome["action"] == "created"
    assert len(stage.leads()) == 2


# --- Clicks and ids ----------------------------------------------------------------------------------------
def test_a_double_click_starts_one_run_and_creates_one_lead(stage: Stage) -> None:
    person = stage.person()
    first, second = stage.post(person), stage.post(person)
    assert first["Location"] == second["Location"]
    stage.work()
    assert len(stage.leads()) == 1


def test_two_runs_for_one_person_create_one_lead(stage: Stage) -> None:
    person = stage.person()
    runs = [start_sync_to_sfdc([person.pk], "rules", user=None, now=timezone.now()) for _ in (1, 2)]
    for run in runs:
        work_on(run.pk)
    assert len(stage.leads()) == 1
    assert [run.items.get().outcome["action"] for run in runs] == ["created", "unchanged"]


def test_who_is_being_created_by_another_job_is_left_to_it(stage: Stage) -> None:
    person = stage.person()
    PendingCreate.objects.create(person=person, started_at=timezone.now())
    item = stage.sync(person)
    assert (item.state, item.outcome["code"]) == ("skipped", "IN_PROGRESS")
    assert stage.leads() == []
    assert not SyncFailure.objects.exists()


@pytest.mark.parametrize("ids", [["999999"], ["abc"], [""], ["-1"], ["9" * 30]])
def test_unknown_ids_start_nothing(stage: Stage, ids: list[str]) -> None:
    answer = stage.browser.post("/campaigns/sync/", {"ids": ids, "assign_to": "rules"})
    assert answer.status_code == 422
    assert "Nobody is selected" in answer.content.decode()
    assert not FlowStepRun.objects.exists()


def test_unknown_ids_among_known_ones_are_left_out(stage: Stage) -> None:
    person = stage.person()
    stage.browser.post("/campaigns/sync/", {"ids": [person.pk, 999999, person.pk], "assign_to": "rules"})
    assert [item.person_id for item in FlowStepRun.objects.get().items.all()] == [person.pk]


@pytest.mark.parametrize("assign_to", ["", "nobody", "user:", "user:xyz", "queue:00G000000000000AAA", "keep"])
def test_an_owner_that_makes_no_sense_is_refused_in_words(stage: Stage, assign_to: str) -> None:
    answer = stage.post(stage.person(), assign_to=assign_to)
    assert answer.status_code == 422
    assert not FlowStepRun.objects.exists()


def test_everybody_who_matches_a_filter_is_synced(stage: Stage) -> None:
    wanted = stage.person(company="Acme", email="a@acme.example")
    stage.person(company="Other", email="b@other.example")
    data = {"all": "1", "filter": "q=acme", "assign_to": "rules", "expected": "1"}
    assert stage.browser.post("/campaigns/sync/", data).status_code == 302
    assert [item.person_id for item in FlowStepRun.objects.get().items.all()] == [wanted.pk]


def test_another_number_of_matches_than_was_shown_is_asked_about_again(stage: Stage) -> None:
    stage.person()
    data = {"all": "1", "filter": "", "assign_to": "rules", "expected": "5"}
    answer = stage.browser.post("/campaigns/sync/", data)
    assert answer.status_code == 409
    assert not FlowStepRun.objects.exists()


# --- Jobs that are lost, doubled, killed --------------------------------------------------------------------
def test_a_job_that_comes_twice_finds_nothing_to_do(stage: Stage) -> None:
    stage.post(stage.person())
    run = FlowStepRun.objects.get()
    assert work_on(run.pk) is not None
    assert work_on(run.pk) is None
    assert len(stage.leads()) == 1


def test_a_job_that_was_killed_between_batches_goes_on_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [stage.person(email=f"p{n}@acme.example", last_name=f"P{n}") for n in range(3)]
    stage.post(*people)
    run = FlowStepRun.objects.get()
    monkeypatch.setattr("campaigns.services.BATCH", 1)
    seen: list[int] = []

    def store_one(items: list[FlowStepItem], outcomes: Any) -> None:
        store_outcomes(items, outcomes)
        seen.append(items[0].person_id)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("campaigns.services._store", store_one)
    with pytest.raises(KeyboardInterrupt):
        work_on(run.pk)
    monkeypatch.undo()
    assert run.items.filter(state="queued").count() == 1
    assert work_on(run.pk) is None  # its heartbeat is fresh: somebody may still be working

    _is_silent(run)
    assert work_on(run.pk) is not None
    assert len(stage.leads()) == 3
    assert set(run.items.values_list("state", flat=True)) == {"done"}


def _is_silent(run: FlowStepRun) -> None:
    """The worker hasn't been heard of for long."""
    FlowStepRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))


def test_a_job_that_was_killed_after_its_create_was_taken_creates_nothing_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = stage.person(email="")
    stage.post(person)
    run = FlowStepRun.objects.get()

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("syncadmin.services.push.Push._read_back", killed)
    with pytest.raises(KeyboardInterrupt):
        work_on(run.pk)
    monkeypatch.undo()
    assert len(stage.leads()) == 1
    _is_silent(run)
    PendingCreate.objects.update(started_at=timezone.now() - timedelta(minutes=7))

    assert work_on(run.pk) is not None
    assert len(stage.leads()) == 1
    assert run.items.get().outcome["action"] == "created"
    person.refresh_from_db()
    assert person.sfdc_id == stage.leads()[0]["Id"]


def test_an_answer_that_was_lost_is_looked_up_and_nothing_is_created_twice(stage: Stage) -> None:
    person = stage.person()
    stage.emulator.fault(drop="after", match="*composite*", method="POST", times=1, after=1)
    item = stage.sync(person)
    stage.emulator.clear_faults()
    if item.state != "done":
        item = stage.sync(person)
    assert len(stage.leads()) == 1
    assert item.state == "done"


def test_a_batch_is_no_larger_than_what_the_progress_bar_can_bear() -> None:
    assert BATCH <= 200
