"""What a message is, and what became of one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told. ``link``: an absolute address, or blank; ``footer``: why it is sent, for
    mails; ``facts``: the same for programs (JSON)."""

    subject: str
    body: str
    link: str = ""
    footer: str = ""
    facts: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``answer``: what the server said, in a sentence. ``is_final``: trying again would change nothing."""

    is_sent: bool
    answer: str
    is_final: bool = False
    wait: float = 0.0
    """Seconds that the server asks us to wait; 0 if it doesn't."""
