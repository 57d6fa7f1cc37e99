"""The menu knows where one is."""

import pytest

from relance.web.shell import MENU, lit_entry


@pytest.mark.parametrize(
    ("page", "lit"),
    [
        ("home", None),
        ("dashboard", "dashboard"),
        ("reminders", "reminders"),
        ("reminder", "reminders"),
        ("reminder-new", "reminder-new"),
        ("invoice", "invoices"),
        ("invoice-reminders", "invoices"),
        ("payment-new", "payments"),
        ("customer-edit", "customers"),
        ("import", "imports"),
        ("message", "outbox"),
        ("configuration-mail", "configuration"),
        ("account", None),
        ("", None),
    ],
)
def test_a_page_lights_its_own_entry_or_that_of_its_noun(page, lit):
    entry = lit_entry(page)

    assert (entry.url_name if entry else None) == lit


def test_every_top_entry_has_an_icon():
    assert all(entry.icon for entry in MENU)
