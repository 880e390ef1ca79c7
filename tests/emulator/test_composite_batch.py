"""Batches: requests in one call that know nothing of one another."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .conftest import DATA, Api

LEAD = {"LastName": "V", "Company": "C"}


def part(method: str, url: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": url} | ({"richInput": body} if body is not None else {})


def run(api: Api, *parts: dict[str, Any], **more: Any) -> requests.Response:
    return api.call("POST", "composite/batch", {"batchRequests": list(parts), **more})


def test_a_result_is_a_status_and_a_body_and_what_was_done_is_seen_by_the_next(api: Api) -> None:
    lead = api.create()
    reply = run(
        api,
        part("PATCH", f"v59.0/sobjects/lead/{lead}", {"Title": "Boss"}),
        part("GET", f"v59.0/sobjects/lead/{lead}?fields=Title"),
    )
    assert reply.status_code == 200
    body = reply.json()
    assert list(body) == ["hasErrors", "results"]
    assert body["results"][0] == {"statusCode": 204, "result": None}
    assert (body["hasErrors"], body["results"][1]["statusCode"]) == (False, 200)
    assert body["results"][1]["result"]["Title"] == "Boss"


def test_a_failure_neither_undoes_nor_halts_the_others(api: Api) -> None:
    post = part("POST", "v59.0/sobjects/Lead", LEAD)
    body = run(api, post, part("POST", "v59.0/sobjects/Lead", {"Company": "C"}), post).json()
    assert [result["statusCode"] for result in body["results"]] == [201, 400, 201]
    assert body["results"][1]["result"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert body["hasErrors"] is True
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 2


def test_halt_on_error_answers_412_to_the_rest(api: Api) -> None:
    post = part("POST", "v59.0/sobjects/Lead", LEAD)
    body = run(api, post, part("GET", "v59.0/sobjects/Foo"), post, post, haltOnError=True).json()
    assert [result["statusCode"] for result in body["results"]] == [201, 404, 412, 412]
    assert body["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_every_request_of_a_batch_counts_as_an_api_call(api: Api) -> None:
    before = api.org.limits.used
    run(api, *[part("GET", "v59.0/limits")] * 7)
    assert api.org.limits.used == before + 7
    entry = api.control("requests", None, "GET")["requests"][-1]
    assert (entry["api_calls"], len(entry["subrequests"])) == (7, 7)


@pytest.mark.parametrize(
    "wrong",
    [
        part("FETCH", "v59.0/limits"),
        part("GET", "limits"),
        part("GET", "v60.0/limits"),
        part("GET", "https://else.example/v59.0/limits"),
    ],
)
def test_a_wrong_method_url_or_version_fails_the_batch_before_anything_is_done(
    api: Api, wrong: dict[str, Any]
) -> None:
    assert run(api, part("POST", "v59.0/sobjects/Lead", LEAD), wrong).status_code == 400
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_batch_has_at_most_25_requests_and_at_least_one(api: Api) -> None:
    assert run(api, *[part("GET", "v59.0/limits")] * 25).status_code == 200
    refused = run(api, *[part("GET", "v59.0/limits")] * 26)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert run(api).status_code == 400


def test_whole_addresses_are_understood_too(api: Api) -> None:
    assert run(api, part("GET", f"{DATA}/limits")).json()["results"][0]["statusCode"] == 200
