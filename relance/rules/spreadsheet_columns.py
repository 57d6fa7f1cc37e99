"""What a spreadsheet is and which column says what, by the names of its columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from relance.rules.spreadsheet_targets import (
    AMOUNTS,
    BUCKETS,
    DAYS,
    REQUIRED,
    SYNONYMS,
    Kind,
    Target,
)

# Words that change nothing in the name of a column.
_EMPTY: Final = frozenset(
    [
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "eur",
        "euro",
        "euros",
        "for",
        "in",
        "jour",
        "jours",
        "l",
        "la",
        "le",
        "les",
        "of",
        "on",
        "par",
        "que",
        "the",
        "un",
        "une",
        "s",
    ]
)
_SHORT: Final = {
    "n": "numero", "no": "numero", "num": "numero", "nr": "numero", "nb": "numero",
    "dt": "date", "mt": "montant", "mtt": "montant", "mnt": "montant", "cli": "client",
    "fact": "facture", "ech": "echeance", "cpte": "compte", "cde": "commande",
    "rglt": "reglement", "regl": "reglement", "ref": "ref",
}  # fmt: skip
# What only one kind has, and what rather tells against it.
_TELLING: Final[dict[Kind, tuple[Target, ...]]] = {
    Kind.INVOICES: (Target.DUE_DATE, Target.BALANCE, Target.PAID, Target.TOTAL),
    Kind.PAYMENTS: (Target.MODE, Target.AMOUNT),
    Kind.CUSTOMERS: (Target.ADDRESS, Target.POSTCODE, Target.EMAIL, Target.SIREN),
    Kind.AGED_BALANCE: tuple(BUCKETS),
    Kind.STATEMENT: (Target.DEBIT, Target.CREDIT, Target.LABEL),
}
_HEADER_WITHIN: Final = 40


def plain(text: str) -> str:
    """Return the name of a column without case, accents, marks and empty words:
    ``Date d’échéance`` and ``DATE_ECHEANCE`` are both ``date echeance``."""
    bare = unicodedata.normalize("NFKD", text.replace("°", " ").replace("º", " "))
    bare = "".join(char for char in bare if unicodedata.category(char) != "Mn")
    words = re.findall(r"[a-z]+|\d+", bare.casefold())
    kept = [_SHORT.get(word, word) for word in words if word not in _EMPTY]
    if kept and words[-1] in ("le", "on"):
        # « Réglé le » is a day, « Réglé » an amount.
        kept.append("when")
    return " ".join(kept or words)


_NAMES: Final[dict[Kind, dict[str, tuple[Target, int]]]] = {}
for _kind, _targets in SYNONYMS.items():
    _names = _NAMES.setdefault(_kind, {})
    for _target, _words in _targets.items():
        for _rank, _word in enumerate(filter(None, _words.split("|"))):
            # A name that two columns share goes to the one that names it sooner.
            _known = _names.get(plain(_word))
            if _known is None or _rank < _known[1]:
                _names[plain(_word)] = (_target, _rank)


def matched(kind: Kind, headers: Sequence[str]) -> dict[Target, int]:
    """Return the column of each target, by name; the best name wins, then the
    leftmost."""
    found: dict[Target, tuple[int, int]] = {}
    for column, header in enumerate(headers):
        named = _named(kind, header)
        if named is None:
            continue
        target, rank = named
        if target not in found or rank < found[target][0]:
            found[target] = (rank, column)
    columns = {target: column for target, (_rank, column) in found.items()}
    return _completed(kind, headers, columns)


def _completed(
    kind: Kind, headers: Sequence[str], columns: dict[Target, int]
) -> dict[Target, int]:
    """Give what is still missing to a second choice: ``Référence`` names the customer
    where another column numbers the invoice."""
    for target, words in SYNONYMS[kind].items():
        if target in columns:
            continue
        names = {plain(word) for word in words.split("|") if word}
        taken = set(columns.values())
        for column, header in enumerate(headers):
            if column not in taken and plain(header) in names:
                columns[target] = column
                break
    return columns


def _named(kind: Kind, header: str) -> tuple[Target, int] | None:
    if not header.strip():
        return None
    if kind == Kind.AGED_BALANCE:
        bucket = bucket_of(header)
        if bucket is not None:
            return bucket, 0
    return _NAMES[kind].get(plain(header))


_RANGE: Final = re.compile(r"(\d{1,3})\s*(?:-|–|a|à|to|et|/|<)+\s*(\d{1,3})")
_OVER: Final = re.compile(r"(?:>|\+|plus de|sup\w*|over|au.?dela de|≥)\D{0,6}(\d{2,3})")
_OVER_AFTER: Final = re.compile(r"(\d{2,3})\s*(?:j\w*)?\s*(?:\+|et plus|and more)")
_UNDER: Final = re.compile(r"(?:<|moins de|inf\w*|under|≤)\D{0,6}(\d{1,3})")
_NOT_DUE: Final = frozenset(
    {"non echu", "echoir", "pas echu", "not due", "courant", "current", "non echues"}
)
_BY_START: Final = {
    0: Target.LATE_1, 1: Target.LATE_1, 30: Target.LATE_31, 31: Target.LATE_31,
    60: Target.LATE_61, 61: Target.LATE_61, 90: Target.LATE_91, 91: Target.LATE_91,
}  # fmt: skip


def bucket_of(header: str) -> Target | None:
    """Return the column of an aged balance: ``Non échu``, ``31-60 j``, ``> 90``."""
    if plain(header) in _NOT_DUE:
        return Target.NOT_DUE
    bare = unicodedata.normalize("NFKC", header.casefold())
    span = _RANGE.search(bare)
    if span is not None:
        return _BY_START.get(int(span[1]))
    under = _UNDER.search(bare)
    if under is not None and int(under[1]) in (30, 31):
        return Target.LATE_1
    over = _OVER.search(bare) or _OVER_AFTER.search(bare)
    if over is None:
        return None
    return Target.LATE_OVER_120 if int(over[1]) >= 120 else Target.LATE_OVER_90


def missing(kind: Kind, targets: Mapping[Target, int]) -> list[tuple[Target, ...]]:
    """Return the groups of which one column at least is still to be named."""
    return [
        group
        for group in REQUIRED[kind]
        if not any(target in targets for target in group)
    ]


def recognised(headers: Sequence[str]) -> list[Kind]:
    """Return what the file may be, the likeliest first; nothing when nothing fits.

    Two kinds that fit as well as each other are both first: the caller asks.
    """
    fitting = {}
    for kind in Kind:
        columns = matched(kind, headers)
        if not missing(kind, columns):
            fitting[kind] = _points(kind, columns)
    best = sorted(fitting, key=lambda kind: -fitting[kind])
    return [kind for kind in best if fitting[kind] > 0]


def sure(headers: Sequence[str]) -> Kind | None:
    """Return the only kind that the file can sensibly be, if there is one."""
    found = recognised(headers)
    names = {plain(header) for header in headers}
    # Both sides of a ledger: payments stand among the invoices.
    if not found or (found[0] == Kind.INVOICES and {"debit", "credit"} <= names):
        return None
    if len(found) == 1:
        return found[0]
    first, second = (_points(kind, matched(kind, headers)) for kind in found[:2])
    return found[0] if first > second else None


def _points(kind: Kind, columns: Mapping[Target, int]) -> int:
    points = len(columns) + 2 * sum(target in columns for target in _TELLING[kind])
    if kind == Kind.AGED_BALANCE:
        buckets = sum(target in columns for target in BUCKETS)
        return points + 4 * buckets if buckets > 1 else 0
    if kind == Kind.CUSTOMERS:
        told = sum(target in columns for target in _TELLING[kind])
        return points if told else 0
    if kind == Kind.STATEMENT and not {Target.LABEL, Target.PAYER} & set(columns):
        return 0
    return points


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row that names the columns, among the first rows.

    It is the one with most names that are known; else the first with several words
    and no figure. Titles, addresses and dates of the export stand before it.
    """
    best, most = -1, 1
    for place, cells in enumerate(rows[:_HEADER_WITHIN]):
        known = max(len(matched(kind, cells)) for kind in Kind)
        if known > most:
            best, most = place, known
    if best >= 0:
        return best
    for place, cells in enumerate(rows[:_HEADER_WITHIN]):
        words = [cell for cell in cells if cell]
        if len(words) > 1 and not any(re.fullmatch(r"[\d .,/-]+", w) for w in words):
            return place
    return 0


_TOTAL: Final = re.compile(
    r"\W*(?:sous[ -]?)?(?:total|totaux|cumul|report|a reporter|solde au|solde general|"
    r"nombre de|subtotal|grand total|edite le|page \d)"
)
_ONLY_TOTAL: Final = re.compile(
    r"\W*(?:sous[ -]?|grand )?(?:total|totaux)(?: general\w*| clients?| ttc| eur)?\W*"
)


def is_total(cells: Sequence[str], columns: Mapping[Target, int]) -> bool:
    """Whether a row only adds others up, or ends a page: its first words say so, and
    it has no day where its kind has one. *Total Énergies* is a customer."""
    first = next((cell for cell in cells if cell), "")
    bare = unicodedata.normalize("NFKD", first.casefold())
    bare = "".join(char for char in bare if unicodedata.category(char) != "Mn")
    days = [column for target, column in columns.items() if target in DAYS]
    if not days:
        return _ONLY_TOTAL.fullmatch(bare) is not None
    dated = any(column < len(cells) and cells[column] for column in days)
    return not dated and _TOTAL.match(bare) is not None


_FRENCH: Final = frozenset(
    [
        "facture",
        "client",
        "echeance",
        "montant",
        "reglement",
        "regle",
        "solde",
        "reste",
        "libelle",
        "ttc",
        "piece",
        "numero",
        "emission",
        "payer",
        "raison",
    ]
)


def in_french(headers: Sequence[str]) -> bool:
    """Whether the columns are named in French: days are then day first."""
    return any(_FRENCH & set(plain(header).split()) for header in headers)


def wanted(kind: Kind) -> list[Target]:
    """Return what the columns of a kind may say, in the order in which one chooses."""
    first = [target for group in REQUIRED[kind] for target in group]
    return list(dict.fromkeys([*first, *SYNONYMS[kind]]))


def typed(target: Target) -> str:
    """Return what the cells of a column hold: ``day``, ``amount`` or ``text``."""
    if target in DAYS:
        return "day"
    return "amount" if target in AMOUNTS else "text"
