"""Security keys: what a browser sends of them may be anything, and is refused in
words; the parser behind allauth's forms would let some of it be our failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (
        AttributeError,
        InvalidSignature,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise forms.ValidationError(gettext("This is no answer of a key.")) from error


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    name = forms.CharField(required=False, max_length=100)

    def clean(self) -> Any:
        with _understood():
            return super().clean()


class RenameKeyForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        max_length=100, error_messages={"required": _("Enter a name.")}
    )


class UseKeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        with _understood():
            return super().clean_credential()


class UseKeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        with _understood():
            return super().clean_credential()
