"""The form of *Sync Person to SFDC*: who shall own the Leads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.effects import Effect, effect_of
from people.models import LeadOwner, Person
from syncadmin import services as sync

RULES = "rules"


class SyncForm(forms.Form):
    """An owner; and a tick, where a queue is chosen for people who are Contacts.

    ``effect`` says what will happen to these people with the owner that the form has at the moment.
    """

    assign_to = forms.CharField(
        label=gettext_lazy("Lead Owner"), widget=forms.Select(attrs={"class": "form-select"}), max_length=40
    )
    confirmed = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, people: QuerySet[Person], initial: Any = None) -> None:
        super().__init__(data, initial={"assign_to": default_owner(), **(initial or {})})
        self.people = people
        self.fields["assign_to"].widget.choices = owner_choices()
        self._effect: Effect | None = None

    @property
    def effect(self) -> Effect:
        if self._effect is None:
            self._effect = effect_of(self.people, self.chosen)
        return self._effect

    @property
    def chosen(self) -> str:
        """The owner as the form shows it, whether it may be chosen or not."""
        return str(self["assign_to"].value() or RULES)

    def clean_assign_to(self) -> str:
        text = self.cleaned_data["assign_to"]
        try:
            assign = sync.AssignTo.parse(text)
            sync.check_owner(assign)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return str(assign)

    def clean(self) -> dict[str, Any]:
        if not self.effect.total:
            self.add_error(None, _("Nobody is selected, so nobody was synced."))
        asks = "assign_to" in self.cleaned_data and self.effect.contacts_to_queue
        if asks and not self.cleaned_data.get("confirmed"):
            self.add_error(
                "confirmed", _("Nothing was done yet. Read the warning, and tick the box to go on.")
            )
        return self.cleaned_data


def owner_choices() -> list[tuple[Any, Any]]:
    """The rules, the users and the queues that may be chosen."""
    offered = sync.offered_owners()
    groups = [(_("Users"), "user"), (_("Queues"), "queue")]
    found: list[tuple[Any, Any]] = [(RULES, _("By the assignment rules of Salesforce"))]
    for label, kind in groups:
        if offered[kind]:
            found.append((label, [(f"{kind}:{owner.pk}", owner.name) for owner in offered[kind]]))
    return found


def default_owner() -> str:
    """The owner that administrators made the default; the assignment rules if they made none."""
    owner = LeadOwner.objects.filter(is_default=True, is_active=True, is_offered=True).first()
    return f"{owner.kind}:{owner.pk}" if owner else RULES
