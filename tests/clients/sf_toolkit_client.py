"""What sf-toolkit does with the emulator: run by test_python_clients.py, in the clients' own environment."""

from __future__ import annotations

import asyncio
import os
import unittest

import httpx
from sf_toolkit import AsyncSalesforceClient, SalesforceClient, SObject, io
from sf_toolkit.auth.types import SalesforceToken
from sf_toolkit.data import SObjectList, select
from sf_toolkit.data.bulk import BulkApiIngestJob, BulkApiQueryJob
from sf_toolkit.data.fields import DateTimeField, FieldFlag, IdField, TextField
from sf_toolkit.exceptions import SalesforceError

TOKEN = SalesforceToken(httpx.URL(os.environ["EMULATOR_URL"]), os.environ["EMULATOR_TOKEN"])
PATIENCE = 0.02


class Lead(SObject):
    Id = IdField()
    LastName = TextField()
    Company = TextField()
    External_Key__c = TextField()


class Contact(SObject):
    Id = IdField()
    LastName = TextField()
    SystemModstamp = DateTimeField(FieldFlag.readonly)


def leads(count: int, start: int = 0, name: str = "L") -> SObjectList[Lead]:
    numbers = range(start, start + count)
    return SObjectList([Lead(LastName=f"{name}{i}", Company="C", External_Key__c=f"K{i}") for i in numbers])


class Steps(unittest.TestCase):
    """Each begins with an org without leads."""

    def setUp(self) -> None:
        self.client = SalesforceClient(token=TOKEN, api_version=60).__enter__()
        self.addCleanup(self.client.__exit__)

    def tearDown(self) -> None:
        found = list(select(Lead).execute())
        if found:
            io.delete_list(SObjectList(found))

    def test_it_learns_who_it_is(self) -> None:
        assert self.client._userinfo.preferred_username == "integration@demo.example"
        assert self.client.api_version.version == 60.0

    def test_it_reads_limits_and_usage(self) -> None:
        limits = self.client.limits()
        assert limits.DailyApiRequests.Max == 100000
        assert self.client.api_usage.api_usage.used > 0

    def test_it_describes(self) -> None:
        assert io.sobject_describe(Lead)["name"] == "Lead"

    def test_it_creates_reads_changes_and_deletes(self) -> None:
        lead = Lead(LastName="Vogel", Company="Acme")
        io.save(lead)
        assert io.fetch(Lead, lead.Id).LastName == "Vogel"
        lead.LastName = "Falke"
        io.save(lead, only_changes=True)
        assert io.fetch(Lead, lead.Id).LastName == "Falke"
        io.delete(lead)
        assert select(Lead).count() == 0

    def test_it_upserts_by_external_id(self) -> None:
        io.save_upsert(
            Lead(LastName="One", Company="C", External_Key__c="U1"), external_id_field="External_Key__c"
        )
        io.save_upsert(
            Lead(LastName="Two", Company="C", External_Key__c="U1"), external_id_field="External_Key__c"
        )
        assert [lead.LastName for lead in select(Lead).execute()] == ["Two"]

    def test_it_understands_refusals(self) -> None:
        with self.assertRaises(SalesforceError) as refused:  # noqa: PT027 - there is no pytest here
            io.save(Lead(Company="Acme"))
        assert "LastName" in str(refused.exception)

    def test_it_reads_moments(self) -> None:
        contact = Contact(LastName="Vogel")
        io.save(contact)
        assert io.fetch(Contact, contact.Id).SystemModstamp.tzinfo is not None
        io.delete(contact)

    def test_it_writes_collections_of_any_size(self) -> None:
        made = io.save_insert_list(leads(450))
        assert [one.success for one in made] == [True] * 450
        found = SObjectList(list(select(Lead).execute()))
        assert len(io.fetch_list(Lead, *[lead.Id for lead in found[:3]])) == 3
        for lead in found:
            lead.LastName = "Same"
        assert all(one.success for one in io.save_update_list(found, only_changes=True))
        again = io.save_upsert_list(leads(3, 449), external_id_field="External_Key__c")
        assert len(again) == 3
        assert select(Lead).count() == 452

    def test_it_reads_page_after_page(self) -> None:
        io.save_insert_bulk(leads(2100)).monitor_until_complete(PATIENCE)
        assert len(list(select(Lead).execute())) == 2100

    def test_it_loads_in_bulk_and_reads_the_results(self) -> None:
        io.save_insert_list(leads(2))
        job = io.save_upsert_bulk(leads(4, name="N"), "External_Key__c").monitor_until_complete(PATIENCE)
        assert (job.state, job.numberRecordsProcessed, job.numberRecordsFailed) == ("JobComplete", 4, 0)
        assert sum(one.sf__Created for one in job.successful_results()) == 2
        assert (job.failed_results(), job.unprocessed_results()) == ([], [])
        wrong = BulkApiIngestJob.init_job(Lead, "insert")
        wrong.upload_batches([{"LastName": "", "Company": "C"}]).monitor_until_complete(PATIENCE)
        assert "REQUIRED_FIELD_MISSING" in wrong.failed_results()[0].sf__Error

    def test_it_queries_in_bulk(self) -> None:
        io.save_insert_list(leads(5))
        job = BulkApiQueryJob.init_job(select(Lead))
        job.monitor_until_complete(PATIENCE)
        assert job.numberRecordsProcessed == 5
        assert {lead.LastName for lead in job.result.as_list()} == {f"L{i}" for i in range(5)}

    def test_it_does_the_same_without_waiting(self) -> None:
        async def steps() -> int:
            async with AsyncSalesforceClient(token=TOKEN, api_version=60):
                await io.save_async(Lead(LastName="Async", Company="C"))
                job = await io.save_insert_bulk_async(leads(3))
                await job.monitor_until_complete_async(PATIENCE)
                return len(await job.successful_results_async())

        assert asyncio.run(steps()) == 3
        assert select(Lead).count() == 4


if __name__ == "__main__":
    unittest.main()
