"""How Bulk API 1 writes jobs, batches, results and errors: XML, JSON and CSV.

Source: the Bulk API guide, pages JobInfo, BatchInfo, Getting Batch Results, Errors; the keys of a job in JSON
are quoted from a live reply, and so is the error that asks for results of a failed batch. A batch is shown in
JSON if its job's content is JSON, else in XML, whatever the request's own content type: that is what clients
of both kinds rely on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from syncadmin.emulator.bulk import job as forms
from syncadmin.emulator.bulk.job import Batch, Job
from syncadmin.emulator.bulk.table import Result
from syncadmin.emulator.bulk.text import line
from syncadmin.emulator.bulk.writing import error_text
from syncadmin.emulator.clock import zulu
from syncadmin.emulator.soap.xml import Xml, join, maybe, node
from syncadmin.emulator.wire import Response

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
XSI = {"xmlns": NAMESPACE, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
# Without a charset: clients that work with real orgs compare the whole of it.
JSON_TYPE, XML_TYPE, CSV_TYPE = "application/json", "application/xml", "text/csv"
TYPES = {"CSV": CSV_TYPE, "JSON": JSON_TYPE, "XML": XML_TYPE}
Info = dict[str, Any]


def job_info(job: Job, batches: list[Batch]) -> Info:
    """A job. Its counts are those of its batches."""
    states = [batch.state for batch in batches]
    return {
        "apexProcessingTime": 0,
        "apiActiveProcessingTime": sum(batch.active_time for batch in batches),
        "apiVersion": float(job.version),
        "assignmentRuleId": job.assignment_rule or None,
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "createdById": job.created_by,
        "createdDate": job.created,
        "externalIdFieldName": job.external_id or None,
        "fastPathEnabled": False,
        "id": job.id,
        "numberBatchesCompleted": states.count(forms.COMPLETED),
        "numberBatchesFailed": states.count(forms.FAILED),
        "numberBatchesInProgress": states.count(forms.BATCH_RUNNING),
        "numberBatchesQueued": states.count(forms.QUEUED),
        "numberBatchesTotal": len(states),
        "numberRecordsFailed": sum(batch.failed for batch in batches),
        "numberRecordsProcessed": sum(batch.processed for batch in batches),
        "numberRetries": 0,
        "object": job.object,
        "operation": job.operation,
        "state": job.state,
        "systemModstamp": job.modified,
        "totalProcessingTime": sum(batch.total_time for batch in batches),
    }


def batch_info(batch: Batch) -> Info:
    """A batch."""
    return {
        "apexProcessingTime": 0,
        "apiActiveProcessingTime": batch.active_time,
        "createdDate": batch.created,
        "id": batch.id,
        "jobId": batch.job,
        "numberRecordsFailed": batch.failed,
        "numberRecordsProcessed": batch.processed,
        "state": batch.state,
        "stateMessage": batch.message or None,
        "systemModstamp": batch.modified,
        "totalProcessingTime": batch.total_time,
    }


def document(name: str, *children: Any) -> str:
    """A whole XML document."""
    return DECLARATION + node(name, *children, attributes=XSI)


def _elements(info: Mapping[str, Any]) -> list[Xml]:
    """What has no value isn't there in XML, and moments are in Zulu time."""
    shown = {k: zulu(v) if isinstance(v, str) else v for k, v in info.items()}
    return [node(k, str(v) if isinstance(v, float) else v) for k, v in shown.items() if v is not None]


def reply(status: int, name: str, info: Info, as_json: bool) -> Response:
    """A job, batch or error as the body of a reply."""
    if as_json:
        return Response(status, info, content_type=JSON_TYPE)
    return Response(status, document(name, _elements(info)), content_type=XML_TYPE)


def batch_list(batches: Iterable[Batch], as_json: bool) -> Response:
    """All batches of a job."""
    infos = [batch_info(batch) for batch in batches]
    if as_json:
        return Response(200, {"batchInfo": infos}, content_type=JSON_TYPE)
    inner = [node("batchInfo", _elements(info)) for info in infos]
    return Response(200, document("batchInfoList", inner), content_type=XML_TYPE)


def result_list(ids: list[str], job: Job) -> Response:
    """The results a query batch has."""
    if job.content_type == "JSON":
        return Response(200, ids, content_type=JSON_TYPE)
    inner = [node("result", one) for one in ids]
    return Response(200, document("result-list", inner), content_type=XML_TYPE)


def query_result(job: Job, header: str, lines: list[str]) -> Response:
    """What a query batch found."""
    if job.content_type == "JSON":
        return Response(200, f"[{','.join(lines)}]".encode(), content_type=JSON_TYPE)
    if job.content_type == "XML":
        body = document("queryResult", [Xml(one) for one in lines])
        return Response(200, body, content_type=XML_TYPE)
    return Response(200, "".join(f"{one}\n" for one in (header, *lines)), content_type=CSV_TYPE)


def results(job: Job, found: Iterable[Result]) -> Response:
    """What became of the records of a batch, in their order."""
    if job.content_type == "JSON":
        return Response(200, [_json(*one) for one in found], content_type=JSON_TYPE)
    if job.content_type == "XML":
        return Response(200, document("results", [_xml(*one) for one in found]), content_type=XML_TYPE)
    lines = [line(("Id", "Success", "Created", "Error"), ",")]
    for record_id, created, errors in found:
        text = error_text(errors) if errors else ""
        lines.append(line((record_id, _word(not errors), _word(bool(created)), text), ","))
    return Response(200, "".join(f"{one}\n" for one in lines), content_type=CSV_TYPE)


def _word(value: bool) -> str:
    return "true" if value else "false"


def _errors(errors: str) -> list[Info]:
    return [
        {"message": message, "fields": fields, "statusCode": code, "extendedErrorDetails": None}
        for code, message, fields in (json.loads(errors) if errors else ())
    ]


def _json(record_id: str, created: int, errors: str) -> Info:
    shown = {"success": not errors, "created": bool(created), "id": record_id or None}
    return shown | {"errors": _errors(errors)}


def _xml(record_id: str, created: int, errors: str) -> Xml:
    problems = [
        node(
            "errors",
            [node("fields", field) for field in error["fields"]],
            node("message", error["message"]),
            node("statusCode", error["statusCode"]),
        )
        for error in _errors(errors)
    ]
    named = maybe("id", record_id or None)
    return node("result", join(*problems), named, node("success", not errors), node("created", bool(created)))
