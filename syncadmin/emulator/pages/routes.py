"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Callable

from syncadmin.emulator.pages import actions, listing, log, merge, page, records, rep
from syncadmin.emulator.wire import Response

NAME = r"(Lead|Contact)"
ID = r"([0-9A-Za-z]+)"
RECORD = f"/emulator/records/{NAME}/{ID}"
Handler = Callable[..., Response]
PAGES: dict[str, dict[str, Handler]] = {
    "/": {"GET": listing.home},
    "/emulator": {"GET": listing.records},
    "/emulator/static/app.css": {"GET": page.css},
    "/emulator/static/icon.svg": {"GET": page.icon},
    "/emulator/acting-as": {"POST": rep.choose},
    "/emulator/bin": {"GET": listing.recycle_bin},
    "/emulator/log": {"GET": log.show},
    "/emulator/log/fault": {"POST": log.set_fault},
    f"/emulator/records/{NAME}/new": {"GET": records.new, "POST": records.create},
    f"/emulator/records/Lead/{ID}/convert": {"GET": actions.ask_conversion, "POST": actions.convert},
    f"{RECORD}/merge": {"GET": merge.ask, "POST": merge.merge},
    f"{RECORD}/owner": {"POST": actions.change_owner},
    f"{RECORD}/delete": {"POST": actions.delete},
    f"{RECORD}/undelete": {"POST": actions.undelete},
    RECORD: {"GET": records.show, "POST": records.save},
    # as links into a real org have it, the newer ones of Lightning too
    r"/(?:lightning/r/[A-Za-z]+/)?([0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?)(?:/view|/e)?": {"GET": listing.by_id},
}
# whatever no other address, of pages or not, has taken
REST = r"/emulator/.+|/lightning/.+|/[0-9A-Za-z]+"
MISSING: dict[str, Handler] = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), page.not_found)
