"""Request bodies as they travel: whole, in chunks or packed, and never larger than Salesforce takes them.

Source: from memory, the Limits pages: 50 MB in a call, 150 MB in an upload of Bulk API 2.0; status and text of
the refusal too.
"""

from __future__ import annotations

import re
import zlib
from io import BufferedIOBase

from syncadmin.emulator.errors import ApiError

MEGABYTE = 1024 * 1024
LARGEST, LARGEST_UPLOAD = 50 * MEGABYTE, 150 * MEGABYTE
UPLOAD = re.compile(r"/services/data/v[\d.]+/jobs/ingest/", re.I)
PIECE = 64 * 1024


def read_body(stream: BufferedIOBase, path: str, headers: dict[str, str]) -> bytes:
    """The body, unpacked; ApiError 413 if it is too large, 400 if it can't be read."""
    most = LARGEST_UPLOAD if UPLOAD.match(path) else LARGEST
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    try:
        data = _chunks(stream, most) if chunked else _whole(stream, headers.get("content-length"), most)
        return _unpacked(data, most) if headers.get("content-encoding", "").lower() == "gzip" else data
    except (ValueError, zlib.error) as error:
        raise ApiError(400, "BAD_REQUEST", f"The body can't be read: {error}") from error


def _whole(stream: BufferedIOBase, length: str | None, most: int) -> bytes:
    size = int(length or 0)
    _check(size, most)
    return _exactly(stream, size)


def _chunks(stream: BufferedIOBase, most: int) -> bytes:
    data = bytearray()
    while True:
        size = int(stream.readline(PIECE).split(b";")[0], 16)
        _check(size, most - len(data))
        data += _exactly(stream, size)
        stream.readline(PIECE)
        if not size:
            return bytes(data)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    """So many bytes; half of an upload is none."""
    data = stream.read(size)
    if len(data) < size:
        raise ValueError("it ends too early")
    return data


def _unpacked(data: bytes, most: int) -> bytes:
    """The content of a gzip body; no more of it is unpacked than is allowed."""
    if not data:
        return data
    unpacker = zlib.decompressobj(wbits=31)
    found = unpacker.decompress(data, most + 1)
    _check(len(found), most)
    if not unpacker.eof:
        raise ValueError("it ends too early")
    return found


def _check(size: int, most: int) -> None:
    if size < 0:
        raise ValueError("its length is negative")
    if size > most:
        text = f"The request body is larger than {most // MEGABYTE} MB"
        raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", text)
