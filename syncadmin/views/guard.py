"""What an administrator does about a cycle that the guard stopped."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from syncadmin.access import administrator
from syncadmin.services import request_cycle
from syncadmin.services.preview.guard import allow, check_again
from syncadmin.views.dashboard import wait_for_cycle


@require_POST
@administrator
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """*Run anyway*, or *Check again*; either begins a cycle at once."""
    now, runs_anyway = timezone.now(), request.POST.get("action") == "run_anyway"
    done = allow(pk, by=request.user.get_username(), now=now) if runs_anyway else check_again(pk)
    if not done:
        messages.info(request, _("This is settled already."))
        return redirect("dashboard")
    request_cycle(now)
    if runs_anyway:
        messages.success(
            request, _("One cycle runs although the guard would stop it; it begins in a moment.")
        )
    else:
        messages.success(request, _("A cycle looks at every record again; it begins in a moment."))
    return wait_for_cycle()
