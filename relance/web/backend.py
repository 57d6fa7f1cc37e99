"""How the person behind a request is read."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from relance.models import User
from relance.queries.access import with_duty


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """Logs in by the address; reads with the person what each page asks of them."""

    def get_user(self, user_id: int) -> User | None:
        user = with_duty().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
