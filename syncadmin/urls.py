"""Where the pages are."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from syncadmin.views import connection, dashboard, fields, health, owners, runs

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("health/", health.health, name="health"),
    path("sync/live/", dashboard.live, name="live"),
    path("sync/now/", dashboard.sync_now, name="sync-now"),
    path("sync/runs/", runs.runs, name="runs"),
    path("sync/runs/export/", runs.export, name="runs-export"),
    path("sync/runs/<int:pk>/", runs.run, name="run"),
    path("sync/fields/", fields.fields, name="fields"),
    path("sync/owners/", owners.owners, name="owners"),
    path("sync/connection/", connection.connection, name="connection"),
    path("sync/connection/pause/", connection.pause, name="pause"),
    path("sync/connection/refresh/", connection.refresh, name="refresh-org"),
    path("sync/connection/read-again/", connection.read_again, name="read-again"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("people/", include("people.urls")),
    path("admin/", admin.site.urls),
]
