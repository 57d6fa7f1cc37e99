"""Searching as people type: without case, without accents, on both databases."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import or_
from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import CharField, F, Func, GeneratedField, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from relance.models.money import CENT, LARGEST

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ"
_BARE = "aaaaaaceeeeiiiinooooouuuuyy"
# Typographic signs, and what the keyboard has for them.
_SIGNS = "’‘ʼ‐‑–—\u00a0\u202f"
_KEYS = "'''----  "
_TYPED = str.maketrans(_SIGNS, _KEYS)
_ACCENTS = re.compile("[\u0300-\u036f]+")
# More than anybody types to find something.
_LONGEST, _MOST = 200, 20
# An amount as we write them, "1 827,50 €": its decimals or its sign tell it from
# numbers that follow each other.
_WRITTEN_AMOUNT = re.compile(
    r"(?<!\S)(?:\d{1,3}(?:\s\d{3})+|\d+)(?:[.,]\d{1,2}(?:\s*€)?|\s*€)(?!\S)"
)


def plain(text: str) -> str:
    """Return a text as it is searched: "Éts LEFÈVRE" and "ets lefevre" are one."""
    # Asked of every row of a list: the usual texts take the short ways.
    if text.isascii():
        return text.lower()
    typed = text.casefold().translate(_TYPED)
    parts = _ACCENTS.sub("", unicodedata.normalize("NFKD", typed))
    if parts.isascii():
        return parts
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return bare.translate(_LIGATURES)


class Plain(Func):
    """The same in SQL: our own function on SQLite, whose LIKE knows only ASCII."""

    function = "RELANCE_PLAIN"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        bare = (_BARE + _KEYS).replace("'", "''")
        template = (
            "REPLACE(REPLACE(REPLACE(TRANSLATE(LOWER(%(expressions)s), "
            f"'{_ACCENTED + _SIGNS}', '{bare}'), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss')"
        )
        return self.as_sql(compiler, connection, template=template, **context)


def searchable(*columns: str) -> Plain:
    """Return the columns, one after the other, as one text to search in."""
    parts: list[Any] = []
    for column in columns:
        text = Cast(F(column), CharField())
        parts += [Coalesce(text, Value("")), Value(" ")]
    return Plain(Concat(*parts, output_field=CharField()))


def searched(*columns: str) -> GeneratedField:
    """Return a field that holds columns of the row as one text to search in, kept by
    the database: worked out for each row of a list, it would take most of the time.

    What ``plain`` makes of a text is thereby stored: when it changes, a migration
    takes the fields away and adds them again.
    """
    return GeneratedField(
        expression=searchable(*columns), output_field=TextField(), db_persist=True
    )


def words_of(text: str) -> list[str]:
    """Return what was typed word by word, an amount as one without spaces or sign.

    Of a whole letter pasted by mistake, only the beginning: a database refuses
    conditions by the thousand.
    """
    text = text[:_LONGEST]
    return _WRITTEN_AMOUNT.sub(lambda found: _closed_up(found[0]), text).split()[:_MOST]


def _closed_up(text: str) -> str:
    return re.sub(r"[\s€]", "", text)


def amount_of(text: str) -> Decimal | None:
    """Return the amount that people typed, with or without spaces and sign, to the
    cent; ``None`` when it is none, or larger than any."""
    try:
        amount = Decimal(_closed_up(text).replace(",", ".")).quantize(CENT)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) <= LARGEST else None


def amount_in(word: str, *columns: str) -> Q:
    """Return the rows of which one of these columns is the amount that a word is;
    none when it is no amount."""
    amount = amount_of(word)
    if amount is None:
        return Q(pk__in=())
    return reduce(or_, (Q(**{column: amount}) for column in columns))


def said_in(word: str, *paths: str) -> Q:
    """Return the rows of which one of these has a word in its ``searched``; paths
    lead there, as in ``customer__``, the empty one to the row itself."""
    wanted = plain(word)
    found = (Q(**{f"{path}searched__contains": wanted}) for path in paths)
    return reduce(or_, found)


def _teach_sqlite(connection: Any, **_kwargs: object) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "RELANCE_PLAIN", 1, lambda text: plain(text or ""), deterministic=True
        )


# No business step: the connection learns a function, as it learns its PRAGMAs.
connection_created.connect(_teach_sqlite, dispatch_uid="relance-plain")
