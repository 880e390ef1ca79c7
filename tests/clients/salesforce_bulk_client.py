"""What salesforce-bulk, a client of Bulk API 1, does with the emulator: run by test_python_clients.py."""

from __future__ import annotations

import json
import os
import unittest
from typing import Any

from salesforce_bulk import CsvDictsAdapter, SalesforceBulk
from salesforce_bulk.salesforce_bulk import BulkBatchFailed
from salesforce_bulk.util import IteratorBytesIO

PATIENCE = 0.02


class Steps(unittest.TestCase):
    """Jobs are made in XML, records are sent in CSV, queries answered in CSV and JSON."""

    def setUp(self) -> None:
        self.bulk = SalesforceBulk(
            sessionId=os.environ["EMULATOR_TOKEN"], host=os.environ["EMULATOR_URL"], API_version="59.0"
        )

    def load(self, job: str, records: list[dict[str, str]]) -> list[Any]:
        batch = self.bulk.post_batch(job, CsvDictsAdapter(iter(records)))
        self.bulk.wait_for_batch(job, batch, sleep_interval=PATIENCE)
        self.bulk.close_job(job)
        return list(self.bulk.get_batch_results(batch, job))

    def find(self, soql: str, kind: str = "JSON") -> Any:
        job = self.bulk.create_query_job("Lead", contentType=kind)
        batch = self.bulk.query(job, soql)
        self.bulk.close_job(job)
        self.bulk.wait_for_batch(job, batch, sleep_interval=PATIENCE)
        (result,) = self.bulk.get_all_results_for_query_batch(batch)
        return json.load(IteratorBytesIO(result)) if kind == "JSON" else result.read().decode()

    def test_it_inserts_changes_and_deletes(self) -> None:
        records = [{"LastName": f"I{i}", "Company": "C"} for i in range(3)] + [
            {"LastName": "", "Company": "C"}
        ]
        made = self.load(self.bulk.create_insert_job("Lead", contentType="CSV"), records)
        assert [one.success for one in made] == ["true", "true", "true", "false"]
        assert "REQUIRED_FIELD_MISSING" in made[3].error
        ids = [one.id for one in made[:3]]
        changes = [{"Id": key, "Title": "Boss"} for key in ids]
        changed = self.load(self.bulk.create_update_job("Lead", contentType="CSV"), changes)
        assert [one.created for one in changed] == ["false"] * 3
        assert len(self.find("SELECT Id FROM Lead WHERE Title = 'Boss'")) == 3
        gone = self.load(self.bulk.create_delete_job("Lead", contentType="CSV"), [{"Id": key} for key in ids])
        assert [one.success for one in gone] == ["true"] * 3
        assert self.find("SELECT Id FROM Lead WHERE Title = 'Boss'") == []

    def test_it_upserts(self) -> None:
        job = self.bulk.create_upsert_job("Lead", "External_Key__c", contentType="CSV")
        record = {"External_Key__c": "Bulk1", "LastName": "Upserted", "Company": "C"}
        assert [one.created for one in self.load(job, [record])] == ["true"]
        job = self.bulk.create_upsert_job("Lead", "External_Key__c", contentType="CSV")
        assert [one.created for one in self.load(job, [record])] == ["false"]
        found = self.find("SELECT LastName FROM Lead WHERE External_Key__c = 'Bulk1'", "CSV")
        assert found == '"LastName"\n"Upserted"\n'

    def test_it_follows_jobs_and_batches(self) -> None:
        job = self.bulk.create_insert_job("Lead", contentType="CSV", concurrency="Serial")
        self.load(job, [{"LastName": "F", "Company": "C"}])
        assert self.bulk.job_status(job)["numberBatchesCompleted"] == "1"
        assert [one["state"] for one in self.bulk.get_batch_list(job)] == ["Completed"]
        other = self.bulk.create_insert_job("Lead", contentType="CSV")
        self.bulk.abort_job(other)
        assert self.bulk.job_status(other)["state"] == "Aborted"

    def test_it_learns_why_a_batch_failed(self) -> None:
        with self.assertRaises(BulkBatchFailed) as failed:  # noqa: PT027 - there is no pytest here
            self.find("SELECT Nope FROM Lead")
        assert "InvalidBatch : Failed to process query" in failed.exception.state_message


if __name__ == "__main__":
    unittest.main()
