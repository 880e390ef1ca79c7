"""RSA with the standard library: enough to check a JWT's signature, and to sign an id token.

Source: RFC 8017 (RSASSA-PKCS1-v1_5), RFC 5280 and RFC 8017 A.1 (where a certificate has its key). This isn't
hardened against timing: it guards invented data on one's own machine.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.+?)-----END \1-----", re.S)
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
RSA_OID = bytes.fromhex("2a864886f70d010101")
SEQUENCE, INTEGER, BITS, OID, VERSION = 0x30, 0x02, 0x03, 0x06, 0xA0
EXPONENT, BITS_OF_KEY = 65537, 2048
SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Modulus and exponent."""

    n: int
    e: int

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether it is an RS256 signature of the message."""
        size = (self.n.bit_length() + 7) // 8
        if len(signature) != size:
            return False
        opened = pow(int.from_bytes(signature), self.e, self.n).to_bytes(size)
        return opened == padded(message, size)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key to sign with."""

    public: PublicKey
    d: int

    def sign(self, message: bytes) -> bytes:
        """An RS256 signature."""
        size = (self.public.n.bit_length() + 7) // 8
        return pow(int.from_bytes(padded(message, size)), self.d, self.public.n).to_bytes(size)


def padded(message: bytes, size: int) -> bytes:
    """EMSA-PKCS1-v1_5 of the SHA-256 of a message."""
    digest = SHA256_PREFIX + hashlib.sha256(message).digest()
    return b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest


def read_public_key(pem: str) -> PublicKey:
    """The RSA key of a certificate, a public key (SubjectPublicKeyInfo) or an RSA public key in PEM; ValueError
    if it is none of them or too short.
    """
    found = PEM.search(pem)
    if found is None:
        raise ValueError("not PEM")
    try:
        key = _key_of(found[1], base64.b64decode(found[2]))
    except (IndexError, TypeError) as error:
        raise ValueError("not an RSA key") from error
    if key.n.bit_length() < 1024 or key.n.bit_length() > 8192:
        raise ValueError("the key must have 1,024 to 8,192 bits")
    return key


def _key_of(kind: str, der: bytes) -> PublicKey:
    whole = _content(der, SEQUENCE)
    if kind == "RSA PUBLIC KEY":
        return _numbers(whole)
    if kind == "PUBLIC KEY":
        return _subject_key(whole)
    if kind != "CERTIFICATE":
        raise ValueError(f"a {kind.lower()} can't be used")
    fields = _items(_items(whole)[0][1])
    # Version is optional; then serial, algorithm, issuer, validity, subject, and the key.
    return _subject_key(fields[6 if fields[0][0] == VERSION else 5][1])


def _subject_key(content: bytes) -> PublicKey:
    algorithm, bits = _items(content)[:2]
    if _items(algorithm[1])[0] != (OID, RSA_OID) or bits[0] != BITS:
        raise ValueError("not an RSA key")
    return _numbers(_content(bits[1][1:], SEQUENCE))


def _numbers(content: bytes) -> PublicKey:
    (kind, n), (other, e) = _items(content)[:2]
    if kind != INTEGER or other != INTEGER:
        raise ValueError("not an RSA key")
    return PublicKey(int.from_bytes(n), int.from_bytes(e))


def _content(der: bytes, wanted: int) -> bytes:
    kind, content = _items(der)[0]
    if kind != wanted:
        raise ValueError("not the DER that was expected")
    return content


def _items(der: bytes) -> list[tuple[int, bytes]]:
    """The elements of a piece of DER, as tag and content."""
    items, at = [], 0
    while at < len(der):
        kind, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(der[at : at + count]), at + count
        items.append((kind, der[at : at + length]))
        at += length
    return items


@lru_cache(maxsize=1)
def signing_key() -> PrivateKey:
    """The key every org of this process signs with: a new one takes half a second, on a busy machine ten."""
    return make_key()


def make_key() -> PrivateKey:
    """A new key of 2,048 bits."""
    while True:
        p, q = _prime(BITS_OF_KEY // 2), _prime(BITS_OF_KEY // 2)
        totient = (p - 1) * (q - 1)
        if p != q and math.gcd(EXPONENT, totient) == 1:
            return PrivateKey(PublicKey(p * q, EXPONENT), pow(EXPONENT, -1, totient))


def _prime(bits: int) -> int:
    while True:
        # The two highest bits make the product of two such primes as long as it should be.
        number = secrets.randbits(bits) | (3 << (bits - 2)) | 1
        if all(number % small for small in SMALL_PRIMES) and _is_prime(number):
            return number


def _is_prime(number: int, rounds: int = 5) -> bool:
    """Miller and Rabin's test; FIPS 186-5 asks for five rounds with a prime of 1,024 bits."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, secrets.randbelow(number - 3) + 2, odd, twos) for _ in range(rounds))


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, number)
    if value in (1, number - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False
