"""The request as our views receive it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from relance.models.users import User


class WebRequest(HttpRequest):
    """A request that passed the middleware and the role its view declares.

    Public views must not read ``user``: nobody may be logged in.
    """

    htmx: HtmxDetails
    user: User


def site(request: HttpRequest) -> str:
    """Return where the program answers, as the reader of an e-mail reaches it:
    ``https://relance.example``. Only the hosts of the settings come this far."""
    return request.build_absolute_uri("/").rstrip("/")
