"""The forms of the connection: how to log in, and how the sync behaves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from syncadmin.models import Connection
from syncadmin.queries import external_id_fields
from syncadmin.services.sync_settings import NAMES
from syncadmin.sync.costs import cycles_a_day

SECRETS = ("client_secret", "password", "security_token")
METHODS = {
    Connection.Method.CLIENT_CREDENTIALS: ("client_id", "client_secret"),
    Connection.Method.PASSWORD: ("username", "password", "security_token"),
}
NEEDED = {
    Connection.Method.CLIENT_CREDENTIALS: ("client_id", "client_secret"),
    Connection.Method.PASSWORD: ("username", "password"),
}
LONGEST_PAUSE = 24 * 60
RADIO = {"class": "form-check-input"}
#: What is wrong with these is wrong with the address.
ADDRESS_CODES = frozenset({"INSECURE_URL", "NOT_SALESFORCE", "UNREACHABLE"})


def _form_field(field: models.Field, **options: Any) -> forms.Field | None:
    """An address without a scheme is meant to be a safe one."""
    if isinstance(field, models.URLField):
        options["assume_scheme"] = "https"
    return field.formfield(**options)


class CredentialsForm(forms.ModelForm):
    """How to log in. Secrets are written, never shown: a blank one keeps what is stored.

    Nothing is kept for another address, or a stored secret could be sent to a server of anybody's choice.
    """

    class Meta:
        model = Connection
        formfield_callback = _form_field
        fields = ["instance_url", "method", "client_id", "username", *SECRETS, "api_version"]
        widgets = {
            "instance_url": forms.URLInput(
                attrs={
                    "placeholder": "https://acme.my.salesforce.com",
                    "autocomplete": "off",
                    "spellcheck": "false",
                }
            ),
            "method": forms.RadioSelect(attrs=RADIO),
            "client_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "username": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "api_version": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        }

    def __init__(self, data: Any = None, *, stored: Connection) -> None:
        """``stored``: the connection as it is, with its secrets; it is changed by ``is_valid``, and not saved."""
        self.kept = {name: getattr(stored, name) for name in SECRETS}
        self.known_address = stored.instance_url if stored.pk else ""
        super().__init__(data, instance=stored)
        self.fields["method"].choices = Connection.Method.choices
        for name in SECRETS:
            self._make_write_only(name)
        self.helper = _plain_helper(_credentials_layout())

    def _make_write_only(self, name: str) -> None:
        hint = _("Stored, and shown to nobody. Leave blank to keep it.") if self.kept[name] else ""
        if self.is_bound and self.data.get(name):
            hint = _("Enter it again: what was typed here is not sent back.")
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
        label = self.fields[name].label
        self.fields[name] = forms.CharField(
            label=label, required=False, strip=False, help_text=hint, widget=widget
        )
        self.initial.pop(name, None)

    def clean_api_version(self) -> str:
        version = self.cleaned_data["api_version"]
        whole, _dot, part = version.partition(".")
        if not (whole.isdecimal() and whole.isascii() and part == "0"):
            raise forms.ValidationError(_("Enter a version as Salesforce writes it, such as 62.0."))
        return version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in SECRETS:
            cleaned[name] = cleaned.get(name) or self._kept(name)
        for name in NEEDED.get(cleaned.get("method"), ()):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, self._missing(name))
        return cleaned

    def _kept(self, name: str) -> str:
        address = self.cleaned_data.get("instance_url", "")
        return self.kept[name] if _same_server(address, self.known_address) else ""

    def _missing(self, name: str) -> str:
        if self.kept.get(name):
            return _(
                "Enter it again: the address is another, and a stored secret is sent to no other server."
            )
        return _("This is needed to log in.")

    def refuse(self, code: str, message: str) -> None:
        """Say why these credentials were not stored, at the field it is about."""
        self.add_error("instance_url" if code in ADDRESS_CODES else None, message)


class SettingsForm(forms.ModelForm):
    """How the sync behaves."""

    class Meta:
        model = Connection
        fields = list(NAMES)
        widgets = {
            "lead_winner": forms.RadioSelect(attrs=RADIO),
            "contact_winner": forms.RadioSelect(attrs=RADIO),
            "matching": forms.RadioSelect(attrs=RADIO),
            "contact_queue": forms.RadioSelect(attrs=RADIO),
            "deleted_here": forms.RadioSelect(attrs=RADIO),
        }

    def __init__(self, data: Any = None, *, stored: Connection) -> None:
        super().__init__(data, instance=stored)
        self.fields["pause_minutes"] = forms.IntegerField(
            label=self.fields["pause_minutes"].label,
            help_text=_about_pause(stored.pause_minutes),
            min_value=1,
            max_value=LONGEST_PAUSE,
        )
        self.fields["max_tries"].required = False
        self.fields["guard_share"].validators.append(MaxValueValidator(100))
        self.fields["guard_share"].widget.attrs["max"] = 100
        self.fields["reconcile_hour"].choices = [
            ("", _("Never")),
            *self._meta.model._meta.get_field("reconcile_hour").choices,
        ]
        self.fields["external_id_field"] = forms.ChoiceField(
            label=self.fields["external_id_field"].label,
            help_text=self.fields["external_id_field"].help_text,
            choices=_external_ids(stored.external_id_field),
            required=False,
        )
        for name in ("lead_winner", "contact_winner", "matching", "contact_queue", "deleted_here"):
            self.fields[name].choices = self._meta.model._meta.get_field(name).choices
        self.helper = _plain_helper(_settings_layout())

    def clean_max_tries(self) -> int:
        """Blank keeps what is stored."""
        tries = self.cleaned_data["max_tries"]
        return int(self.initial["max_tries"] if tries is None else tries)


def _about_pause(minutes: int) -> str:
    """What the pause means, and costs as it is."""
    calls = cycles_a_day(minutes)
    cost = ngettext(
        "With a pause of %(minutes)d minute: at least %(calls)d calls a day.",
        "With a pause of %(minutes)d minutes: at least %(calls)d calls a day.",
        minutes,
    ) % {"minutes": minutes, "calls": calls}
    return f"{_('Counted from the end of a cycle. Up to 1,440, which is a day.')} {cost}"


def _external_ids(current: str) -> list[tuple[str, str]]:
    """The fields to choose from; the current one stays even if the sync user doesn't see it any more."""
    found = [(name, f"{label} ({name})") for name, label in external_id_fields()]
    if current and current not in dict(found):
        found.append((current, _("%s (not visible to the sync user)") % current))
    return [("", _("None: look in Salesforce before a create is repeated")), *found]


def _same_server(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return bool(one) and (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())


def _plain_helper(layout: Layout) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = layout
    return helper


def _radios(name: str) -> Field:
    return Field(name, template="syncadmin/_radios.html")


def _row(*fields: Any, css_class: str = "col-12 col-md-6") -> Div:
    return Div(*(Div(field, css_class=css_class) for field in fields), css_class="row")


def _credentials_layout() -> Layout:
    groups = [
        Div(_row(*names, css_class="col-12 col-md-6 col-xl-4"), data_method=str(method))
        for method, names in METHODS.items()
    ]
    return Layout(
        Div(
            Div("instance_url", css_class="col-12 col-md-8"),
            Div("api_version", css_class="col-12 col-md-4"),
            css_class="row",
        ),
        _radios("method"),
        *groups,
    )


def _settings_layout() -> Layout:
    return Layout(
        _row("pause_minutes", "external_id_field"),
        _row(_radios("lead_winner"), _radios("contact_winner")),
        _row(_radios("matching"), _radios("contact_queue")),
        _row("default_last_name", "default_company"),
        _row(_radios("deleted_here")),
        _row("guard_share", "guard_least"),
        _row("reconcile_hour", "max_tries"),
        _row("api_allowance", "request_log"),
        _row("request_log_bodies"),
    )
