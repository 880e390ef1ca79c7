"""The form in which the registry of codes speaks."""

from __future__ import annotations

from dataclasses import dataclass

#: Who can put it right.
MARKETER = "Marketer"
ADMIN = "Administrator"
CRM_ADMIN = "Salesforce administrator"
NOBODY = "Nobody, it passes by itself"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Plain words about a refusal: a heading, what it means, what to do, and who can do it."""

    title: str
    meaning: str
    advice: str
    who: str
