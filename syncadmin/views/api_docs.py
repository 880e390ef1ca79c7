"""The API described: as a page, made of its OpenAPI document, and as that document."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from syncadmin.access import viewer
from syncadmin.api.auth import admit
from syncadmin.api.docs import described
from syncadmin.api.serving import document, served
from syncadmin.models import ApiToken


@require_safe
@viewer
def docs(request: HttpRequest) -> HttpResponse:
    """Everything there is to ask, with what is answered."""
    context = {"api": described(document()), "base": request.build_absolute_uri("/api/v1")}
    return render(request, "syncadmin/api_docs.html", context)


@served
def openapi(request: HttpRequest) -> JsonResponse:
    """The document, for those who may see the page, and for programs with a token."""
    user: Any = request.user
    if user.is_authenticated and not user.has_perm("people.view_person"):
        raise PermissionDenied
    if not user.is_authenticated:
        admit(request, ApiToken.Scope.READ)
    return JsonResponse(document())
