"""The org's clock: the machine's, plus an offset that tests may move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

YEARS = range(1700, 4001)  # documented for values of dates


def wire(moment: datetime) -> str:
    """A moment as Salesforce writes it: whole seconds, `.000`, `+0000` without a colon (recorded)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def zulu(stamp: object) -> str:
    """A moment as SOAP, Bulk results and OpenID write it: `Z` instead of `+0000`."""
    return str(stamp).replace("+0000", "Z")


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment; one without a zone is UTC. ValueError if it is none."""
    if len(text) >= 5 and text[-5] in "+-" and text[-3] != ":":
        text = text[:-2] + ":" + text[-2:]
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Clock:
    """Says what time it is in the org."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The present moment of the org, to the microsecond."""
        return datetime.now(UTC) + self._offset

    def stamp(self) -> str:
        """The present moment as it is stored on records."""
        return wire(self.now())

    def http_date(self) -> str:
        """The present moment as the Date header has it."""
        return http_date(self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock, forward or back; ValueError if it would leave the years an org knows."""
        self._move(self._offset + timedelta(seconds=seconds))

    def set(self, moment: datetime) -> None:
        """Make it this moment now; time goes on from there. ValueError as in `advance`."""
        self._move(moment - datetime.now(UTC))

    def _move(self, offset: timedelta) -> None:
        year = (datetime.now(UTC) + offset).year
        if year not in YEARS:
            raise ValueError(f"an org has no year {year}")
        self._offset = offset

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._offset = timedelta(0)


def http_date(moment: datetime) -> str:
    """A moment in the form of HTTP headers."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
