"""Importing a CSV file: upload, preview, import, result."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import imports
from people.access import marketer
from people.fields import grouped
from people.imports.reading import MAX_COLUMNS
from people.models import ImportFile, PersonField

BAD_SHOWN = 100


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        help_text=gettext_lazy("Up to 20 MB and 200,000 people."),
    )

    def clean_file(self) -> object:
        if self.cleaned_data["file"].size > imports.MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Split it into several files."))
        return self.cleaned_data["file"]


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            content = form.cleaned_data["file"]
            try:
                file = imports.keep_file(content.name, content.read(), user=request.user, now=timezone.now())
            except imports.UnreadableFile as error:
                form.add_error("file", str(error))
            else:
                return redirect("people:import-preview", file.pk)
    fields = grouped(PersonField.objects.filter(is_read_only=False))
    context = {"form": form, "groups": fields}
    return render(request, "people/import_upload.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the import would do. Posting chooses the columns."""
    file = get_object_or_404(ImportFile, pk=pk, created_by=request.user)
    if file.state == ImportFile.State.DONE:
        return redirect("people:import-done", file.pk)
    if request.method == "POST":
        imports.choose_columns(file, _mapping(request))
        return redirect("people:import-preview", file.pk)
    return _preview_page(request, file, imports.plan(imports.check(file.data, file.mapping)))


def _mapping(request: HttpRequest) -> dict[str, str]:
    """{column number: field name} of the selects; a blank one means: don't import."""
    names = {str(index): request.POST.get(f"column_{index}") for index in range(MAX_COLUMNS)}
    return {index: name[:80] for index, name in names.items() if name is not None and "\0" not in name}


def _preview_page(request: HttpRequest, file: ImportFile, plan: imports.Plan) -> HttpResponse:
    context = {
        "file": file,
        "plan": plan,
        "bad_shown": plan.bad[:BAD_SHOWN],
        "bad_more": max(len(plan.bad) - BAD_SHOWN, 0),
        "groups": grouped(PersonField.objects.filter(is_read_only=False)),
        "columns": [(column, _samples(plan, column.index)) for column in plan.columns],
    }
    return render(request, "people/import_preview.html", context, status=200)


def _samples(plan: imports.Plan, index: int) -> list[str]:
    """The first values of a column, to recognise it by."""
    cells = (line.cells[index].strip() for line in plan.sample if index < len(line.cells))
    return [cell[:80] for cell in cells if cell][:3]


@require_POST
@marketer
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the file, once."""
    file = get_object_or_404(ImportFile, pk=pk, created_by=request.user)
    leave_out = request.POST.get("leave_out_bad") == "1"
    try:
        imports.import_stored(file.pk, leave_out_bad=leave_out, actor=request.user, now=timezone.now())
    except imports.NotImported:
        messages.error(request, _("Nothing was imported: some rows can't be, and the list below says why."))
        return redirect("people:import-preview", file.pk)
    return redirect("people:import-done", file.pk)


@require_safe
@marketer
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """What was imported."""
    file = get_object_or_404(ImportFile, pk=pk, created_by=request.user)
    if file.state != ImportFile.State.DONE:
        return redirect("people:import-preview", file.pk)
    return render(request, "people/import_done.html", {"file": file})
