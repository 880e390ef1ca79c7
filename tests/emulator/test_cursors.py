"""Results in pages: what they hold while others write, whose they are, how long they live, and what they cost."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from syncadmin.emulator import EmulatorServer
from syncadmin.emulator.seeds.plant import add_user
from syncadmin.emulator.soql.compile import compile_query
from syncadmin.emulator.soql.cursors import KEPT, Cursors
from syncadmin.emulator.soql.parse import parse

from .conftest import DATA, Api

SMALL = {"Sforce-Query-Options": "batchSize=200"}
ALL = "SELECT Id, LastName FROM Lead ORDER BY LastName"


def fill(api: Api, count: int, **values: Any) -> list[str]:
    """Leads, put straight into the database: copies of one, in the order of their last names."""
    made = api.create(LastName="L0000", **values)
    state = api.org.state
    lead = state.schema.must("Lead")
    (row,) = state.store.fetch(lead, [made]).values()
    rows = [{**row, "Id": state.next_id(lead), "LastName": f"L{n:04}"} for n in range(1, count)]
    state.store.insert("Lead", rows)
    return [made, *(str(r["Id"]) for r in rows)]


def pages(api: Api, soql: str, **options: Any) -> list[Any]:
    """All pages of a query."""
    found = [api.query(soql, **options)]
    while not found[-1]["done"]:
        found.append(api.call("GET", found[-1]["nextRecordsUrl"], **options).json())
    return found


def test_pages_hold_2000_records_and_say_how_many_there_are(api: Api) -> None:
    fill(api, 2100)
    first, last = pages(api, ALL)
    assert [len(first["records"]), len(last["records"])] == [2000, 100]
    assert first["totalSize"] == last["totalSize"] == 2100
    assert first["nextRecordsUrl"].endswith("-2000")
    names = [r["LastName"] for page in (first, last) for r in page["records"]]
    assert names == [f"L{n:04}" for n in range(2100)]


@pytest.mark.parametrize(
    ("asked", "size"),
    [("batchSize=250", 250), ("batchSize=5", 200), ("batchSize=9999", 500), ("nonsense", 500)],
)
def test_the_size_of_pages_is_between_200_and_2000(api: Api, asked: str, size: int) -> None:
    fill(api, 500)
    assert len(api.query(ALL, headers={"Sforce-Query-Options": asked})["records"]) == size


def test_a_limit_above_a_page_is_the_size_of_the_result(api: Api) -> None:
    fill(api, 700)
    found = pages(api, f"{ALL} LIMIT 450 OFFSET 50", headers=SMALL)
    assert [(len(p["records"]), p["totalSize"]) for p in found] == [(200, 450), (200, 450), (50, 450)]
    assert found[0]["records"][0]["LastName"] == "L0050"


def test_records_keep_their_pages_while_others_write(api: Api) -> None:
    ids = fill(api, 500)
    page = api.query(ALL, headers=SMALL)
    api.call("PATCH", f"sobjects/Lead/{ids[300]}", {"LastName": "A new name"})
    api.call("DELETE", f"sobjects/Lead/{ids[301]}")
    api.create(LastName="A new one")
    seen = [r["Id"] for r in page["records"]]
    renamed = ""
    while not page["done"]:
        page = api.call("GET", page["nextRecordsUrl"]).json()
        seen += [r["Id"] for r in page["records"]]
        renamed += "".join(r["LastName"] for r in page["records"] if r["Id"] == ids[300])
    assert seen == [i for i in ids if i != ids[301]]
    assert (renamed, page["totalSize"]) == ("A new name", 500)


def test_without_an_order_every_record_comes_once(api: Api) -> None:
    ids = fill(api, 450)
    seen = [r["Id"] for p in pages(api, "SELECT Id, Country FROM Lead", headers=SMALL) for r in p["records"]]
    assert sorted(seen) == sorted(ids)


def test_equal_records_come_once_each_too(api: Api) -> None:
    ids = fill(api, 450, Country="Peru")
    soql = "SELECT Id FROM Lead WHERE Country = 'Peru' ORDER BY Country DESC"
    seen = [r["Id"] for p in pages(api, soql, headers=SMALL) for r in p["records"]]
    assert sorted(seen) == sorted(ids)


def test_query_all_pages_hold_the_deleted_too(api: Api) -> None:
    ids = fill(api, 450)
    api.call("DELETE", f"sobjects/Lead/{ids[449]}")
    page = api.call("GET", "queryAll", params={"q": ALL}, headers=SMALL).json()
    last = api.call(
        "GET", f"queryAll/{page['nextRecordsUrl'].rsplit('/', 1)[1].replace('-200', '-400')}"
    ).json()
    assert (page["totalSize"], last["records"][-1]["Id"]) == (450, ids[449])


def locator(api: Api) -> str:
    fill(api, 300)
    return str(api.query(ALL, headers=SMALL)["nextRecordsUrl"])


def refused(api: Api, url: str) -> None:
    reply = api.call("GET", url)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_a_page_may_be_read_again(api: Api) -> None:
    url = locator(api)
    assert api.call("GET", url).json() == api.call("GET", url).json()


def test_a_cursor_lives_two_days(api: Api) -> None:
    url = locator(api)
    api.control("clock", {"advance_seconds": 47 * 3600})
    api.login()
    assert api.call("GET", url).status_code == 200
    api.control("clock", {"advance_seconds": 2 * 3600})
    api.login()
    refused(api, url)


def test_a_cursor_is_its_users(api: Api) -> None:
    url = locator(api)
    key = url.rsplit("/", 1)[1]
    other = add_user(api.org.state, "Olga", "Other")
    with pytest.raises(Exception, match="INVALID_QUERY_LOCATOR"):
        api.org.queries.more(key, "/services/data/v59.0", other)
    mine = api.org.queries.more(key, "/services/data/v59.0", api.org.state.integration_user)
    assert len(mine["records"]) == 100


def test_nonsense_is_no_locator(api: Api) -> None:
    url = locator(api)
    for bad in (url.replace("-200", "-99999"), url.replace("-200", ""), url.replace("-200", "-x")):
        refused(api, bad)


def test_the_oldest_cursors_are_forgotten_and_big_ones_are_not_in_memory(api: Api) -> None:
    cursors, now = Cursors(), api.org.state.clock.now()
    first = cursors.remember(None, None, 200, now, "x" * 18 * 10_000)
    found = cursors.find(f"{first}-200", None, now)[1]
    assert not isinstance(found.ids, bytes)
    assert found.part(9_900) == ["x" * 18] * 100
    for _ in range(KEPT):
        cursors.remember(None, None, 200, now, "x" * 18)
    with pytest.raises(Exception, match="INVALID_QUERY_LOCATOR"):
        cursors.find(f"{first}-200", None, now)
    assert not found.ids.exists()


def test_two_custom_long_texts_make_pages_of_200(api: Api) -> None:
    for name in ("Story__c", "Notes2__c"):
        spec = {"object": "Lead", "name": name, "type": "long_text"}
        api.control("schema", {"add": spec})
    fill(api, 300)
    assert len(api.query("SELECT Id, Story__c FROM Lead")["records"]) == 300
    assert len(api.query("SELECT Id, Story__c, Notes2__c FROM Lead")["records"]) == 200


# --- What it costs


def plan(api: Api, soql: str, *, ids: bool = False) -> str:
    """How the database reads a query."""
    state = api.org.state
    user, today = state.integration_user, state.clock.now().date()
    compiled = compile_query(parse(soql), soql, state.schema, user, today)
    shape = compiled.record_shape
    columns = [compiled.id_sql] if ids else shape.columns
    order = compiled.settled_order if ids else compiled.order
    sql = f"EXPLAIN QUERY PLAN {compiled.rows_sql(columns)}{order}{compiled.cut()}"
    return "; ".join(row[3] for row in state.store.select(sql, compiled.parameters))


SINCE = "SystemModstamp >= 2026-01-01T00:00:00Z"
KEYSET = (
    "((SystemModstamp = 2026-01-01T00:00:00Z AND Id > '00Q000000000000') OR"
    " SystemModstamp > 2026-01-01T00:00:00Z)"
)
FOLLOWING = "ORDER BY SystemModstamp, Id LIMIT 2000"


@pytest.mark.parametrize(
    "where",
    [SINCE, KEYSET, KEYSET[1:-1], f"IsConverted = false AND {KEYSET}", f"{SINCE} AND Country = 'Peru'"],
)
def test_a_page_of_changes_comes_from_the_index_in_its_order(api: Api, where: str) -> None:
    found = plan(api, f"SELECT Id, LastName, Email FROM Lead WHERE {where} {FOLLOWING}")
    assert found == "SEARCH t0 USING INDEX Lead_SystemModstamp_Id_IsDeleted (SystemModstamp>?)"


def test_either_of_two_indexed_fields_is_searched_by_both_indexes(api: Api) -> None:
    found = plan(api, "SELECT Id FROM Lead WHERE Email = 'a@x.example' OR Id = '00Q000000000000'")
    assert "MULTI-INDEX OR" in found
    assert "SCAN" not in found


def test_the_ids_of_everything_are_read_from_an_index_alone(api: Api) -> None:
    assert plan(api, "SELECT Id, LastName FROM Lead", ids=True) == "SCAN t0 USING INDEX Lead_live"
    ordered = plan(api, "SELECT Id, LastName FROM Lead ORDER BY SystemModstamp, Id", ids=True)
    assert ordered == "SCAN t0 USING COVERING INDEX Lead_SystemModstamp_Id_IsDeleted"


def test_reading_goes_on_while_a_write_is_under_way(api: Api) -> None:
    lead = api.create(LastName="Before")
    with api.org.state.store.transaction() as writing:
        writing.execute('UPDATE "Lead" SET "LastName" = ? WHERE "Id" = ?', ("After", lead))
        found: list[str] = []
        reader = threading.Thread(
            target=lambda: found.append(api.records("SELECT LastName FROM Lead")[0]["LastName"])
        )
        reader.start()
        reader.join(10)
        assert found == ["Before"]
    assert api.records("SELECT LastName FROM Lead")[0]["LastName"] == "After"


def test_readers_do_not_wait_for_each_other(api: Api) -> None:
    """Each of them holds its connection until all have one: with one lock for all they would never get there."""
    store, together = api.org.state.store, threading.Barrier(4)

    def read() -> None:
        with store.reading() as db:
            db.execute('SELECT COUNT(*) FROM "Lead"').fetchall()
            together.wait(10)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not together.broken


def test_pages_of_two_servers_are_apart(api: Api) -> None:
    url = locator(api)
    with EmulatorServer(seed="0") as other:
        stranger = Api(other)
        refused(stranger, url)
        stranger.session.close()


def test_a_query_within_a_composite_is_a_value_others_may_refer_to(api: Api) -> None:
    lead = api.create(LastName="Referred", Title='say "hello"')
    requests = [
        {
            "method": "GET",
            "url": f"{DATA}/query?q=SELECT+Id,Title,LastName+FROM+Lead",
            "referenceId": "found",
        },
        {"method": "GET", "url": f"{DATA}/sobjects/Lead/@{{found.records[0].Id}}", "referenceId": "read"},
    ]
    reply = api.call("POST", "composite", {"compositeRequest": requests}).json()["compositeResponse"]
    found, read = (sub["body"] for sub in reply)
    assert (found["totalSize"], found["done"]) == (1, True)
    assert found["records"] == api.query("SELECT Id, Title, LastName FROM Lead")["records"]
    assert read["Id"] == lead
