"""Letters made, marked as posted, and what is heard of them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from PIL import Image

from relance.models import Channel, HistoryEntry, Invoice, Reminder
from relance.services import postings, proofs
from relance.services.posting_changes import News
from tests import make
from tests.make import NOW

MADE, POSTED = date(2026, 11, 2), date(2026, 11, 3)
WINDOW = ["Client SARL", "4 quai de la Fosse", "44000 NANTES"]


def letter(on: Invoice | None = None, **values: Any) -> Reminder:
    defaults = {
        "made_on": MADE,
        "recipient": {"name": "", "why": "customer", "address": WINDOW},
    }
    return make.reminder(on or make.invoice(), **(defaults | values))


def notice(on: Invoice | None = None, **values: Any) -> Reminder:
    return letter(
        on,
        channel=Channel.REGISTERED,
        level_rank=3,
        level_kind="formal_notice",
        **values,
    )


def mark(*made: Reminder, posted_on: date = POSTED) -> postings.Marked:
    return postings.mark_many_posted(
        [reminder.pk for reminder in made], posted_on=posted_on, by=None, now=NOW
    )


def hear(reminder: Reminder, **known: Any) -> postings.Recorded:
    news = News(**({"posted_on": POSTED} | known))
    return postings.record_news(reminder, news, by=None, now=NOW)


def prove(reminder: Reminder, data: bytes, name: str) -> None:
    news, file = News(posted_on=POSTED), proofs.checked(data, name)
    postings.record_news(reminder, news, [file], by=None, now=NOW)


def words() -> list[str]:
    entries = HistoryEntry.objects.filter(reminder__isnull=False).order_by("pk")
    return [entry.words.replace("\u00a0", " ") for entry in entries]


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return out.getvalue()
