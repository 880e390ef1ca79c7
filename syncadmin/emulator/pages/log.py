"""What was asked of the org, how many API calls are used, and the switches for faults."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from syncadmin.emulator.clock import wire
from syncadmin.emulator.faults import Fault
from syncadmin.emulator.pages import rep
from syncadmin.emulator.pages.html import Markup, button, form, join, link, tag
from syncadmin.emulator.pages.page import chip, render, when
from syncadmin.emulator.requestlog import Entry
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

LATEST = 150
LONGEST_QUERY = 400
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "unavailable": ("Next 3 requests answer 503", {"status": 503, "match": "/services/", "times": 3}),
    "row_lock": (
        "Row lock on next update",
        {
            "error_code": "UNABLE_TO_LOCK_ROW",
            "method": "PATCH",
            "match": "sobjects",
            "records": 1,
            "times": 1,
        },
    ),
    "lost": (
        "Next composite: reply lost",
        {"drop": "after", "match": "/composite", "times": 1},
    ),
    "slow": ("Next 3 requests take 5 s", {"delay_ms": 5000, "match": "/services/data/", "times": 3}),
    "cut": ("Next query ends in mid-JSON", {"cut_body": 40, "match": "/query", "times": 1}),
    "page": ("Next query page comes twice", {"duplicate_page": True, "times": 1}),
    "limit": (
        "Next 3 requests over limit",
        {"error_code": "REQUEST_LIMIT_EXCEEDED", "match": "/services/data/", "times": 3},
    ),
    "session": ("Session ends at the 5th call", {"expire_at_call": 5}),
}
EXPIRE, CLEAR = "expire", "clear"


def show(org: Org, request: Request) -> Response:
    """GET /emulator/log."""
    entries = org.log.entries()
    head = tag(
        "div",
        tag("h1", "Log and faults"),
        link("Refresh", "/emulator/log", class_="button quiet"),
        class_="head",
    )
    cards = tag("div", _usage(org, entries), _switches(org), class_="pair")
    return render(org, request, "Log and faults", head, cards, _table(org, entries), here="log")


def set_fault(org: Org, request: Request) -> Response:
    """POST /emulator/log/fault: fault."""
    chosen = rep.value_of(rep.read_form(request), "fault")
    if chosen in FAULTS:
        org.faults.add(FAULTS[chosen][1])
        return rep.redirect("/emulator/log?notice=fault")
    if chosen == EXPIRE:
        org.sessions.expire()
        return rep.redirect("/emulator/log?notice=expired")
    org.faults.clear()
    return rep.redirect("/emulator/log?notice=cleared")


def _usage(org: Org, entries: list[Entry]) -> Markup:
    used, most = org.limits.used, org.limits.maximum
    calls: Counter[str] = Counter()
    for entry in entries:
        calls[entry.request.client or "unknown"] += entry.request.api_calls
    lines = [
        tag("tr", tag("th", name, scope="row"), tag("td", f"{n:,}", class_="num"))
        for name, n in calls.most_common(6)
    ]
    table = tag(
        "table",
        tag("caption", "Calls by client, since the log begins"),
        tag("tbody", lines),
        class_="plain",
    )
    return tag(
        "section",
        tag("h2", "API use"),
        tag("p", tag("strong", f"{used:,}"), f" of {most:,} calls used", id="use"),
        tag("meter", min=0, max=max(most, 1), value=used, aria_labelledby="use"),
        table if lines else None,
        tag("p", f"Open sessions: {org.sessions.count}", class_="hint"),
        class_="card",
    )


def _switches(org: Org) -> Markup:
    def switch(key: str, label: str, tone: str = "quiet") -> Markup:
        return button(label, name="fault", value=key, class_=f"button {tone}")

    pending = org.faults.pending()
    on = (
        tag("ul", [tag("li", _described(fault)) for fault in pending])
        if pending
        else tag("p", "None is on.", class_="hint")
    )
    buttons = [switch(key, label) for key, (label, _) in FAULTS.items()]
    return tag(
        "section",
        tag("h2", "Faults"),
        form(
            "/emulator/log/fault",
            buttons,
            switch(EXPIRE, "Expire sessions"),
            switch(CLEAR, "Clear", "quiet danger"),
            class_="switches",
        ),
        tag("h3", "Switched on"),
        on,
        class_="card",
    )


def _described(fault: Fault) -> str:
    """A fault in words."""
    what = fault.error_code or (f"status {fault.status}" if fault.status else "")
    what = what or (f"connection lost {fault.drop} the work" if fault.drop else "")
    what = what or (f"reply cut after {fault.truncate} bytes" if fault.truncate >= 0 else "")
    what = what or (f"body cut after {fault.cut_body} bytes" if fault.cut_body >= 0 else "")
    what = what or ("the page before once more" if fault.duplicate_page else "")
    what = what or ("session ends" if fault.expire_at_call else "slow reply")
    delay = f", {fault.delay_ms} ms later" if fault.delay_ms else ""
    where = " ".join(part for part in (fault.method.upper(), fault.match) if part)
    after = f", after {fault.after} more" if fault.after > 0 else ""
    times = "until cleared" if fault.times < 0 else f"{fault.times} more"
    return f"{what}{delay}: {where or 'every request'}, {times}{after}"


def _table(org: Org, entries: list[Entry]) -> Markup:
    latest = entries[: -LATEST - 1 : -1]
    title = tag("h2", "Requests ", tag("small", f"{len(entries):,}"), id="requests")
    if not latest:
        return tag("section", title, tag("p", "Nothing has been asked yet.", class_="nothing card"))
    heads = ("When", "Request", "Status", "API calls", "Client")
    more = tag("p", f"The latest {len(latest)}.", class_="hint") if len(entries) > len(latest) else None
    table = tag(
        "table",
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [_row(org, entry) for entry in latest]),
        class_="list card log",
        aria_labelledby="requests",
    )
    return tag("section", title, table, more)


def _row(org: Org, entry: Entry) -> Markup:
    request = entry.request
    query = unquote_plus(request.query_string)
    asked = join(
        chip(request.method, "code"),
        " ",
        tag("code", request.path),
        tag("code", query[:LONGEST_QUERY] + ("…" if len(query) > LONGEST_QUERY else ""), class_="under")
        if query
        else None,
        _inside(request.subrequests),
    )
    cells = (asked, _status(entry.status), str(request.api_calls), request.client or "–")
    labels = ("Request", "Status", "API calls", "Client")
    return tag(
        "tr",
        tag("td", tag("span", when(org, wire(entry.at))), data_label="When"),
        [tag("td", tag("span", cell), data_label=label) for label, cell in zip(labels, cells, strict=True)],
    )


def _inside(subrequests: list[dict[str, Any]]) -> Markup | None:
    if not subrequests:
        return None
    lines = [
        tag("li", chip(s["method"], "code"), " ", tag("code", s["path"]), " ", _status(s["status"]))
        for s in subrequests
    ]
    return tag("details", tag("summary", f"{len(lines)} inside"), tag("ol", lines))


def _status(status: int) -> Markup:
    if not status:
        return chip("connection lost", "bad")
    return chip(str(status), "good" if status < 400 else "bad")
