"""Pages of the other apps that people's templates link to, as stubs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from syncadmin import urls


def stub(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


campaigns = ([path("sync-people/", stub, name="sync-people")], "campaigns")
urlpatterns = [
    path("campaigns/", include(campaigns)),
    path("sync/connection/", stub, name="connection"),
    *urls.urlpatterns,
]
