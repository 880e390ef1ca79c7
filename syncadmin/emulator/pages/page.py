"""What all pages share: the frame, notices, moments, chips."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from syncadmin.emulator.clock import parse_moment
from syncadmin.emulator.errors import NotFound
from syncadmin.emulator.pages import rep
from syncadmin.emulator.pages.html import Child, Markup, button, form, hidden, join, link, option, select, tag
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

CSS = (Path(__file__).parent / "app.css").read_bytes()
ICON = (Path(__file__).parent / "icon.svg").read_bytes()
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
NOTICES = {
    "saved": "Saved.",
    "unchanged": "Nothing was changed, so nothing was saved.",
    "created": "Created.",
    "deleted": "Moved to the recycle bin.",
    "undeleted": "Taken out of the recycle bin.",
    "owner": "The owner has changed.",
    "merged": "Merged. The other record is in the recycle bin.",
    "converted": "The lead was converted. This is the contact it became.",
    "fault": "Switched on.",
    "expired": "All sessions have ended: clients have to log in again.",
    "cleared": "All switches are off.",
}
PLURALS = {"Lead": "Leads", "Contact": "Contacts"}


def render(
    org: Org, request: Request, title: str, *body: Child, here: str = "", status: int = 200
) -> Response:
    """A whole page. here: which entry of the menu it belongs to."""
    notice = NOTICES.get(request.query.get("notice", ""))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Salesforce emulator"),
        tag("link", rel="icon", href="/emulator/static/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/emulator/static/app.css"),
    )
    main = tag("main", tag("p", notice, class_="notice", role="status") if notice else None, *body, id="main")
    frame = tag(
        "body", link("Skip to content", "#main", class_="skip"), _header(org, request, here), main, _footer()
    )
    return Response(
        status,
        f"<!doctype html>\n{tag('html', head, frame, lang='en')}",
        {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"},
        "text/html;charset=UTF-8",
    )


def _header(org: Org, request: Request, here: str) -> Markup:
    entries = [(name, label, f"/emulator/?object={name}") for name, label in PLURALS.items()]
    entries += [("bin", "Recycle bin", "/emulator/bin"), ("log", "Log", "/emulator/log")]
    links = [
        tag("li", link(label, href, aria_current="page" if here == key else None))
        for key, label, href in entries
    ]
    brand = link(
        join(tag("span", class_="mark", aria_hidden="true"), "Salesforce emulator"),
        "/emulator/",
        class_="brand",
    )
    menu = tag("nav", tag("ul", links), aria_label="Main")
    return tag("header", tag("div", brand, menu, _acting(org, request), class_="bar"), class_="top")


def _acting(org: Org, request: Request) -> Markup:
    user = rep.acting_as(org, request)
    here = request.path + (f"?{request.query_string}" if request.query_string else "")
    return form(
        "/emulator/acting-as",
        tag("label", "Acting as", for_="acting-as"),
        select("user", [option(k, v, user) for k, v in rep.sales_users(org).items()], id="acting-as"),
        hidden("next", here.partition("?notice")[0]),
        button("Switch", class_="button quiet small"),
        class_="acting",
    )


def _footer() -> Markup:
    text = "A local stand-in for a Salesforce org. Nothing here leaves this machine. Times are UTC."
    return tag("footer", tag("p", text))


def not_found(org: Org, request: Request, *_: str) -> Response:
    """The 404 page."""
    if request.method not in ("GET", "HEAD") and "html" not in request.headers.get("accept", ""):
        raise NotFound
    return render(
        org,
        request,
        "Not found",
        tag(
            "section",
            tag("h1", "There is nothing here"),
            tag("p", "No lead or contact has this id, or the address is wrong."),
            tag(
                "p",
                link("All leads", "/emulator/?object=Lead"),
                " · ",
                link("All contacts", "/emulator/?object=Contact"),
            ),
            class_="card nothing",
        ),
        status=404,
    )


def css(org: Org, request: Request) -> Response:
    """GET /emulator/static/app.css."""
    return Response(200, CSS, content_type="text/css;charset=UTF-8")


def icon(org: Org, request: Request) -> Response:
    """GET /emulator/static/icon.svg."""
    return Response(200, ICON, content_type="image/svg+xml")


def record_url(name: str, record_id: str, notice: str = "") -> str:
    """The page of a record."""
    return f"/emulator/records/{name}/{record_id}" + (f"?notice={notice}" if notice else "")


def chip(label: str, tone: str = "") -> Markup:
    """A small label."""
    return tag("span", label, class_=f"chip {tone}".strip())


def by(org: Org, user_id: str | None, name: str | None) -> Markup:
    """Who did it; the integration user is the sync."""
    mark = join(" ", chip("by the sync", "sync")) if user_id == org.state.integration_user else None
    return join(name or "Nobody", mark)


def when(org: Org, stamp: str | None) -> Markup:
    """A moment: how long ago if that is less than a day, else the day."""
    if not stamp:
        return join("–")
    moment = parse_moment(stamp)
    full = f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"
    return tag("time", _ago(moment, org.state.clock.now()), datetime=moment.isoformat(), title=full)


def _ago(moment: datetime, now: datetime) -> str:
    age = now - moment
    if timedelta(seconds=-60) < age < timedelta(minutes=1):
        return "just now"
    if timedelta(0) < age < timedelta(hours=1):
        return f"{age.seconds // 60} min ago"
    if timedelta(0) < age < timedelta(days=1):
        return f"{age.seconds // 3600} h ago"
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def pager(path: str, query: dict[str, str], page: int, pages: int) -> Markup | None:
    """Links to the pages before and after this one."""
    if pages < 2:
        return None

    def turn(label: str, number: int) -> Markup:
        if not 1 <= number <= pages:
            return tag("span", label, class_="button quiet off", aria_disabled="true")
        return link(label, f"{path}?{urlencode({**query, 'page': number})}", class_="button quiet")

    middle = tag("span", f"Page {page} of {pages}")
    return tag(
        "nav", turn("Previous", page - 1), middle, turn("Next", page + 1), class_="pager", aria_label="Pages"
    )
