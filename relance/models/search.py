"""Searching as people type: without case, without accents, on both databases."""

from __future__ import annotations

import re
import unicodedata
from functools import reduce
from operator import or_
from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import CharField, F, Func, GeneratedField, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ"
_BARE = "aaaaaaceeeeiiiinooooouuuuyy"
_ACCENTS = re.compile("[\u0300-\u036f]+")


def plain(text: str) -> str:
    """Return a text as it is searched: "Éts LEFÈVRE" and "ets lefevre" are one."""
    # Asked of every row of a list: the usual texts take the short ways.
    if text.isascii():
        return text.lower()
    parts = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
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
        template = (
            "REPLACE(REPLACE(REPLACE(TRANSLATE(LOWER(%(expressions)s), "
            f"'{_ACCENTED}', '{_BARE}'), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss')"
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
