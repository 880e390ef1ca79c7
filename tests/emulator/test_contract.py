"""The describes of this emulator beside those recorded from real orgs. Skipped where the recordings aren't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Api

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "salesforce-recordings"
NOT_RECORDED = {"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall"}
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings aren't here")


def recorded(name: str) -> dict[str, Any]:
    path = RECORDINGS / "describe" / f"cumulusci_GET_sobjects_{name}_describe.json"
    return dict(json.loads(path.read_text()))


@pytest.mark.parametrize("name", ["Lead", "Contact"])
def test_describe_has_the_recorded_keys(bare: Api, name: str) -> None:
    ours, theirs = bare.call("GET", f"sobjects/{name}/describe").json(), recorded(name)
    assert list(ours) == sorted(theirs)
    assert list(ours["fields"][0]) == list(theirs["fields"][0])
    assert set(ours["childRelationships"][0]) == set(theirs["childRelationships"][0])
    plain = (str, bool, int, type(None))
    same = [key for key, value in theirs.items() if isinstance(value, plain)]
    assert {key: ours[key] for key in same} == {key: theirs[key] for key in same}


@pytest.mark.parametrize("name", ["Lead", "Contact"])
def test_standard_fields_have_the_recorded_flags_in_the_recorded_order(bare: Api, name: str) -> None:
    ours = [
        f
        for f in bare.call("GET", f"sobjects/{name}/describe").json()["fields"]
        if f["name"] not in NOT_RECORDED
    ]
    theirs = recorded(name)["fields"]
    assert [f["name"] for f in ours] == [f["name"] for f in theirs]
    differing = [
        (mine["name"], key, mine[key], value)
        for mine, real in zip(ours, theirs, strict=True)
        for key, value in real.items()
        if mine[key] != value
    ]
    assert differing == []


@pytest.mark.parametrize("name", ["Contact"])
def test_custom_fields_have_the_flags_of_recorded_ones(api: Api, name: str) -> None:
    """By type: what the recorded org's custom field of a type says, ours of that type says too."""
    path = RECORDINGS / "describe" / f"grouparoo_{name}_describe_v42.json"
    flags = (
        "soapType",
        "filterable",
        "sortable",
        "groupable",
        "aggregatable",
        "custom",
        "nillable",
        "permissionable",
        "createable",
        "updateable",
    )
    real = {
        f["type"]: f
        for f in json.loads(path.read_text())["fields"]
        if f["name"].endswith("__c")
        and not f["calculated"]
        and (f["type"] != "textarea" or f["length"] > 255)
    }
    checked = 0
    for mine in api.call("GET", f"sobjects/{name}/describe").json()["fields"]:
        ordinary = mine["custom"] and not mine["calculated"] and not mine["autoNumber"] and mine["updateable"]
        if ordinary and mine["type"] in real:
            assert {k: mine[k] for k in flags} == {k: real[mine["type"]][k] for k in flags}, mine["name"]
            checked += 1
    assert checked >= 5


def test_limits_have_the_recorded_form(bare: Api) -> None:
    real = json.loads((RECORDINGS / "limits" / "getLimits.json").read_text())["response"]["body"]
    ours = bare.call("GET", "limits").json()
    assert {frozenset(v) for v in ours.values()} == {frozenset({"Max", "Remaining"})}
    assert len(set(ours) & set(json.loads(real))) >= 10
