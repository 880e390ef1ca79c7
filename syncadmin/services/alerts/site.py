"""The address under which people reach the pages: what links in messages begin with.

SITE_URL says it. Without that it is the one under which somebody last saved alerts: the server has checked it
against ALLOWED_HOSTS by then.
"""

from __future__ import annotations

from django.conf import settings

from syncadmin.models import AlertClock


def site_url() -> str:
    """``https://sync.example.com``; blank if nobody has said it."""
    return settings.SITE_URL or AlertClock.objects.values_list("site_url", flat=True).first() or ""


def absolute(path: str) -> str:
    """The address of a page; blank if it isn't known where the pages are."""
    site = site_url()
    return f"{site}{path}" if site and path else ""


def learn_site(address: str) -> None:
    """Remember where a request came in."""
    if not settings.SITE_URL:
        AlertClock.objects.exclude(site_url=address[:255]).update(site_url=address[:255])
