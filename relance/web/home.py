"""The first page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from relance.rules.permissions import Action
from relance.web.access import may
from relance.web.http import WebRequest


@require_GET
@may(Action.VIEW)
def home(request: WebRequest) -> HttpResponse:
    """Open on the reminders under way."""
    return redirect("reminders")
