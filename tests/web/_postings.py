"""Letters on their way, and the pages of *Envois postaux* read."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from relance.models import Channel, Reminder
from tests import make

URL = "/envois-postaux/"
MADE = date(2026, 11, 2)
A, B = "1A12345678901", "2C12345678902"


def letter(**values: Any) -> Reminder:
    defaults: dict[str, Any] = {
        "made_on": MADE,
        "recipient": {"address": ["4 quai de la Fosse", "44000 NANTES"]},
    }
    return make.reminder(make.invoice(), **(defaults | values))


def notice(**values: Any) -> Reminder:
    return letter(
        channel=Channel.REGISTERED,
        level_kind="formal_notice",
        level_name="Mise en demeure",
        level_rank=3,
        **values,
    )


def text(response: Any) -> str:
    page = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", page)


def body(response: Any) -> str:
    """Return the words of a page, without its marks and its menu."""
    main = text(response).split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def news(**known: Any) -> dict[str, Any]:
    empty = {
        "posted_on": "2026-11-03",
        "registered_number": "",
        "presented_on": "",
        "delivered_on": "",
        "returned_on": "",
        "return_reason": "",
    }
    return empty | known
