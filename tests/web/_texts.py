"""A text as its editor posts it."""

from __future__ import annotations

from relance.models import Level
from relance.queries.texts import TextKey


def key(rank: int = 1, *, channel: str = "letter", **changes: object) -> TextKey:
    values = {"language": "fr", "grouped": False, "regime": ""} | changes
    return TextKey(level=Level.objects.get(rank=rank), channel=channel, **values)


def typed(body: str, subject: str = "Objet", **more: object) -> dict[str, object]:
    return {"subject": subject, "body": body, "seen": 1} | more


def text_of(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())
