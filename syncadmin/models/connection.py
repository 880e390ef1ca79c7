"""The connection to the org, with the settings of the sync."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from syncadmin.encryption import EncryptedTextField
from syncadmin.models.choices import Winner


def new_installation_key() -> str:
    """Tells the external ids of this installation's people from those of any other."""
    return secrets.token_hex(4)


class Connection(models.Model):
    """The one connection to a Salesforce org, with the settings of the sync."""

    class Method(models.TextChoices):
        CLIENT_CREDENTIALS = "client_credentials", _("Client credentials (recommended)")
        PASSWORD = "password", _("User name, password and security token")

    class Health(models.TextChoices):
        UNTESTED = "untested", _("Not tested yet")
        OK = "ok", _("Working")
        FAILED = "failed", _("Not working")

    class Matching(models.TextChoices):
        EMAIL = "email", _("Link to the one Lead or Contact with the same e-mail, else create")
        CREATE = "create", _("Always create a new Lead, as Marketo does")

    class ContactQueue(models.TextChoices):
        DUPLICATE = "duplicate", _("Create a duplicate Lead for the queue, as Marketo does")
        REFUSE = "refuse", _("Refuse, and say so on the activity log")

    instance_url = models.URLField(
        _("instance"), help_text=_("Your My Domain address, such as https://acme.my.salesforce.com")
    )
    method = models.CharField(
        _("log in by"), max_length=20, choices=Method, default=Method.CLIENT_CREDENTIALS
    )
    client_id = models.CharField(_("consumer key"), max_length=255, blank=True)
    client_secret = EncryptedTextField(_("consumer secret"), blank=True)
    username = models.CharField(_("user name"), max_length=255, blank=True)
    password = EncryptedTextField(_("password"), blank=True)
    security_token = EncryptedTextField(_("security token"), blank=True)
    api_version = models.CharField(_("API version"), max_length=5, default="62.0")

    access_token = EncryptedTextField(blank=True, editable=False)
    token_url = models.CharField(max_length=255, blank=True, editable=False)
    org_id = models.CharField(_("organization id"), max_length=18, blank=True, editable=False)
    org_name = models.CharField(_("organization"), max_length=255, blank=True, editable=False)
    user_id = models.CharField(_("sync user id"), max_length=18, blank=True, editable=False)
    user_name = models.CharField(_("sync user"), max_length=255, blank=True, editable=False)
    health = models.CharField(
        _("state"), max_length=10, choices=Health, default=Health.UNTESTED, editable=False
    )
    health_message = models.TextField(blank=True, editable=False)
    health_at = models.DateTimeField(null=True, editable=False)
    api_used = models.PositiveIntegerField(null=True, editable=False)
    api_limit = models.PositiveIntegerField(null=True, editable=False)

    is_paused = models.BooleanField(_("background sync is paused"), default=False)
    pause_minutes = models.PositiveIntegerField(
        _("pause between cycles, in minutes"), default=5, help_text=_("Counted from the end of a cycle.")
    )
    next_cycle_at = models.DateTimeField(null=True, editable=False)
    lead_winner = models.CharField(
        _("Leads: changed on both sides, the value that stays is"),
        max_length=10,
        choices=Winner,
        default=Winner.OURS,
    )
    contact_winner = models.CharField(
        _("Contacts: changed on both sides, the value that stays is"),
        max_length=10,
        choices=Winner,
        default=Winner.OURS,
    )
    matching = models.CharField(
        _("a person that is not in Salesforce yet"), max_length=10, choices=Matching, default=Matching.EMAIL
    )
    contact_queue = models.CharField(
        _("a Contact that is to be given to a queue"),
        max_length=10,
        choices=ContactQueue,
        default=ContactQueue.DUPLICATE,
    )
    default_last_name = models.CharField(
        _("last name if there is none"),
        max_length=80,
        blank=True,
        help_text=_("Filled in when a Lead is created, never later."),
    )
    default_company = models.CharField(
        _("company if there is none"),
        max_length=255,
        blank=True,
        help_text=_("Filled in when a Lead is created, never later."),
    )
    external_id_field = models.CharField(
        _("external id field"),
        max_length=80,
        blank=True,
        help_text=_(
            "A unique external id field (text) of Lead. With it a create is never doubled, whatever the network does."
        ),
    )

    installation_key = models.CharField(max_length=8, default=new_installation_key, editable=False)

    class Meta:
        verbose_name = _("connection")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_connection")]

    def __str__(self) -> str:
        return self.org_name or self.instance_url

    @property
    def is_ready(self) -> bool:
        """Credentials were stored and have worked at least once."""
        return bool(self.org_id)

    def record_url(self, sfdc_id: str) -> str:
        """Where a browser finds the record: ``INSTANCE/ID`` redirects to it in every Salesforce."""
        return f"{self.instance_url.rstrip('/')}/{sfdc_id}" if sfdc_id else ""
