"""What the sync asks of Salesforce: how many calls for what, and for some days each request."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from syncadmin.models.runs import SyncRun


class Purpose(models.TextChoices):
    """What a request is made for."""

    POLL = "poll", _("Ask what is new")
    PULL = "pull", _("Pull updates")
    BULK_PULL = "bulk_pull", _("Pull by bulk jobs")
    PUSH = "push", _("Push updates")
    CREATE = "create", _("Create Leads")
    BULK_PUSH = "bulk_push", _("Push by bulk jobs")
    CLICK = "click", _("Clicks and flow steps")
    REPAIR = "repair", _("Repairs")
    REVIEW = "review", _("To decide, and merges")
    CHECK = "check", _("Full checks")
    BACKFILL = "backfill", _("Backfills")
    PREVIEW = "preview", _("Previews, and the guard")
    RULES = "rules", _("Counting for rules")
    TEST = "test", _("Connection and schema")
    OTHER = "other", _("Other")


class ApiHour(models.Model):
    """The API calls of an hour (UTC) for one purpose, and what Salesforce said of the org's use by then."""

    hour = models.DateTimeField(_("hour"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    calls = models.PositiveIntegerField(_("API calls"), default=0)
    requests = models.PositiveIntegerField(_("requests"), default=0, help_text=_("Log-ins included."))
    refused = models.PositiveIntegerField(_("not answered well"), default=0)
    told_at = models.DateTimeField(null=True)
    org_used = models.PositiveIntegerField(null=True)
    org_limit = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("hour of API calls")
        constraints = [
            models.UniqueConstraint(fields=["hour", "purpose"], name="one_row_for_hour_and_purpose")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.purpose}: {self.calls}"


class ApiRequest(models.Model):
    """One request to Salesforce, kept for some days. No credential is in it, in no column."""

    class Outcome(models.TextChoices):
        OK = "ok", _("Answered")
        PARTLY = "partly", _("Partly refused")
        REFUSED = "refused", _("Refused")
        LOST = "lost", _("Answer lost")
        UNDONE = "undone", _("Not carried out")

    at = models.DateTimeField(_("sent"))
    method = models.CharField(_("method"), max_length=10)
    path = models.TextField(_("path"))
    parts = models.TextField(blank=True, help_text=_("The requests within it, one a line."))
    status = models.PositiveSmallIntegerField(_("HTTP status"), help_text=_("0: no answer came."))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    code = models.CharField(_("error code"), max_length=80, blank=True)
    calls = models.PositiveSmallIntegerField(_("API calls"))
    sent = models.PositiveIntegerField(_("bytes sent"))
    received = models.PositiveBigIntegerField(_("bytes received"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    run = models.ForeignKey(
        SyncRun, models.SET_NULL, null=True, blank=True, db_constraint=False, db_index=False, related_name="+",
        verbose_name=_("cycle"),
    )  # fmt: skip
    records = models.PositiveIntegerField(_("records"), default=0)
    request_body = models.TextField(blank=True)
    answer_body = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("request to Salesforce")
        indexes = [
            models.Index(fields=["at"], name="request_at"),
            models.Index(fields=["purpose", "-id"], name="request_purpose"),
            models.Index(fields=["run", "-id"], name="request_run", condition=Q(run__isnull=False)),
            models.Index(fields=["code", "-id"], name="request_code", condition=~Q(code="")),
            models.Index(fields=["outcome", "-id"], name="request_trouble", condition=~Q(outcome="ok")),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def get_absolute_url(self) -> str:
        return reverse("request", args=[self.pk])


class ApiRequestPerson(models.Model):
    """Whom a request was about. A plain number: the person may be gone by now."""

    request = models.ForeignKey(ApiRequest, models.CASCADE, db_constraint=False, related_name="people")
    person_id = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["person_id", "request"], name="request_of_person")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.person_id}"
