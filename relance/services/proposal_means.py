"""What keeps letters and e-mails from being written, for invoices by the thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import override

from relance.models import Channel, Company, Contact, Customer, Invoice, Step, Text
from relance.queries.dossiers import current_texts
from relance.rules.escalation import Code, Reason, Situation, Weight
from relance.rules.fields import NO_PENALTIES, Term, terms_used
from relance.rules.penalties import HalfYear
from relance.services.addressing import can_reach
from relance.services.drafts import Wish, drafts


class Means:
    """What channel, text, rates and the law's list say, worked out once for the
    invoices between which nothing of it can differ."""

    def __init__(
        self,
        invoices: Sequence[Invoice],
        situations: Mapping[int, Situation],
        ours: Company,
        *,
        today: date,
    ) -> None:
        self._today = today
        self._company = ours
        self._situations = situations
        self._contacts = _contacts(invoices)
        self._texts = current_texts()
        self._terms: dict[Hashable, frozenset[Term]] = {}
        self._reached: dict[Hashable, bool] = {}
        self._found: dict[Hashable, tuple[Reason, ...]] = {}

    def read(self, looked_at: Iterable[tuple[Invoice, Step]]) -> None:
        """Compose one draft for each group of invoices that are alike."""
        alike: dict[Hashable, tuple[int, Step, bool]] = {}
        for invoice, step in looked_at:
            for by_email in (False, True):
                if self._is_reached(invoice.customer, step, by_email=by_email):
                    key = self._key(invoice, step, by_email=by_email)
                    alike.setdefault(key, (invoice.pk, step, by_email))
        # Read whole: a draft says all there is to say.
        whole = Invoice.objects.select_related("customer", "document").in_bulk(
            {pk for pk, _step, _by_email in alike.values()}
        )
        wishes = [
            _wish(whole[pk], step, by_email=by_email)
            for pk, step, by_email in alike.values()
            if pk in whole
        ]
        with override(self._company.language):
            made = drafts(wishes, today=self._today) if wishes else []
        self._found = {
            key: draft.means if draft is not None else ()
            for key, draft in zip(alike, made, strict=True)
        }

    def reasons(
        self, invoice: Invoice, step: Step, *, by_email: bool
    ) -> tuple[Reason, ...]:
        if not self._is_reached(invoice.customer, step, by_email=by_email):
            code = Code.NO_EMAIL if by_email else Code.NO_ADDRESS
            return (Reason(code=code, weight=Weight.HARD),)
        return self._found[self._key(invoice, step, by_email=by_email)]

    def _is_reached(self, customer: Customer, step: Step, *, by_email: bool) -> bool:
        key = (customer.pk, step.level_id, by_email)
        if key not in self._reached:
            self._reached[key] = can_reach(
                customer,
                self._contacts.get(customer.pk, ()),
                step.level,
                by_email=by_email,
            )
        return self._reached[key]

    def _key(self, invoice: Invoice, step: Step, *, by_email: bool) -> Hashable:
        customer = invoice.customer
        key = (step.pk, by_email, customer.regime, customer.language)
        rates: Hashable = None
        if customer.regime not in NO_PENALTIES:
            # Something is owed on every day since then: the same half-years count.
            first = invoice.due_date + timedelta(days=1)
            rates = (HalfYear.of(first), first <= self._today)
        if not step.level.is_formal_notice:
            return (*key, rates)
        situation = self._situations[invoice.pk]
        differing = tuple(
            _differing(term, invoice, situation)
            for term in self._terms_of(step, customer)
        )
        return (*key, rates, bool(customer.city), differing)

    def _terms_of(self, step: Step, customer: Customer) -> frozenset[Term]:
        """Return the conditions of every text that may be used."""
        key = (step.level_id, customer.language, customer.regime)
        if key not in self._terms:
            self._terms[key] = frozenset(
                term
                for (level, _channel, language, grouped, regime), text in (
                    self._texts.items()
                )
                if (level, language, grouped) == (*key[:2], False)
                and regime in (customer.regime, "")
                for term in _terms(text)
            )
        return self._terms[key]


def _terms(text: Text) -> frozenset[Term]:
    return terms_used(f"{text.subject}\n\n{text.body}")


# Conditions that hold or not for all the notices of a company, type and language.
_SAME = ("societe.", "signataire.", "mediateur.", "interets.", "envoi.", "lot.")
_ALSO_SAME = frozenset(
    {
        "lieu",
        "date_lettre",
        "date_limite",
        "delai_jours",
        "relance.niveau",
        "client.code_service",
        "client.civilite",
    }
)
# Fields that are never empty, or all empty where rates or the customer's type say so.
_FILLED = frozenset(
    {
        "client.nom",
        "client.code",
        "facture.numero",
        "facture.date",
        "facture.echeance",
        "facture.total_ttc",
        "facture.reste_a_payer",
        "facture.jours_retard",
        "facture.jours_retard_mots",
        "total.exigible",
        "penalites.montant",
        "penalites.taux",
        "penalites.date_calcul",
        "penalites.arretees",
        "penalites.base_legale",
        "penalites.base_legale_de",
        "indemnite.unitaire",
        "indemnite.montant",
    }
)


def _differing(term: Term, invoice: Invoice, situation: Situation) -> Hashable:
    """Return what a condition depends on: the same for two invoices, it holds for
    both or for neither."""
    name = term.name
    if name.startswith(_SAME) or name in _ALSO_SAME:
        return None
    if not term.operator:
        if name in _FILLED:
            return None
        if name == "facture.deja_regle":
            return invoice.balance < invoice.total
        if name in ("relance.precedente_date", "relance.precedentes"):
            return situation.last is not None
        if name == "facture.reference_client":
            return bool(invoice.customer_reference.strip())
        if name == "facture.objet":
            return bool(invoice.subject.strip())
        # A tiny balance earns less than a cent a day.
        if name == "penalites.par_jour" and invoice.balance >= 10:
            return None
    return invoice.pk


def _wish(invoice: Invoice, step: Step, *, by_email: bool) -> Wish:
    channel = Channel.LETTER
    if by_email:
        channel = Channel.EMAIL
    elif step.level.is_formal_notice:
        channel = Channel.REGISTERED
    return Wish(invoice=invoice, channel=channel, level=step.level)


def _contacts(invoices: Sequence[Invoice]) -> Mapping[int, list[Contact]]:
    found: defaultdict[int, list[Contact]] = defaultdict(list)
    contacts = (
        Contact.objects.filter(customer__in={one.customer_id for one in invoices})
        .prefetch_related("recipient_for", "copy_for")
        .order_by("pk")
    )
    for contact in contacts:
        found[contact.customer_id].append(contact)
    return found
