"""The forms about people: who they are, what they may do, their password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from relance.models import SecondFactor, User
from relance.rules.permissions import Role
from relance.services.users import UserData


def password_rules() -> SafeString:
    """Return what is asked of a password, as the validators of the settings say it."""
    rules = ((rule,) for rule in password_validators_help_texts())
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", rules))


class OneselfForm(forms.Form):
    """What a person changes about themselves."""

    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language of the screens and of the e-mails to you"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
    )


class UserForm(forms.Form):
    """Somebody who logs in, as an administrator describes them."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("They log in with it."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            (Role.READER.value, _("Reading")),
            (Role.REMINDERS.value, _("Reminders")),
            (Role.ADMIN.value, _("Administration")),
        ],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, person: User | None = None) -> None:
        self.person = person
        initial: dict[str, object] = {"language": get_language() or "fr"}
        if person is not None:
            initial |= {name: getattr(person, name) for name in ("name", "email")}
            initial |= {"role": person.role, "is_active": person.is_active}
            if person.language:
                initial["language"] = person.language
        super().__init__(data, initial=initial)
        if person is not None:
            self.fields["is_active"] = forms.BooleanField(
                label=_("May log in"),
                required=False,
                help_text=_(
                    "Without the tick they are logged out at once. What they did "
                    "stays in the history under their name."
                ),
            )

    def as_data(self) -> UserData:
        return UserData(**self.cleaned_data)


class NewPasswordForm(forms.Form):
    """A password chosen, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same once more"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_rules()

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or {}
        password, again = given.get("password"), given.get("again")
        if password and again and password != again:
            self.add_error("again", gettext("The two are not the same."))
        return given


class OwnPasswordForm(NewPasswordForm):
    """A new password of one's own: the present one is asked first."""

    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password", "again")


class RequiredFactorForm(forms.Form):
    """Who must have a second factor."""

    second_factor = forms.ChoiceField(
        label=_("Required of"),
        choices=SecondFactor,
        required=False,
        widget=forms.RadioSelect,
    )


class ConfirmForm(forms.Form):
    """One's own password again, before something that opens a door."""

    password = forms.CharField(
        label=_("Your own password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ForgottenForm(forms.Form):
    """The address of somebody who forgot their password."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
