"""What a page's form would post, untouched."""

from django.test import Client
from django.urls import reverse


def posted_from(client: Client, page: str) -> dict[str, str]:
    """Return the values that the form of a page shows, as a browser sends them."""
    shown = client.get(reverse(page)).context["form"]
    values = {bound.name: bound.value() for bound in shown}
    # An unticked box posts nothing.
    return {
        name: "" if value is None else str(value)
        for name, value in values.items()
        if value is not False
    }
