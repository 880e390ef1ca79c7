"""Where a webhook may lead. Whoever types an address must not reach with it what only this machine can reach.

https only; plain http for this machine alone. Addresses of private networks, of this machine and of the cloud's
metadata services are refused, unless an administrator of the machine named them in WEBHOOK_PRIVATE_HOSTS. A name is
looked up once, every address it has is checked, and the connection goes to the address that was checked: a name that
changes its mind in between gains nothing.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

IP = IPv4Address | IPv6Address
LONGEST = 2_000
_NAT64 = ip_network("64:ff9b::/96")


class AddressError(Exception):
    """This address can't be used; the message says why. ``is_final``: it never can."""

    def __init__(self, message: str, *, is_final: bool = True) -> None:
        super().__init__(message)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect to, and what to ask for there."""

    scheme: str
    host: str
    port: int
    ip: str
    path: str


def split(url: str) -> SplitResult:
    """The parts of a webhook's address; AddressError if it is none that we may use. Nothing is looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError(_("This is not the address of a webhook.")) from None
    if len(url) > LONGEST or not url.isascii() or any(sign in url for sign in " \t\r\n\\"):
        raise AddressError(_("This is not the address of a webhook."))
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise AddressError(_("A webhook’s address begins with https://."))
    if parts.username or parts.password or "@" in parts.netloc:
        raise AddressError(_("A webhook’s address must not hold a user name or a password."))
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise AddressError(
            _("A webhook’s address begins with https://: what is sent by http can be read on its way.")
        )
    return parts


def find(url: str, private_hosts: list[str]) -> Target:
    """Look the name up and check every address it has; AddressError if there is none, or one is forbidden."""
    parts = split(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _look_up(host, port)
    for ip in found:
        if not (is_public(ip) or is_named(host, ip, private_hosts)):
            raise AddressError(
                _("%(host)s is in a private network (%(ip)s), where webhooks must not lead. If it is meant, an "
                  "administrator of the machine adds it to WEBHOOK_PRIVATE_HOSTS.") % {"host": host, "ip": ip}
            )  # fmt: skip
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, str(found[0]), path)


def shown(url: str) -> str:
    """The address as far as it may be shown: the server, and the last signs, to tell two apart."""
    parts = urlsplit(url)
    secret = url[len(f"{parts.scheme}://{parts.netloc}") :]
    return f"{parts.scheme}://{parts.netloc}/…{secret[-4:] if len(secret) > 12 else ''}"[:120]


def is_public(ip: IP) -> bool:
    """Whether anybody on the internet could reach it as well. An IPv4 address in disguise is taken for what it is."""
    if isinstance(ip, IPv6Address):
        if ip in _NAT64 or ip.sixtofour or ip.teredo:
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def is_named(host: str, ip: IP, private_hosts: list[str]) -> bool:
    """Whether the machine's administrator allowed it: by its name, its address, or a network it is in."""
    for allowed in private_hosts:
        try:
            if ip in ip_network(allowed, strict=False):
                return True
        except ValueError:
            if allowed.lower() == host.lower():
                return True
    return False


def _look_up(host: str, port: int) -> list[IP]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressError(_("There is no server by the name of %s.") % host, is_final=False) from None
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
