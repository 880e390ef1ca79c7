"""The same work among few people and among very many: rates stay, calls and statements are equal."""

from __future__ import annotations

import sys
from statistics import median
from typing import Any, Protocol

import stage
from report import Report

Found = dict[str, Any]
#: The part of a cycle that is repeated, in words.
WORK = {
    "pull": "New Leads pulled",
    "rest": "Changes pushed by REST",
    "bulk": "Changes pushed by the Bulk API",
}
#: What is left of the best rate, at worst.
KEPT = 0.8


class Size(Protocol):
    """How much is measured."""

    @property
    def among(self) -> tuple[int, ...]:
        """So many people are there already."""

    @property
    def portion(self) -> int: ...

    @property
    def repeats(self) -> int: ...


def scale(report: Report, size: Size, databases: list[str]) -> None:
    """All sizes, all databases; one emulator for each size."""
    found: dict[str, dict[int, Found]] = {kind: {} for kind in databases}
    for number in size.among:
        for kind in databases:
            with stage.emulator(number) as emulator, stage.database(kind) as url:
                found[kind][number] = stage.measure(
                    "scale.py", emulator.url, size.portion, size.repeats, database=url
                )
            print(f"(among {number:,} people, {kind})", file=sys.stderr)
    for kind in databases:
        _rates(report, size, kind, found[kind])
        _counts(report, size, kind, found[kind])
        _first(report, kind, found[kind])


def _rates(report: Report, size: Size, kind: str, found: dict[int, Found]) -> None:
    for name, what in WORK.items():
        rates = [size.portion / median(each["seconds"] for each in found[n][name]) for n in size.among]
        ours = [median(each["cpu"] for each in found[n][name]) for n in size.among]
        servers = [median(each["server_cpu"] for each in found[n][name]) for n in size.among]
        processor = f"{_and(ours, '.1f')} s CPU" + (
            f", PostgreSQL {_and(servers, '.1f')} s" if any(servers) else ""
        )
        measured = f"{_and(rates)}/s ({processor})"
        worst = min(rates) / max(rates)
        row = f"{what}, {size.portion:,} among {_among(size)}, {kind}"
        report.judge(row, measured, f"≥ {KEPT:.0%} of the best", worst >= KEPT)
    seconds = [median(each["seconds"] for each in found[n]["few"]) for n in size.among]
    report.tell(f"A cycle that finds 100 changes among {_among(size)}, {kind}", f"{_and(seconds, '.2f')} s")


def _counts(report: Report, size: Size, kind: str, found: dict[int, Found]) -> None:
    """What no other load on the machine can change."""
    few = [each for n in size.among for each in found[n]["few"]]
    for name, what in (("calls", "API calls"), ("statements", "SQL statements")):
        numbers = sorted({each[name] for each in few})
        row = f"The same cycle: {what}, {kind}"
        report.judge(row, _and(numbers), "equal", len(numbers) == 1, exact=True)
    for name, what in WORK.items():
        calls = sorted({each["calls"] * 1000 / size.portion for n in size.among for each in found[n][name]})
        measured = f"{calls[0]:.2f} to {calls[-1]:.2f}" if len(calls) > 1 else f"{calls[0]:.2f}"
        report.tell(f"{what}, {kind}: API calls per 1,000, whole cycle", measured)
        pages = sorted({page for n in size.among for each in found[n][name] for page in each["pages"]})
        row = f"{what}, {kind}: SQL statements of a page"
        report.judge(row, _and(pages), "constant", len(pages) == 1, exact=True)


def _first(report: Report, kind: str, found: dict[int, Found]) -> None:
    """The first pull of everything, by REST or, if there is enough, by the Bulk API."""
    large = {number: each["first"] for number, each in found.items() if number}
    for number, first in large.items():
        rate = f"{number / first['seconds']:,.0f}/s ({first['seconds']:.0f} s, {first['cpu']:.0f} s CPU)"
        measured = f"{rate}, {first['calls']} calls, {first['megabytes']:.0f} MB"
        report.tell(f"First pull of {number:,}, {kind}", measured)
    if len(large) > 1:
        few, *_, many = (first["megabytes"] for first in large.values())
        report.judge(
            f"First pull, {kind}: peak memory", f"{few:.0f} and {many:.0f} MB", "≤ 1.1 ×", many <= 1.1 * few
        )


def _among(size: Size) -> str:
    return " / ".join(f"{number:,}" for number in size.among)


def _and(numbers: Any, form: str = ",.0f") -> str:
    return " / ".join(format(number, form) for number in numbers)
