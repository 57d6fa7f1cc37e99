"""What reminders are made from, and may lack: texts."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from relance.models import Channel, Company, Step, Text


def steps_without_text(channel: Channel) -> QuerySet[Step]:
    """Return the active steps that have no text for letters, or for e-mails, in the
    company's language: for one invoice or for several, of the customer's type or
    for all types."""
    texts = Text.objects.filter(
        Q(regime="") | Q(regime=OuterRef("procedure__regime")),
        level=OuterRef("level"),
        channel=channel,
        language__in=Company.objects.values("language"),
        current=True,
    )
    return Step.objects.filter(level__active=True).exclude(
        Exists(texts.filter(grouped=False)), Exists(texts.filter(grouped=True))
    )
