"""Which help page explains which screen, as data: one line a page.

The pages themselves are ``relance/help/LANGUAGE/NAME.md``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HelpPage:
    """A help page. ``screens``: URL names that it explains; ``nouns``: the first
    words of the URL names that it explains when no other page names them."""

    name: str
    screens: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


SETUP = "installation"
# In the order of the menu.
PAGES = (
    HelpPage(name="tableau-de-bord", screens=("dashboard",)),
    HelpPage(name="relances", nouns=("reminders", "reminder")),
    HelpPage(name="nouvelle-relance", screens=("reminder-new", "reminder-preview")),
    HelpPage(name="relance-massive", nouns=("proposals", "proposal")),
    HelpPage(name="lots", nouns=("runs", "run")),
    HelpPage(
        name="envois-postaux",
        screens=("run-posted",),
        nouns=("postings", "posting"),
    ),
    HelpPage(
        name="accords", screens=("proposal-agreement",), nouns=("approvals", "approval")
    ),
    HelpPage(name="penalites", nouns=("penalty",)),
    HelpPage(name="simulateur", nouns=("simulator",)),
    HelpPage(
        name="factures",
        nouns=("invoices", "invoice", "hold", "document", "interruption"),
    ),
    HelpPage(name="avoirs", nouns=("credit",)),
    HelpPage(name="reglements", nouns=("payments", "payment", "allocation")),
    HelpPage(name="clients", nouns=("customers", "customer", "contact")),
    HelpPage(name="banque", nouns=("receipts", "receipt", "pending")),
    HelpPage(name="imports", nouns=("imports",)),
    HelpPage(name="tableur", nouns=("spreadsheets", "spreadsheet", "batches", "batch")),
    HelpPage(name="fec", nouns=("fec",)),
    HelpPage(name="reprise", nouns=("takeover",)),
    HelpPage(name="doublons", nouns=("duplicates", "duplicate")),
    HelpPage(name="dolibarr", nouns=("dolibarr",)),
    HelpPage(name="boite-d-envoi", nouns=("outbox", "message")),
    HelpPage(name=SETUP, nouns=("setup",)),
    HelpPage(name="societe", screens=("configuration",)),
    HelpPage(
        name="coordonnees-bancaires",
        screens=("configuration-bank",),
        nouns=("bank", "announcement"),
    ),
    HelpPage(
        name="messagerie",
        screens=(
            "configuration-mail",
            "configuration-mail-test",
            "configuration-senders",
        ),
    ),
    HelpPage(name="taux", screens=("configuration-rates",), nouns=("rate",)),
    HelpPage(name="regles", screens=("configuration-rules",)),
    HelpPage(name="textes", nouns=("texts", "text")),
    HelpPage(name="papier-a-lettres", nouns=("stationery", "signatory", "window")),
    HelpPage(name="niveaux", nouns=("levels", "level", "procedure")),
    HelpPage(name="utilisateurs", nouns=("users", "user", "access")),
    HelpPage(name="mon-compte", nouns=("account", "mfa", "usersessions")),
)


def page_of(url_name: str) -> str:
    """Return the name of the page that explains a screen, empty if none does."""
    noun = url_name.replace("_", "-").split("-")[0]
    own = (page.name for page in PAGES if url_name in page.screens)
    kin = (page.name for page in PAGES if noun in page.nouns)
    return next(own, "") or next(kin, "")
