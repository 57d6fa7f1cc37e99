"""Made-up letters on the company's own paper: to look at, and to try a layout on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.gateways import blocks, markup, wording
from relance.gateways.blocks import Block, TableBlock
from relance.gateways.typesetter import Letter, Statement
from relance.models import Company, Signatory
from relance.services import letterhead

_ISSUED, _DUE, _WRITTEN = date(2026, 9, 1), date(2026, 9, 30), date(2026, 11, 24)


def sample_letter(ours: Company, signs: Signatory | None, *, rows: int = 1) -> Letter:
    """Return a formal notice to a customer who does not exist, as it would be sent."""
    language = ours.language
    with override(language):
        return Letter(
            reference="R-00000",
            sender=letterhead.sender(ours),
            address=(
                _("SAMPLE CUSTOMER"),
                _("Attn. %(name)s") % {"name": _("the accounts department")},
                "12 rue de la République",
                "69002 LYON",
            ),
            sending_mode=_("REGISTERED LETTER WITH ACKNOWLEDGEMENT OF RECEIPT"),
            place_and_date=letterhead.place_and_date(
                ours, wording.long_date(_WRITTEN, language=language)
            ),
            subject=_("FORMAL NOTICE – invoice FA2609-0151 due on 30 September 2026"),
            references=((_("Our ref."), "C00214 / R-00000"),),
            body=tuple(blocks.to_json(_body(ours, rows=rows))),
            signatory=letterhead.signatory(signs, language=language),
            signature=signs.signature.sha256 if signs and signs.signature else "",
            enclosures=_("Encl.: %(list)s")
            % {"list": _("copy of invoice %(number)s") % {"number": "FA2609-0151"}},
            footer=letterhead.footer(ours),
            language=language,
            labels={"subject": _("Subject")},
            draft=_("Sample"),
        )


def trial_letters(ours: Company, signs: Signatory | None) -> list[Letter]:
    """Return what every layout must be able to set: one page, several, an annex."""
    short = sample_letter(ours, signs)
    long = sample_letter(ours, signs, rows=90)
    return [short, long, _with_statement(short), _bare(short)]


def _with_statement(letter: Letter) -> Letter:
    row = ("01/10/2026", "24/11/2026", "55", "5 440,00 €", "12,40 %", "101,65 €")
    statement = Statement(
        title="Décompte",
        intro="FA2609-0151",
        header=("Du", "Au", "Jours", "Principal", "Taux", "Pénalités"),
        rows=(row, row),
        aligns=("left", "left", "right", "right", "right", "right"),
        total=("Total", "", "", "", "", "203,30 €"),
        notes=("× / 365",),
    )
    return Letter(**(vars(letter) | {"statement": statement}))


def _bare(letter: Letter) -> Letter:
    """Return a letter without anything that may be missing."""
    empty = {"references": (), "signatory": (), "signature": "", "enclosures": ""}
    return Letter(**(vars(letter) | empty | {"sending_mode": "", "draft": ""}))


def _body(ours: Company, *, rows: int) -> tuple[Block, ...]:
    language = ours.language
    text = _(
        "Dear Sir or Madam,\n\n"
        "In spite of our reminders, the invoice below is still unpaid, fifty-five "
        "days after its due date.\n\n"
        "{tableau.factures}\n\n"
        "We therefore **give you formal notice to pay us the sum of 5,440.00 € by "
        "Wednesday 9 December 2026 at the latest**, by transfer to this account:\n\n"
        "{coordonnees_bancaires}\n\n"
        "If your transfer has already left, please send us its advice.\n\n"
        "Yours faithfully,"
    )
    return markup.fill(
        wording.typography(text, language=language),
        {},
        {
            "tableau.factures": [_table(language, rows=rows)],
            "coordonnees_bancaires": [
                letterhead.bank_box(ours, reference="FA2609-0151", language=language)
            ],
        },
    )


def _table(language: str, *, rows: int) -> TableBlock:
    amount = wording.money(Decimal("5440"), currency="EUR", language=language)
    days = (wording.short_date(_ISSUED), wording.short_date(_DUE))
    return TableBlock(
        header=(_("Invoice"), _("Date"), _("Due date"), _("Balance")),
        rows=tuple((f"FA2609-{151 + n:04d}", *days, amount) for n in range(rows)),
        aligns=("left", "left", "left", "right"),
    )
