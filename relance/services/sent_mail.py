"""An e-mail as it was sent, read back from the bytes that were kept."""

from __future__ import annotations

from relance.gateways import mail
from relance.models import OutboxMessage
from relance.services import documents


def as_sent(message: OutboxMessage) -> mail.ReadMail:
    """Return headers, text and HTML: those kept, else those that will be written.

    Raises storage.MissingFile or storage.CorruptFile when the proof was touched.
    """
    if message.document is not None:
        return mail.read(documents.read(message.document))
    headers = (
        ("To", message.recipient),
        ("Cc", ", ".join(message.copies)),
        ("Subject", message.subject),
        ("Message-ID", message.message_id),
    )
    return mail.ReadMail(
        headers=tuple((name, value) for name, value in headers if value),
        text=message.text,
        html=message.html,
    )
