"""Which addresses may be spoken to, so that no token ever leaves the machine unencrypted."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from syncadmin.salesforce.errors import failure


def is_loopback(host: str) -> bool:
    """Whether this host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """``https://host[:port]`` of an address; http for this machine only. Otherwise SyncError INSECURE_URL."""
    parts = _split(url.strip())
    host = parts.hostname or ""
    plain = parts.scheme == "http" and is_loopback(host)
    clean = not (parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment)
    if not _is_name(host) or not clean or not (parts.scheme == "https" or plain):
        raise failure("INSECURE_URL")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_name(host: str) -> bool:
    return ":" in host or all(0 < len(label) < 64 for label in host.split("."))


def same_trust(url: str, known: str) -> str:
    """The origin of an address that a log-in gave us; it may not lead from afar to this machine or back."""
    found = origin(url)
    if _is_local(found) != _is_local(known):
        raise failure("NOT_SALESFORCE")
    return found


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise failure("INSECURE_URL") from None
    if any(mark in parts.netloc for mark in "@\\ \t") or not parts.netloc.isascii():
        raise failure("INSECURE_URL")
    return parts


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
