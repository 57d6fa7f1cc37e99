"""Money, dates, rates, addresses and typography as French and English write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies

NO_BREAK = "\u00a0"
ADDRESS_LINES = 7
ADDRESS_WIDTH = 38
# Texts kept as they were set.
_REMEMBERED = 512
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_SPACES = " \t\u00a0\u2007\u2009\u202f"


class WordingError(ValueError):
    """What cannot be worded or read: ``reason`` is a code, ``value`` what was given.

    Reasons: ``unknown_currency``, ``three_decimals``, ``not_an_amount``,
    ``ambiguous``, ``too_precise``, ``too_large``.
    """

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """The parts of an address; ``street`` may hold several lines."""

    name: str
    attention: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = "FR"


@lru_cache(maxsize=4)
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, _LOCALES["fr"]))


@lru_cache(maxsize=64)
def _symbol(currency: str, language: str) -> str:
    return str(get_currency_symbol(currency, locale=_locale(language)))


@lru_cache(maxsize=64)
def _precision(currency: str) -> int:
    return check_currency(currency)


def check_currency(code: str) -> int:
    """Return the decimals of a currency, 0 or 2.

    Raises WordingError for an unknown code and for currencies of three decimals,
    which amounts kept in hundredths would falsify.
    """
    if code not in list_currencies():
        raise WordingError("unknown_currency", code)
    precision = get_currency_precision(code)
    if precision > 2:
        raise WordingError("three_decimals", code)
    return precision


def number(amount: Decimal, *, decimals: int = 2, language: str = "fr") -> str:
    """Return ``1 234,56`` or ``1,234.56``, rounded half up."""
    step = Decimal(1).scaleb(-decimals)
    rounded = amount.quantize(step, rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    text = f"{rounded:,.{decimals}f}"
    if language == "en":
        return text
    return text.translate({ord(","): NO_BREAK, ord("."): ","})


def money(amount: Decimal, currency: str = "EUR", language: str = "fr") -> str:
    """Return ``1 234,56 €`` with no-break spaces, or ``€1,234.56``."""
    text = number(amount, decimals=_precision(currency), language=language)
    symbol = _symbol(currency, language)
    if language != "en":
        return f"{text}{NO_BREAK}{symbol}"
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    # A code stands apart from the figures, a sign does not: CHF 10.00, £10.00.
    space = NO_BREAK if symbol[-1:].isalpha() else ""
    return f"{sign}{symbol}{space}{digits}"


def rate(percent: Decimal, *, language: str = "fr") -> str:
    """Return ``12,40 %`` or ``12.40%``."""
    text = number(percent, language=language)
    return f"{text}%" if language == "en" else f"{text}{NO_BREAK}%"


def list_of_rates(percents: Sequence[Decimal], *, language: str = "fr") -> str:
    """Return ``12,15 % puis 12,40 %``, in the order given, a repeated rate once."""
    distinct = list(dict.fromkeys(percents))
    words = [rate(percent, language=language) for percent in distinct]
    return (" then " if language == "en" else " puis ").join(words)


def count(quantity: int, *, one: str, many: str) -> str:
    """Return ``1 jour`` or ``55 jours``; French and English agree from two on."""
    return f"{quantity}{NO_BREAK}{one if abs(quantity) < 2 else many}"


def days(quantity: int, *, language: str = "fr") -> str:
    """Return ``55 jours`` or ``55 days``."""
    if language == "en":
        # Zero takes the plural in English, not in French.
        return count(quantity, one="day" if quantity else "days", many="days")
    return count(quantity, one="jour", many="jours")


def long_date(day: date, *, language: str = "fr", weekday: bool = False) -> str:
    """Return ``1er décembre 2026``, ``mercredi 9 décembre 2026``, ``9 December 2026``.

    The day does not part from its month at the end of a line.
    """
    text = f"{_day_and_month(day, language)} {day.year}"
    if weekday:
        name = _locale(language).days["format"]["wide"][day.weekday()]
        return f"{name} {text}"
    return text


def short_date(day: date) -> str:
    """Return ``24/11/2026``, in both languages."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def list_of_dates(dates: Sequence[date], *, language: str = "fr") -> str:
    """Return ``14 octobre et 4 novembre 2026``; each year is said once, in order."""
    ordered = sorted(set(dates))
    words = [
        _day_and_month(day, language)
        if index + 1 < len(ordered) and ordered[index + 1].year == day.year
        else long_date(day, language=language)
        for index, day in enumerate(ordered)
    ]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {'and' if language == 'en' else 'et'} {words[-1]}"


def previous_reminders(dates: Sequence[date], *, language: str = "fr") -> str:
    """Return ``notre relance du …`` or ``nos relances des … et …``, empty for none."""
    distinct = sorted(set(dates))
    if not distinct:
        return ""
    words = list_of_dates(distinct, language=language)
    if language == "en":
        return f"our reminder{'s' if len(distinct) > 1 else ''} of {words}"
    if len(distinct) > 1:
        return f"nos relances des {words}"
    return f"notre relance du {words}"


def iban(value: str) -> str:
    """Return the IBAN in groups of four."""
    compact = re.sub(r"[\s.-]", "", value).upper()
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))


def country_name(code: str, *, language: str = "fr") -> str:
    """Return the country's name in the language, the code itself when unknown."""
    return str(_locale(language).territories.get(code.upper(), code))


def postal_address(
    address: PostalAddress, *, sender_country: str = "FR", language: str = "fr"
) -> tuple[str, ...]:
    """Return at most 7 lines, of at most 38 characters where words allow it.

    The town's line is in capitals (without accents in France, NF Z 10-011); abroad,
    the country's name in the sender's language stands alone on the last line.
    """
    last = f"{address.postcode} {address.town}".strip().upper()
    if address.country.upper() == "FR":
        last = _without_accents(last)
    end = [_one_line(last)]
    if address.country and address.country.upper() != sender_country.upper():
        end.append(country_name(address.country, language=language).upper())
    end = [line for line in end if line]
    streets = [_one_line(line) for line in address.street.splitlines()]
    start = [_one_line(address.name), _one_line(address.attention), *streets]
    start = [line for line in start if line]
    room = ADDRESS_LINES - len(end)
    while len(start) > room and len(start) > 2:
        start[-2:] = [f"{start[-2]}, {start[-1]}"]
    return (*_folded(start, room=room), *end)


def _folded(lines: list[str], *, room: int) -> list[str]:
    """Cut lines over the width at a space, as far as there is room for more lines."""
    folded: list[str] = []
    for index, line in enumerate(lines):
        rest = line
        spare = room - len(folded) - (len(lines) - index)
        while len(rest) > ADDRESS_WIDTH and spare > 0:
            space = rest.rfind(" ", 0, ADDRESS_WIDTH + 1)
            if space <= 0:
                break
            folded.append(rest[:space].rstrip(" ,"))
            rest = rest[space + 1 :]
            spare -= 1
        folded.append(rest)
    return folded


_AMOUNT = re.compile(r"(?P<sign>[+\-\u2212]?)(?P<body>[0-9 .,'’]+)", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[ .,'’])[0-9]{3})(?:(?P=mark)[0-9]{3})*")


def parse_amount(text: str) -> Decimal:
    """Read an amount typed the French or the English way; never guess.

    ``1 234,56``, ``1.234,56``, ``1,234.56``, ``1234.5`` and ``12 €`` are read;
    ``1.234`` could be either and is refused. Raises WordingError.
    """
    bare = text.strip(_SPACES).removesuffix("€").removesuffix("EUR").removeprefix("€")
    bare = re.sub(f"[{_SPACES}]", " ", bare.strip(_SPACES))
    match = _AMOUNT.fullmatch(bare)
    if match is None:
        raise WordingError("not_an_amount", text)
    whole, decimals = _split_amount(match["body"].strip(), text)
    if len(decimals) > 2:
        raise WordingError("too_precise", text)
    if not whole.isdecimal() or len(whole.lstrip("0")) > 12:
        raise WordingError("too_large" if whole.isdecimal() else "not_an_amount", text)
    value = Decimal(f"{whole}.{decimals or '0'}").quantize(Decimal("0.01"))
    return -value if match["sign"] in ("-", "\u2212") else value


def _split_amount(body: str, text: str) -> tuple[str, str]:
    """Return the digits before and after the decimal mark."""
    last = max(body.rfind("."), body.rfind(","))
    whole, decimals = (body, "") if last < 0 else (body[:last], body[last + 1 :])
    only_mark = last >= 0 and not re.search(r"[ .,'’]", whole)
    if only_mark and re.fullmatch(r"[1-9][0-9]{0,2}", whole) and len(decimals) == 3:
        raise WordingError("ambiguous", text)
    if last >= 0 and body[last] in whole:
        # The same mark twice can only part thousands.
        whole, decimals, last = body, "", -1
    if last >= 0 and not decimals.isdecimal():
        raise WordingError("not_an_amount", text)
    if re.search(r"[ .,'’]", whole):
        if not _GROUPED.fullmatch(whole):
            raise WordingError("not_an_amount", text)
        whole = re.sub(r"[ .,'’]", "", whole)
    return whole or "0", decimals


_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[\w{*«])")
# Spaces that must not break; a colon in a table's rule (`| :--- |`) is left alone.
_FRENCH = (
    (re.compile(r" +(?=[;!?%»€])"), NO_BREAK),
    (re.compile(r" +(?=:(?!-))"), NO_BREAK),
    (re.compile(r"«[ \u00a0]*"), f"«{NO_BREAK}"),
    (re.compile(r"(?<=[\w)}]) *»"), f"{NO_BREAK}»"),
    (re.compile(r"\b([Nn]°)[ \u00a0]*(?=\S)"), rf"\1{NO_BREAK}"),
    (re.compile(r"(?<=\d) (?=\d{3}(?!\d))"), NO_BREAK),
    (re.compile(r"\b(L|R|D|art|M|p|P)\. ?(?=[\d{]|J\.)"), rf"\1.{NO_BREAK}"),
    (re.compile(r"\b(articles?) (?=[\dLRD])"), rf"\1{NO_BREAK}"),
)
_GLUED_MARK = re.compile(r"(?<=[\w)}»*])([;!?:])(?=\s|$)")


@lru_cache(maxsize=_REMEMBERED)
def typography(text: str, *, language: str = "fr") -> str:
    """Put French no-break spaces and curved apostrophes; the words stay as they are.

    Addresses of sites and mailboxes are left alone. Doing it twice changes nothing.
    """
    text = _APOSTROPHE.sub("’", text)
    if language != "fr":
        return text
    for pattern, replacement in _FRENCH:
        text = pattern.sub(replacement, text)
    return re.sub(r"\S+", _spaced_mark, text)


def _spaced_mark(word: re.Match[str]) -> str:
    if "://" in word.group() or "@" in word.group():
        return word.group()
    return _GLUED_MARK.sub(rf"{NO_BREAK}\1", word.group())


def _day_and_month(day: date, language: str) -> str:
    month = _locale(language).months["format"]["wide"][day.month]
    ordinal = "1er" if day.day == 1 and language != "en" else str(day.day)
    return f"{ordinal}{NO_BREAK}{month}"


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    bare = "".join(char for char in parts if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", bare)


def _one_line(text: str) -> str:
    return " ".join(text.split())
