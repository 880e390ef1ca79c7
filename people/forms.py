"""The form of a person, built from the registry of fields."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.fields import grouped
from people.imports.rows import IDENTIFYING
from people.models import FieldType, Person, PersonField
from people.values import NUMBERS, Stored, as_text, clean_value

# A person's data is never the reader's own, so the browser shouldn't offer to fill it in.
QUIET = {"autocomplete": "off"}
INPUTS: dict[str, dict[str, str]] = {
    FieldType.EMAIL: {"type": "email", "inputmode": "email", "spellcheck": "false"},
    FieldType.PHONE: {"type": "tel"},
    FieldType.URL: {"inputmode": "url", "spellcheck": "false"},
    FieldType.INTEGER: {"type": "number", "step": "1"},
    FieldType.NUMBER: {"type": "number", "step": "any"},
    FieldType.CURRENCY: {"type": "number", "step": "any"},
    FieldType.PERCENT: {"type": "number", "step": "any"},
    FieldType.DATE: {"type": "date"},
    FieldType.DATETIME: {"type": "datetime-local", "step": "1"},
    FieldType.REFERENCE: {"spellcheck": "false"},
}
WIDE = {FieldType.TEXTAREA}
CHOICES_AS_CHECKBOXES = 12


class PersonForm(forms.Form):
    """All fields a marketer may write. ``changes`` has what was changed in the browser, cleaned.

    What the form showed travels with it: a field counts as changed if it differs from that, so a value that the
    sync brought in the meantime isn't set back by somebody who edited another one.
    """

    def __init__(
        self, data: Any = None, *, fields: Sequence[PersonField], person: Person | None = None
    ) -> None:
        self.person = person
        self.person_fields = {field.name: field for field in fields if not field.is_read_only}
        self.shown = {name: shown(field, person) for name, field in self.person_fields.items()}
        self.changes: dict[str, Stored] = {}
        self.namesakes: list[Person] = []
        super().__init__(data)
        for name, field in self.person_fields.items():
            self.fields[name] = form_field(field, self.shown[name])
        self.fields["_shown"] = forms.CharField(
            widget=forms.HiddenInput, required=False, strip=False, initial=json.dumps(self.shown)
        )
        self.helper = _helper(list(self.person_fields.values()))

    def clean(self) -> dict[str, Any]:
        before = self._shown_before()
        for name, field in self.person_fields.items():
            raw = _as_text(self.cleaned_data.get(name))
            if name in self.errors or raw == _one_newline(before.get(name, "")):
                continue
            try:
                self.changes[name] = clean_value(field, raw)
            except ValidationError as error:
                self.add_error(name, error)
        self._refuse_nobody()
        self._ask_about_namesakes()
        return self.cleaned_data

    def _shown_before(self) -> dict[str, str]:
        """What the browser was given; if it lost it, what it would be given now."""
        try:
            before = json.loads(self.cleaned_data.get("_shown") or "null")
        except ValueError:
            before = None
        return before if isinstance(before, dict) else self.shown

    def _refuse_nobody(self) -> None:
        values = {name: self.changes.get(name, self.shown.get(name)) for name in IDENTIFYING}
        if not any(values.values()) and not self.errors:
            self.add_error(None, _("A person needs a name, an e-mail address or a company."))

    def _ask_about_namesakes(self) -> None:
        email = self.changes.get("email")
        if not email or self.data.get("_duplicate"):
            return
        others = Person.objects.filter(email=email).order_by("pk")
        self.namesakes = list(others.exclude(pk=self.person.pk if self.person else None)[:3])
        if self.namesakes:
            message = ngettext(
                "There is a person with this e-mail already.",
                "There are people with this e-mail already.",
                len(self.namesakes),
            )
            self.add_error("email", message)


def shown(field: PersonField, person: Person | None) -> str:
    """A value as the form shows it, as text."""
    if not person:
        return "false" if field.type == FieldType.BOOLEAN else ""
    text = as_text(person.value(field.name))
    if field.type == FieldType.BOOLEAN:
        return text or "false"
    if field.type == FieldType.DATETIME and text:
        return _local(text)
    return text


def _local(text: str) -> str:
    try:
        return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return text


def form_field(field: PersonField, text: str) -> forms.Field:
    """The input for a field; ``text`` is the value it has, which stays among the choices."""
    options: dict[str, Any] = {"label": field.label, "required": False}
    if field.type == FieldType.BOOLEAN:
        return forms.BooleanField(**options, initial=text == "true")
    if field.type == FieldType.PICKLIST and field.choices:
        return forms.ChoiceField(**options, initial=text, choices=[("", "—"), *_choices(field, [text])])
    if field.type == FieldType.MULTIPICKLIST and field.choices:
        chosen = [part for part in text.split(";") if part]
        choices = _choices(field, chosen)
        few = len(choices) <= CHOICES_AS_CHECKBOXES
        widget = forms.CheckboxSelectMultiple if few else forms.SelectMultiple
        return forms.MultipleChoiceField(**options, initial=chosen, choices=choices, widget=widget)
    return forms.CharField(**options, initial=text, help_text=_help(field), widget=_widget(field))


def _choices(field: PersonField, current: Sequence[str]) -> list[tuple[str, str]]:
    values = dict.fromkeys([*(str(choice) for choice in field.choices), *(text for text in current if text)])
    return [(value, value) for value in values]


def _widget(field: PersonField) -> forms.Widget:
    attrs = {**QUIET, **INPUTS.get(field.type, {})}
    if field.length and field.type not in NUMBERS:
        attrs["maxlength"] = str(field.length)
    if field.type == FieldType.TEXTAREA:
        return forms.Textarea(attrs={**attrs, "rows": "3"})
    return forms.TextInput(attrs=attrs)


def _help(field: PersonField) -> str:
    if field.type == FieldType.MULTIPICKLIST:
        return _("Several values with semicolons between them.")
    if field.type == FieldType.REFERENCE:
        return _("The id of a record in Salesforce.")
    return ""


def _as_text(value: Any) -> str:
    """What the browser sent, in the form of ``shown``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ";".join(sorted(value))
    return _one_newline(value or "")


def _one_newline(text: Any) -> str:
    """Browsers send CR LF; as text it is one line break, and blanks around a value are none."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _helper(fields: Sequence[PersonField]) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout("_shown", *(_card(label, members) for label, members in grouped(fields)))
    return helper


def _card(label: str, fields: Sequence[PersonField]) -> Div:
    title = HTML(f'<div class="card-header"><h2 class="card-title">{escape(label)}</h2></div>')
    inputs = [
        Div(Field(field.name), css_class="col-12" if field.type in WIDE else "col-12 col-md-6")
        for field in fields
    ]
    return Div(title, Div(Div(*inputs, css_class="row"), css_class="card-body pb-1"), css_class="card mb-3")
