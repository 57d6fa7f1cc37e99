"""The columns of a FEC, by their legal names and the names that programs give them."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from relance.gateways.fec_content import FecError, Reason, Warn

SEPARATORS: Final = ("\t", "|", ";")
_NAMES: Final = {
    "JournalCode": ("codejournal", "journal"),
    "JournalLib": ("journallibelle", "libellejournal"),
    "EcritureNum": ("ecriturenumero", "numeroecriture", "numecriture"),
    "EcritureDate": ("dateecriture", "datecomptable"),
    "CompteNum": ("comptenumero", "numerocompte", "numcompte", "comptegeneral"),
    "CompteLib": ("comptelibelle", "libellecompte", "intitulecompte"),
    "CompAuxNum": (
        "compteauxnum",
        "compauxnumero",
        "compteauxiliaire",
        "compteauxiliairenum",
        "numcompteaux",
    ),
    "CompAuxLib": (
        "compteauxlib",
        "compauxlibelle",
        "compteauxiliairelib",
        "libelleauxiliaire",
    ),
    "PieceRef": ("piecereference", "refpiece", "referencepiece", "numpiece"),
    "PieceDate": ("datepiece",),
    "EcritureLib": ("ecriturelibelle", "libelleecriture"),
    "Debit": ("montantdebit",),
    "Credit": ("montantcredit",),
    "Montant": (),
    "Sens": (),
    "EcritureLet": ("ecriturelettrage", "lettrage", "codelettrage"),
    "DateLet": ("datelettrage",),
    "ValidDate": ("datevalidation",),
    "Montantdevise": ("montantendevise",),
    "Idevise": ("devise", "codedevise"),
    # No legal column: some programs add it after the eighteenth.
    "DateEcheance": (
        "echeance",
        "echeancedate",
        "datedecheance",
        "ecritureecheance",
        "dateech",
        "duedate",
    ),
}
_LEGAL: Final = {name.lower() for name in _NAMES if name != "DateEcheance"}
_NEEDED: Final = ("JournalCode", "EcritureDate", "CompteNum")
# What a first line must have for the file to be taken for a FEC at all.
_ENOUGH: Final = 6


def plain(name: str) -> str:
    """Return a name without case, accents, spaces or marks."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in parts if char.isalnum())


_FOUND: Final = {
    plain(said): name for name, others in _NAMES.items() for said in (name, *others)
}


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where each column stands; ``last`` is the last one that a line must reach."""

    separator: str
    places: dict[str, int]
    count: int
    last: int
    has_sense: bool
    legal: bool

    def warnings(self) -> tuple[Warn, ...]:
        absent = {
            "EcritureLet": Warn.NO_LETTERING,
            "PieceRef": Warn.NO_DOCUMENTS,
            "CompAuxNum": Warn.NO_AUXILIARY,
        }
        found = [warn for name, warn in absent.items() if name not in self.places]
        return (*([] if self.legal else [Warn.NOT_LEGAL_FORM]), *found)


def looks_like(header: str) -> bool:
    """Say whether a first line is that of a FEC."""
    return _split(header) is not None


def columns(header: str) -> Columns:
    """Return the columns that a first line names; raise FecError."""
    found = _split(header)
    if found is None:
        raise FecError(Reason.NOT_A_FEC)
    separator, names = found
    places: dict[str, int] = {}
    for place, said in enumerate(names):
        name = _FOUND.get(plain(said))
        if name in places:
            raise FecError(Reason.COLUMN_TWICE, value=name)
        if name is not None:
            places[name] = place
    has_sense = "Montant" in places and "Debit" not in places
    amounts = ("Montant", "Sens") if has_sense else ("Debit", "Credit")
    for name in (*_NEEDED, *amounts):
        if name not in places:
            raise FecError(Reason.MISSING_COLUMN, value=name)
    legal = separator != ";" and all(plain(said) in _LEGAL for said in names[:18])
    return Columns(
        separator=separator,
        places=places,
        count=len(names),
        last=max(places[name] for name in (*_NEEDED, *amounts)),
        has_sense=has_sense,
        legal=legal,
    )


def _split(header: str) -> tuple[str, list[str]] | None:
    for separator in SEPARATORS:
        names = [name.strip().strip('"') for name in header.split(separator)]
        known = {_FOUND.get(plain(name)) for name in names} - {None}
        if len(known) >= _ENOUGH and {"CompteNum", "JournalCode"} & known:
            return separator, names
    return None
