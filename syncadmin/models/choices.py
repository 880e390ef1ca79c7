"""Words that several tables share."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SObject(models.TextChoices):
    """The Salesforce objects that are people."""

    LEAD = "Lead", _("Lead")
    CONTACT = "Contact", _("Contact")


class Winner(models.TextChoices):
    """Whose value stays when both sides changed the same field to different values."""

    OURS = "ours", _("Ours")
    SALESFORCE = "salesforce", _("Salesforce's")


#: A third choice, for checkboxes: whoever ticked it wins, so that an opt-out is never lost.
OPTED_OUT = "opted_out"
