"""What the API answers when it refuses: the code, the text and the keys, in the recorded order."""

from __future__ import annotations

from typing import Any

NOT_FOUND_TEXT = "The requested resource does not exist"
ROLLED_BACK_TEXT = (
    "Record rolled back because not all records were valid and the request was using AllOrNone header"
)
HALTED_TEXT = "The transaction was rolled back since another operation in the same transaction failed."


class ApiError(Exception):
    """A refusal of a whole request.

    `fields` is left out of the body when None, as recorded for most of them.
    """

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def body(self) -> list[dict[str, Any]]:
        """The JSON body: an array of one error."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]


class ResourceError(ApiError):
    """A refusal from before any record is looked at (404, 405, 415); its keys come in the other order (recorded)."""

    def body(self) -> list[dict[str, Any]]:
        """The JSON body, errorCode first."""
        return [{"errorCode": self.code, "message": self.message}]


class NotFound(ResourceError):
    """404 for a record, an object or a resource that isn't there."""

    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND", NOT_FOUND_TEXT)


class RecordError(Exception):
    """A refusal of one record: an error body in a single call, a failed result in a collection.

    bare: a single call leaves the key `fields` out (recorded for INVALID_FIELD and unknown ids).
    details: `duplicateResut`, present in single calls only (quoted from live calls).
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: list[str] | None = None,
        *,
        status: int = 400,
        bare: bool = False,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.fields = code, message, fields or []
        self.status, self.bare, self.details = status, bare, details

    def single(self) -> dict[str, Any]:
        """As an element of the error array of a single-record call."""
        if self.details is not None:
            return {"duplicateResut": self.details, "errorCode": self.code, "message": self.message}
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if not self.bare:
            error["fields"] = self.fields
        return error

    def collected(self) -> dict[str, Any]:
        """As an element of `errors` of a collection result."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}


def rolled_back() -> RecordError:
    """The error of the good siblings of a bad record under allOrNone (recorded)."""
    return RecordError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK_TEXT)
