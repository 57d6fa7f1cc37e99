"""People who log in: the e-mail address is the login, one role each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.rules.permissions import Action, Role, allows

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.announcements import Announcement


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
    # Of the screens and of the e-mails; none: the company's.
    language = models.CharField(
        _("language"), max_length=2, blank=True, choices=settings.LANGUAGES
    )
    # Deactivated, never deleted: the history keeps naming them.
    is_active = models.BooleanField(_("active"), default=True)
    # What their e-mails come from, where the mail account lets each be the sender.
    sender_email = models.EmailField(_("sender's address"), blank=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    if TYPE_CHECKING:
        announcements: RelatedManager[Announcement]

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

    @property
    def is_invited(self) -> bool:
        """Say whether they have not chosen a password yet."""
        return not self.has_usable_password()


class AccessLink(models.Model):
    """A link by which somebody chooses a password, once, within a time.

    Only the hash of its secret is kept: who reads the database cannot use it.
    """

    class Purpose(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        PASSWORD = "password", _("new password")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="access_links"
    )
    purpose = models.CharField(max_length=12, choices=Purpose)
    # SHA-256 in hexadecimal; none while the e-mail asked for is not written.
    digest = models.CharField(max_length=64, unique=True, null=True)
    # Nobody: the person asked for it at the door, or it was made at the terminal.
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Where the program answers: https://relance.example.
    site = models.CharField(max_length=200)
    # Empty: given to an administrator to hand over.
    sent_to = models.EmailField(blank=True)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("link")
        indexes = (
            models.Index(
                fields=("made_at",),
                name="links_to_write",
                condition=models.Q(digest=None, withdrawn_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.user}"
