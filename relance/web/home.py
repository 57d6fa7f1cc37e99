"""The first page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from relance.queries.company import is_set_up
from relance.web.access import public
from relance.web.http import WebRequest


@require_GET
@public
def home(request: WebRequest) -> HttpResponse:
    """Open on the dashboard; on the set-up while there is nothing yet."""
    return redirect("dashboard" if is_set_up() else "setup")
