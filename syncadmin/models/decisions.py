"""What the sync decided about people without changing anything."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person


class Decision(models.Model):
    """A decision that left no entry on the activity log, because nothing was changed by it.

    The same one again, with nothing else in between, is the same row: ``since`` is when something last happened to the
    person, ``times`` how often it was decided so, ``first_at`` and ``at`` when for the first and the last time. The
    same version of a record (``stamp``) read twice counts once. ``by``: who changed the record, or what looked at the
    person; ``details``: {"reason"} of an exclusion, the rule in words.
    """

    class Kind(models.TextChoices):
        UNCHANGED = "unchanged", _("Seen changed in Salesforce: no synced field")
        ECHO = "echo", _("Seen changed in Salesforce: our own write")
        OUTSIDE = "outside", _("Seen changed in Salesforce: outside the record filter")
        STALE = "stale", _("Seen changed in Salesforce: older than what is known")
        SECOND = "second", _("Seen changed in Salesforce: the second record")
        HELD = "held", _("A record with the same e-mail is held")
        EXCLUDED = "excluded", _("Not pushed: excluded")
        KEPT = "kept", _("Not pushed: outside the record filter")
        NOTHING = "nothing", _("Nothing to push")

    # The unique constraint serves the foreign key; how few rows a person has is why they need no index by time.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    object = models.CharField(_("object"), max_length=7, blank=True)
    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, blank=True)
    since = models.DateTimeField()
    first_at = models.DateTimeField(_("first"))
    at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1)
    by = models.CharField(_("by"), max_length=120, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    run_id = models.BigIntegerField(_("sync cycle"), null=True, blank=True)
    stamp = models.CharField(max_length=28, blank=True, help_text=_("Of the record: its SystemModstamp."))
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("decision")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "sfdc_id", "since"], name="decision_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.person_id})"
