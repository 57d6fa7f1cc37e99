"""Lists as Dolibarr's API filters, sorts and cuts them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

Row = dict[str, Any]

_ONE = re.compile(r"\(([a-z]+)\.(\w+):(>=|<=|!=|=|>|<|in|like|isnot|is):([^()]*)\)")
_COMPARE = {"=": eq, "!=": ne, ">": gt, ">=": ge, "<": lt, "<=": le}
_COLUMNS = {
    "rowid": "id",
    "fk_statut": "status",
    "tms": "_tms",
    "fk_element": "elementid",
}


def chosen(rows: Iterable[Row], params: dict[str, str]) -> list[Row]:
    """Return the rows of a page, with the properties asked for."""
    filters = _ONE.findall(params.get("sqlfilters", ""))
    kept = [row for row in rows if all(_holds(row, *one) for one in filters)]
    kept.sort(key=lambda row: int(row["id"]))
    limit, page = int(params.get("limit", 100)), int(params.get("page", 0))
    if limit:
        kept = kept[limit * page : limit * (page + 1)]
    names = params.get("properties")
    wanted = set(names.split(",")) if names else None
    return [
        {
            name: value
            for name, value in row.items()
            if not name.startswith("_") and (wanted is None or name in wanted)
        }
        for row in kept
    ]


def _holds(row: Row, _table: str, column: str, sign: str, said: str) -> bool:
    value, wanted = str(row.get(_COLUMNS.get(column, column)) or ""), said.strip("'")
    if sign == "in":
        return value in wanted.split(",")
    if sign == "like":
        return fnmatch.fnmatchcase(value, wanted.replace("%", "*"))
    if value.isdigit() and wanted.isdigit():
        return bool(_COMPARE[sign](int(value), int(wanted)))
    return bool(_COMPARE[sign](value, wanted))
