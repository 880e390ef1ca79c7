"""What was measured, as a table that can stand in docs/benchmarks.md as it is."""

from __future__ import annotations

from dataclasses import dataclass, field

WIDTHS = (64, 52, 10, 10)
MISSED = "**missed**"


@dataclass
class Report:
    """Prints each row once it is known. ``quick``: times are not judged, too little is measured; counts are."""

    quick: bool
    missed: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self._row("", "Measured", "Target", "")
        self._row(*("-" * width for width in WIDTHS))

    def tell(self, what: str, measured: str) -> None:
        """A number for the record."""
        self._row(what, measured, "", "")

    def judge(self, what: str, measured: str, target: str, met: bool, *, exact: bool = False) -> None:
        """A number with a target. ``exact``: a count, which no other load on the machine can change."""
        if self.quick and not exact:
            self._row(what, measured, target, "not judged")
            return
        self._row(what, measured, target, "met" if met else MISSED)
        if not met:
            self.missed.append(what)

    def end(self) -> int:
        """What was missed; the exit code."""
        print("\n" + ("Missed: " + "; ".join(self.missed) if self.missed else "No target was missed."))
        return 1 if self.missed else 0

    def _row(self, *cells: str) -> None:
        print(
            f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))} |",
            flush=True,
        )
