"""Who may sync: the rules that administrators made."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SyncRule(models.Model):
    """One of the four rules. ``conditions``: [{"field", "operator", "values"}], fields by their name.

    Of the first two the fields are those of people; of a record filter, API names of the object's fields.
    """

    class Kind(models.TextChoices):
        INCLUSION = "inclusion", _("Inclusion rule")
        EXCLUSION = "exclusion", _("Exclusion rule")
        LEAD = "Lead", _("Record filter for Leads")
        CONTACT = "Contact", _("Record filter for Contacts")

    kind = models.CharField(max_length=9, choices=Kind, primary_key=True)
    is_on = models.BooleanField(_("switched on"), default=False)
    match_any = models.BooleanField(_("any condition is enough"), default=False)
    conditions = models.JSONField(default=list)
    matching = models.PositiveIntegerField(
        null=True, help_text=_("Records that met the filter when it was saved.")
    )
    total = models.PositiveIntegerField(null=True, help_text=_("All records of the object at that time."))
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("rule")

    def __str__(self) -> str:
        return self.get_kind_display()
