"""A grouped text on three real drafts: their sums added, one table with its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.gateways import blocks, wording
from relance.gateways.blocks import Block, TableBlock
from relance.gateways.typesetter import Statement
from relance.models import Channel
from relance.services import contents, letterhead
from relance.services.drafts import Draft
from relance.services.field_values import FieldValues


class GroupedValues(FieldValues):
    """The fields of a reminder that covers several invoices of one customer."""

    def __init__(self, drafts: Sequence[Draft], *, number: int) -> None:
        first = drafts[0]
        joined = first.wish.channel == Channel.EMAIL and first.letter_text is not None
        super().__init__(first, number=number, letter_joined=joined)
        self._drafts = drafts

    def values(self) -> dict[str, str]:
        """Return the values of one invoice, with the sums of all in their place."""
        found = super().values()
        found |= {name: "" for name in found if name.startswith("facture.")}
        settled = sum((d.claim.settled for d in self._drafts), Decimal(0))
        found |= {
            "lot.nombre": str(len(self._drafts)),
            "lot.deja_regle": self.money(settled) if settled else "",
            "lot.reste_a_payer": self.money(self._sum("balance")),
            "total.exigible": self.money(self._sum("total")),
        }
        statements = [d.claim.statement for d in self._drafts if d.claim.statement]
        if found["penalites.montant"]:
            per_day = sum((s.per_day for s in statements), Decimal(0))
            found |= {
                "penalites.montant": self.money(self._penalties_sum()),
                "penalites.par_jour": self.money(per_day),
                "indemnite.montant": self.money(self._indemnities()),
            }
        return found

    def blocks(self) -> Mapping[str, Sequence[Block]]:
        """Return one row an invoice with the total, and the sums of all."""
        references = ", ".join(d.wish.invoice.number for d in self._drafts)
        with override(self.language):
            box = letterhead.bank_box(
                self._drafts[0].company, reference=references, language=self.language
            )
            return {
                "tableau.factures": [self._table()],
                "tableau.sommes": [self._sums()],
                "coordonnees_bancaires": [box],
            }

    def _table(self) -> TableBlock:
        rows = [
            (
                d.wish.invoice.number,
                wording.short_date(d.wish.invoice.issued_on),
                wording.short_date(d.wish.invoice.due_date),
                self.money(d.wish.invoice.total),
                self.money(d.claim.settled) if d.claim.settled else "",
                self.money(d.claim.balance),
            )
            for d in self._drafts
        ]
        return TableBlock(
            header=(
                _("Invoice"),
                _("Date"),
                _("Due date"),
                _("Total incl. VAT"),
                _("Paid"),
                _("Balance"),
            ),
            rows=tuple(rows),
            aligns=("left", "left", "left", "right", "right", "right"),
            total=(_("Total"), "", "", "", "", self.money(self._sum("balance"))),
        )

    def _sums(self) -> TableBlock:
        single = self._sums_table()
        amounts = [self._sum("balance"), self._penalties_sum(), self._indemnities()]
        rows = tuple(
            (label, self.money(amount))
            for (label, *_old), amount in zip(single.rows, amounts, strict=False)
        )
        total = (_("Total due"), self.money(self._sum("total")))
        return replace(single, rows=rows, total=total)

    def _sum(self, name: str) -> Decimal:
        return sum((getattr(d.claim, name) for d in self._drafts), Decimal(0))

    def _penalties_sum(self) -> Decimal:
        found = (d.claim.statement for d in self._drafts)
        return sum((s.penalties for s in found if s), Decimal(0))

    def _indemnities(self) -> Decimal:
        found = (d.claim.statement for d in self._drafts)
        return sum((s.indemnity for s in found if s), Decimal(0))

    def statement(self) -> Statement | None:
        """Return the statements of all the invoices as one, in one table."""
        made = [contents.penalty_statement(d, self) for d in self._drafts]
        parts = [part for part in made if part is not None]
        if not parts:
            return None
        rows = tuple(
            (d.wish.invoice.number, *row)
            for d, part in zip(self._drafts, parts, strict=True)
            for row in part.rows
        )
        total = (_("Total"), "", "", "", "", "", self.money(self._penalties_sum()))
        return replace(
            parts[0],
            intro="",
            header=(_("Invoice"), *parts[0].header),
            rows=rows,
            aligns=("left", *parts[0].aligns),
            total=total,
        )


def content(drafts: Sequence[Draft], *, number: int) -> contents.Content:
    """Return the grouped text of the drafts, as an e-mail or as a letter."""
    first = drafts[0]
    fields = GroupedValues(drafts, number=number)
    worded = contents._worded(first, first.text, fields)
    plain = blocks.to_plain(worded.body)
    if first.by_email:
        html = blocks.to_email_html(worded.body)
        return contents.Content(subject=worded.subject, plain=plain, html=html, data={})
    letter = contents._letter(first, worded, fields, number=number, mark="")
    with override(first.language):
        numbers = ", ".join(d.wish.invoice.number for d in drafts)
        french = first.language == "fr"
        copies = f"copie des factures {numbers}" if french else f"copies of {numbers}"
        joined = [copies] + [_("statement of penalties")] * first.joins_statement
        letter = replace(
            letter,
            enclosures=_("Encl.: %(list)s") % {"list": ", ".join(joined)},
            statement=fields.statement(),
        )
    return contents.Content(subject=worded.subject, plain=plain, data={}, letter=letter)
