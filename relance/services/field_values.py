"""The value of every automatic field for one reminder, worded in its language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.gateways import wording
from relance.gateways.blocks import Block, TableBlock
from relance.models import Channel
from relance.models.reminders import reminder_reference
from relance.rules.fields import FIELDS, NO_PENALTIES
from relance.rules.regimes import Regime
from relance.services import addressing, letterhead

if TYPE_CHECKING:
    from relance.queries.claims import Claim
    from relance.queries.dossiers import Credit
    from relance.services.drafts import Draft

# Art. L441-10 and D441-5 C. com.; R2192-31 and D2192-35 CCP.
_BASES = {
    (Regime.B2B, "fr"): "articles L. 441-10 et D. 441-5 du Code de commerce",
    (Regime.B2B, "en"): "articles L. 441-10 and D. 441-5 of the French Commercial Code",
    (Regime.PUBLIC, "fr"): (
        "articles R. 2192-31 et D. 2192-35 du Code de la commande publique"
    ),
    (Regime.PUBLIC, "en"): (
        "articles R. 2192-31 and D. 2192-35 of the French Public Procurement Code"
    ),
}
# More invoices than this are quoted by the customer's code.
_MOST_QUOTED = 3


class FieldValues:
    """The words of one draft: text fields by name, and the blocks of its tables."""

    def __init__(self, draft: Draft, *, number: int, letter_joined: bool) -> None:
        self._draft = draft
        self._number = number
        self._letter_joined = letter_joined
        self.language = draft.language
        self.regime = Regime(draft.customer.regime)

    def values(self) -> dict[str, str]:
        """Return what ``rules.fields`` lists, each already worded."""
        with override(self.language):
            return {
                **self._company(),
                **self._customer(),
                **self._invoice(),
                **self._penalties(),
                **self._moment(),
            }

    def blocks(self) -> Mapping[str, Sequence[Block]]:
        """Return the tables and boxes that stand alone in a text."""
        draft = self._draft
        with override(self.language):
            return {
                "tableau.factures": [self._invoice_table()],
                "tableau.sommes": [self._sums_table()],
                "coordonnees_bancaires": [
                    letterhead.bank_box(
                        draft.company,
                        reference=self._reference(),
                        language=self.language,
                    ),
                    *letterhead.bank_note(draft.company, day=draft.made_on),
                ],
            }

    def _reference(self) -> str:
        """Return what a transfer should quote: the invoices while they are few."""
        numbers = [item.invoice.number for item in self._draft.items]
        many = len(numbers) > _MOST_QUOTED
        return self._draft.customer.code if many else ", ".join(numbers)

    def money(self, amount: Decimal) -> str:
        return wording.money(
            amount,
            currency=self._draft.wish.invoice.currency,
            language=self.language,
        )

    def indemnity(self) -> str:
        """Return the indemnity, in euros whatever the invoice's currency; empty when
        none is owed."""
        owed = self._draft.indemnity + self._draft.indemnity_apart
        return self._euros(owed) if owed else ""

    def total(self) -> str:
        """Return the total due; euros beside it when it is in another currency."""
        total, apart = self.money(self._draft.total), self._draft.indemnity_apart
        words = _("%(total)s and %(euros)s") % {
            "total": total,
            "euros": self._euros(apart),
        }
        return words if apart else total

    def _euros(self, amount: Decimal) -> str:
        return wording.money(amount, currency="EUR", language=self.language)

    def long(self, day: date) -> str:
        return wording.long_date(day, language=self.language)

    def _company(self) -> dict[str, str]:
        ours, signatory = self._draft.company, self._draft.signatory
        position = signatory.position_in(self.language) if signatory else ""
        place = f"{ours.postcode} {ours.city}".strip()
        address = ", ".join([*ours.address.splitlines(), place])
        return {
            "societe.nom": ours.name,
            "societe.adresse": address.strip(", "),
            "societe.siren": ours.siren,
            "societe.mentions": letterhead.footer(ours),
            "societe.iban": wording.iban(ours.iban),
            "societe.bic": ours.bic,
            "societe.telephone": ours.phone,
            "societe.email": ours.email,
            "societe.email_rgpd": ours.email,
            "societe.lien_paiement": ours.payment_link,
            "signataire.nom": signatory.name if signatory else "",
            "signataire.fonction": position,
            "lieu": ours.city,
        }

    def _customer(self) -> dict[str, str]:
        draft = self._draft
        lines = draft.destination.address if draft.destination else ()
        consumer = self.regime == Regime.B2C
        return {
            "client.nom": addressing.debtor_name(draft.customer),
            "client.code": draft.customer.code,
            "client.adresse_bloc": "\n".join(lines or self._office()),
            "client.civilite": _("Dear Sir or Madam,"),
            "client.code_service": "",
            "mediateur.nom": draft.company.mediator_name if consumer else "",
            "mediateur.coordonnees": draft.company.mediator_contact if consumer else "",
            "interets.taux_legal": self._legal_rate(),
        }

    def _office(self) -> tuple[str, ...]:
        draft = self._draft
        return addressing.legal_address(draft.customer, company=draft.company)

    def _legal_rate(self) -> str:
        rate = self._draft.claim.legal_rate
        if self.regime not in NO_PENALTIES or rate is None:
            return ""
        return wording.rate(rate, language=self.language)

    def _invoice(self) -> dict[str, str]:
        draft = self._draft
        settled = self.money(draft.settled) if draft.settled else ""
        total = {"total.exigible": self.total()}
        if draft.grouped:
            several = {
                "lot.nombre": str(len(draft.items)),
                "lot.deja_regle": settled,
                "lot.reste_a_payer": self.money(draft.balance),
            }
            return _empty("facture.") | several | total
        invoice = draft.wish.invoice
        late = max(invoice.days_late(on=draft.made_on), 0)
        one = {
            "facture.numero": invoice.number,
            "facture.date": self.long(invoice.issued_on),
            "facture.echeance": self.long(invoice.due_date),
            "facture.total_ttc": self.money(invoice.total),
            "facture.deja_regle": settled,
            "facture.reste_a_payer": self.money(draft.balance),
            "facture.jours_retard": str(late),
            "facture.jours_retard_mots": wording.days(late, language=self.language),
            "facture.reference_client": invoice.customer_reference,
            "facture.objet": invoice.subject,
        }
        return _empty("lot.") | one | total

    def _penalties(self) -> dict[str, str]:
        draft, statements = self._draft, self._draft.statements
        if not statements:
            return _empty("penalites.", "indemnite.")
        # "L." and "D." stay with their numbers, in English too.
        base = wording.typography(_BASES[self.regime, self.language])
        stopped = self.stopped_on()
        per_day = sum((found.per_day for found in statements), Decimal(0))
        runs_on = per_day > 0 and stopped is None
        return {
            "penalites.montant": self.money(draft.penalties),
            "penalites.taux": wording.list_of_rates(
                [segment.rate for found in statements for segment in found.segments],
                language=self.language,
            ),
            "penalites.date_calcul": self.long(stopped or draft.made_on),
            "penalites.par_jour": self.money(per_day) if runs_on else "",
            "penalites.arretees": self.long(stopped) if stopped else "",
            "penalites.base_legale": base,
            "penalites.base_legale_de": f"des {base}"
            if self.language == "fr"
            else base,
            "indemnite.unitaire": self._euros(Decimal(40)),
            "indemnite.montant": self.indemnity() or self._euros(Decimal(0)),
        }

    def stopped_on(self) -> date | None:
        """Return the last day counted, where the rates of later ones are unknown."""
        days = [found.stopped_on for found in self._draft.statements]
        return min((day for day in days if day is not None), default=None)

    def _moment(self) -> dict[str, str]:
        draft = self._draft
        modes = {
            Channel.EMAIL: _("e-mail"),
            Channel.REGISTERED: _("registered letter with acknowledgement of receipt"),
        }
        previous = draft.previous_dates
        rank = draft.step.level.rank if draft.step else 0
        return {
            "delai_jours": str(draft.step.days_to_pay if draft.step else 0),
            "date_limite": wording.long_date(
                draft.pay_by, language=self.language, weekday=True
            ),
            "date_lettre": self.long(draft.made_on),
            "relance.niveau": str(rank),
            "relance.reference": reminder_reference(self._number),
            "relance.precedente_date": self.long(previous[-1]) if previous else "",
            "relance.precedentes": wording.previous_reminders(
                previous, language=self.language
            ),
            "envoi.mode": modes.get(draft.wish.channel, _("letter")),
            "envoi.recommande": "oui"
            if draft.wish.channel == Channel.REGISTERED
            else "",
            "envoi.courrier_joint": "oui" if self._letter_joined else "",
        }

    def _invoice_table(self) -> TableBlock:
        draft = self._draft
        paid = bool(draft.settled)
        header = [_("Invoice"), _("Date"), _("Due date"), _("Total incl. VAT")]
        header += [_("Paid"), _("Balance")] if paid else [_("Balance")]
        rows = [self._row(claim, paid=paid) for claim in draft.claims]
        rows += [self._credit_row(credit, paid=paid) for credit in draft.credits]
        between = [""] * (len(header) - 2)
        total = (_("Total"), *between, self.money(draft.balance))
        return TableBlock(
            header=tuple(header),
            rows=tuple(rows),
            aligns=tuple("left" if n < 3 else "right" for n in range(len(header))),
            total=total if draft.grouped else (),
        )

    def _row(self, claim: Claim, *, paid: bool) -> tuple[str, ...]:
        invoice = claim.invoice
        settled = [self.money(claim.settled) if claim.settled else ""] if paid else []
        return (
            invoice.number,
            wording.short_date(invoice.issued_on),
            wording.short_date(invoice.due_date),
            self.money(invoice.total),
            *settled,
            self.money(claim.balance),
        )

    def _credit_row(self, credit: Credit, *, paid: bool) -> tuple[str, ...]:
        """A payment or credit note that settles nothing yet comes off the sum."""
        what = _("Credit note %(number)s") % {"number": credit.number}
        return (
            what if credit.number else _("Payment received"),
            wording.short_date(credit.on),
            *([""] * (3 if paid else 2)),
            self.money(-credit.amount),
        )

    def _sums_table(self) -> TableBlock:
        draft = self._draft
        rows = [(_("Principal left to pay"), self.money(draft.balance))]
        if draft.statements:
            day = self.stopped_on() or draft.made_on
            label = _("Late-payment penalties to %(day)s (see the statement)") % {
                "day": wording.short_date(day)
            }
            rows.append((label, self.money(draft.penalties)))
            if words := self.indemnity():
                rows.append((_("Fixed indemnity for recovery costs"), words))
        return TableBlock(
            header=("", ""),
            rows=tuple(rows),
            aligns=("left", "right"),
            total=(_("Total due"), self.total()),
        )


def _empty(*prefixes: str) -> dict[str, str]:
    return {name: "" for name in FIELDS if name.startswith(prefixes)}
