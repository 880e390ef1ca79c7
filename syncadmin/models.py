"""What the administration of the sync remembers. The truth about a run stands here, not in the queue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person, PersonField
from syncadmin.encryption import EncryptedTextField


class SObject(models.TextChoices):
    """The Salesforce objects that are people."""

    LEAD = "Lead", _("Lead")
    CONTACT = "Contact", _("Contact")


class Winner(models.TextChoices):
    """Whose value stays when both sides changed the same field to different values."""

    OURS = "ours", _("Ours")
    SALESFORCE = "salesforce", _("Salesforce's")


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
        choices=[("", _("As set for the object")), *Winner.choices],
        blank=True,
    )
    blank_never_overwrites = models.BooleanField(_("a blank never overwrites a value"), default=False)

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


class SyncState(models.Model):
    """A person's link to one Salesforce record, and its base: the values both sides last agreed on.

    ``base`` maps person field names to normalised values; a field that is absent was never agreed on. A person
    has one current link, and may have a duplicate Lead made for a queue (``is_duplicate``) and links to records
    that were deleted.
    """

    sfdc_id = models.CharField(max_length=18, primary_key=True)
    object = models.CharField(max_length=7, choices=SObject)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sync_states")
    base = models.JSONField(default=dict)
    is_duplicate = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    system_modstamp = models.CharField(max_length=28, blank=True)
    synced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_duplicate=False, is_deleted=False), name="one_current_link"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object} {self.sfdc_id}"


class PullCursor(models.Model):
    """How far one object has been read. Server time only, in Salesforce's own form.

    ``polled_at`` is when the last complete poll began; ``began_at`` and ``position_*`` are of an unfinished one.
    """

    object = models.CharField(max_length=7, choices=SObject, primary_key=True)
    polled_at = models.CharField(max_length=28, blank=True)
    began_at = models.CharField(max_length=28, blank=True)
    position_stamp = models.CharField(max_length=28, blank=True)
    position_id = models.CharField(max_length=18, blank=True)
    schema_stamp = models.CharField(max_length=40, blank=True, help_text=_("Last-Modified of the describe."))

    def __str__(self) -> str:
        return f"{self.object}: {self.polled_at}"


class PendingCreate(models.Model):
    """A Lead is being created for this person: written before the request, removed with its answer.

    Whoever finds one looks in Salesforce before creating again, so a lost answer never makes a second Lead.
    """

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, related_name="pending_create", primary_key=True
    )
    started_at = models.DateTimeField()
    is_lost = models.BooleanField(default=False, help_text=_("The request ended without an answer."))

    def __str__(self) -> str:
        return f"create for {self.person_id}"


class SyncRun(models.Model):
    """One sync cycle. A partial unique index allows one running at a time; the heartbeat is its lease."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Succeeded")
        FAILED = "failed", _("Failed")
        INCOMPLETE = "incomplete", _("Incomplete")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        CLICK = "click", _("Sync now")
        COMMAND = "command", _("Command line")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger, default=Trigger.SCHEDULE)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    heartbeat_at = models.DateTimeField()
    worker = models.CharField(max_length=80, blank=True, help_text=_("Machine and process that work on it."))
    api_calls = models.PositiveIntegerField(_("API calls"), default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("sync cycle")
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_running_cycle")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])


class SyncStep(models.Model):
    """One step of a cycle: an object and an operation, with what it did."""

    class Operation(models.TextChoices):
        OWNERS = "owners", _("Users and queues")
        SCHEMA = "schema", _("Sync schema")
        RECOVER = "recover", _("Recover lost answers")
        PULL = "pull", _("Pull updates")
        PUSH = "push", _("Push updates")

    class State(models.TextChoices):
        RUNNING = "running", _("In process")
        DONE = "done", _("Succeeded")
        FAILED = "failed", _("Failed")
        INCOMPLETE = "incomplete", _("Incomplete")

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="steps")
    object = models.CharField(_("object"), max_length=10)
    operation = models.CharField(_("operation"), max_length=10, choices=Operation)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    total = models.PositiveIntegerField(_("to do"), null=True, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    deleted = models.PositiveIntegerField(_("deleted"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    conflicts = models.PositiveIntegerField(_("conflicts"), default=0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.object} {self.operation}"


class SyncFailure(models.Model):
    """Something Salesforce, or a rule of ours, refused. Open until it works, or somebody ignores it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        RESOLVED = "resolved", _("Resolved")
        IGNORED = "ignored", _("Ignored")

    class Direction(models.TextChoices):
        PUSH = "push", _("To Salesforce")
        PULL = "pull", _("From Salesforce")

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="failures"
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    object = models.CharField(_("object"), max_length=7, choices=SObject)
    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    code = models.CharField(_("code"), max_length=80)
    message = models.TextField(_("message"))
    advice = models.TextField(_("what to do"), blank=True)
    fields = models.JSONField(_("fields"), default=list, help_text=_("Person field names, where known."))
    values = models.JSONField(_("values"), default=dict)
    assign_to = models.CharField(max_length=30, blank=True, help_text=_("The owner that was asked for."))
    is_permanent = models.BooleanField(default=True)
    person_version = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)
    run = models.ForeignKey(
        SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="failures"
    )
    first_at = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last tried"))
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        verbose_name = _("failure")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "direction"], condition=Q(state="open"), name="one_open_failure"
            ),
            models.UniqueConstraint(
                fields=["sfdc_id"], condition=Q(state="open", direction="pull"), name="one_open_pull_failure"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
