"""Errors of the API: always {"error": {"code", "message", …}}. Programs read the code, people the message."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from pydantic import BaseModel, Field


class ErrorDetail(BaseModel):
    """``parameter`` is there if one of the request's parameters is to blame."""

    code: str = Field(examples=["invalid_parameter"])
    message: str = Field(examples=["limit: Input should be less than or equal to 500"])
    parameter: str | None = None


class ErrorOut(BaseModel):
    """Every answer that isn't 2xx or 304."""

    error: ErrorDetail


class ApiError(Exception):
    """An answer that isn't what was asked for."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        parameter: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.parameter = status, code, message, parameter
        self.headers = headers or {}


def error_answer(error: ApiError) -> JsonResponse:
    """The error as an answer."""
    detail: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.parameter:
        detail["parameter"] = error.parameter
    return JsonResponse({"error": detail}, status=error.status, headers=error.headers)


def not_found() -> ApiError:
    """There is no such thing, or no such address."""
    return ApiError(404, "not_found", "There is nothing at this address. (All addresses end with a slash.)")


def method_not_allowed() -> ApiError:
    """The API reads, and nothing else."""
    return ApiError(
        405, "method_not_allowed", "The API is read-only: use GET.", headers={"Allow": "GET, HEAD"}
    )


def unavailable() -> ApiError:
    """The database is away, or too busy."""
    return ApiError(
        503,
        "unavailable",
        "The database doesn’t answer. Try again in a while.",
        headers={"Retry-After": "30"},
    )


def unexpected() -> ApiError:
    """A fault of ours."""
    return ApiError(
        500, "unexpected", "Something went wrong that shouldn’t; the log of the web process tells more."
    )


def register(api: NinjaAPI) -> None:
    """Have the library say its own errors in our form."""
    api.add_exception_handler(ApiError, lambda request, error: error_answer(error))
    api.add_exception_handler(Http404, lambda request, error: error_answer(not_found()))
    api.add_exception_handler(ValidationError, _invalid)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """The first thing that is wrong with the parameters."""
    first = error.errors[0]
    parameter = str(first["loc"][-1])
    message = f"{parameter}: {first['msg']}"
    return error_answer(ApiError(400, "invalid_parameter", message, parameter=parameter))
