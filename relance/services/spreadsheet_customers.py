"""The customer of a row: known by a number or its exact name, or new; never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number

from relance.models import Customer, ImportBatch, Source
from relance.rules.delays import InvalidDelay, parse_terms
from relance.rules.regimes import Regime
from relance.rules.spreadsheet_targets import Target
from relance.services.customers import next_code
from relance.services.import_customers import FRENCH_SPEAKING, plain_name
from relance.services.spreadsheet_records import Record, Trouble

# What a row may say of a customer besides its name and code.
DETAILS = (
    "email", "phone", "address", "postcode", "city", "country", "siren", "siret",
    "vat_number", "payment_terms",
)  # fmt: skip


_LONGEST = {
    column.name: column.max_length
    for column in Customer._meta.concrete_fields
    if column.max_length
}


@dataclass(kw_only=True, slots=True, eq=False)
class Known:
    """A customer as the import needs it; ``new`` while it is not saved."""

    pk: int | None
    code: str
    name: str
    siren: str
    siret: str
    vat_number: str
    source: str
    terms: str
    new: Customer | None = None
    # How they are called, and those who were merged into them.
    also: set[str] = field(default_factory=set)


class Customers:
    """All customers, found by what a row says; those that the file brings are added."""

    def __init__(self) -> None:
        self._by_code: dict[str, Known] = {}
        self._by_number: dict[str, list[Known]] = defaultdict(list)
        self._by_name: dict[str, list[Known]] = defaultdict(list)
        self._next = 0
        columns = (
            "pk", "code", "name", "siren", "siret", "vat_number", "source",
            "payment_terms", "merged_into",
        )  # fmt: skip
        everybody = Customer.objects.order_by(
            F("merged_into").asc(nulls_first=True), "pk"
        ).values_list(*columns)
        standing: dict[int, Known] = {}
        for row in everybody.iterator(chunk_size=2000):
            pk, code, name, siren, siret, vat_no, source, terms, survivor = row
            known = Known(
                pk=pk, code=code, name=name, siren=siren, siret=siret,
                vat_number=vat_no, source=source, terms=terms,
            )  # fmt: skip
            if survivor is None:
                standing[pk] = known
                self._add(known)
            else:
                # Whoever names one that was merged means the one who stayed.
                self._add(known, is_now=standing[survivor])

    def _add(self, known: Known, *, is_now: Known | None = None) -> None:
        owner = is_now or known
        owner.also.add(plain_name(known.name))
        self._by_code[known.code] = owner
        for number in {known.siren, known.siret, known.vat_number} - {""}:
            if owner not in self._by_number[number]:
                self._by_number[number].append(owner)
        if owner not in self._by_name[plain_name(known.name)]:
            self._by_name[plain_name(known.name)].append(owner)

    def find(self, record: Record) -> Known | None:
        """Return the customer that a row names; none when it is new. What stands
        against it is added to the row's problems."""
        code, name = record.text(Target.CODE)[:40], record.text(Target.NAME)
        siren = _digits(record.text(Target.SIREN))
        siret = _digits(record.text(Target.SIRET))
        siren = siren or siret[:9]
        known = self._by_code.get(code)
        if known is not None:
            other = siren and known.siren and known.siren != siren
            # Codes given here may be another customer's in the program exported from.
            renamed = known.source != Source.SPREADSHEET and name
            if other or (renamed and plain_name(name) not in known.also):
                record.warn(Trouble.CUSTOMER_DISAGREES, Target.CODE, known.name)
            return known
        vat_no = record.text(Target.VAT_NUMBER).upper().replace(" ", "")
        for number in filter(None, (siret, siren, vat_no)):
            found = [
                one
                for one in self._by_number.get(number, ())
                if not (siret and one.siret and one.siret != siret)
            ]
            if found:
                return _only(found, record, number)
        same = self._by_name.get(plain_name(name), []) if name else []
        found = [
            one
            for one in same
            # Two numbers, or two codes of files, are two customers.
            if not (siren and one.siren and one.siren != siren)
            and not (siret and one.siret and one.siret != siret)
            and not (code and one.source == Source.SPREADSHEET)
        ]
        return _only(found, record, name) if found else None

    def find_or_new(self, record: Record) -> Known | None:
        """As ``find``; a customer that is not known is made ready to be created."""
        known = self.find(record)
        if known is not None or record.stopped:
            return known
        if not record.text(Target.NAME):
            which = next(
                (
                    t
                    for t in (Target.CODE, Target.SIREN, Target.SIRET)
                    if record.text(t)
                ),
                Target.NAME,
            )
            trouble = (
                Trouble.CUSTOMER_UNKNOWN if record.text(which) else Trouble.MISSING
            )
            record.warn(trouble, which, record.text(which))
            return None
        return self._new(record)

    def _new(self, record: Record) -> Known:
        values = details(record)
        code = record.text(Target.CODE)[:40] or self._free_code()
        made = Customer(
            name=record.text(Target.NAME)[:200],
            code=code,
            regime=_regime(values.get("siren", "")),
            language="fr" if values.get("country", "FR") in FRENCH_SPEAKING else "en",
            source=Source.SPREADSHEET,
            **values,
        )
        known = Known(
            pk=None, code=code, name=made.name, siren=made.siren, siret=made.siret,
            vat_number=made.vat_number, source=made.source, terms=made.payment_terms,
            new=made,
        )  # fmt: skip
        self._add(known)
        return known

    def _free_code(self) -> str:
        if not self._next:
            self._next = int(next_code()[1:])
        while f"C{self._next:05d}" in self._by_code:
            self._next += 1
        return f"C{self._next:05d}"


def create(
    found: Iterable[Known], batch: ImportBatch, *, now: datetime
) -> list[Customer]:
    """Save the customers that are new, and give each its number."""
    fresh = [known for known in dict.fromkeys(found) if known.new is not None]
    rows = []
    for known in fresh:
        if known.new is not None:
            known.new.batch, known.new.created_at = batch, now
            rows.append(known.new)
    made = Customer.objects.bulk_create(rows, batch_size=500)
    for known, row in zip(fresh, made, strict=True):
        known.pk, known.new = row.pk, None
    return made


def details(record: Record) -> dict[str, str]:
    """Return what a row says of its customer; what is wrong is left out, and said."""
    values: dict[str, str] = {}
    for name in DETAILS:
        said = record.text(Target(name))
        if said:
            values[name] = _checked(record, Target(name), said)
    more = record.text(Target.ADDRESS_MORE)
    if more:
        values["address"] = "\n".join(filter(None, [values.get("address", ""), more]))
    if values.get("siret") and not values.get("siren"):
        values["siren"] = values["siret"][:9]
    return {name: value for name, value in values.items() if value}


def _checked(record: Record, target: Target, said: str) -> str:
    if target == Target.EMAIL:
        first = said.replace(",", ";").split(";")[0].strip()
        return _or_warn(record, Trouble.BAD_EMAIL, target, said, _email(first))
    if target == Target.TERMS:
        return _or_warn(record, Trouble.BAD_TERMS, target, said, _terms(said))
    if target == Target.COUNTRY:
        return _or_warn(record, Trouble.BAD_COUNTRY, target, said, country_of(said))
    if target in (Target.SIREN, Target.SIRET, Target.VAT_NUMBER):
        return _or_warn(record, Trouble.BAD_NUMBER, target, said, _number(target, said))
    return said[: _LONGEST.get(target.value)]


def _or_warn(
    record: Record, trouble: Trouble, target: Target, said: str, kept: str
) -> str:
    if not kept:
        record.warn(trouble, target, said)
    return kept


@lru_cache(maxsize=4096)
def _number(target: Target, said: str) -> str:
    modules = {Target.SIREN: siren_number, Target.SIRET: siret_number}
    module = modules.get(target, vat)
    try:
        return str(module.validate(said))
    except NumberError:
        return ""


def _email(said: str) -> str:
    try:
        validate_email(said)
    except ValidationError:
        return ""
    return said


@lru_cache(maxsize=512)
def _terms(said: str) -> str:
    try:
        return str(parse_terms(said))
    except InvalidDelay:
        return ""


@lru_cache(maxsize=512)
def country_of(said: str) -> str:
    """Return the two letters of a country, named in French, in English, or by them."""
    if len(said) == 2 and said.upper() in Locale("en").territories:
        return said.upper()
    for language in ("fr", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and plain_name(str(name)) == plain_name(said):
                return str(code)
    return ""


def _only(found: list[Known], record: Record, said: str) -> Known | None:
    if len(found) == 1:
        return found[0]
    record.warn(Trouble.CUSTOMER_AMBIGUOUS, None, said)
    return None


def _digits(said: str) -> str:
    return "".join(char for char in said if char.isdigit())


def _regime(siren: str) -> str:
    # INSEE gives SIREN numbers that start with 1 or 2 to the State and local bodies.
    public = siren.startswith(("1", "2"))
    return Regime.PUBLIC.value if public else Regime.B2B.value
