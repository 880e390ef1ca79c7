"""HTML as values: every text that isn't Markup already is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

EMPTY = frozenset({"input", "meta", "link", "br"})


class Markup(str):
    """A text that is HTML."""

    __slots__ = ()


Child: TypeAlias = str | int | float | Iterable["Child"] | None
Attribute: TypeAlias = str | int | bool | None


def join(*children: Child) -> Markup:
    """Children one after the other; None is nothing."""
    return Markup("".join(_text(child) for child in children))


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str | int | float):
        return escape(str(child))
    return "".join(_text(one) for one in child)


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element: `class_` is class, `aria_label` is aria-label; True is an attribute without a value, None
    and False are none.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is not None and value is not False:
            shown = key.rstrip("_").replace("_", "-")
            parts.append(f" {shown}" if value is True else f' {shown}="{escape(str(value))}"')
    if name in EMPTY:
        return Markup("".join(parts) + ">")
    # The first newline of a textarea isn't part of its text.
    lead = "\n" if name == "textarea" else ""
    return Markup(f"{''.join(parts)}>{lead}{_text(children)}</{name}>")


def select(name: str, options: Iterable[Markup], **attributes: Attribute) -> Markup:
    """A select."""
    return tag("select", list(options), name=name, **attributes)


def option(value: str, label: str, chosen: str | None = None) -> Markup:
    """An option; chosen is the value that is selected."""
    return tag("option", label, value=value, selected=value == chosen)


def hidden(name: str, value: str) -> Markup:
    """A hidden input."""
    return tag("input", type="hidden", name=name, value=value)


def button(label: str, **attributes: Attribute) -> Markup:
    """A submit button."""
    return tag("button", label, **{"type": "submit", "class_": "button", **attributes})


def link(label: Child, href: str, **attributes: Attribute) -> Markup:
    """A link."""
    return tag("a", label, href=href, **attributes)


def form(action: str, *children: Child, **attributes: Attribute) -> Markup:
    """A form that posts."""
    return tag("form", *children, method="post", action=action, **attributes)
