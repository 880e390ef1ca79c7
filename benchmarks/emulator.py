"""How fast the emulator itself is: what its own CPU costs for reading and writing. Nothing of this is the product's.

Usage: python benchmarks/emulator.py [LEADS], or as the last part of ``make bench``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
import stage
from report import Report

READERS = 4
FIELDS = 30
COLLECTION = 200
WHO = "The emulator alone"


def emulator(report: Report, leads: int, *, quick: bool) -> None:
    """Everything, against one emulator with so many Leads."""
    pages, singles, rows = (5, 50, 2_000) if quick else (40, 500, 20_000)
    began = time.monotonic()
    with stage.emulator(leads) as running:
        seconds, cpu = time.monotonic() - began, running.cpu()
        report.tell(
            f"{WHO}: {leads:,} Leads planted", f"{leads / seconds:,.0f}/s ({cpu:.1f} s CPU with its start)"
        )
        session = running.session()
        _reading(report, running, session, leads, pages)
        _readers(report, running, session, pages)
        _writing(report, running, session, singles, rows)


# --- Reading


def _reading(
    report: Report, running: stage.Emulator, session: requests.Session, leads: int, pages: int
) -> None:
    names = _fields(running, session)
    middle = _query(
        running, session, "SELECT Id, SystemModstamp FROM Lead ORDER BY SystemModstamp, Id LIMIT 1"
    )
    stamp, first = (
        middle["records"][0]["SystemModstamp"].replace(".000+0000", "Z"),
        middle["records"][0]["Id"],
    )
    tail = "ORDER BY SystemModstamp, Id LIMIT 2000"
    asked = {
        "since a stamp": f"WHERE SystemModstamp >= {stamp} {tail}",
        "after a key": f"WHERE (SystemModstamp = {stamp} AND Id > '{first}') OR SystemModstamp > {stamp} {tail}",
    }
    for what, rest in asked.items():
        soql = f"SELECT {', '.join(names)} FROM Lead {rest}"
        cost = _cpu(running, lambda soql=soql: _query(running, session, soql), pages)
        report.tell(f"{WHO}: CPU for a page of 2,000 × {len(names)} {what}", f"{cost:.0f} ms")
    soql = f"SELECT {', '.join(names)} FROM Lead"
    cost = _cpu(running, lambda: _query(running, session, soql), max(3, pages // 8))
    report.tell(f"{WHO}: CPU for the first page of {leads:,}", f"{cost:.0f} ms")


def _readers(report: Report, running: stage.Emulator, session: requests.Session, pages: int) -> None:
    """The same pages by one client and by several at once."""
    soql = f"SELECT {', '.join(_fields(running, session))} FROM Lead ORDER BY SystemModstamp, Id LIMIT 2000"
    alone = _rate(lambda: _query(running, session, soql), pages)
    sessions = [running.session() for _ in range(READERS)]
    began = time.monotonic()
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(lambda s: [_query(running, s, soql) for _ in range(pages // READERS)], sessions))
    together = pages // READERS * READERS / (time.monotonic() - began)
    report.tell(f"{WHO}: pages, 1 client and {READERS} at once", f"{alone:.1f}/s and {together:.1f}/s")


def _fields(running: stage.Emulator, session: requests.Session) -> list[str]:
    """Fields any poll asks for, and as many others as make thirty."""
    described = session.get(f"{running.url}{stage.API}/sobjects/Lead/describe", timeout=60).json()["fields"]
    return [field["name"] for field in described if field["type"] != "address"][:FIELDS]


# --- Writing


def _writing(
    report: Report, running: stage.Emulator, session: requests.Session, singles: int, rows: int
) -> None:
    def single() -> None:
        session.post(f"{running.url}{stage.API}/sobjects/Lead", json=_lead(0), timeout=60).raise_for_status()

    def collection() -> None:
        body = {"records": [{"attributes": {"type": "Lead"}, **_lead(n)} for n in range(COLLECTION)]}
        session.post(f"{running.url}{stage.API}/composite/sobjects", json=body, timeout=60).raise_for_status()

    report.tell(f"{WHO}: Leads created, a call each", f"{_rate(single, singles):,.0f}/s")
    rate = _rate(collection, max(1, singles // 25)) * COLLECTION
    report.tell(f"{WHO}: Leads created, {COLLECTION} a call", f"{rate:,.0f}/s")
    report.tell(f"{WHO}: Leads by Bulk 2.0, {rows:,} in a job", f"{_bulk(running, session, rows):,.0f}/s")


def _lead(number: int) -> dict[str, str]:
    return {"LastName": f"Bench {number}", "Company": "Bench", "Email": f"bench{number}@bench.example"}


def _bulk(running: stage.Emulator, session: requests.Session, rows: int) -> float:
    """Rows a second, from the job's creation until it is complete."""
    jobs, began = f"{running.url}{stage.API}/jobs/ingest", time.monotonic()
    job = session.post(
        jobs, json={"object": "Lead", "operation": "insert", "lineEnding": "LF"}, timeout=60
    ).json()
    lines = ["LastName,Company,Email", *(",".join(_lead(n).values()) for n in range(rows))]
    address, text = f"{jobs}/{job['id']}", "\n".join(lines) + "\n"
    headers = {"Content-Type": "text/csv"}
    session.put(f"{address}/batches", data=text.encode(), headers=headers, timeout=300).raise_for_status()
    session.patch(address, json={"state": "UploadComplete"}, timeout=60).raise_for_status()
    found: dict[str, Any] = {}
    while found.get("state") not in ("JobComplete", "Failed", "Aborted"):
        time.sleep(0.02)
        found = session.get(address, timeout=60).json()
    if found["state"] != "JobComplete" or found["numberRecordsFailed"]:
        raise RuntimeError(f"The bulk job went wrong: {found}")
    return rows / (time.monotonic() - began)


# --- Measuring


def _query(running: stage.Emulator, session: requests.Session, soql: str) -> Any:
    reply = session.get(f"{running.url}{stage.API}/query", params={"q": soql}, timeout=120)
    reply.raise_for_status()
    return reply.json()


def _cpu(running: stage.Emulator, work: Callable[[], Any], times: int) -> float:
    """Milliseconds of the emulator's own CPU, each time."""
    work()
    before = running.cpu()
    for _ in range(times):
        work()
    return 1000 * (running.cpu() - before) / times


def _rate(work: Callable[[], Any], times: int) -> float:
    began = time.monotonic()
    for _ in range(times):
        work()
    return times / (time.monotonic() - began)


if __name__ == "__main__":
    printed = Report(quick=False)
    printed.begin()
    emulator(printed, int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, quick=False)
