"""A table as a CSV file, streamed: memory doesn't grow with the number of rows."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from people.harmless import harmless
from people.values import as_text


class _Echo:
    """A "file" whose write returns the line."""

    def write(self, line: str) -> str:
        return line


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """``NAME-2026-01-31.csv``; cells that a spreadsheet would run as a formula are made harmless."""
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"},
    )


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    # Excel takes a file for UTF-8 only if it begins with this mark.
    yield codecs.BOM_UTF8.decode()
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([harmless(as_text(cell)) for cell in row])
