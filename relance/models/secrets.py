"""A column whose content nobody reads in the database file or in a backup."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"relance.secrets:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(text: str) -> str:
    """Encrypt with the installation's key."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what was sealed, ``None`` when this key cannot open it."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


if TYPE_CHECKING:
    TextColumn = models.TextField[str, str]
else:
    TextColumn = models.TextField


class SecretField(TextColumn):
    """Text encrypted at rest with the installation's key.

    A value that this key cannot open (a database restored beside another key)
    reads as empty: the account then asks for its password again.
    """

    def from_db_value(self, value: Any, *_: object) -> str:
        return (unseal(value) or "") if value else ""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return seal(value) if value else ""
