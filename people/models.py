"""Persons, their fields, their owners, and what happened to them. Written by services.py alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.choices import ActivityType, FieldGroup, FieldType, PersonState, SfdcType
from people.standard_fields import STANDARD_FIELDS

STANDARD_NAMES = frozenset(field.name for field in STANDARD_FIELDS)


class PersonField(models.Model):
    """A field that people have: a column of Person if standard, a key of ``Person.custom`` if custom."""

    name = models.SlugField(_("name"), max_length=80, unique=True, help_text=_("Lower case, as in exports."))
    label = models.CharField(_("label"), max_length=120)
    type = models.CharField(_("type"), max_length=20, choices=FieldType)
    group = models.CharField(_("group"), max_length=20, choices=FieldGroup, default=FieldGroup.CUSTOM)
    length = models.PositiveIntegerField(_("maximum length"), null=True, blank=True)
    choices = models.JSONField(_("picklist values"), default=list, blank=True)
    is_custom = models.BooleanField(_("custom"), default=True)
    is_read_only = models.BooleanField(
        _("read-only"), default=False, help_text=_("Salesforce alone writes it: a formula, for example.")
    )
    position = models.PositiveIntegerField(_("position"), default=1000)

    class Meta:
        ordering = ["position", "label"]
        verbose_name = _("person field")

    def __str__(self) -> str:
        return self.label


class LeadOwner(models.Model):
    """A user or a lead queue of Salesforce. The sync keeps it; marketers may be allowed to choose it."""

    class Kind(models.TextChoices):
        USER = "user", _("User")
        QUEUE = "queue", _("Queue")

    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, primary_key=True)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    name = models.CharField(_("name"), max_length=255)
    email = models.CharField(_("email"), max_length=255, blank=True)
    title = models.CharField(_("title"), max_length=255, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_offered = models.BooleanField(_("marketers may choose it"), default=True)
    is_default = models.BooleanField(_("chosen unless another is"), default=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True)

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = _("lead owner")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_lead_owner"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A person of the marketer's database.

    Text that is not known is blank; numbers and dates that are not known are null. ``version`` counts the
    changes made on this side; ``changed_at`` is set while such a change may still have to be pushed.
    """

    salutation = models.CharField(_("Salutation"), max_length=255, blank=True, default="")
    first_name = models.CharField(_("First Name"), max_length=255, blank=True, default="")
    last_name = models.CharField(_("Last Name"), max_length=255, blank=True, default="")
    email = models.CharField(_("Email Address"), max_length=255, blank=True, default="")
    job_title = models.CharField(_("Job Title"), max_length=255, blank=True, default="")
    phone = models.CharField(_("Phone Number"), max_length=255, blank=True, default="")
    mobile_phone = models.CharField(_("Mobile Phone Number"), max_length=255, blank=True, default="")
    fax = models.CharField(_("Fax Number"), max_length=255, blank=True, default="")
    date_of_birth = models.DateField(_("Date of Birth"), null=True, blank=True)
    company = models.CharField(_("Company Name"), max_length=255, blank=True, default="")
    website = models.CharField(_("Website"), max_length=255, blank=True, default="")
    industry = models.CharField(_("Industry"), max_length=255, blank=True, default="")
    num_employees = models.BigIntegerField(_("Num Employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("Annual Revenue"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    address = models.TextField(_("Address"), blank=True, default="")
    city = models.CharField(_("City"), max_length=255, blank=True, default="")
    state = models.CharField(_("State"), max_length=255, blank=True, default="")
    postal_code = models.CharField(_("Postal Code"), max_length=255, blank=True, default="")
    country = models.CharField(_("Country"), max_length=255, blank=True, default="")
    source = models.CharField(_("Source"), max_length=255, blank=True, default="")
    status = models.CharField(_("Status"), max_length=255, blank=True, default="")
    rating = models.CharField(_("Rating"), max_length=255, blank=True, default="")
    score = models.BigIntegerField(_("Score"), null=True, blank=True)
    unsubscribed = models.BooleanField(_("Unsubscribed"), default=False)
    do_not_call = models.BooleanField(_("Do Not Call"), default=False)
    notes = models.TextField(_("Person Notes"), blank=True, default="")
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)

    sfdc_type = models.CharField(_("SFDC Type"), max_length=7, choices=SfdcType, blank=True, default="")
    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, blank=True, default="")
    sfdc_is_deleted = models.BooleanField(_("SFDC Is Deleted"), default=False)
    sfdc_created_at = models.DateTimeField(_("SFDC Created Date"), null=True, blank=True)
    owner = models.ForeignKey(
        LeadOwner,
        on_delete=models.DO_NOTHING,
        # An owner may be known by id before the users and queues are refreshed.
        db_constraint=False,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("Lead Owner"),
        db_index=False,  # named below: Django's own comes with a second one, for LIKE, that nobody uses
    )

    version = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField(_("waiting since"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failing since"), null=True, blank=True)
    synced_at = models.DateTimeField(_("last synced"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["email"], name="person_email"),
            models.Index(fields=["owner"], name="person_owner"),
            models.Index(fields=["last_name", "first_name"], name="person_name"),
            # Many people have no company, or are Leads: the id makes the order of those an index has.
            models.Index(fields=["company", "id"], name="person_by_company"),
            models.Index(fields=["sfdc_type", "id"], name="person_by_type"),
            models.Index(fields=["changed_at"], condition=Q(changed_at__isnull=False), name="person_waiting"),
            # The push walks through those who wait by id: all of them, or those of one object.
            models.Index(fields=["id"], condition=Q(changed_at__isnull=False), name="person_waiting_id"),
            models.Index(
                fields=["sfdc_type", "id"], condition=Q(changed_at__isnull=False), name="person_waiting_type"
            ),
            models.Index(fields=["failed_at"], condition=Q(failed_at__isnull=False), name="person_failing"),
            models.Index(fields=["updated_at"], condition=Q(sfdc_is_deleted=True), name="person_gone"),
            models.Index(fields=["updated_at"], condition=Q(sfdc_id=""), name="person_nowhere"),
            # Other programs read everybody in this order, from where they were; very many have the same moment.
            models.Index(fields=["updated_at", "id"], name="person_updated"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("people:detail", args=[self.pk])

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_in_salesforce(self) -> bool:
        return bool(self.sfdc_id) and not self.sfdc_is_deleted

    @property
    def sfdc_state(self) -> PersonState:
        """Where the person stands, derived from the facts in the row; queries.in_state says it in SQL.

        (``state`` is taken: it is the state of the address.)
        """
        if self.failed_at:
            return PersonState.FAILING
        if self.sfdc_is_deleted:
            return PersonState.DELETED
        if not self.sfdc_id:
            return PersonState.NOT_IN_SFDC
        return PersonState.WAITING if self.changed_at else PersonState.IN_STEP

    def value(self, field: str) -> object:
        """The value of a standard or custom field, by its name."""
        return self.custom.get(field) if field not in STANDARD_NAMES else getattr(self, field)


class Activity(models.Model):
    """One entry of a person's activity log. Append-only.

    ``attributes`` by type — change_data_value: {field, label, old, new, reason}; conflict: {field, label, ours,
    theirs, winner, reason, object, theirs_by}; field_stopped: {field, label, ours, theirs, rounds, ours_by,
    theirs_by, in_our_save}; field_released: {field, label, decision}; sync_to_sfdc, sync_updates_to_sfdc: {sfdc_id,
    object, fields, owner, asked_owner, note}; change_owner: {old, new}; sync_failed: {code, message, fields,
    values, advice, object}.
    ``source`` says who or what did it in words ("Salesforce: Maria Gomez", "CSV import", "Sync cycle #12").
    """

    # The index on (person, -at) serves the foreign key as well.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="activities", db_index=False)
    type = models.CharField(_("type"), max_length=30, choices=ActivityType)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    source = models.CharField(_("source"), max_length=120, blank=True, default="")
    run_id = models.BigIntegerField(_("sync cycle"), null=True, blank=True)
    attributes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["person", "-at"], name="activity_of_person"),
            # Conflicts, and who was merged away, are looked for across people; other programs, and what removes old
            # entries, read everybody's.
            models.Index(fields=["-at"], condition=Q(type="conflict"), name="activity_conflicts"),
            models.Index(fields=["at", "id"], name="activity_at"),
            models.Index(fields=["type", "at", "id"], name="activity_type"),
            models.Index(fields=["-at"], condition=Q(type="merge_people"), name="activity_merges"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} ({self.person_id})"


class ImportFile(models.Model):
    """A CSV file between its upload and the decision to import it. Emptied once imported."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("Preview")
        DONE = "done", _("Imported")

    name = models.CharField(_("file name"), max_length=255)
    data = models.TextField(_("content"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREVIEW)
    mapping = models.JSONField(default=dict, blank=True, help_text=_("Column number: field name."))
    result = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("uploaded"))

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import file")

    def __str__(self) -> str:
        return self.name
