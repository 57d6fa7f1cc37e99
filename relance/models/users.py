"""People who log in: the e-mail address is the login, one role each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.rules.permissions import Action, Role, allows


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **extra: Any
    ) -> User:
        """Create a user; without a password nobody can log in with this address."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who may log in. Without a role (a *stranger*) nothing is shown."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(
        _("role"),
        max_length=20,
        blank=True,
        choices=[
            (Role.READER.value, _("Reading")),
            (Role.REMINDERS.value, _("Reminders")),
            (Role.ADMIN.value, _("Administration")),
        ],
    )
    # Deactivated, never deleted: the history keeps naming them.
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "email")
        verbose_name = _("user")

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        """Return "C. Vasseur" for Claire Vasseur: follow-up tables are narrow."""
        first, _space, rest = self.name.partition(" ")
        return f"{first[0]}. {rest}" if rest else str(self)

    def may(self, action: Action) -> bool:
        return self.is_active and allows(self.role, action)
