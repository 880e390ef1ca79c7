"""Private and read-only sharing: rows that are there, but not for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DATA, Api


def share(api: Api, access: str, sobject: str = "Lead", **more: Any) -> None:
    api.control("rules", {"sharing": {"object": sobject, "access": access, **more}})


@pytest.fixture
def mine(api: Api) -> str:
    return api.create(LastName="Mine")


@pytest.fixture
def theirs(api: Api) -> str:
    return api.create(LastName="Theirs", OwnerId=api.user("Sarah Bennett"))


def test_rows_of_others_vanish_without_being_deleted(api: Api, mine: str, theirs: str) -> None:
    share(api, "private")
    assert api.records("SELECT LastName FROM Lead") == [{"LastName": "Mine"}]
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 1
    deleted = api.call("GET", "queryAll", params={"q": "SELECT Id, IsDeleted FROM Lead"}).json()
    assert [r["Id"] for r in deleted["records"]] == [mine]
    assert api.call("GET", f"sobjects/Lead/{theirs}").json() == [
        {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    ]
    share(api, "public")
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 2


def test_updated_lists_only_what_the_user_sees(api: Api, mine: str, theirs: str) -> None:
    share(api, "private")
    start = api.org.state.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    api.control("clock", {"advance_seconds": 120})
    end = api.org.state.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    listed = api.call("GET", f"{DATA}/sobjects/Lead/updated?start={start}&end={end}").json()
    assert listed["ids"] == [mine]


def test_what_a_user_does_not_see_he_cannot_write(api: Api, theirs: str) -> None:
    share(api, "private")
    for method, body in (("PATCH", {"Title": "x"}), ("DELETE", None)):
        error = api.call(method, f"sobjects/Lead/{theirs}", body).json()[0]
        assert error["errorCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
        assert error["message"] == f"insufficient access rights on cross-reference id: {theirs[:15]}"


def test_with_read_only_sharing_he_sees_it_but_cannot_write_it(api: Api, mine: str, theirs: str) -> None:
    share(api, "read")
    assert api.get(theirs)["LastName"] == "Theirs"
    reply = api.call("PATCH", f"sobjects/Lead/{theirs}", {"Title": "x"})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert api.call("PATCH", f"sobjects/Lead/{mine}", {"Title": "x"}).status_code == 204


def test_a_parent_the_user_does_not_see_is_null(api: Api) -> None:
    account = api.create("Account", Name="Hidden", OwnerId=api.user("Sarah Bennett"))
    api.create("Contact", AccountId=account)
    share(api, "private", "Account")
    assert api.records("SELECT AccountId, Account.Name FROM Contact") == [
        {"AccountId": account, "Account": None}
    ]


def test_a_user_gives_a_record_away_and_sees_it_no_more(api: Api, mine: str) -> None:
    share(api, "private")
    off = {"headers": {"Sforce-Auto-Assign": "FALSE"}}
    body = {"OwnerId": api.user("Sarah Bennett")}
    assert api.call("PATCH", f"sobjects/Lead/{mine}", body, **off).status_code == 204
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_manager_sees_the_records_of_those_below_and_a_member_those_of_the_queue(demo: Api) -> None:
    from syncadmin.emulator.changes import owners_seen

    head, rep = demo.user("Ingrid Solberg"), demo.user("Aisha Rahman")
    assert rep in owners_seen(demo.org.state, head)
    assert head not in owners_seen(demo.org.state, rep)
    assert demo.queue("APAC_Leads") in owners_seen(demo.org.state, rep)


def test_sharing_outlives_a_restart(tmp_path: Any) -> None:
    from syncadmin.emulator.org import Org
    from syncadmin.emulator.schema.registry import Sharing

    org = Org(seed="empty", data=tmp_path / "org.db")
    user = org.state.integration_user
    org.state.schema.share("Lead", user, Sharing("private", (user,)), org.state.clock.now())
    org.state.keep_setup()
    org.close()
    again = Org(data=tmp_path / "org.db")
    condition = again.state.schema.row_condition(again.state.schema.must("Lead"), user, "t")
    again.close()
    assert condition == f"t.\"OwnerId\" IN ('{user}')"


@pytest.mark.parametrize("spec", [{"object": "Lead", "access": "secret"}, {"object": "RecordType"}])
def test_sharing_that_makes_no_sense_is_refused(api: Api, spec: dict[str, str]) -> None:
    assert api.call("POST", "/emulator/rules", {"sharing": spec}).status_code == 400


def test_a_unique_value_of_a_record_he_does_not_see_is_taken_by_somebody_unknown(api: Api) -> None:
    api.create(External_Key__c="k", OwnerId=api.user("Sarah Bennett"))
    share(api, "private")
    assert api.call("GET", "sobjects/Lead/External_Key__c/k").status_code == 404
    body = {"LastName": "V", "Company": "C"}
    reply = api.call("PATCH", "sobjects/Lead/External_Key__c/k", body)
    assert reply.json() == [
        {
            "message": "duplicate value found: External_Key__c duplicates value on record with id: <unknown>",
            "errorCode": "DUPLICATE_VALUE",
            "fields": [],
        }
    ]


def test_what_a_user_does_not_see_he_cannot_convert_or_merge(api: Api, mine: str, theirs: str) -> None:
    share(api, "private")
    for path, body in (("convert", {"lead_id": theirs}), ("merge", {"master": mine, "losers": [theirs]})):
        reply = api.call("POST", f"/emulator/{path}", body)
        assert reply.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert theirs not in str(api.call("GET", "recent").json())
    share(api, "public")
    assert (api.get(theirs)["IsConverted"], api.get(theirs)["IsDeleted"]) == (False, False)
