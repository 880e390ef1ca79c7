"""What the API answers, as the OpenAPI document tells it. Moments are UTC, ISO 8601; text that isn't known is blank."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from people.models import ActivityType, PersonState, SfdcType
from people.standard_fields import STANDARD_FIELDS, StandardField
from syncadmin.api.paging import Page
from syncadmin.models import SObject, SyncFailure, SyncRun, SyncStep


def _values(choices: Any) -> dict[str, Any]:
    """What a coded field may hold. More may be added, so programs shouldn't stop at one they don't know."""
    return {"x-extensible-enum": [value for value in choices.values if value]}


class OwnerOut(BaseModel):
    """A user or a queue of Salesforce."""

    sfdc_id: str
    kind: str = Field(description="`user` or `queue`")
    name: str


class _PersonBase(BaseModel):
    """A person. Standard fields by their names here; custom fields in `custom`."""

    id: int


class _PersonRest(BaseModel):
    custom: dict[str, Any] = Field(description="Values of custom fields, by name.")
    sfdc_type: str = Field(
        description="Blank: not in Salesforce.", json_schema_extra={"x-extensible-enum": SfdcType.values}
    )
    sfdc_id: str
    sfdc_is_deleted: bool
    sfdc_created_at: datetime | None
    owner: OwnerOut | None = Field(description="The Lead Owner.")
    sync_state: str = Field(json_schema_extra=_values(PersonState))
    waiting_since: datetime | None = Field(description="Since when a change made here waits to be pushed.")
    failing_since: datetime | None = Field(
        description="Since when Salesforce, or a rule, refuses the person."
    )
    synced_at: datetime | None
    created_at: datetime
    updated_at: datetime = Field(
        description="When a value, the owner or the SFDC fields last changed. Waiting, failing and being in step again "
        "don't move it: ask for them by `state`."
    )


_TYPES: dict[str, Any] = {
    "boolean": bool, "integer": int | None, "currency": Decimal | None, "date": date | None,
}  # fmt: skip


def _standard(field: StandardField) -> Any:
    return (_TYPES.get(field.type, str), Field(description=field.label))


_PersonFields = create_model(
    "_PersonFields", __base__=_PersonBase, **{field.name: _standard(field) for field in STANDARD_FIELDS}
)  # type: ignore[call-overload]


class PersonOut(_PersonRest, _PersonFields):  # type: ignore[misc, valid-type]
    """A person. Standard fields by their names here; custom fields in `custom`."""


class PeoplePage(Page[PersonOut]):
    """People."""


class ActivityOut(BaseModel):
    """One entry of a person's activity log. Entries are never changed."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    person_id: int
    type: str = Field(json_schema_extra=_values(ActivityType))
    at: datetime
    source: str = Field(description="Who or what did it, in words.")
    user: str | None = Field(description="The user name, if a user of Syncadmin did it.")
    run_id: int | None = Field(description="The sync cycle that wrote it.")
    attributes: dict[str, Any] = Field(description="What it is about; the keys depend on the type.")


class ActivitiesPage(Page[ActivityOut]):
    """Entries of activity logs."""


class StepOut(BaseModel):
    """One step of a cycle: an object and an operation, with what it did."""

    model_config = ConfigDict(from_attributes=True)
    object: str
    operation: str = Field(json_schema_extra=_values(SyncStep.Operation))
    state: str = Field(json_schema_extra=_values(SyncStep.State))
    started_at: datetime
    ended_at: datetime | None
    total: int | None
    done: int
    new: int
    updated: int
    deleted: int
    failed: int
    skipped: int
    conflicts: int
    note: str


class RunOut(BaseModel):
    """One sync cycle."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    state: str = Field(json_schema_extra=_values(SyncRun.State))
    trigger: str = Field(json_schema_extra=_values(SyncRun.Trigger))
    started_at: datetime
    ended_at: datetime | None
    api_calls: int
    error_code: str
    error_message: str
    steps: list[StepOut]


class RunsPage(Page[RunOut]):
    """Sync cycles."""


class FailureOut(BaseModel):
    """Something Salesforce, or a rule of ours, refused."""

    id: int
    state: str = Field(json_schema_extra=_values(SyncFailure.State))
    direction: str = Field(json_schema_extra=_values(SyncFailure.Direction))
    object: str = Field(json_schema_extra=_values(SObject))
    person_id: int | None
    sfdc_id: str
    code: str
    message: str = Field(description="As Salesforce said it.")
    title: str = Field(description="The code in words.")
    meaning: str
    advice: str = Field(description="What to do.")
    fields: list[str] = Field(description="Names of the person's fields that it is about, where known.")
    is_permanent: bool = Field(description="It isn't sent again until something has changed.")
    attempts: int
    retry_at: datetime | None
    run_id: int | None
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None


class FailuresPage(Page[FailureOut]):
    """Failures."""
