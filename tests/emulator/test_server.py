from __future__ import annotations

import gc
import gzip
import http.client
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from syncadmin.emulator import EmulatorServer
from syncadmin.emulator.soql.parse import _remembered, parse

from .conftest import DATA, Api

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_says_where_it_listens_and_ends_cleanly() -> None:
    command = [sys.executable, "-m", "syncadmin.emulator", "--port", "0", "--seed", "empty"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("listening on http://127.0.0.1:")
        assert (
            requests.get(line.removeprefix("listening on ") + "/services/data", timeout=10).status_code == 200
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_data_file_is_continued_and_not_seeded_again(tmp_path: Path) -> None:
    path = tmp_path / "org.sqlite3"
    with EmulatorServer(seed=3, data=path) as emulator:
        api = Api(emulator)
        made = api.create(VIP__c=True)
        api.control("rules", {"field_level_security": {"object": "Lead", "field": "Title", "visible": False}})
        api.control("schema", {"add": {"object": "Lead", "name": "New__c", "type": "text"}})
    with EmulatorServer(seed="demo", data=path) as emulator:
        api = Api(emulator)
        record = api.get(made)
        assert record["VIP__c"] is True
        assert "New__c" in record
        assert "Title" not in record
        assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 4
        assert api.create() > made


def test_chunked_bodies_are_understood(api: Api) -> None:
    def parts() -> object:
        yield b'{"LastName": "V",'
        yield b'"Company": "C"}'

    reply = api.session.post(f"{api.url}{DATA}/sobjects/Lead", data=parts(), timeout=10)
    assert reply.status_code == 201


def test_replies_are_packed_only_if_asked_for(api: Api) -> None:
    headers = {"Authorization": str(api.session.headers["Authorization"])}
    connection = http.client.HTTPConnection(api.url.removeprefix("http://"), timeout=10)
    connection.request("GET", f"{DATA}/sobjects", headers=headers)
    plain = connection.getresponse()
    body = plain.read()
    assert plain.getheader("Content-Encoding") is None
    connection.request("GET", f"{DATA}/sobjects", headers={**headers, "Accept-Encoding": "gzip"})
    packed = connection.getresponse()
    assert packed.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(packed.read()) == body
    connection.close()


def test_data_calls_have_the_recorded_headers(api: Api) -> None:
    headers = api.call("GET", "limits").headers
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert headers["Cache-Control"] == "no-cache,must-revalidate,max-age=0,no-store,private"
    assert headers["Sforce-Limit-Info"].startswith("api-usage=")


def test_the_instance_is_the_host_the_client_asked_for(api: Api) -> None:
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    url = api.url.replace("127.0.0.1", "localhost")
    assert requests.post(f"{url}/services/oauth2/token", data=form, timeout=10).json()["instance_url"] == url


def test_many_clients_read_and_write_at_once(api: Api) -> None:
    header = {"Authorization": str(api.session.headers["Authorization"])}
    url = f"{api.url}{DATA}"

    def work(number: int) -> int:
        body = {"LastName": f"L{number}", "Company": "C", "External_Key__c": str(number % 10)}
        requests.post(f"{url}/sobjects/Lead", json=body, headers=header, timeout=30)
        query = {"q": "SELECT Id, Owner.Name FROM Lead"}
        return requests.get(f"{url}/query", params=query, headers=header, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(40))) == {200}
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 10


def test_a_wrong_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed must be"):
        EmulatorServer(seed="nonsense")


def test_an_address_that_is_too_long_is_refused_and_a_composite_takes_the_query(api: Api) -> None:
    soql = f"SELECT Id FROM Lead WHERE LastName IN ({', '.join(repr('x' * 40) for _ in range(500))})"
    assert api.call("GET", "query", params={"q": soql}).status_code == 414
    sub = {"referenceId": "a", "method": "GET", "url": f"{DATA}/query?q={soql}"}
    reply = api.call("POST", "composite", {"compositeRequest": [sub]}).json()
    assert reply["compositeResponse"][0]["body"]["totalSize"] == 0


def test_a_kept_connection_ends_with_the_server_and_nothing_is_left_behind() -> None:
    before = threading.active_count()
    with EmulatorServer(seed="empty") as emulator:
        folder = emulator.org.state.store._path.parent
        api = Api(emulator)
        assert api.call("GET", "limits").status_code == 200
    with pytest.raises(requests.ConnectionError):
        api.call("GET", "limits")
    api.session.close()
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before
    assert not folder.exists()


def test_an_org_that_never_came_to_be_leaves_no_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="seed must be"):
        EmulatorServer(seed="rubbish")
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_reset_is_one_whatever_its_case(api: Api) -> None:
    """It doesn't wait for itself."""
    api.create()
    assert api.call("POST", "/EMULATOR/Reset", {"seed": "empty"}).status_code == 200
    assert api.org.query("SELECT Id FROM Lead") == []


def test_long_queries_are_not_remembered() -> None:
    long = "SELECT Id FROM Lead WHERE Id IN ({})".format(", ".join(["'00QFe0000000001MAA'"] * 200))
    before = _remembered.cache_info().currsize
    parse(long)
    assert _remembered.cache_info().currsize == before
