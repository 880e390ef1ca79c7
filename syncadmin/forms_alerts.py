"""The forms of alerts: what somebody wants to hear of, where, and when not."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncadmin.models import AlertChannel, AlertKind
from syncadmin.models.alerts import DIGEST
from syncadmin.services.alerts.channels import ChannelError, Times, Wish, check_webhook

Method = AlertChannel.Method
#: What each kind means, in the order of the form.
ABOUT = {
    AlertKind.SYNC_DOWN: gettext_lazy("Cycles fail, none runs, or the worker is gone."),
    AlertKind.CREDENTIALS: gettext_lazy("They have expired, were changed, or are refused."),
    AlertKind.PERMISSIONS: gettext_lazy(
        "A field is hidden from the sync user, or an object is closed to it."
    ),
    AlertKind.GUARD: gettext_lazy("A cycle would have changed an unusual share of the people."),
    AlertKind.API_USE: gettext_lazy("Three quarters of the day’s calls are used, or all of them."),
    AlertKind.FAILURES: gettext_lazy("People fail for a reason for which nobody did before."),
    AlertKind.BACKLOG: gettext_lazy("For an hour people have been changed faster than they are pushed."),
    AlertKind.SCHEMA: gettext_lazy("Fields are new, gone, renamed, or of another type."),
    AlertKind.PAUSED: gettext_lazy("The background sync has been paused for more than four hours."),
    DIGEST: gettext_lazy("Once a day: what synced, what failed, what waits, and what needs somebody."),
}
KINDS = [*AlertKind.choices, (DIGEST, gettext_lazy("Daily digest"))]
#: Ticked for whoever has chosen nothing yet: what needs somebody soon.
USUAL = [kind.value for kind in AlertKind if kind not in (AlertKind.SCHEMA, AlertKind.FAILURES)]
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_SELECT = {"class": "form-select"}
_TEXT = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}


@cache
def _zones() -> list[tuple[str, str]]:
    names = (
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(names))]


class _TimesForm(forms.Form):
    """What all channels have: an hour and a time zone for the digest, and quiet until a moment."""

    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("Daily digest at"), choices=_HOURS, coerce=int, widget=forms.Select(attrs=_SELECT)
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=_zones,
        help_text=gettext_lazy("For the digest’s hour, and for times in messages."),
        widget=forms.Select(attrs=_SELECT),
    )
    muted_until = forms.DateTimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        help_text=gettext_lazy("Until then nothing is sent, and nothing is sent afterwards for it."),
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "form-control"}
        ),
    )

    def clean_muted_until(self) -> Any:
        until = self.cleaned_data["muted_until"]
        return until if until and until > timezone.now() else None

    @property
    def times(self) -> Times:
        data = self.cleaned_data
        return Times(data["digest_hour"], data["time_zone"], data["muted_until"])

    def _clean_url(self, name: str) -> str:
        url = str(self.cleaned_data[name]).strip()
        if url:
            try:
                check_webhook(url)
            except ChannelError as error:
                raise forms.ValidationError(str(error)) from None
        return url


def initial_times(channel: AlertChannel | None) -> dict[str, Any]:
    """As stored; for somebody new, in the time zone of the browser."""
    if channel is None:
        return {"digest_hour": 8, "time_zone": timezone.get_current_timezone_name()}
    until = channel.muted_until if channel.is_muted else None
    return {"digest_hour": channel.digest_hour, "time_zone": channel.time_zone, "muted_until": until}


def _kinds() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=KINDS, required=False)


class MyAlertsForm(_TimesForm):
    """A user's own: kinds by e-mail, kinds by webhook. The webhook's address is written, never shown."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy("Blank: no e-mail."),
        widget=forms.EmailInput(attrs=_TEXT | {"autocomplete": "email"}),
    )
    url = forms.CharField(
        label=gettext_lazy("Webhook address"),
        required=False,
        max_length=2_000,
        widget=forms.URLInput(attrs=_TEXT | {"placeholder": "https://hooks.slack.com/services/…"}),
    )
    no_webhook = forms.BooleanField(
        label=gettext_lazy("Remove the webhook"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    email_kinds = _kinds()
    webhook_kinds = _kinds()

    def __init__(
        self, data: Any = None, *, known: dict[str, AlertChannel], email: str = "", **options: Any
    ) -> None:
        self.known = known
        mail, hook = known.get(Method.EMAIL), known.get(Method.WEBHOOK)
        initial = {
            "email": mail.email if mail else email,
            "email_kinds": mail.kinds if mail else USUAL,
            "webhook_kinds": hook.kinds if hook else USUAL,
            **initial_times(mail or hook),
        }
        super().__init__(data, initial=initial, **options)

    def clean_url(self) -> str:
        return self._clean_url("url")

    @property
    def wishes(self) -> list[Wish]:
        data = self.cleaned_data
        url = "" if data["no_webhook"] else data["url"] or None
        return [
            Wish(Method.EMAIL, data["email"], data["email_kinds"]),
            Wish(Method.WEBHOOK, url, data["webhook_kinds"]),
        ]

    @property
    def rows(self) -> list[tuple[str, Any, Any, bool, bool]]:
        """The table of the form: (kind, label, about, by e-mail, by webhook)."""
        return [
            (
                kind,
                label,
                ABOUT[kind],
                kind in self._chosen("email_kinds"),
                kind in self._chosen("webhook_kinds"),
            )
            for kind, label in KINDS
        ]

    def _chosen(self, name: str) -> list[str]:
        return list(self[name].value() or [])


class SharedChannelForm(_TimesForm):
    """A channel of many: one address, its kinds."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        widget=forms.TextInput(attrs=_TEXT | {"placeholder": "#sales-ops"}),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=Method.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=2_000,
                              widget=forms.TextInput(attrs=_TEXT))  # fmt: skip
    kinds = _kinds()

    def __init__(self, data: Any = None, *, channel: AlertChannel | None = None, **options: Any) -> None:
        self.channel = channel
        initial: dict[str, Any] = {"kinds": USUAL, "method": Method.WEBHOOK, **initial_times(channel)}
        if channel is not None:
            initial |= {
                "name": channel.name,
                "kinds": channel.kinds,
                "method": channel.method,
                "address": channel.email,
            }
        super().__init__(data, initial=initial, **options)
        if channel is not None:
            self.fields["method"].disabled = True
            if channel.method == Method.WEBHOOK:
                self.fields["address"].help_text = _("Stored as %s. Leave blank to keep it.") % channel.shown
        else:
            self.fields["address"].help_text = _("An e-mail address, or the address of an incoming webhook.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            if cleaned.get("method") == Method.WEBHOOK:
                cleaned["address"] = self._clean_url("address")
            elif cleaned.get("address"):
                cleaned["address"] = forms.EmailField().clean(cleaned["address"])
        except forms.ValidationError as error:
            self.add_error("address", error)
        if not cleaned.get("address") and not self.has_error("address") and not self._keeps():
            self.add_error("address", _("A channel needs an address."))
        return cleaned

    def _keeps(self) -> bool:
        return self.channel is not None and self.channel.method == Method.WEBHOOK

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(data["method"], data["address"] or None, data["kinds"])

    @property
    def rows(self) -> list[tuple[str, Any, Any, bool]]:
        """(kind, label, about, whether it is chosen)."""
        chosen = list(self["kinds"].value() or [])
        return [(kind, label, ABOUT[kind], kind in chosen) for kind, label in KINDS]
