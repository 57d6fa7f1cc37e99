"""A form as a page shows it: what a browser would send, no more and no less."""

from __future__ import annotations

from typing import Any

from lxml import html


def fields_of(page: str, action: str) -> dict[str, Any]:
    """Return the fields of the form whose address ends so, as the page fills them."""
    [found] = [
        form
        for form in html.document_fromstring(page).forms
        if (form.action or "").endswith(action)
    ]
    return {name: value for name, value in found.form_values() if value is not None}
