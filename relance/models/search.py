"""Searching as people type: without case, without accents, on both databases."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import CharField, F, Func, Value
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


def _teach_sqlite(connection: Any, **_kwargs: object) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "RELANCE_PLAIN", 1, lambda text: plain(text or ""), deterministic=True
        )


# No business step: the connection learns a function, as it learns its PRAGMAs.
connection_created.connect(_teach_sqlite, dispatch_uid="relance-plain")
