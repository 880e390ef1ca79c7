"""The project's pages, and a few that tests need: the bare shell, and one for each way to go wrong."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from syncadmin import urls


def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def distrust(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def break_(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


urlpatterns = [
    path("shell/", shell, name="shell"),
    path("refuse/", refuse, name="refuse"),
    path("distrust/", distrust, name="distrust"),
    path("break/", break_, name="break"),
    *urls.urlpatterns,
]
