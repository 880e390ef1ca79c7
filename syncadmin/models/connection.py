"""The connection to the org, with the settings of the sync."""

from __future__ import annotations

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
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
        STOPPED = "stopped", _("Working; the guard has stopped the sync")

    class Matching(models.TextChoices):
        EMAIL = "email", _("Link to the one Lead or Contact with the same e-mail, else create")
        CREATE = "create", _("Always create a new Lead, as Marketo does")

    class ContactQueue(models.TextChoices):
        DUPLICATE = "duplicate", _("Create a duplicate Lead for the queue, as Marketo does")
        REFUSE = "refuse", _("Refuse, and say so on the activity log")

    class DeletedHere(models.TextChoices):
        COMES_BACK = (
            "comes_back",
            _("Comes back as a new person at its next change in Salesforce, as in Marketo"),
        )
        STAYS_AWAY = "stays_away", _("Stays away until somebody lets it come back")

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
    api_told_at = models.DateTimeField(null=True, editable=False)

    is_paused = models.BooleanField(_("background sync is paused"), default=False)
    started_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("When somebody started the background sync, having seen what the first one would do."),
    )
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
    deleted_here = models.CharField(
        _("a person that is deleted here, and whose record is kept in Salesforce"),
        max_length=10,
        choices=DeletedHere,
        default=DeletedHere.COMES_BACK,
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

    guard_share = models.PositiveSmallIntegerField(
        _("stop a cycle that would change more than this share of the people, in percent"),
        default=20,
        help_text=_("Deleted, merged away or overwritten, here or in Salesforce. 0 switches the guard off."),
    )
    guard_least = models.PositiveIntegerField(
        _("but at least so many people"), default=100, help_text=_("Fewer than these never stop a cycle.")
    )

    max_tries = models.PositiveSmallIntegerField(
        _("tries of what passes by itself"),
        default=10,
        db_default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "A locked record, a limit, a time-out: tried again after longer and longer pauses, so many times in all. "
            "Ten take about four hours."
        ),
    )
    settings_version = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text=_("Counts the changes of settings after which what was refused may be accepted."),
    )

    reconcile_hour = models.PositiveSmallIntegerField(
        _("compare everything every night, at"),
        null=True,
        blank=True,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        help_text=_(
            "A full check of both sides. It changes nothing; what differs is listed on the Reconcile page."
        ),
    )
    next_reconcile_at = models.DateTimeField(null=True, editable=False)

    api_allowance = models.PositiveIntegerField(
        _("API calls that Syncadmin may make in 24 hours"),
        null=True,
        blank=True,
        help_text=_(
            "At 75 % of them the background work waits; at 100 % clicks and flow steps do, too. Blank: as many as the "
            "org has."
        ),
    )
    request_log = models.BooleanField(
        _("keep a log of every request"),
        default=True,
        db_default=True,
        help_text=_("For the page Requests. Retention says for how long."),
    )
    request_log_bodies = models.BooleanField(
        _("keep the beginning of what was sent and answered"),
        default=True,
        db_default=True,
        help_text=_("It has people’s data in it, and no credentials. Administrators alone see it."),
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

    @property
    def awaits_start(self) -> bool:
        """Connected, and nobody has let the background sync begin yet."""
        return self.is_ready and self.is_paused and self.started_at is None

    def record_url(self, sfdc_id: str) -> str:
        """Where a browser finds the record: ``INSTANCE/ID`` redirects to it in every Salesforce."""
        return f"{self.instance_url.rstrip('/')}/{sfdc_id}" if sfdc_id else ""
