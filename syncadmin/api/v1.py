"""Version 1 of the API: people, activities, cycles and failures. Fields may be added to it, none is taken away."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Literal

from django.db.models import Model, Q, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Path, Query
from pydantic import BaseModel, Field

from people.models import ActivityType, PersonState, SfdcType
from people.stretches import LARGEST_ID
from syncadmin.api import errors, reading
from syncadmin.api.auth import Bearer
from syncadmin.api.paging import Asked, Page, turn_to_page
from syncadmin.api.schemas import (
    ActivitiesPage,
    ActivityOut,
    FailureOut,
    FailuresPage,
    PeoplePage,
    PersonOut,
    RunOut,
    RunsPage,
)
from syncadmin.models import SObject, SyncFailure, SyncRun

DESCRIPTION = """\
Reads people, their activities, sync cycles and failures. Nothing can be changed with it.

Send a token with every request: `Authorization: Bearer sya_…`. Administrators make tokens on the page *API tokens*.

**Lists** come in pages. `next_cursor` leads to the next page; it is null on the last one. To keep a copy up to date,
read `updated_since` (people) or `since` (the others) the `complete_until` of your last reading.

**Errors** are `{"error": {"code", "message"}}` with the status 400, 401, 403, 404, 405, 429 or 503. Unknown
parameters are errors, so that a misspelt filter doesn't return everything.

**Limits**: every token has a number of calls a minute. `X-RateLimit-Remaining` says how many are left; a 429 says in
`Retry-After` how many seconds to wait. An answer has an `ETag`: send it as `If-None-Match`, and what hasn't changed is
304 without content.
"""
_WRONG = dict.fromkeys((400, 401, 403, 429, 503), errors.ErrorOut)


class _Api(NinjaAPI):
    """Its operations are called as the functions are, which is what generated clients call their methods."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


api = _Api(
    title="Syncadmin", version="1", description=DESCRIPTION, auth=Bearer(), docs_url=None, openapi_url=None,
    urls_namespace="api-v1",
)  # fmt: skip
errors.register(api)
Id = Path(ge=1, le=LARGEST_ID)


def _one_of(choices: type[TextChoices]) -> Any:
    """One of the values of an enumeration, or none: inline, as the document has room for one "State" only."""
    return Literal[tuple(value for value in choices.values if value)] | None


class PeopleAsked(Asked):
    updated_since: datetime | None = Field(None, description="Changed at this moment or later.")
    email: str | None = Field(None, max_length=255, description="The whole address.")
    sfdc_type: _one_of(SfdcType) = Field(None, description="What they are in Salesforce.")
    sfdc_id: str | None = Field(None, max_length=18, description="Of the Lead or Contact, 18 characters.")
    state: _one_of(PersonState) = Field(None, description="Where they stand.")
    owner: str | None = Field(None, max_length=18, description="SFDC Id of the Lead Owner.")


class ActivitiesAsked(Asked):
    person: int | None = Field(None, ge=1, le=LARGEST_ID, description="Id of the person.")
    type: _one_of(ActivityType) = Field(None, description="Of this type.")
    since: datetime | None = Field(None, description="At this moment or later.")


class RunsAsked(Asked):
    state: _one_of(SyncRun.State) = Field(None, description="In this state.")
    since: datetime | None = Field(None, description="Started at this moment or later.")


class FailuresAsked(Asked):
    state: _one_of(SyncFailure.State) = Field(None, description="In this state.")
    code: str | None = Field(None, max_length=80, description="With this code.")
    direction: _one_of(SyncFailure.Direction) = Field(None, description="Going there.")
    object: _one_of(SObject) = Field(None, description="About such a record.")
    person: int | None = Field(None, ge=1, le=LARGEST_ID, description="Id of the person.")
    since: datetime | None = Field(None, description="Last tried, or resolved, at this moment or later.")


def _among(queryset: QuerySet[Any], **wanted: Any) -> QuerySet[Any]:
    """Those that meet every condition that was given."""
    return queryset.filter(**{name: value for name, value in wanted.items() if value is not None})


@api.get("/people/", response={200: PeoplePage, **_WRONG}, tags=["people"], summary="People")
def list_people(request: HttpRequest, asked: Query[PeopleAsked]) -> HttpResponse:
    """By the time they last changed."""
    found = _among(
        reading.people(), updated_at__gte=asked.updated_since, sfdc_type=asked.sfdc_type, owner=asked.owner,
        sync_states__sfdc_id=asked.sfdc_id,
    )  # fmt: skip
    if asked.email is not None:
        found = found.filter(email__in={asked.email, asked.email.lower()})
    if asked.state is not None:
        found = reading.in_state(found, asked.state)
    rows, rest = turn_to_page(request, found, asked, reading.PEOPLE, timezone.now())
    return _json(PeoplePage(items=[reading.person_out(row) for row in rows], **rest))


@api.get(
    "/people/{person_id}/", response={200: PersonOut, 404: errors.ErrorOut, **_WRONG}, tags=["people"],
    summary="One person",
)  # fmt: skip
def one_person(request: HttpRequest, person_id: int = Id) -> HttpResponse:
    """With all values. Who was merged into somebody else is 404: the other one's activities say so."""
    return _json(reading.person_out(_one(reading.people(), person_id)))


@api.get("/activities/", response={200: ActivitiesPage, **_WRONG}, tags=["activities"], summary="Activities")
def list_activities(request: HttpRequest, asked: Query[ActivitiesAsked]) -> HttpResponse:
    """Of one person, or of everybody, by their time."""
    found, order = reading.activities_of(asked.type, asked.since, asked.person)
    rows, rest = turn_to_page(request, found, asked, order, timezone.now())
    return _json(ActivitiesPage(items=[reading.activity_out(row) for row in rows], **rest))


@api.get(
    "/activities/{activity_id}/", response={200: ActivityOut, 404: errors.ErrorOut, **_WRONG},
    tags=["activities"], summary="One activity",
)  # fmt: skip
def one_activity(request: HttpRequest, activity_id: int = Id) -> HttpResponse:
    """404 once it was removed by age, which administrators decide on."""
    return _json(reading.activity_out(_one(reading.activities(), activity_id)))


@api.get("/runs/", response={200: RunsPage, **_WRONG}, tags=["runs"], summary="Sync cycles")
def list_runs(request: HttpRequest, asked: Query[RunsAsked]) -> HttpResponse:
    """With their steps, in the order in which they ran."""
    found = _among(reading.runs(), state=asked.state, started_at__gte=asked.since)
    rows, rest = turn_to_page(request, found, asked, reading.RUNS, timezone.now())
    return _json(RunsPage(items=[reading.run_out(row) for row in rows], **rest))


@api.get(
    "/runs/{run_id}/", response={200: RunOut, 404: errors.ErrorOut, **_WRONG}, tags=["runs"],
    summary="One sync cycle",
)  # fmt: skip
def one_run(request: HttpRequest, run_id: int = Id) -> HttpResponse:
    """While it runs, its numbers grow."""
    return _json(reading.run_out(_one(reading.runs(), run_id)))


@api.get("/failures/", response={200: FailuresPage, **_WRONG}, tags=["failures"], summary="Failures")
def list_failures(request: HttpRequest, asked: Query[FailuresAsked]) -> HttpResponse:
    """In the order in which they came up. `state=open` are those that need somebody."""
    found = _among(
        SyncFailure.objects.all(), state=asked.state, code=asked.code, direction=asked.direction, object=asked.object,
        person=asked.person,
    )  # fmt: skip
    if asked.since is not None:
        found = found.filter(Q(last_at__gte=asked.since) | Q(resolved_at__gte=asked.since))
    rows, rest = turn_to_page(request, found, asked, reading.FAILURES, timezone.now())
    return _json(FailuresPage(items=[reading.failure_out(row) for row in rows], **rest))


@api.get(
    "/failures/{failure_id}/", response={200: FailureOut, 404: errors.ErrorOut, **_WRONG}, tags=["failures"],
    summary="One failure",
)  # fmt: skip
def one_failure(request: HttpRequest, failure_id: int = Id) -> HttpResponse:
    """With the reason in words, and what to do."""
    return _json(reading.failure_out(_one(SyncFailure.objects.all(), failure_id)))


def _one(queryset: QuerySet[Any], pk: int) -> Any:
    found: Model | None = queryset.filter(pk=pk).first()
    if found is None:
        raise errors.not_found()
    return found


def _json(answer: BaseModel) -> HttpResponse:
    """Written by the validating library itself, several times faster than by way of dicts.

    The ETag of a page is that of its items: ``complete_until``, its last field, moves all the time, and an older one
    does no harm.
    """
    text = answer.model_dump_json()
    told = text.rpartition(',"complete_until":')[0] if isinstance(answer, Page) else text
    etag = f'W/"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
    return HttpResponse(text, content_type="application/json", headers={"ETag": etag})
