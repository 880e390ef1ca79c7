"""Where the pages of people are."""

from __future__ import annotations

from django.urls import path

from people.views import detail, duplicates, edit, exports, history, imports, list

app_name = "people"
urlpatterns = [
    path("", list.people_list, name="list"),
    path("new/", edit.new, name="new"),
    path("delete/", list.delete, name="delete"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/export/", duplicates.export, name="duplicates-export"),
    path("export/", exports.export, name="export"),
    path("import/", imports.upload, name="import"),
    path("import/<int:pk>/", imports.preview, name="import-preview"),
    path("import/<int:pk>/confirm/", imports.confirm, name="import-confirm"),
    path("import/<int:pk>/done/", imports.done, name="import-done"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/edit/", edit.edit, name="edit"),
    path("<int:pk>/fields/<slug:name>/", history.history, name="history"),
    path("<int:pk>/fields/<slug:name>/set-back/", history.set_back_to, name="set-back"),
]
