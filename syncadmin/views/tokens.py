"""API tokens: which programs may read, made and revoked by administrators."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.downloads import csv_download
from syncadmin.access import administrator
from syncadmin.models import ApiToken
from syncadmin.services import tokens as service

COLUMNS = (
    "name", "may", "begins_with", "state", "created_at", "created_by", "expires_at", "last_used_at", "calls",
    "revoked_at", "revoked_by",
)  # fmt: skip
KINDS = {ApiToken.State.ACTIVE: "ok", ApiToken.State.EXPIRED: "warn", ApiToken.State.REVOKED: "muted"}
LIVES = [
    ("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")), ("365", gettext_lazy("A year")),
    ("", gettext_lazy("Until it is revoked")),
]  # fmt: skip
#: More than anybody has; all of them are in the export.
SHOWN = 200


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label=gettext_lazy("Which program will use it?"), max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("Data warehouse")}),
    )  # fmt: skip
    scope = forms.ChoiceField(
        label=gettext_lazy("It may"), choices=ApiToken.Scope.choices, initial=ApiToken.Scope.READ
    )
    life = forms.ChoiceField(label=gettext_lazy("It works for"), choices=LIVES, initial="365", required=False)

    def expires_at(self, now: datetime) -> datetime | None:
        """When it stops working by itself."""
        life = self.cleaned_data["life"]
        return now + timedelta(days=int(life)) if life else None


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrator
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens; posting makes one, and shows it this once."""
    if request.method != "POST":
        return _page(request, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    now, asked = timezone.now(), form.cleaned_data
    token, text = service.create_token(asked["name"], asked["scope"], form.expires_at(now), request.user, now)
    return _page(request, TokenForm(), made=token, text=text)


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    found = list(ApiToken.objects.select_related("created_by", "revoked_by")[:SHOWN])
    context = {
        "form": form,
        "rows": [(token, KINDS[token.state_at(now)], token.state_at(now)) for token in found],
        "example": request.build_absolute_uri("/api/v1/people/?limit=10"),
        "metrics_url": request.build_absolute_uri(reverse("metrics")),
        **more,
    }
    return render(request, "syncadmin/tokens.html", context, status=status)


@require_POST
@administrator
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """It lets nobody in from now on."""
    token = get_object_or_404(ApiToken, pk=pk)
    if service.revoke_token(pk, request.user, timezone.now()):
        messages.success(request, _("“%s” was revoked. Whoever used it is refused from now on.") % token)
    else:
        messages.info(request, _("“%s” was revoked already.") % token)
    return redirect("tokens")


@require_safe
@administrator
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Every token there ever was, as CSV; not the tokens themselves, which nobody has."""
    return csv_download("api-tokens", COLUMNS, _rows(timezone.now()))


def _rows(now: datetime) -> Iterator[list[Any]]:
    for token in ApiToken.objects.select_related("created_by", "revoked_by").iterator(chunk_size=500):
        yield [
            token.name, token.get_scope_display(), token.prefix, token.state_at(now).label, token.created_at,
            token.created_by, token.expires_at, token.last_used_at, token.calls, token.revoked_at, token.revoked_by,
        ]  # fmt: skip
