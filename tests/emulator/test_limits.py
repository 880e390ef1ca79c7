"""What counts as an API call, and what happens when there are none left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from .conftest import DATA, LOGIN, Api

LEAD = {"attributes": {"type": "Lead"}, "LastName": "V", "Company": "C"}
OVER = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]


def sub(name: str, path: str) -> dict[str, Any]:
    return {"referenceId": name, "method": "GET", "url": f"{DATA}/{path}"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "limits", None),
        ("GET", "query?q=SELECT+Id+FROM+Lead", None),
        ("POST", "composite/sobjects", {"records": [LEAD] * 200}),
        ("POST", "composite", {"compositeRequest": [sub(str(i), "limits") for i in range(25)]}),
        ("GET", "sobjects/Lead/describe", None),
        ("GET", "sobjects/Lead/00Qxx0000000000AAA", None),
        ("POST", "sobjects/Lead", {}),
    ],
)
def test_every_answered_call_is_one_whatever_is_in_it_and_however_it_ends(
    api: Api, method: str, path: str, body: Any
) -> None:
    before = api.org.limits.used
    reply = api.call(method, path, body)
    assert reply.headers["Sforce-Limit-Info"] == f"api-usage={before + 1}/100000"


def test_logins_versions_resources_and_wrong_tokens_count_nothing(api: Api) -> None:
    before = api.org.limits.used
    requests.post(f"{api.url}/services/oauth2/token", data=LOGIN, timeout=10)
    requests.get(f"{api.url}/services/data", timeout=10)
    assert api.call("GET", DATA).status_code == 200
    requests.get(f"{api.url}{DATA}/limits", headers={"Authorization": "Bearer x"}, timeout=10)
    assert api.org.limits.used == before


def test_calls_over_the_limit_are_refused_and_do_not_count(api: Api) -> None:
    api.control("limits", {"DailyApiRequests": {"Max": 10, "Remaining": 1}}, "PUT")
    assert api.call("GET", "limits").json()["DailyApiRequests"] == {"Max": 10, "Remaining": 0}
    refused = api.call("GET", "limits")
    assert (refused.status_code, refused.json()) == (403, OVER)
    assert "Retry-After" not in refused.headers
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=10/10"


def test_a_call_is_forgotten_after_24_hours_of_the_orgs_clock(api: Api) -> None:
    api.control("limits", {"DailyApiRequests": {"Max": 2, "Remaining": 2}}, "PUT")
    api.call("GET", "limits")
    api.control("clock", {"advance_seconds": 20 * 3600})
    assert api.call("GET", "limits").json()["DailyApiRequests"]["Remaining"] == 0
    api.control("clock", {"advance_seconds": 3 * 3600})
    assert api.call("GET", "limits").status_code == 403
    api.control("clock", {"advance_seconds": 3600 + 61})
    assert api.call("GET", "limits").json()["DailyApiRequests"]["Remaining"] == 0
    assert api.call("GET", "limits").status_code == 403


def test_calls_are_refused_while_too_many_long_ones_run(api: Api) -> None:
    """The two long ones wait for the database, which is in other hands until a call has been refused."""
    api.control("limits", {"ConcurrentApiRequests": {"Max": 2, "Seconds": 0.05}}, "PUT")
    headers = {"Authorization": str(api.session.headers["Authorization"])}

    def slow(_: int) -> int:
        url = f"{api.url}{DATA}/sobjects/Lead"
        return requests.post(url, json=LEAD, headers=headers, timeout=20).status_code

    with ThreadPoolExecutor(2) as pool:
        with api.org.state.store.transaction():
            running = pool.map(slow, range(2))
            reply = api.call("GET", "limits")
            while reply.status_code == 200:
                reply = api.call("GET", "limits")
        assert list(running) == [201, 201]
    text = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    assert reply.status_code == 403
    assert reply.json() == [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert api.call("GET", "limits").status_code == 200


def test_any_limit_of_the_list_can_be_set_and_a_reset_forgets_it(api: Api) -> None:
    shown = api.control("limits", {"DataStorageMB": {"Remaining": 0}, "MassEmail": {"Max": 5}}, "PUT")
    assert (shown["DataStorageMB"], shown["MassEmail"]["Max"]) == ({"Max": 1024, "Remaining": 0}, 5)
    api.control("reset", {"seed": "empty"})
    assert api.org.limits.body()["DataStorageMB"]["Remaining"] == 1024


@pytest.mark.parametrize(
    "wrong", [{"Puppies": {"Max": 1}}, {"DailyApiRequests": 3}, {"MassEmail": {"Max": "x"}}]
)
def test_a_limit_that_is_none_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    assert api.call("PUT", "/emulator/limits", wrong).status_code == 400


def test_permission_sets_have_a_limit_inside(api: Api) -> None:
    shown = api.call("GET", "limits").json()
    assert set(shown["PermissionSets"]) == {"Max", "Remaining", "CreateCustom"}
    assert list(shown) == sorted(shown)
