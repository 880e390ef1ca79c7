"""What a data call may be written in, and what it may want back: JSON.

Source: the REST API guide: a resource takes and gives JSON or XML, chosen by `Accept` or by `.json` or `.xml`
at the end of its address; 406 and 415 are documented, "Unsupported Media Type" is quoted. This emulator speaks
JSON only, and says so.
"""

from __future__ import annotations

import re

from syncadmin.emulator.errors import ResourceError
from syncadmin.emulator.wire import Request

# Bulk jobs speak CSV too and look after that themselves; a value of an external id may end in `.json`.
OTHERS = re.compile(r"/services/data/v[\d.]+/jobs/", re.I)
VALUES = re.compile(r"/services/data/v[\d.]+/sobjects/[^/]+/[^/]+/.", re.I)
SUFFIX = re.compile(r"\.(json|xml)/?\Z", re.I)
NOT_XML = "XML is not implemented by this emulator; ask for JSON"


def check_formats(request: Request) -> None:
    """Take a suffix off the path; 406 for a reply in XML, 415 for a body that isn't JSON."""
    if not request.path.lower().startswith("/services/data/v") or OTHERS.match(request.path):
        return
    found = None if VALUES.match(request.path) else SUFFIX.search(request.path)
    if found:
        request.path = request.path[: found.start()]
    wanted = request.headers.get("accept", "").lower()
    if (found and found[1].lower() == "xml") or ("xml" in wanted and not _takes_json(wanted)):
        raise ResourceError(406, "NOT_ACCEPTABLE", NOT_XML)
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if request.body and not kind.endswith("json"):
        text = f"Unsupported Media Type: {NOT_XML}" if kind.endswith("xml") else "Unsupported Media Type"
        raise ResourceError(415, "UNSUPPORTED_MEDIA_TYPE", text)


def _takes_json(accept: str) -> bool:
    kinds = {part.partition(";")[0].strip() for part in accept.split(",")}
    return bool(kinds & {"application/json", "application/*", "*/*"})
