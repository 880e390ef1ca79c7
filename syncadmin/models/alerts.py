"""Alerts: what is wrong, since when, who is to be told of it, and whether that arrived."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from syncadmin.encryption import EncryptedTextField


class AlertKind(models.TextChoices):
    """What there are alerts for, in the order of the pages."""

    SYNC_DOWN = "sync_down", _("The sync is down")
    CREDENTIALS = "credentials", _("Salesforce refuses the credentials")
    PERMISSIONS = "permissions", _("The sync user has lost permissions")
    GUARD = "guard", _("The guard has stopped the sync")
    API_USE = "api_use", _("API calls are running out")
    FAILURES = "failures", _("A new kind of failure")
    BACKLOG = "backlog", _("The backlog grows")
    SCHEMA = "schema", _("Fields have changed in Salesforce")
    PAUSED = "paused", _("The sync has been paused for long")


#: Beside the kinds a channel may ask for a daily digest.
DIGEST = "digest"


class Severity(models.TextChoices):
    """How bad it is; the values are the tones of chips."""

    ERROR = "err", _("Stops the sync")
    WARNING = "warn", _("Needs somebody")
    NEWS = "info", _("News")


class AlertClock(models.Model):
    """One row: when somebody looks next, when a worker last did, and under which address the pages are."""

    next_at = models.DateTimeField()
    worker_at = models.DateTimeField(null=True)
    site_url = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_alert_clock")]

    def __str__(self) -> str:
        return f"next at {self.next_at}"


class AlertState(models.Model):
    """What is remembered of one thing that is watched, by its key.

    ``is_bad``: as it was told. ``is_seen_bad``, ``seen_since``: as it was last seen, and since when; the two differ
    while it is not yet sure that it stays so.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    is_bad = models.BooleanField(default=False)
    is_seen_bad = models.BooleanField(default=False)
    seen_since = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["key"], condition=Q(is_bad=True) | Q(is_seen_bad=True), name="alert_state_bad"
            )
        ]

    def __str__(self) -> str:
        return self.key


class Alert(models.Model):
    """Something that was wrong, from when it was told to when its end was. ``times``: how often within an hour."""

    key = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=AlertKind)
    severity = models.CharField(_("how bad"), max_length=5, choices=Severity)
    title = models.CharField(_("what"), max_length=300)
    text = models.TextField(blank=True)
    advice = models.TextField(_("what to do"), blank=True)
    url = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(_("told"))
    closed_at = models.DateTimeField(_("over"), null=True, blank=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("alert")
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(closed_at=None), name="one_open_alert")
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="alert_newest"),
            models.Index(fields=["key", "opened_at"], name="alert_of_key"),
        ]

    def __str__(self) -> str:
        return self.title


class AlertChannel(models.Model):
    """Where alerts go: one user's e-mail or webhook, or one that is shared (without a user).

    ``kinds``: of AlertKind, and "digest". ``shown``: the webhook's address as far as it may be shown.
    """

    class Method(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WEBHOOK = "webhook", _("Webhook")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="alert_channels",
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    method = models.CharField(_("by"), max_length=10, choices=Method)
    email = models.EmailField(_("e-mail address"), blank=True)
    url = EncryptedTextField(_("webhook address"), blank=True)
    shown = models.CharField(max_length=120, blank=True)
    kinds = models.JSONField(default=list)
    digest_hour = models.PositiveSmallIntegerField(
        _("daily digest at"), default=8, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    next_digest_at = models.DateTimeField(null=True, blank=True)
    muted_until = models.DateTimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("alert channel")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "method"], condition=Q(user__isnull=False), name="one_channel_of_a_user"
            )
        ]

    def __str__(self) -> str:
        return self.name or (str(self.user) if self.user else self.target)

    @property
    def target(self) -> str:
        """Where it goes, without what is secret."""
        return self.email if self.method == self.Method.EMAIL else self.shown

    @property
    def wants_digest(self) -> bool:
        return DIGEST in self.kinds

    @property
    def is_muted(self) -> bool:
        return self.muted_until is not None and self.muted_until > timezone.now()


class AlertDelivery(models.Model):
    """One message to one channel. The truth about it stands here, not in the queue.

    ``next_at``: queued, when it is tried (again) at the latest; sending, until when whoever sends it may take.
    ``target``: where it went, without what is secret; it stays when the channel is gone.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    class Event(models.TextChoices):
        OPENED = "opened", _("Alert")
        CLOSED = "closed", _("Over")
        DIGEST = "digest", _("Daily digest")
        TEST = "test", _("Test")

    channel = models.ForeignKey(
        AlertChannel, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    alerts = models.ManyToManyField(Alert, related_name="deliveries")
    event = models.CharField(_("what"), max_length=10, choices=Event)
    severity = models.CharField(max_length=5, choices=Severity)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    target = models.CharField(_("to"), max_length=254)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"))
    answer = models.TextField(_("answer"), blank=True)
    created_at = models.DateTimeField(_("written"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("delivery")
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=["queued", "sending"]), name="delivery_open"
            ),
            models.Index(fields=["created_at"], name="delivery_written"),
        ]

    def __str__(self) -> str:
        return self.subject
