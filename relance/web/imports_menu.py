"""The pages of *Imports and bank*, as data: one line a page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from relance.rules.permissions import Action
from relance.web.tabs import Section

# In the order of the tabs.
SECTIONS = (
    Section(url_name="imports", label=_("E-invoices"), needs=Action.EDIT_LEDGER),
    Section(
        url_name="spreadsheets",
        label=_("Spreadsheet (CSV, Excel)"),
        needs=Action.EDIT_LEDGER,
        covers=("spreadsheet", "spreadsheet-columns"),
    ),
    Section(
        url_name="fec",
        label=_("FEC"),
        needs=Action.EDIT_LEDGER,
        covers=("fec-file", "fec-customer"),
    ),
    Section(
        url_name="dolibarr",
        label=_("Dolibarr"),
        needs=Action.EDIT_LEDGER,
        covers=("dolibarr-save", "dolibarr-test", "dolibarr-writing"),
    ),
    Section(
        url_name="receipts",
        label=_("Bank"),
        needs=Action.VIEW,
        covers=("receipt", "receipt-upload", "pending"),
    ),
    Section(
        url_name="takeover",
        label=_("Past reminders"),
        needs=Action.REMIND,
        covers=("takeover-file", "takeover-answer", "takeover-enter"),
    ),
    Section(
        url_name="duplicates",
        label=_("Duplicates"),
        needs=Action.VIEW,
        covers=("duplicate-merge",),
    ),
    Section(
        url_name="batches",
        label=_("Imports made"),
        needs=Action.VIEW,
        covers=("batch",),
    ),
)
