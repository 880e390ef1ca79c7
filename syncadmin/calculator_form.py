"""The form of the calculator: settings, and an ordinary day. A GET form, so that what was reckoned can be linked to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from syncadmin.forms import LONGEST_PAUSE
from syncadmin.sync.costs import Plan

MOST = 100_000_000


def _number(label: Any, help_text: Any = "", least: int = 0, most: int = MOST) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=help_text, widget=widget
    )


class CalculatorForm(forms.Form):
    """``/sync/api/?pause=10&here=500&there=800…#calculator``"""

    pause = _number(_("Pause between cycles, in minutes"), least=1, most=LONGEST_PAUSE)
    here = _number(_("People changed here in a day"))
    there = _number(_("Records changed in Salesforce in a day"))
    created = _number(_("Leads created in a day"))
    clicks = _number(_("People synced by a click in a day"))
    leads = _number(_("Leads in Salesforce"))
    contacts = _number(_("Contacts in Salesforce"))
    once = _number(_("Changed at once, by an import or so"))
    checked = forms.BooleanField(label=_("Full check every night"), required=False)

    @classmethod
    def of(cls, plan: Plan, data: Any = None) -> CalculatorForm:
        """What was entered; where nothing was, an ordinary day."""
        usual = {name: getattr(plan, name) for name in cls.base_fields if name != "once"} | {"once": 10_000}
        if data is None or "pause" not in data:
            return cls({name: value for name, value in usual.items() if value is not False})
        return cls(data)

    @property
    def plan(self) -> Plan:
        """What is to be reckoned, once it is valid."""
        return Plan(**{name: value for name, value in self.cleaned_data.items() if name != "once"})
