from __future__ import annotations

from typing import Any

from .conftest import DATA, Api


def sub(reference: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    made: dict[str, Any] = {"referenceId": reference, "method": method, "url": f"{DATA}/{path}"}
    if body is not None:
        made["body"] = body
    if headers:
        made["httpHeaders"] = {k.replace("_", "-"): v for k, v in headers.items()}
    return made


def run(api: Api, *subs: dict[str, Any], **outer: Any) -> list[dict[str, Any]]:
    reply = api.call("POST", "composite", {"compositeRequest": list(subs), **outer})
    assert reply.status_code == 200, reply.text
    return list(reply.json()["compositeResponse"])


LEAD = {"LastName": "V", "Company": "C"}


def test_a_subresponse_has_the_recorded_keys(api: Api) -> None:
    first, second = run(api, sub("a", "POST", "sobjects/Lead", LEAD), sub("b", "GET", "sobjects/Foo"))
    assert list(first) == ["body", "httpHeaders", "httpStatusCode", "referenceId"]
    assert (first["httpStatusCode"], first["referenceId"]) == (201, "a")
    assert first["httpHeaders"] == {"Location": f"{DATA}/sobjects/Lead/{first['body']['id']}"}
    assert second == {
        "body": [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}],
        "httpHeaders": {},
        "httpStatusCode": 404,
        "referenceId": "b",
    }


def test_an_unchanged_describe_answers_304_without_a_body(api: Api) -> None:
    first = run(api, sub("a", "GET", "sobjects/Lead/describe"))[0]
    modified = first["httpHeaders"]["Last-Modified"]
    again = run(api, sub("a", "GET", "sobjects/Lead/describe", If_Modified_Since=modified))[0]
    assert (again["httpStatusCode"], again["body"]) == (304, None)
    assert set(again["httpHeaders"]) == {"ETag", "Last-Modified"}


def test_later_requests_may_use_what_earlier_ones_answered(api: Api) -> None:
    replies = run(
        api,
        sub("account", "POST", "sobjects/Account", {"Name": "Acme"}),
        sub("contact", "POST", "sobjects/Contact", {"LastName": "V", "AccountId": "@{account.id}"}),
        sub("read", "GET", "query?q=SELECT+Id,AccountId+FROM+Contact"),
        sub("change", "PATCH", "sobjects/Contact/@{read.records[0].Id}", {"Title": "x"}),
    )
    assert [r["httpStatusCode"] for r in replies] == [201, 201, 200, 204]
    assert replies[2]["body"]["records"][0]["AccountId"] == replies[0]["body"]["id"]


def test_a_reference_to_nothing_fails_by_itself(api: Api) -> None:
    reply = run(api, sub("a", "GET", "sobjects/Lead/@{nobody.id}"))[0]
    assert (reply["httpStatusCode"], reply["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")


def test_all_or_none_halts_the_others_and_undoes_them(api: Api) -> None:
    replies = run(
        api,
        sub("a", "POST", "sobjects/Lead", LEAD),
        sub("b", "POST", "sobjects/Lead", {"Company": "C"}),
        sub("c", "POST", "sobjects/Lead", LEAD),
        allOrNone=True,
    )
    halted = [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "The transaction was rolled back since another operation in the same transaction failed.",
        }
    ]
    assert [r["httpStatusCode"] for r in replies] == [400, 400, 400]
    assert replies[0]["body"] == replies[2]["body"] == halted
    assert replies[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 0


def test_outer_all_or_none_overrides_that_of_a_collection(api: Api) -> None:
    records = [{"attributes": {"type": "Lead"}, **LEAD}, {"attributes": {"type": "Lead"}, "Company": "C"}]
    run(api, sub("a", "POST", "composite/sobjects", {"allOrNone": False, "records": records}), allOrNone=True)
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 0


def test_outer_headers_do_not_reach_subrequests(api: Api) -> None:
    queue = api.queue("Inbound_Leads")
    rule = {"name": "All", "entries": [{"criteria": [], "assign_to": queue}]}
    api.control("rules", {"assignment": rule})
    body = {
        "compositeRequest": [
            sub("outer", "POST", "sobjects/Lead", LEAD),
            sub("own", "POST", "sobjects/Lead", LEAD, Sforce_Auto_Assign="false"),
        ]
    }
    replies = api.call("POST", "composite", body, headers={"Sforce-Auto-Assign": "FALSE"}).json()
    owners = [api.get(r["body"]["id"])["OwnerId"] for r in replies["compositeResponse"]]
    assert owners == [queue, api.user("Integration User")]


def test_a_26th_request_is_refused_with_one_subresponse_without_a_reference(api: Api) -> None:
    subs = [sub(str(n), "GET", "limits") for n in range(26)]
    reply = api.call("POST", "composite", {"compositeRequest": subs})
    text = "The request can’t contain more than 25 operations."
    (only,) = reply.json()["compositeResponse"]
    assert (reply.status_code, only["httpStatusCode"], only["referenceId"]) == (400, 400, None)
    assert only["body"] == [{"errorCode": "LIMIT_EXCEEDED", "message": text}]


def test_at_most_5_requests_are_queries_or_collections(api: Api) -> None:
    query = "query?q=SELECT+Id+FROM+Lead"
    reply = api.call("POST", "composite", {"compositeRequest": [sub(str(n), "GET", query) for n in range(6)]})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert len(run(api, *[sub(str(n), "GET", query) for n in range(5)])) == 5


def test_a_reference_id_of_other_characters_fails_the_whole_request_since_v52(api: Api) -> None:
    body = {"compositeRequest": [sub("new[1]", "POST", "sobjects/Lead", LEAD)]}
    reply = api.call("POST", "composite", body)
    text = (
        "Provided referenceId ('new[1]') must start with a letter or a number, and it can contain only letters,"
        " numbers and underscores ('_')."
    )
    assert (reply.status_code, reply.json()) == (400, [{"message": text, "errorCode": "JSON_PARSER_ERROR"}])
    assert api.call("POST", "/services/data/v51.0/composite", body).status_code == 200


def test_a_subrequest_may_not_bring_an_authorization_of_its_own(api: Api) -> None:
    made = sub("a", "POST", "sobjects/Lead", LEAD, Authorization="Bearer x")
    assert api.call("POST", "composite", {"compositeRequest": [made]}).status_code == 400
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_reference_to_a_null_field_is_null_since_v52_and_no_value_before(api: Api) -> None:
    lead = api.create()
    subs = [
        sub("old", "GET", f"sobjects/Lead/{lead}?fields=Title,Company"),
        sub(
            "new",
            "POST",
            "sobjects/Lead",
            {"LastName": "@{old.Company} 2", "Company": "C", "Title": "@{old.Title}"},
        ),
    ]
    made = run(api, *subs)[1]
    assert (made["httpStatusCode"], api.get(made["body"]["id"])["LastName"]) == (201, "Acme 2")
    reply = api.call("POST", "/services/data/v51.0/composite", {"compositeRequest": subs}).json()
    refused = reply["compositeResponse"][1]["body"][0]
    assert refused["message"].startswith("Invalid reference specified. No value for old.Title found in old.")


def test_a_referenced_value_keeps_its_type(api: Api) -> None:
    first = api.create(NumberOfEmployees=7)
    subs = [
        sub("old", "GET", f"sobjects/Lead/{first}"),
        sub("new", "POST", "sobjects/Lead", LEAD | {"NumberOfEmployees": "@{old.NumberOfEmployees}"}),
    ]
    assert api.get(run(api, *subs)[1]["body"]["id"])["NumberOfEmployees"] == 7


def test_collating_is_accepted_and_keeps_the_order_of_the_replies(api: Api) -> None:
    subs = [sub(name, "POST", "sobjects/Lead", LEAD) for name in "abc"]
    replies = run(api, *subs, collateSubrequests=True)
    assert [reply["referenceId"] for reply in replies] == ["a", "b", "c"]


def test_the_composite_resource_lists_those_below_it(api: Api) -> None:
    assert api.call("GET", "composite").json() == {
        name: f"{DATA}/composite/{name}" for name in ("tree", "batch", "sobjects", "graph")
    }


def test_a_composite_is_one_api_call(api: Api) -> None:
    before = api.org.limits.used
    run(api, *[sub(str(n), "GET", "limits") for n in range(20)])
    assert api.org.limits.used == before + 1
    logged = api.control("requests", None, "GET")["requests"][-1]
    assert (logged["path"], logged["api_calls"], len(logged["subrequests"])) == (f"{DATA}/composite", 1, 20)


def test_a_composite_holds_no_composite_no_job_and_nothing_but_data(api: Api) -> None:
    inner = {"compositeRequest": [sub("b", "GET", "limits")]}
    parts = [sub("a", "POST", "composite", inner), sub("c", "GET", "jobs/ingest")]
    parts += [{"referenceId": "d", "method": "POST", "url": "/emulator/reset", "body": {}}]
    assert [one["httpStatusCode"] for one in run(api, *parts)] == [404, 404, 404]
    part = {"method": "POST", "url": "v59.0/composite/batch", "richInput": {"batchRequests": []}}
    reply = api.call("POST", "composite/batch", {"batchRequests": [part]})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_BATCH_REQUEST")
