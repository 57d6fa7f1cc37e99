"""What we ask of allauth's second factor: sealed secrets, our name, our history."""

from __future__ import annotations

import base64
import ipaddress
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from relance.models import Company
from relance.models.secrets import seal, unseal


class Sealed(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Secrets are encrypted with the installation's key, as other passwords are."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; beside another key, one that nobody knows: an empty
        one would open to whoever computes with nothing."""
        opened = unseal(encrypted_text)
        return (
            base64.b32encode(secrets.token_bytes(20)).decode()
            if opened is None
            else opened
        )

    def get_totp_issuer(self) -> str:
        company = Company.objects.first()
        return f"Relance ({company})" if company else "Relance"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Relance"}


def keys_work(request: HttpRequest) -> bool:
    """Say whether browsers offer security keys here: by a name, never by a bare
    number, and encrypted unless it is this very machine (WebAuthn § 5.1.3)."""
    name = request.get_host().rpartition(":")[0] or request.get_host()
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return request.is_secure() or name == "localhost" or name.endswith(".localhost")
    return False
