"""Bulk jobs: what Salesforce works on in the background for us, noted before it begins."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject
from syncadmin.models.runs import SyncRun


class BulkJob(models.Model):
    """A job of Bulk API 2.0. Whoever finds an open one takes its results before doing anything else.

    ``query`` and ``locator``: what a reading asks for, and how far its results are stored; ``began_at``: when it was
    made, by Salesforce's clock.
    """

    class Kind(models.TextChoices):
        INGEST = "ingest", _("Push")
        QUERY = "query", _("Pull")

    class State(models.TextChoices):
        OPEN = "open", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Given up")

    kind = models.CharField(max_length=6, choices=Kind)
    object = models.CharField(max_length=7, choices=SObject)
    sfdc_job_id = models.CharField(
        max_length=18, blank=True, help_text=_("Blank until Salesforce has the job.")
    )
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="bulk_jobs")
    people = models.PositiveIntegerField(default=0, help_text=_("Records sent, or read."))
    query = models.TextField(blank=True)
    locator = models.CharField(max_length=255, blank=True)
    began_at = models.CharField(max_length=28, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind"], condition=models.Q(state="open"), name="bulk_job_open"),
        ]

    def __str__(self) -> str:
        return f"bulk job {self.sfdc_job_id or self.pk}"


class BulkRow(models.Model):
    """A person whose changes are in a bulk job without an answer. ``sent``: normal values by person field name."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="bulk_row")
    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows")
    sfdc_id = models.CharField(max_length=18)
    version = models.PositiveBigIntegerField(help_text=_("Of the person, when it was decided what to send."))
    sent = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["job", "sfdc_id"], name="bulk_row_answer")]

    def __str__(self) -> str:
        return f"{self.sfdc_id} in job {self.job_id}"
