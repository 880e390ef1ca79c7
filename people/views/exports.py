"""People as a CSV file."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from people.access import viewer
from people.downloads import csv_download
from people.exports import columns, rows
from people.selection import selected


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The chosen people, or all that match, as they are read from the database."""
    header = columns()
    return csv_download("people", header, rows(selected(request.GET).defer(None), header))
