"""The resources of the Bulk APIs."""

from __future__ import annotations

from collections.abc import Callable

from syncadmin.emulator.bulk import classic, ingest, queries, results
from syncadmin.emulator.wire import Response

Handler = Callable[..., Response]
ID = "([^/]+)"

DATA: dict[str, dict[str, Handler]] = {
    "/jobs/ingest": {"GET": ingest.list_jobs, "POST": ingest.create},
    f"/jobs/ingest/{ID}": {"GET": ingest.read, "PATCH": ingest.change, "DELETE": ingest.remove},
    f"/jobs/ingest/{ID}/batches": {"PUT": ingest.upload},
    f"/jobs/ingest/{ID}/successfulResults": {"GET": results.successful},
    f"/jobs/ingest/{ID}/failedResults": {"GET": results.failed},
    f"/jobs/ingest/{ID}/unprocessedRecords": {"GET": results.unprocessed},
    "/jobs/query": {"GET": queries.list_jobs, "POST": queries.create},
    f"/jobs/query/{ID}": {"GET": queries.read, "PATCH": queries.change, "DELETE": queries.remove},
    f"/jobs/query/{ID}/results": {"GET": queries.results},
    f"/jobs/query/{ID}/resultPages": {"GET": queries.result_pages},
}

JOB = r"/services/async/(\d+(?:\.\d+)?)/job"
BATCH = f"{JOB}/{ID}/batch"

ASYNC: dict[str, dict[str, Handler]] = {
    JOB: {"POST": classic.create},
    f"{JOB}/{ID}": {"GET": classic.read, "POST": classic.change},
    BATCH: {"GET": classic.list_batches, "POST": classic.add_batch},
    f"{BATCH}/{ID}": {"GET": classic.read_batch},
    f"{BATCH}/{ID}/request": {"GET": classic.batch_request},
    f"{BATCH}/{ID}/result": {"GET": classic.results},
    f"{BATCH}/{ID}/result/{ID}": {"GET": classic.query_result},
}
