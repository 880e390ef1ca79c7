"""How values are written on a page. Pure functions; the tags of sync.py are made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

DATE = "j M Y"
DATE_TIME = "j M Y, H:i"


@cache
def icon(name: str) -> SafeString:
    """The SVG of templates/icons/NAME.svg, inline."""
    if not name.replace("-", "").isalnum():
        raise ValueError(f"not the name of an icon: {name}")
    markup = (Path(settings.BASE_DIR) / "templates" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return mark_safe(markup)  # noqa: S308 - a file of ours, by a checked name


def blank() -> SafeString:
    """A muted dash; a screen reader says "blank"."""
    dash = '<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>'
    return format_html(f'<span class="blank">{dash}</span>', _("blank"))


def value(content: Any, type_: str = "") -> SafeString:
    """A field's value as people read it."""
    if content is None or content in ("", [], {}):
        return blank()
    if isinstance(content, str) and type_ in READ:
        return READ[type_](content)
    return by_python_type(content, type_)


def by_python_type(content: Any, type_: str) -> SafeString:
    if isinstance(content, bool):
        return yes_or_no(content)
    if isinstance(content, int | float | Decimal):
        return number(content, type_)
    if isinstance(content, date):
        return moment(content)
    if isinstance(content, list | tuple | set):
        return format_html_join(", ", "{}", ((value(item),) for item in content))
    return SafeString(escape(content))


def yes_or_no(content: bool) -> SafeString:
    if content:
        return format_html('<span class="yes">{} {}</span>', icon("check"), _("Yes"))
    return format_html('<span class="no">{}</span>', _("No"))


def number(content: float | Decimal, type_: str = "") -> SafeString:
    """Grouped by thousands, without zeros that say nothing."""
    text = intcomma(_without_idle_zeros(content))
    return format_html('<span class="number">{}{}</span>', text, " %" if type_ == "percent" else "")


def _without_idle_zeros(content: float | Decimal) -> str:
    text = f"{content:f}" if isinstance(content, Decimal) else str(content)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def moment(content: date) -> SafeString:
    """A date; a date with a time in the reader's zone."""
    if not isinstance(content, datetime):
        return format_html('<time datetime="{}">{}</time>', content.isoformat(), date_format(content, DATE))
    local = timezone.localtime(content) if timezone.is_aware(content) else content
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, DATE_TIME))


def _parsed(parse: Callable[[str], Any]) -> Callable[[str], SafeString]:
    """Dates that come as text, as they do from JSON; what isn't one is shown as it is."""

    def show(text: str) -> SafeString:
        try:
            found = parse(text)
        except ValueError:
            found = None
        return moment(found) if found else SafeString(escape(text))

    return show


def _email(text: str) -> SafeString:
    return format_html('<a href="mailto:{0}">{0}</a>', text)


def _phone(text: str) -> SafeString:
    dialled = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    return format_html('<a href="tel:{}">{}</a>', dialled, text) if dialled else SafeString(escape(text))


def _url(text: str) -> SafeString:
    if not text.lower().startswith(("https://", "http://")):
        return SafeString(escape(text))
    return format_html('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>', text)


def _textarea(text: str) -> SafeString:
    return format_html('<span class="long-text">{}</span>', text)


def _multipicklist(text: str) -> SafeString:
    parts = [part.strip() for part in text.split(";") if part.strip()]
    return format_html_join(", ", "{}", ((part,) for part in parts))


READ: dict[str, Callable[[str], SafeString]] = {
    "date": _parsed(parse_date),
    "datetime": _parsed(parse_datetime),
    "email": _email,
    "phone": _phone,
    "url": _url,
    "textarea": _textarea,
    "multipicklist": _multipicklist,
}


def length_of_time(seconds: float) -> str:
    """0.4 s · 12 s · 3 min 5 s · 1 h 2 min."""
    seconds = max(seconds, 0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clock(seconds: float) -> str:
    """4:32, 1:04:32: as the page's script counts down."""
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
