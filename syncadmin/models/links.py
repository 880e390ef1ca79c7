"""What the sync remembers of people and records, and how far it has read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject


class SyncState(models.Model):
    """A person's link to one Salesforce record, and its base: the values both sides last agreed on.

    ``base`` maps person field names to normalised values; a field that is absent was never agreed on. A person
    has one current link, and may have a duplicate Lead made for a queue (``is_duplicate``) and links to records
    that were deleted. ``successor``: the record as which a merged or converted one goes on. ``is_carried``: the base
    is that of the record before it; where this one is blank, our value beats the blank, once.
    """

    sfdc_id = models.CharField(max_length=18, primary_key=True)
    object = models.CharField(max_length=7, choices=SObject)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sync_states")
    base = models.JSONField(default=dict)
    is_duplicate = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    successor = models.CharField(max_length=18, blank=True, default="", db_default="")
    is_carried = models.BooleanField(default=False, db_default=False)
    system_modstamp = models.CharField(max_length=28, blank=True)
    synced_at = models.DateTimeField()
    rounds = models.JSONField(
        null=True,
        blank=True,
        help_text=_(
            "What was pushed last, and which fields are stopped because they bounce (sync/flipflop.py)."
        ),
    )
    outside_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when the record doesn’t meet the record filter.")
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["person"], condition=Q(outside_since__isnull=False), name="state_outside_filter"
            )
        ]
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
    to_read = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text=_("Records that the last poll found and that were not all read yet."),
    )
    to_read_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was known, by our clock."))
    filter_key = models.CharField(
        max_length=40, blank=True, default="", help_text=_("The record filter under which it was read.")
    )

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
    is_duplicate = models.BooleanField(
        default=False, db_default=False, help_text=_("A Contact’s duplicate Lead, for a queue.")
    )

    def __str__(self) -> str:
        return f"create for {self.person_id}"


class RecordName(models.Model):
    """The name of a record that a lookup points at, as Salesforce last told it beside the id."""

    sfdc_id = models.CharField(max_length=18, primary_key=True)
    name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.name
