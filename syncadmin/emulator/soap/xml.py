"""XML as values: what is written is escaped on its way in; what is read may not define anything.

Source of the refusal: a document type could define entities that expand without bound or read files; no
SOAP message has one (SOAP 1.1, section 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
DEEPEST = 64
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Child: TypeAlias = "str | int | bool | Iterable[Child] | None"


class Xml(str):
    """A text that is XML."""

    __slots__ = ()


class BadXml(ValueError):
    """The text can't be read, or isn't let in."""


def parse(data: bytes) -> Element:
    """The root element, names as `{namespace}name`; BadXml if it is none, has a document type, or is nested
    more than 64 deep.
    """
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise BadXml("the message is nested too deep")
        builder.start(_qualified(name), {_qualified(k): v for k, v in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_qualified(name))

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise BadXml(str(error)) from error
    return builder.close()


def _refuse(*_: object) -> None:
    raise BadXml("DOCTYPE is disallowed")


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def find(element: Element | None, name: str) -> Element | None:
    """The first child of this name, in whatever namespace; one that is xsi:nil isn't there."""
    return next(iter(find_all(element, name)), None)


def find_all(element: Element | None, name: str) -> list[Element]:
    """All children of this name that aren't xsi:nil."""
    if element is None:
        return []
    return [one for one in element if local(one) == name and not is_nil(one)]


def is_nil(element: Element) -> bool:
    """Whether the element says that it has no value."""
    return element.get(NIL, "").strip() in ("true", "1")


def text(element: Element | None, name: str, default: str = "") -> str:
    """The text of a child, without the blanks around it."""
    found = find(element, name)
    return default if found is None else (found.text or "").strip()


def texts(element: Element | None, name: str) -> list[str]:
    """The texts of all children of this name."""
    return [(one.text or "").strip() for one in find_all(element, name)]


def truth(element: Element | None, name: str) -> bool:
    """Whether a child says true."""
    return text(element, name).lower() in ("true", "1")


def join(*children: Child) -> Xml:
    """Children one after the other; None is nothing."""
    return Xml("".join(_text(child) for child in children))


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Xml):
        return child
    if isinstance(child, bool):
        return str(child).lower()
    if isinstance(child, str | int):
        return escape(UNWRITABLE.sub("\ufffd", str(child)))
    return "".join(_text(one) for one in child)


def node(name: str, *children: Child, attributes: Mapping[str, str] | None = None) -> Xml:
    """An element; without children it is written `<name/>`."""
    shown = "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    inner = join(*children)
    return Xml(f"<{name}{shown}>{inner}</{name}>" if inner else f"<{name}{shown}/>")


def maybe(name: str, value: str | int | bool | None) -> Xml:
    """An element with a value, or with xsi:nil."""
    return node(name, attributes={"xsi:nil": "true"}) if value is None else node(name, value)
