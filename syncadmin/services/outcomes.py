"""What became of one person, for pages, commands and flow steps."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(slots=True)
class SyncOutcome:
    """The answer to *Sync Person to SFDC* for one person.

    ``action``: created, linked, updated, unchanged, duplicate_created, duplicate_moved, not_sent or failed.
    ``code``, ``message``, ``advice``: why it failed, and what to do; ``refused``: the fields it failed for, with the
    values that were sent.
    """

    person_id: int
    status: Literal["done", "skipped", "failed"] = "done"
    action: str = "unchanged"
    object: str = ""
    sfdc_id: str = ""
    duplicate_id: str = ""
    owner_id: str = ""
    owner: str = ""
    asked: str = "rules"
    fields: tuple[str, ...] = ()
    code: str = ""
    message: str = ""
    advice: str = ""
    refused: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON values."""
        return asdict(self)
