"""What changed in the org's schema, kept until somebody has seen it, and afterwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import PersonField


class SchemaChange(models.Model):
    """One change of a field of Lead or Contact that a describe told of. Open until somebody decides, or has seen it.

    ``of``: "Lead", "Contact" or "Lead, Contact". ``field``: the person field that syncs with it, if any.
    ``details`` by kind — label: {before, after}; type: {before, after} (Salesforce's types); choices: {added,
    removed}; limits: {before, after}; access: {writable}; gone: {type, label}; new: {type}.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("New field")
        GONE = "gone", _("Gone or hidden")
        BACK = "back", _("Visible again")
        LABEL = "label", _("Other label")
        TYPE = "type", _("Other type")
        CHOICES = "choices", _("Other picklist values")
        LIMITS = "limits", _("Other limits")
        ACCESS = "access", _("Other access")

    class Decision(models.TextChoices):
        SEEN = "seen", _("Seen")
        SYNCED = "synced", _("Switched on")
        NOT_NOW = "not_now", _("Not now")
        REMAPPED = "remapped", _("Goes on with another field")
        CONVERTED = "converted", _("Converted")
        SWITCHED_OFF = "switched_off", _("Switched off")
        UNDONE = "undone", _("Changed back in Salesforce")

    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    of = models.CharField(_("object"), max_length=20)
    name = models.CharField(_("API name"), max_length=80)
    label = models.CharField(_("label"), max_length=255)
    field = models.ForeignKey(
        PersonField, on_delete=models.SET_NULL, null=True, blank=True, related_name="schema_changes"
    )
    details = models.JSONField(default=dict)
    noticed_at = models.DateTimeField(_("noticed"))
    decision = models.CharField(_("decision"), max_length=15, choices=Decision, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-noticed_at", "-id"]
        verbose_name = _("schema change")
        indexes = [models.Index(fields=["name"], condition=Q(decided_at=None), name="schema_change_open")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"
