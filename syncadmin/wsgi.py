"""The WSGI entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncadmin.settings")
application = get_wsgi_application()


def _stand_in() -> None:
    """A web process tells that the workers are gone: nobody else could."""
    from django.core.signals import request_finished

    from syncadmin.services.alerts.looking_after import after_request

    request_finished.connect(after_request)


_stand_in()
