"""The describes of this emulator beside those recorded from real orgs. Skipped where the recordings aren't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Api

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "salesforce-recordings"
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


def recorded_customs() -> dict[str, dict[str, Any]]:
    """The custom fields of a recorded org by type: those of leads, accounts and, as the most, contacts."""
    found = {}
    for name in ("Lead", "Account", "Contact"):
        path = RECORDINGS / "describe" / f"grouparoo_{name}_describe_v42.json"
        for field in json.loads(path.read_text())["fields"]:
            short = field["type"] == "textarea" and field["length"] <= 255
            if field["name"].endswith("__c") and not field["calculated"] and not short:
                found[field["type"]] = field
    return found


@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_custom_fields_have_the_flags_of_recorded_ones(api: Api, name: str) -> None:
    """By type: what the recorded org's custom field of a type says, ours of that type says too."""
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
    real = recorded_customs()
    checked = set()
    for mine in api.call("GET", f"sobjects/{name}/describe").json()["fields"]:
        ordinary = mine["custom"] and not mine["calculated"] and not mine["autoNumber"] and mine["updateable"]
        if ordinary and mine["type"] in real:
            assert {k: mine[k] for k in flags} == {k: real[mine["type"]][k] for k in flags}, mine["name"]
            checked.add(mine["type"])
    assert checked == set(real)


def test_campaigns_have_the_recorded_fields_and_flags(bare: Api) -> None:
    path = RECORDINGS / "describe" / "grouparoo_Campaign_describe_v42.json"
    theirs = json.loads(path.read_text())
    ours = bare.call("GET", "sobjects/Campaign/describe").json()
    assert [f["name"] for f in ours["fields"]] == [f["name"] for f in theirs["fields"]]
    differing = [
        (mine["name"], key, mine[key], value)
        for mine, real in zip(ours["fields"], theirs["fields"], strict=True)
        for key, value in real.items()
        if mine[key] != value
    ]
    assert differing == []
    assert ours["supportedScopes"] == theirs["supportedScopes"]


@pytest.mark.parametrize("name", ["Lead", "Contact", "Account"])
def test_child_relationships_are_recorded_ones(bare: Api, name: str) -> None:
    keys = ("childSObject", "field", "relationshipName", "cascadeDelete", "restrictedDelete")
    real = {tuple(c[k] for k in keys) for c in recorded(name)["childRelationships"]}
    ours = bare.call("GET", f"sobjects/{name}/describe").json()["childRelationships"]
    assert {tuple(c[k] for k in keys) for c in ours} <= real


def test_limits_have_the_recorded_form(bare: Api) -> None:
    real = json.loads((RECORDINGS / "limits" / "getLimits.json").read_text())["response"]["body"]
    ours = bare.call("GET", "limits").json()
    assert all({"Max", "Remaining"} <= set(v) for v in ours.values())
    assert len(set(ours) & set(json.loads(real))) >= 10
