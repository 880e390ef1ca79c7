"""Requests and replies as values, apart from how they travel."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.faults import Fault

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(slots=True)
class Request:
    """What a client asks."""

    method: str
    path: str
    query_string: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    payload: Any = None
    user_id: str = ""
    version: str = "59.0"
    fault: Fault | None = None
    inner: bool = False
    embeds: bool = False
    api_calls: int = 0
    subrequests: list[dict[str, Any]] = field(default_factory=list)
    refusal: ApiError | None = None

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query string."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def parts(self) -> list[str]:
        """The pieces of the path, decoded one by one."""
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def data_base(self) -> str:
        """`/services/data/vXX.0`."""
        return f"/services/data/v{self.version}"

    @property
    def client(self) -> str:
        """Who asks: the client of Sforce-Call-Options, or the user agent."""
        options = dict(
            part.strip().partition("=")[::2]
            for part in self.headers.get("sforce-call-options", "").split(",")
        )
        return options.get("client") or self.headers.get("user-agent", "")

    def json(self) -> Any:
        """The body; JSON_PARSER_ERROR if it can't be read (documented code, text from memory)."""
        if self.payload is None and self.body:
            try:
                self.payload = read_json(self.body)
            except ValueError as error:
                raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected character at {error}") from error
        return self.payload

    def json_object(self) -> dict[str, Any]:
        """The body, which has to be an object."""
        value = self.json()
        if not isinstance(value, dict):
            raise ApiError(
                400,
                "JSON_PARSER_ERROR",
                "The HTTP entity body is required, but this request has no entity body.",
            )
        return value


def read_json(data: bytes) -> Any:
    """A value out of JSON; ValueError if it can't be read, is nested too deep, or holds half a character: texts
    with `\\ud800` alone can't be kept or sent.
    """
    try:
        value = json.loads(data, parse_constant=_no_json)
    except RecursionError as error:
        raise ValueError("a place that is nested too deep") from error
    if b"\\u" in data:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _no_json(word: str) -> None:
    """NaN and Infinity are Python's."""
    raise ValueError(word)


class Fragment:
    """JSON that is written already, to stand within other JSON as it is. Read only if somebody looks into it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._value: Any = None

    def __getitem__(self, key: Any) -> Any:
        if self._value is None:
            self._value = json.loads(self.text)
        return self._value[key]


def dumped(body: Any) -> bytes:
    """A body as JSON; fragments are put in afterwards, where a word stands that no value can hold by chance."""
    fragments: list[Fragment] = []
    word = secrets.token_hex(16)

    def keep(value: Any) -> str:
        if not isinstance(value, Fragment):
            raise TypeError(f"{type(value).__name__} is no JSON")
        fragments.append(value)
        return f"{word}{len(fragments) - 1}."

    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=keep).encode()
    for number, fragment in enumerate(fragments):
        text = text.replace(f'"{word}{number}."'.encode(), fragment.text)
    return text


@dataclass(slots=True)
class Response:
    """What the org replies. body is anything JSON can write, or bytes or text that go out as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    def encoded(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if self.content_type != JSON_TYPE and isinstance(self.body, str):
            return self.body.encode()
        return dumped(self.body)
