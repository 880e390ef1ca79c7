"""What a marketer does with people and flow steps, for the tests of campaigns and failures."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from campaigns.models import FlowStepItem, FlowStepRun
from campaigns.services import work_on
from people.models import Activity, Person
from people.services import create_person, edit_person
from syncadmin.models import SyncFailure
from syncadmin.services import run_sync_cycle


class Stage:
    """The emulated Salesforce, a connection to it, and a marketer's browser."""

    def __init__(self, emulator: Any, browser: Client) -> None:
        self.emulator = emulator
        self.browser = browser

    # -- people -----------------------------------------------------------------------------------------

    def person(self, **values: Any) -> Person:
        values = {
            "first_name": "Ada",
            "last_name": "Byron",
            "company": "Acme",
            "email": "ada@acme.example",
        } | values
        return create_person(values, source="test", now=timezone.now())

    def edit(self, person: Person, **changes: Any) -> None:
        edit_person(person.pk, changes, source="test", now=timezone.now())

    def cycle(self) -> None:
        run = run_sync_cycle("command", timezone.now)
        assert run is not None
        assert run.state == "done", (run.error_code, run.error_message)

    def person_as(self, state: str, **values: Any) -> Person:
        """Somebody who is new, a lead, a contact or deleted in Salesforce, with a city that was changed here."""
        if state == "new":
            return self.person(city="Hamburg", **values)
        object = "Contact" if state == "contact" else "Lead"
        fields = {
            "FirstName": "Ada",
            "LastName": "Byron",
            "Email": "ada@acme.example",
            "OwnerId": self.user("Sarah"),
        }
        company = {} if state == "contact" else {"Company": "Acme"}
        sfdc_id = self.emulator.create(object, **fields, **company)
        self.cycle()
        if state == "deleted":
            self.emulator.delete(object, sfdc_id)
            self.cycle()
        person = Person.objects.get(sfdc_id=sfdc_id)
        self.edit(person, city="Hamburg", company="Acme", **values)
        person.refresh_from_db()
        return person

    # -- owners -----------------------------------------------------------------------------------------

    def user(self, first: str) -> str:
        users = self.emulator.query("SELECT Id, FirstName FROM User")
        return next(str(user["Id"]) for user in users if user["FirstName"] == first)

    def queue(self) -> str:
        return str(self.emulator.query("SELECT Id FROM Group WHERE Type = 'Queue'")[0]["Id"])

    def assign(self, kind: str) -> str:
        return {"rules": "rules", "user": f"user:{self.user('Marco')}", "queue": f"queue:{self.queue()}"}[
            kind
        ]

    def assign_new_leads_to(self, owner_id: str) -> None:
        entries = [{"criteria": [], "assign_to": owner_id}]
        self.emulator.rules(
            assignment={"name": "Standard", "object": "Lead", "active": True, "entries": entries}
        )

    # -- flow steps --------------------------------------------------------------------------------------

    def post(self, *people: Person, assign_to: str = "rules", **more: Any) -> Any:
        data = {"ids": [person.pk for person in people], "assign_to": assign_to, **more}
        return self.browser.post("/campaigns/sync/", data)

    def sync(self, *people: Person, assign_to: str = "rules", **more: Any) -> FlowStepItem:
        """Click, let the worker work; what became of the (first) person."""
        answer = self.post(*people, assign_to=assign_to, **more)
        assert answer.status_code == 302, answer.content.decode()
        return self.work()

    def work(self) -> FlowStepItem:
        run = FlowStepRun.objects.latest("pk")
        assert work_on(run.pk) is not None
        item = run.items.order_by("pk").first()
        assert item is not None
        item.person.refresh_from_db()
        return item

    def leads(self) -> list[dict[str, Any]]:
        return list(
            self.emulator.query("SELECT Id, LastName, Company, Email, City, OwnerId FROM Lead ORDER BY Id")
        )

    def contacts(self) -> list[dict[str, Any]]:
        return list(self.emulator.query("SELECT Id, MailingCity, OwnerId FROM Contact ORDER BY Id"))

    def failure(self, person: Person) -> SyncFailure:
        return SyncFailure.objects.get(person=person, state="open")

    def log(self, person: Person, type: str) -> list[Activity]:
        return list(person.activities.filter(type=type))
