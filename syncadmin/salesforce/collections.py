"""Writing any number of records, and an answer for each of them, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import sleep
from typing import Any

from syncadmin.salesforce.batches import Batch, Job, chunked_calls, collections, singles
from syncadmin.salesforce.composite import PartAnswer, send
from syncadmin.salesforce.errors import passes_soon, read_errors, words
from syncadmin.salesforce.faults import Lost
from syncadmin.salesforce.transport import Transport
from syncadmin.sync.ports import RecordError, SyncError, Write, WriteResult

#: Seconds before a record that somebody else had locked is sent a second and a third time.
PAUSES = (0.4, 1.2)

#: A value of the wrong JSON type may make Salesforce refuse the whole collection, good records included
#: (in a single call: "Cannot deserialize instance of datetime from VALUE_STRING value …").
_SPOILS_ALL = "JSON_PARSER_ERROR"


def write(
    transport: Transport, writes: Sequence[Write], external_id: str, pause: Callable[[float], None] = sleep
) -> list[WriteResult]:
    """The results in the order of the writes. SyncError only if nothing at all has been written.

    Creates go by upsert if they carry the external id; then they may be sent again after a lost answer.
    """
    delivery = Delivery(transport, writes, external_id)
    delivery.send(range(len(writes)))
    delivery.send_singly(delivery.spoilt)
    for seconds in PAUSES:
        if again := delivery.held_up():
            pause(seconds)
            delivery.send(again)
    return [delivery.results[place] for place in range(len(writes))]


def calls_to_write(writes: Sequence[Write], external_id: str) -> int:
    """How many API calls it takes to send these once."""
    return sum(1 for _ in chunked_calls(collections(enumerate(writes), external_id)))


@dataclass(slots=True)
class Delivery:
    """Writes on their way; ``results`` has an entry for the place of each write that an answer came for."""

    transport: Transport
    writes: Sequence[Write]
    external_id: str
    results: dict[int, WriteResult] = field(default_factory=dict)
    #: Places of records that were refused along with others of their collection.
    spoilt: list[int] = field(default_factory=list)

    def send(self, places: Iterable[int]) -> None:
        """Send the writes at these places in collections."""
        self._send(collections(self._jobs(places), self.external_id))

    def send_singly(self, places: Iterable[int]) -> None:
        """Send the writes at these places each in a request of its own, 25 to an API call."""
        self._send(singles(self._jobs(places), self.external_id))

    def held_up(self) -> list[int]:
        """Records whose refusal passes within seconds."""
        return [
            place for place, result in self.results.items() if any(passes_soon(e.code) for e in result.errors)
        ]

    def _jobs(self, places: Iterable[int]) -> list[Job]:
        return [(place, self.writes[place]) for place in places]

    def _send(self, batches: Sequence[Batch]) -> None:
        for call in chunked_calls(batches):
            try:
                self._call(call)
            except SyncError as error:
                self._stop(batches, error)
                return

    def _call(self, batches: Sequence[Batch]) -> None:
        repeatable = all(batch.repeatable for batch in batches)
        try:
            answers, _ = send(self.transport, [batch.part for batch in batches], repeatable=repeatable)
        except Lost:
            if repeatable:
                raise
            self._after_loss(batches)
            return
        for batch, answer in zip(batches, answers, strict=True):
            self.read(batch, answer)

    def _after_loss(self, batches: Sequence[Batch]) -> None:
        """Creates may have been done and are not sent again; the rest of the call is."""
        for batch in batches:
            if not batch.repeatable:
                self._give(batch, WriteResult(lost=True))
        if rest := [batch for batch in batches if batch.repeatable]:
            self._call(rest)

    def read(self, batch: Batch, answer: PartAnswer) -> None:
        """Take down what an answer says about each record of a batch."""
        if errors := read_errors(answer.body):  # the part as a whole was refused
            if errors[0].code == _SPOILS_ALL and len(batch.places) > 1:
                self.spoilt.extend(batch.places)
            self._give(batch, WriteResult(errors=errors))
            return
        rows = _rows(batch, answer, self.writes)
        if len(rows) != len(batch.places):
            self._give(batch, _unreadable(batch))
            return
        for place, row in zip(batch.places, rows, strict=True):
            self.results[place] = _result(row, created=batch.creates)

    def _give(self, batch: Batch, result: WriteResult) -> None:
        self.results.update(dict.fromkeys(batch.places, result))

    def _stop(self, batches: Sequence[Batch], error: SyncError) -> None:
        """The whole request failed. What is already written must be told; the rest gets the error."""
        if not self.results:
            raise error
        refusal = WriteResult(errors=(RecordError(error.code, error.message, (), not error.permanent),))
        for batch in batches:
            for place in batch.places:
                self.results.setdefault(place, refusal)


def _rows(batch: Batch, answer: PartAnswer, writes: Sequence[Write]) -> list[dict[str, Any]]:
    """A result for each record: as collections have them, or made from the answer to a single write."""
    if isinstance(answer.body, list):
        return answer.body
    if isinstance(answer.body, dict):
        return [answer.body]
    if answer.status < 300:  # 204: changed, and nothing to say
        return [{"id": writes[batch.places[0]].id, "success": True, "created": False}]
    return []


def _result(row: dict[str, Any], *, created: bool) -> WriteResult:
    if row.get("success"):
        return WriteResult(id=row.get("id") or "", created=bool(row.get("created", created)))
    errors = read_errors(row.get("errors") or [])
    return WriteResult(
        errors=errors or (RecordError("UNKNOWN_EXCEPTION", words("UNKNOWN_EXCEPTION"), (), True),)
    )


def _unreadable(batch: Batch) -> WriteResult:
    """An answer that says nothing about the records: for creates that is as good as none."""
    if not batch.repeatable:
        return WriteResult(lost=True)
    return WriteResult(errors=(RecordError("LOST_ANSWER", words("LOST_ANSWER"), (), True),))
