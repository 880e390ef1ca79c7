"""Graphs: composites side by side, each of them all or none."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DATA, Api

LEAD = {"LastName": "V", "Company": "C"}
BAD = {"Company": "C"}


def node(reference: str, body: Any, url: str = "sobjects/Lead", method: str = "POST") -> dict[str, Any]:
    return {"referenceId": reference, "method": method, "url": f"{DATA}/{url}", "body": body}


def graph(name: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": name, "compositeRequest": list(nodes)}


def run(api: Api, *graphs: dict[str, Any]) -> list[dict[str, Any]]:
    reply = api.call("POST", "composite/graph", {"graphs": list(graphs)})
    assert reply.status_code == 200, reply.text
    return list(reply.json()["graphs"])


def refusal(api: Api, *graphs: dict[str, Any]) -> str:
    reply = api.call("POST", "composite/graph", {"graphs": list(graphs)})
    assert reply.status_code == 400
    return str(reply.json()[0]["errorCode"])


def test_a_graph_has_the_documented_keys_and_its_nodes_may_refer_to_earlier_ones(api: Api) -> None:
    account = node("account", {"Name": "Acme"}, "sobjects/Account/")
    contact = node("contact", {"LastName": "V", "AccountId": "@{account.id}"}, "sobjects/Contact/")
    (done,) = run(api, graph("1", account, contact))
    assert list(done) == ["graphId", "graphResponse", "isSuccessful"]
    assert (done["graphId"], done["isSuccessful"]) == ("1", True)
    first, second = done["graphResponse"]["compositeResponse"]
    assert (first["httpStatusCode"], second["referenceId"]) == (201, "contact")
    assert api.get(second["body"]["id"], "Contact")["AccountId"] == first["body"]["id"]


def test_a_failure_undoes_its_own_graph_and_no_other(api: Api) -> None:
    good, bad = run(api, graph("good", node("a", LEAD)), graph("bad", node("a", LEAD), node("b", BAD)))
    assert (good["isSuccessful"], bad["isSuccessful"]) == (True, False)
    codes = [r["body"][0]["errorCode"] for r in bad["graphResponse"]["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_graphs_do_not_see_one_another(api: Api) -> None:
    account = graph("1", node("account", {"Name": "Acme"}, "sobjects/Account"))
    contact = graph("2", node("c", {"LastName": "V", "AccountId": "@{account.id}"}, "sobjects/Contact"))
    assert [done["isSuccessful"] for done in run(api, account, contact)] == [True, False]


def test_a_graph_is_one_api_call(api: Api) -> None:
    before = api.org.limits.used
    run(api, graph("1", *[node(f"n{i}", LEAD) for i in range(30)]))
    assert api.org.limits.used == before + 1


def test_after_15_failures_the_remaining_graphs_are_not_tried(api: Api) -> None:
    graphs = [graph(str(i), node("a", BAD if i < 15 else LEAD)) for i in range(17)]
    done = run(api, *graphs)
    assert not any(one["isSuccessful"] for one in done)
    assert done[16]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_the_documented_limits_are_kept(api: Api) -> None:
    nodes = [node(f"n{i}", LEAD) for i in range(501)]
    assert refusal(api, graph("1", *nodes)) == "LIMIT_EXCEEDED"
    assert refusal(api, *[graph(str(i), node("a", LEAD)) for i in range(76)]) == "LIMIT_EXCEEDED"
    versions = [
        node("a", LEAD) | {"referenceId": f"r{v}", "url": f"/services/data/v{v}.0/sobjects/Lead"}
        for v in range(50, 66)
    ]
    assert refusal(api, graph("1", *versions)) == "LIMIT_EXCEEDED"


def test_a_chain_of_references_has_at_most_15_nodes(api: Api) -> None:
    chain = [node("n0", LEAD)]
    chain += [node(f"n{i}", LEAD | {"Description": f"after @{{n{i - 1}.id}}"}) for i in range(1, 16)]
    assert run(api, graph("1", *chain[:15]))[0]["isSuccessful"]
    assert refusal(api, graph("1", *chain)) == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("url", "method"),
    [("query?q=SELECT+Id+FROM+Lead", "GET"), ("composite/sobjects", "POST"), ("sobjects/Lead", "GET")],
)
def test_a_graph_takes_nothing_but_records(api: Api, url: str, method: str) -> None:
    assert refusal(api, graph("1", node("a", None, url, method))) == "INVALID_INPUT"


def test_every_graph_needs_a_name_of_its_own(api: Api) -> None:
    assert refusal(api, graph("1", node("a", LEAD)), graph("1", node("a", LEAD))) == "INVALID_INPUT"
    assert refusal(api) == "REQUIRED_FIELD_MISSING"


def test_graphs_are_not_there_before_v50(api: Api) -> None:
    body = {"graphs": [graph("1", node("a", LEAD))]}
    assert api.call("POST", "/services/data/v49.0/composite/graph", body).status_code == 404
