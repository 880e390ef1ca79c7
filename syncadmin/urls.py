"""Where the pages are."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from syncadmin.views import conflicts, connection, dashboard, failures, fields, health, owners, runs

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
    path("sync/failures/", failures.failure_list, name="failures"),
    path("sync/failures/export/", failures.export, name="failures-export"),
    path("sync/failures/ignore/", failures.ignore, name="failures-ignore"),
    path("sync/failures/<int:pk>/", failures.failure, name="failure"),
    path("sync/failures/<int:pk>/create/", failures.create_person, name="failure-create"),
    path("sync/failures/<int:pk>/link/", failures.link, name="failure-link"),
    path("sync/conflicts/", conflicts.conflict_list, name="conflicts"),
    path("sync/conflicts/export/", conflicts.export, name="conflicts-export"),
    path("sync/conflicts/<int:pk>/take/", conflicts.take, name="conflict-take"),
    path("campaigns/", include("campaigns.urls")),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("people/", include("people.urls")),
    path("admin/", admin.site.urls),
]
