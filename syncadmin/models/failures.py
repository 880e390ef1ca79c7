"""What was refused, kept until it works."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject
from syncadmin.models.runs import SyncRun
from syncadmin.sync.retries import Stopped


class Direction(models.TextChoices):
    PUSH = "push", _("To Salesforce")
    PULL = "pull", _("From Salesforce")


class FailureGroup(models.Model):
    """One cause of failures: a code and a message, whatever changes from person to person folded in it.

    A row is made with the first failure of its cause and never changes, but for who looks after it.
    """

    key = models.CharField(max_length=32, unique=True, help_text=_("See syncadmin.sync.failure_causes."))
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    code = models.CharField(_("code"), max_length=80)
    text = models.TextField(_("message"))
    fields = models.JSONField(_("fields"), default=list, help_text=_("Person field names, where known."))
    searched = models.TextField(default="", help_text=_("The fields as |one|two|, to be filtered by."))
    first_at = models.DateTimeField(_("first seen"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text=_("Who looks after it: further failures of this cause are theirs."),
    )  # fmt: skip

    class Meta:
        ordering = ["-first_at", "-id"]
        verbose_name = _("cause of failures")
        indexes = [models.Index(fields=["-first_at"], name="failure_group_first")]

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"

    def get_absolute_url(self) -> str:
        return f"{reverse('failures')}?group={self.pk}"


class SyncFailure(models.Model):
    """Something Salesforce, or a rule of ours, refused. Open until it works, or somebody ignores it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        RESOLVED = "resolved", _("Resolved")
        IGNORED = "ignored", _("Ignored")

    Direction = Direction

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="failures"
    )
    group = models.ForeignKey(
        FailureGroup, on_delete=models.PROTECT, null=True, related_name="failures", db_index=False
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
    settings_version = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        help_text=_("Of the connection, when it was refused: another one may change the answer."),
    )
    record_changed = models.BooleanField(
        default=False, db_default=False, help_text=_("The record changed in Salesforce after it was refused.")
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    tries = models.PositiveIntegerField(
        default=1, db_default=1, help_text=_("Since something changed, or somebody retried it.")
    )
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)
    stopped = models.CharField(
        max_length=10, blank=True, default="", db_default="",
        choices=[(Stopped.EXHAUSTED.value, _("Tried often enough")), (Stopped.CANCELLED.value, _("Cancelled"))],
    )  # fmt: skip
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    run = models.ForeignKey(
        SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="failures"
    )
    step_run_id = models.BigIntegerField(
        _("flow step run"),
        null=True,
        blank=True,
        help_text=_("The run of a flow step that was refused last."),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("assigned to"),
    )  # fmt: skip
    first_at = models.DateTimeField(_("since"), help_text=_("Since when it is refused for this cause."))
    last_at = models.DateTimeField(_("last tried"))
    resolved_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it worked. Blank while it is open, and if it is ignored.")
    )
    ignored_at = models.DateTimeField(null=True, blank=True)
    ignored_because = models.TextField(_("ignored because"), blank=True, default="", db_default="")

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
        indexes = [
            # The cards: how many are open of each cause, since when, and when the next is tried.
            models.Index(
                fields=["group", "first_at", "retry_at"], condition=Q(state="open"), name="failure_open_group"
            ),
            # The cards again: rising or falling. Serves the foreign key as well.
            models.Index(fields=["group", "first_at"], name="failure_group_since"),
            models.Index(fields=["first_at", "group"], name="failure_since"),
            models.Index(fields=["state", "-last_at", "-id"], name="failure_list"),
            models.Index(fields=["-last_at", "-id"], name="failure_list_any"),
            models.Index(fields=["state", "code", "direction"], name="failure_by_code"),
            models.Index(fields=["state", "first_at", "id"], name="failure_oldest"),
            models.Index(
                fields=["resolved_at"], condition=Q(resolved_at__isnull=False), name="failure_resolved"
            ),
            models.Index(
                fields=["step_run_id"], condition=Q(step_run_id__isnull=False), name="failure_step_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
