"""The org's fields, and how they sync."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import PersonField
from syncadmin.models.choices import OPTED_OUT, SObject, Winner


class ObjectField(models.Model):
    """A field of Lead or Contact as describe last told it. Refreshed in each cycle."""

    object = models.CharField(max_length=7, choices=SObject)
    name = models.CharField(_("API name"), max_length=80)
    label = models.CharField(_("label"), max_length=255)
    type = models.CharField(_("type"), max_length=30)
    length = models.PositiveIntegerField(default=0)
    precision = models.PositiveSmallIntegerField(default=0)
    scale = models.PositiveSmallIntegerField(default=0)
    is_custom = models.BooleanField(_("custom"), default=False)
    is_createable = models.BooleanField(default=False)
    is_updateable = models.BooleanField(default=False)
    is_required = models.BooleanField(default=False, help_text=_("Not nillable, and no default on create."))
    is_calculated = models.BooleanField(default=False)
    is_restricted = models.BooleanField(default=False)
    is_external_id = models.BooleanField(default=False)
    is_present = models.BooleanField(default=True, help_text=_("Still visible to the sync user."))
    choices = models.JSONField(default=list, blank=True)
    reference_to = models.JSONField(default=list, blank=True)
    relationship_name = models.CharField(
        max_length=80, blank=True, default="", help_text=_("Of a lookup whose record’s name can be read.")
    )
    is_name_readable = models.BooleanField(
        default=True, help_text=_("Salesforce has not refused the name of a lookup’s record.")
    )
    refreshed_at = models.DateTimeField()

    class Meta:
        ordering = ["object", "label", "name"]
        constraints = [models.UniqueConstraint(fields=["object", "name"], name="object_field_once")]

    def __str__(self) -> str:
        return f"{self.object}.{self.name}"

    @property
    def is_read_only(self) -> bool:
        return not (self.is_updateable or self.is_createable)


class FieldSync(models.Model):
    """How one person field syncs: with which Salesforce fields, in which direction, and who wins."""

    class Direction(models.TextChoices):
        BOTH = "both", _("Both ways")
        FROM_SALESFORCE = "from_salesforce", _("From Salesforce")
        TO_SALESFORCE = "to_salesforce", _("To Salesforce")
        OFF = "off", _("Off")

    field = models.OneToOneField(PersonField, on_delete=models.CASCADE, related_name="sync")
    lead_field = models.CharField(_("Lead field"), max_length=80, blank=True)
    contact_field = models.CharField(_("Contact field"), max_length=80, blank=True)
    direction = models.CharField(_("direction"), max_length=20, choices=Direction, default=Direction.BOTH)
    winner = models.CharField(
        _("if both changed"),
        max_length=10,
        choices=[("", _("As set for the object")), *Winner.choices, (OPTED_OUT, _("Opted out wins"))],
        blank=True,
    )
    blank_never_overwrites = models.BooleanField(_("a blank never overwrites a value"), default=False)
    is_converting = models.BooleanField(
        default=False, help_text=_("Its values are being given another type; until then it doesn’t sync.")
    )

    class Meta:
        ordering = ["field__position", "field__label"]
        verbose_name = _("field sync")
        constraints = [
            models.UniqueConstraint(
                fields=["lead_field"], condition=~Q(lead_field=""), name="lead_field_once"
            ),
            models.UniqueConstraint(
                fields=["contact_field"], condition=~Q(contact_field=""), name="contact_field_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} ({self.get_direction_display()})"
