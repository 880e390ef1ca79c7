"""Where the pages of flow steps are."""

from __future__ import annotations

from django.urls import path

from campaigns.views import retry, runs, sync

app_name = "campaigns"
urlpatterns = [
    path("", runs.run_list, name="list"),
    path("sync/", sync.sync_people, name="sync-people"),
    path("sync/effect/", sync.effect, name="sync-effect"),
    path("retry/", retry.retry, name="retry"),
    path("runs/<int:pk>/", runs.run, name="flow-step-run"),
    path("runs/<int:pk>/progress/", runs.progress, name="run-progress"),
    path("runs/<int:pk>/export/", runs.export, name="run-export"),
    path("runs/<int:pk>/retry/", runs.retry, name="run-retry"),
]
