"""What keeps letters and e-mails from being written, for invoices by the thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import override

from relance.models import Channel, Company, Contact, Customer, Invoice, Step, Text
from relance.queries.situations import Ids
from relance.queries.texts import current_texts
from relance.rules.escalation import Code, Reason, Situation, Weight
from relance.rules.fields import NO_PENALTIES, Term, terms_used
from relance.rules.rates import HalfYear
from relance.rules.recipients import Person
from relance.services.addressing import can_reach, person_of
from relance.services.drafts import Wish, drafts

_ONE_DAY = timedelta(days=1)
_NO_EMAIL = Reason(code=Code.NO_EMAIL, weight=Weight.HARD)
_NO_ADDRESS = Reason(code=Code.NO_ADDRESS, weight=Weight.HARD)


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
        among: QuerySet[Invoice] | None = None,
    ) -> None:
        self._today = today
        self._company = ours
        self._situations = situations
        customers: Ids = {invoice.customer_id for invoice in invoices}
        if among is not None:
            customers = among.values("customer")
        self._people = _people(customers)
        self._texts = current_texts()
        self._terms: dict[Hashable, frozenset[Term]] = {}
        self._reached: dict[tuple[int, int], tuple[str, str]] = {}
        # By invoice and step: what a letter, and an e-mail, is alike to.
        self._keys: dict[tuple[int, int], tuple[Hashable, Hashable]] = {}
        self._found: dict[Hashable, tuple[Reason, ...]] = {
            one.code: (one,) for one in (_NO_ADDRESS, _NO_EMAIL)
        }

    def read(self, looked_at: Iterable[tuple[Invoice, Step]]) -> None:
        """Compose one draft for each group of invoices that are alike."""
        alike: dict[Hashable, tuple[int, Step, bool]] = {}
        numbers: dict[Hashable, int] = {}
        for invoice, step in looked_at:
            pk = invoice.pk
            alike_to = numbers.setdefault(self._key(invoice, step), len(numbers))
            no_letter, no_email = self._unreachable(invoice.customer, step)
            letter, email = (alike_to, False), (alike_to, True)
            if not no_letter:
                alike.setdefault(letter, (pk, step, False))
            if not no_email:
                alike.setdefault(email, (pk, step, True))
            self._keys[pk, step.pk] = (no_letter or letter, no_email or email)
        # Read whole: a draft says all there is to say.
        whole = Invoice.objects.select_related("customer", "document").in_bulk(
            {pk for pk, _step, _by_email in alike.values()}
        )
        alike = {key: one for key, one in alike.items() if one[0] in whole}
        wishes = [
            _wish(whole[pk], step, by_email=by_email)
            for pk, step, by_email in alike.values()
        ]
        with override(self._company.language):
            made = drafts(wishes, today=self._today) if wishes else []
        for key, draft in zip(alike, made, strict=True):
            self._found[key] = draft.means if draft is not None else ()

    def reasons(
        self, invoice: Invoice, step: Step
    ) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """Return what is against a letter, and against an e-mail, at a step that
        was read."""
        letter, email = self._keys[invoice.pk, step.pk]
        return self._found.get(letter, ()), self._found.get(email, ())

    def _unreachable(self, customer: Customer, step: Step) -> tuple[str, str]:
        """Return why no letter, and no e-mail, can reach the customer; empty: it
        can."""
        key = (customer.pk, step.level_id)
        if key not in self._reached:
            people = self._people.get(customer.pk, ())
            letter, email = (
                can_reach(customer, people, step.level, by_email=by_email)
                for by_email in (False, True)
            )
            self._reached[key] = (
                "" if letter else _NO_ADDRESS.code,
                "" if email else _NO_EMAIL.code,
            )
        return self._reached[key]

    def _key(self, invoice: Invoice, step: Step) -> Hashable:
        customer, due = invoice.customer, invoice.due_date
        key = (step.pk, customer.regime, customer.language)
        rates: Hashable = None
        if customer.regime not in NO_PENALTIES:
            # Something is owed on every day since then: the same half-years count.
            rates = (HalfYear.of(due + _ONE_DAY), due < self._today)
        if not step.level.is_formal_notice:
            return (key, rates)
        situation = self._situations[invoice.pk]
        differing = tuple(
            _differing(term, invoice, situation)
            for term in self._terms_of(step, customer)
        )
        return (key, rates, bool(customer.city), differing)

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


def _people(customers: Ids) -> Mapping[int, list[Person]]:
    """Return the contacts of each customer, oldest first; who is in copy is left
    out."""
    ranks: defaultdict[int, list[int]] = defaultdict(list)
    chosen = Contact.recipient_for.through.objects.filter(
        contact__customer__in=customers
    ).values_list("contact", "level__rank")
    for contact, rank in chosen:
        ranks[contact].append(rank)
    found: defaultdict[int, list[Person]] = defaultdict(list)
    for one in Contact.objects.filter(customer__in=customers).order_by("pk"):
        person = person_of(one, recipient_for=ranks[one.pk])
        found[one.customer_id].append(person)
    return found
