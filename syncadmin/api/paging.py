"""Pages of long lists. A cursor says behind which row to go on, so the last page is as fast as the first."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import BaseModel, Field, model_validator

from people.stretches import FIRST, LARGEST_ID, LAST, beyond
from syncadmin.api.errors import ApiError
from syncadmin.models import SyncRun

MOST, USUAL = 500, 100
#: A click may store what it noted the time of minutes ago, while it waits for Salesforce.
SETTLED = timedelta(minutes=5)
Item = TypeVar("Item", bound=BaseModel)
Row = TypeVar("Row", bound=Model)


class Asked(Schema):
    """What every list may be asked."""

    limit: int = Field(USUAL, ge=1, le=MOST, description="Items on a page.")
    cursor: str = Field("", max_length=300, description="`next_cursor` of the page before.")
    order: Literal["oldest", "newest"] = Field("oldest", description="What comes first.")

    @model_validator(mode="after")
    def _sensible(self) -> Asked:
        """What no database should be asked for: null characters, times without a zone or out of all calendars."""
        for name, value in self:
            if isinstance(value, str) and "\0" in value:
                raise ValueError(f"{name} has a null character")
            if isinstance(value, datetime):
                moment = value if value.tzinfo else value.replace(tzinfo=UTC)
                if not FIRST <= moment <= LAST:
                    raise ValueError(f"{name} must be between 1900 and 2999")
                setattr(self, name, moment)
        return self


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one."
    )
    complete_until: datetime = Field(
        description="Whatever is still added or changed gets a later time than this. Keep the one of your first page, "
        "and read from it (`updated_since`, `since`) next time: nothing is missed; what comes twice has the same id."
    )


@dataclass(frozen=True)
class Order:
    """By which columns a list is ordered, the id last; there must be an index on them. ``name`` marks its cursors."""

    name: str
    columns: tuple[str, ...]

    def __call__(self, queryset: QuerySet[Row], *, newest: bool) -> QuerySet[Row]:
        return queryset.order_by(*(f"-{column}" if newest else column for column in self.columns))


def turn_to_page(
    request: HttpRequest, queryset: QuerySet[Row], asked: Asked, order: Order, now: datetime
) -> tuple[list[Row], dict[str, Any]]:
    """The rows asked for, and the rest of the page's fields. Two statements, whatever the size of the list."""
    _refuse_unknown(request, asked)
    newest = asked.order == "newest"
    if asked.cursor:
        place = _place(asked, order)
        queryset = queryset.filter(beyond(queryset.model, order.columns, place, "<" if newest else ">"))
    rows = list(order(queryset, newest=newest)[: asked.limit + 1])
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    cursor = _cursor(rows[-1], asked, order) if more else None
    return rows, {"next_cursor": cursor, "complete_until": settled_until(now)}


def settled_until(now: datetime) -> datetime:
    """A cycle dates what it writes by its own beginning, and stores it page by page until its end."""
    running = SyncRun.objects.filter(state=SyncRun.State.RUNNING).values_list("started_at", flat=True).first()
    return min(now, running or now) - SETTLED


def _refuse_unknown(request: HttpRequest, asked: Asked) -> None:
    """A misspelt filter must not return everybody."""
    known = type(asked).model_fields
    for name in request.GET:
        if name not in known:
            message = f"There is no parameter {name[:50]!r} here. There are: {', '.join(known)}."
            raise ApiError(400, "unknown_parameter", message, parameter=name[:50])


def _cursor(row: Model, asked: Asked, order: Order) -> str:
    values = [getattr(row, column) for column in order.columns]
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    packed = json.dumps([order.name, asked.order, *texts], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _place(asked: Asked, order: Order) -> list[Any]:
    """The values of a cursor; ApiError if it isn't one of this list and order."""
    try:
        text = base64.urlsafe_b64decode(asked.cursor + "=" * (-len(asked.cursor) % 4)).decode()
        name, direction, *values = json.loads(text)
        if (name, direction, len(values)) != (order.name, asked.order, len(order.columns)):
            raise ValueError
        return [_typed(value, column) for value, column in zip(values, order.columns, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        message = "This cursor is of another list, or of another order, or was changed on its way."
        raise ApiError(400, "invalid_cursor", message, parameter="cursor") from None


def _typed(value: Any, column: str) -> Any:
    if column == "type":
        return str(value)
    if column != "id":
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None or not FIRST <= moment <= LAST:
            raise ValueError
        return moment
    if type(value) is not int or not 0 <= value <= LARGEST_ID:
        raise ValueError
    return value
