"""The pages of the configuration, as data: one line a page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.rules.permissions import Action
from relance.web.tabs import Section

# In the order of the tabs.
SECTIONS = (
    Section(url_name="configuration", label=pgettext_lazy("configuration", "Company")),
    Section(
        url_name="configuration-bank",
        label=_("Bank details"),
        covers=("bank-agree", "bank-refuse", "bank-give-up"),
    ),
    Section(
        url_name="configuration-mail",
        label=_("Mail"),
        covers=("configuration-senders",),
    ),
    Section(url_name="configuration-rates", label=_("Rates")),
    Section(url_name="configuration-rules", label=_("Rules")),
    Section(
        url_name="texts",
        label=_("Texts"),
        needs=Action.EDIT_TEXTS,
        covers=("text-edit", "text-versions", "text-import"),
    ),
    Section(
        url_name="stationery",
        label=_("Letter paper"),
        covers=("signatory-new", "signatory-edit"),
    ),
    Section(
        url_name="levels",
        label=_("Levels and procedures"),
        covers=(
            "level-new",
            "level-edit",
            "procedure-new",
            "procedure-edit",
            "levels-thresholds",
        ),
    ),
    Section(
        url_name="users",
        label=_("Users"),
        needs=Action.MANAGE_USERS,
        covers=(
            "user-new",
            "user-edit",
            "user-link",
            "user-remove-factor",
            "users-require-factor",
        ),
    ),
)
