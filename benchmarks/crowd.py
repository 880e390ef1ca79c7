"""Pages among few people and among very many: their time, and as many statements for many as for few."""

from __future__ import annotations

import sys
from typing import Protocol

import stage
from report import Report

#: Milliseconds of a server that a page may take.
MOST = 300


class Size(Protocol):
    """How much is measured."""

    @property
    def crowd(self) -> tuple[int, int]:
        """Few people, and very many."""

    @property
    def asked(self) -> int: ...


def pages(report: Report, size: Size) -> None:
    """A row for each page of page_list.py, on PostgreSQL."""
    few, many = (_measured(number, size.asked) for number in size.crowd)
    report.tell(
        f"{size.crowd[1]:,} people and all that belongs to them, PostgreSQL",
        f"{many['filling']:.0f} s to fill",
    )
    for name, found in many["pages"].items():
        before = few["pages"][name]["statements"]
        statements = (
            f"{found['statements']}" if found["statements"] == before else f"{before} / {found['statements']}"
        )
        measured = f"{found['ms']:.0f} ms ({found['cpu']:.0f} ms CPU), {statements} statements"
        report.judge(f"Page: {name}", measured, f"< {MOST} ms", found["ms"] < MOST)
        if found["status"] != 200:
            report.judge(f"Page: {name}: status", str(found["status"]), "200", met=False, exact=True)
        if found["statements"] != before:
            report.judge(f"Page: {name}: statements", statements, "equal", met=False, exact=True)
    print(f"(pages that aren't measured: {', '.join(many['others'])})", file=sys.stderr)


def _measured(people: int, repeats: int) -> dict[str, dict[str, dict[str, float]]]:
    with stage.database("PostgreSQL") as url:
        return stage.measure("pages.py", people, repeats, database=url)
