"""How fast the sync is: ``make bench``, or ``make bench ARGS=--quick``. Exit code 1 if a target is missed.

Every measurement runs in a fresh process, every pull on an empty database; what is compared runs in turns, and the
median of the rounds counts, so that other load on the machine weighs on both sides. docs/benchmarks.md explains.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

import stage
from crowd import pages
from emulator import emulator
from report import Report
from scaling import scale

Found = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    leads: int = 50_000
    fewer: int = 10_000
    fewest: int = 1_000
    rounds: int = 5
    clicks: int = 20
    singles: int = 500
    among: tuple[int, ...] = (0, 100_000, 500_000)
    portion: int = 10_000
    repeats: int = 3
    crowd: tuple[int, int] = (20_000, 1_000_000)
    asked: int = 7


QUICK = Size(
    leads=5_000, fewer=2_000, rounds=1, clicks=3, singles=100, among=(0, 5_000), portion=5_000, repeats=1,
    crowd=(10_000, 20_000), asked=1,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="5,000 Leads, once; only counts are judged")
    parser.add_argument("--small", action="store_true", help="leave out very many people")
    parser.add_argument(
        "--pages", action="store_true", help="the pages among a million people, and nothing else"
    )
    given = parser.parse_args(arguments)
    quick, only_small = given.quick, given.small
    size, report = QUICK if quick else Size(), Report(quick)
    os.environ["PYTHONWARNINGS"] = "ignore"
    databases = stage.kinds()
    if given.pages:
        report.begin()
        pages(report, size)
        return report.end()
    tap = tap_python(quick)
    report.begin()
    pulls = pull(report, size, databases, tap)
    idle(report, size, databases, pulls)
    if not quick:
        memory(report, size, databases, pulls)
    push(report, size, databases)
    if not only_small:
        scale(report, size, databases)
        if "PostgreSQL" in databases:
            pages(report, size)
    click(report, size)
    naive(report, size)
    patterns(report, size)
    emulator(report, size.leads, quick=quick)
    return report.end()


def tap_python(quick: bool) -> Any:
    """None if there is nothing to compare with; a quick run installs nothing."""
    if quick and not stage.is_tap_installed():
        print("tap-salesforce is not installed, so nothing is compared with it (a full run installs it).\n")
        return None
    try:
        return stage.tap_python()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{stage.TAP} can't be installed, so nothing is compared with it: {error}\n")
        return None


# --- First pull ---------------------------------------------------------------------------------------


def pull(report: Report, size: Size, databases: list[str], tap: Any) -> dict[str, list[Found]]:
    """All Leads into empty databases, and past the tap, in turns."""
    found: dict[str, list[Found]] = {kind: [] for kind in databases}
    printed: list[Found] = []
    with stage.emulator(size.leads) as emulator:
        fields: list[str] = []
        for number in range(size.rounds):
            for kind in databases:
                with stage.database(kind) as url:
                    found[kind].append(stage.measure("pull.py", emulator.url, database=url))
                if not fields:
                    fields = found[kind][0]["fields"]
                    emulator_alone(report, emulator, size.leads, fields)
                if tap and len(printed) == number:  # between the two, so that it stands beside both
                    printed.append(stage.run_tap(tap, emulator.url, fields))
            print(f"(round {number + 1} of {size.rounds})", file=sys.stderr)
    leads = f"{size.leads:,} Leads × {len(fields)} fields"
    report.tell(f"{stage.TAP} prints {leads}", speed(printed, size.leads) if tap else "not measured")
    for kind in databases:
        report.tell(f"First pull of {leads}, {kind}", speed(found[kind], size.leads))
        what = f"Times the rate of the tap, {kind}"
        report.judge(what, ratio(printed, found[kind]), "≥ 2", times(printed, found[kind]) >= 2)
    calls = max(pull["calls"] for pulls in found.values() for pull in pulls)
    allowed = max(
        int(0.55 * size.leads / 1000), ceil(size.leads / 2000)
    )  # never less than the pages there are
    measured = f"{calls} ({calls * 1000 / size.leads:.2f} per 1,000)"
    report.judge("API calls of a first pull", measured, f"≤ {allowed}", calls <= allowed, exact=True)
    return found


def emulator_alone(report: Report, emulator: stage.Emulator, leads: int, fields: list[str]) -> None:
    """Told first, so that nobody takes it for the speed of the product."""
    pages, seconds, cpu = emulator.read_all(fields)
    report.tell(
        f"The emulator alone: CPU for a page of 2,000 × {len(fields)} fields", f"{1000 * cpu / pages:.0f} ms"
    )
    report.tell("The emulator alone: Leads read, nothing done with them", f"{leads / seconds:,.0f}/s")


def speed(found: list[Found], number: int) -> str:
    seconds = median(each["seconds"] for each in found)
    return f"{number / seconds:,.0f}/s ({seconds:.1f} s, {median(each['cpu'] for each in found):.1f} s CPU)"


def times(slow: list[Found], fast: list[Found], unit: str = "seconds") -> float:
    """How many times as fast, in the middle of the rounds; 0 if there is nothing to compare."""
    return median(a[unit] / b[unit] for a, b in zip(slow, fast, strict=True)) if slow else 0


def ratio(slow: list[Found], fast: list[Found]) -> str:
    if not slow:
        return "not measured"
    each = ", ".join(f"{a['seconds'] / b['seconds']:.2f}" for a, b in zip(slow, fast, strict=True))
    return f"{times(slow, fast):.2f} ({each}; by CPU {times(slow, fast, 'cpu'):.2f})"


# --- The rest -----------------------------------------------------------------------------------------


def memory(report: Report, size: Size, databases: list[str], pulls: dict[str, list[Found]]) -> None:
    """Peak memory of a first pull of fewer Leads than before."""
    with stage.emulator(size.fewer) as emulator:
        for kind in databases:
            with stage.database(kind) as url:
                few = stage.measure("pull.py", emulator.url, database=url)["megabytes"]
            many = max(pull["megabytes"] for pull in pulls[kind])
            what = f"Peak memory of a pull of {size.fewer:,} and of {size.leads:,}, {kind}"
            report.judge(what, f"{few:.0f} MB and {many:.0f} MB", "≤ 1.1 ×", many <= 1.1 * few)


def push(report: Report, size: Size, databases: list[str]) -> None:
    """All people are changed here, and pushed by the next cycle."""
    for kind in databases:
        with stage.emulator(size.fewer) as emulator, stage.database(kind) as url:
            found = stage.measure("push.py", emulator.url, database=url)
        what = f"Push of {size.fewer:,} changed people, {kind}"
        report.tell(what, speed([found], size.fewer))
        per = found["calls"] * 1000 / size.fewer
        measured = f"{per:.1f} (whole cycle {found['cycle_calls']}, the next one {found['echo_calls']})"
        report.judge(f"{what}: API calls per 1,000", measured, "≤ 2.0", per <= 2, exact=True)
        pages = sorted(set(found["pages"]))
        measured = " to ".join(map(str, pages[:: max(len(pages) - 1, 1)]))
        report.judge(f"{what}: SQL per 1,000", measured, "constant", len(pages) == 1, exact=True)


def idle(report: Report, size: Size, databases: list[str], pulls: dict[str, list[Found]]) -> None:
    """A cycle in which nothing has happened, with few people and with many."""
    with stage.emulator(size.fewest) as emulator:
        for kind in databases:
            with stage.database(kind) as url:
                few, many = stage.measure("pull.py", emulator.url, database=url), pulls[kind][0]
            calls = few["idle_calls"], many["idle_calls"]
            what = f"Idle cycle at {size.fewest:,} and {size.leads:,}: API calls, {kind}"
            report.judge(what, f"{calls[0]} and {calls[1]}", "1", calls == (1, 1), exact=True)
            number = few["idle_statements"], many["idle_statements"]
            what = f"Idle cycle at {size.fewest:,} and {size.leads:,}: SQL statements, {kind}"
            report.judge(what, f"{number[0]} and {number[1]}", "equal", number[0] == number[1], exact=True)


def naive(report: Report, size: Size) -> None:
    """The loop that everybody writes first, on SQLite, with a Salesforce that answers at once."""
    with stage.emulator(size.fewest) as emulator, stage.database("SQLite") as url:
        found = stage.measure("naive.py", emulator.url, size.singles, database=url)
    report.tell(
        f"For comparison: a call and a save for each of {size.singles} Leads", speed([found], size.singles)
    )


def patterns(report: Report, size: Size) -> None:
    """How others push, beside the same number of people pushed by us in the rows above; on SQLite."""
    with stage.emulator(size.fewest) as emulator, stage.database("SQLite") as url:
        found = stage.measure("patterns.py", emulator.url, size.singles, database=url)
    for name, what in (("singly", "a call and a save for each"), ("composite", "25 to a Composite call")):
        per = found[name]["calls"] * 1000 / size.singles
        measured = f"{speed([found[name]], size.singles)}, {per:.0f} calls per 1,000"
        report.tell(f"For comparison: {size.singles} people pushed, {what}", measured)


def click(report: Report, size: Size) -> None:
    """From the click to the Lead on the person's page."""
    found = stage.measure("click.py", size.clicks)
    what = f"Click until the person's page shows the Lead, {size.clicks} clicks, SQLite"
    measured = f"median {found['median']:.2f} s, at most {found['max']:.2f} s"
    report.judge(what, measured, "< 1 s", found["median"] < 1)
    measured = f"begins after {found['waiting']:.2f} s, works {found['working']:.2f} s"
    report.tell(f"Of which the worker (the page asks every {found['every']:g} s)", measured)


if __name__ == "__main__":
    sys.exit(main())
