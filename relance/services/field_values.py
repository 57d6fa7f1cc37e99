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
                        reference=draft.wish.invoice.number,
                        language=self.language,
                    )
                ],
            }

    def money(self, amount: Decimal) -> str:
        return wording.money(
            amount,
            currency=self._draft.wish.invoice.currency,
            language=self.language,
        )

    def long(self, day: date) -> str:
        return wording.long_date(day, language=self.language)

    def _company(self) -> dict[str, str]:
        ours = self._draft.company
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
            "signataire.nom": ours.signatory_name,
            "signataire.fonction": ours.signatory_title,
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
        draft, invoice = self._draft, self._draft.wish.invoice
        late = max(invoice.days_late(on=draft.made_on), 0)
        settled = draft.claim.settled
        return {
            "facture.numero": invoice.number,
            "facture.date": self.long(invoice.issued_on),
            "facture.echeance": self.long(invoice.due_date),
            "facture.total_ttc": self.money(invoice.total),
            "facture.deja_regle": self.money(settled) if settled else "",
            "facture.reste_a_payer": self.money(draft.claim.balance),
            "facture.jours_retard": str(late),
            "facture.jours_retard_mots": wording.days(late, language=self.language),
            "facture.reference_client": invoice.customer_reference,
            "facture.objet": invoice.subject,
            "lot.nombre": "",
            "lot.deja_regle": "",
            "lot.reste_a_payer": "",
            "total.exigible": self.money(draft.claim.total),
        }

    def _penalties(self) -> dict[str, str]:
        claim = self._draft.claim
        empty = {
            name: "" for name in FIELDS if name.startswith(("penalites.", "indemnite."))
        }
        statement = claim.statement
        if self.regime in NO_PENALTIES or statement is None:
            return empty
        base = _BASES[self.regime, self.language]
        stopped = statement.stopped_on
        runs_on = statement.per_day > 0 and stopped is None
        return {
            "penalites.montant": self.money(statement.penalties),
            "penalites.taux": wording.list_of_rates(
                [segment.rate for segment in statement.segments],
                language=self.language,
            ),
            "penalites.date_calcul": self.long(stopped or self._draft.made_on),
            "penalites.par_jour": self.money(statement.per_day) if runs_on else "",
            "penalites.arretees": self.long(stopped) if stopped else "",
            "penalites.base_legale": base,
            "penalites.base_legale_de": f"des {base}"
            if self.language == "fr"
            else base,
            "indemnite.unitaire": self.money(Decimal(40)),
            "indemnite.montant": self.money(statement.indemnity),
        }

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
        invoice, claim = self._draft.wish.invoice, self._draft.claim
        header = [_("Invoice"), _("Date"), _("Due date"), _("Total incl. VAT")]
        row = [
            invoice.number,
            wording.short_date(invoice.issued_on),
            wording.short_date(invoice.due_date),
            self.money(invoice.total),
        ]
        if claim.settled:
            header.append(_("Paid"))
            row.append(self.money(claim.settled))
        header.append(_("Balance"))
        row.append(self.money(claim.balance))
        return TableBlock(
            header=tuple(header),
            rows=(tuple(row),),
            aligns=tuple("left" if n < 3 else "right" for n in range(len(header))),
        )

    def _sums_table(self) -> TableBlock:
        claim = self._draft.claim
        rows = [(_("Principal left to pay"), self.money(claim.balance))]
        statement = claim.statement
        if statement is not None and self.regime not in NO_PENALTIES:
            day = statement.stopped_on or self._draft.made_on
            label = _("Late-payment penalties to %(day)s (see the statement)") % {
                "day": wording.short_date(day)
            }
            rows.append((label, self.money(statement.penalties)))
            if statement.indemnity:
                label = _("Fixed indemnity for recovery costs")
                rows.append((label, self.money(statement.indemnity)))
        return TableBlock(
            header=("", ""),
            rows=tuple(rows),
            aligns=("left", "right"),
            total=(_("Total due"), self.money(claim.total)),
        )
