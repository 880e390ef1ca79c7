"""Records whose people were deleted here, while Salesforce kept them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from syncadmin.models.choices import SObject


class Tombstone(models.Model):
    """A Lead or Contact whose person was deleted here. Reading it again brings nobody back by itself.

    ``stays``: it is kept away until somebody lifts it; otherwise until somebody changes it in Salesforce after
    ``system_modstamp``. Which of the two is the setting at the time of the deletion.
    """

    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, primary_key=True)
    object = models.CharField(_("object"), max_length=7, choices=SObject)
    name = models.CharField(_("name"), max_length=255, blank=True)
    email = models.CharField(_("e-mail"), max_length=255, blank=True)
    system_modstamp = models.CharField(max_length=28, blank=True)
    stays = models.BooleanField(_("kept away"), default=False)
    deleted_at = models.DateTimeField(_("deleted"))
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("source"), max_length=120, blank=True)

    class Meta:
        ordering = ["-deleted_at", "sfdc_id"]
        verbose_name = _("record deleted here")
        indexes = [models.Index(fields=["-deleted_at", "sfdc_id"], name="tombstone_by_time")]

    def __str__(self) -> str:
        return self.name or self.email or self.sfdc_id
