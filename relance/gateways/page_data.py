"""What pages are set from, in the shapes that the Typst templates take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from relance.gateways.printable import cut, one_line

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def correspondents(sender: tuple[str, ...], address: tuple[str, ...]) -> dict[str, Any]:
    """Return who writes to whom, as much of it as finds room."""
    lines = [one_line(line) for line in address] or [""]
    # What stays in the window at the smallest size, about 80 characters a line.
    longest = 720 // len(lines)
    return {
        "sender": [cut(one_line(line), 900 // len(sender)) for line in sender] or [""],
        "address": [cut(line, longest) for line in lines],
        "recipient": cut(lines[0], 80),
    }


def closing(body: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Say how many last blocks stay with the signature, and their length.

    The closing formula does, and a short paragraph before it: a signature on a page
    of its own could be put under anything.
    """
    kept = length = 0
    for block in reversed(body[-2:]):
        size = sum(len(span["text"]) for span in block.get("spans", ()))
        if block["kind"] != "paragraph" or (kept and length + size > 900):
            break
        kept, length = kept + 1, length + size
    return kept, length


def block(item: dict[str, Any]) -> dict[str, Any]:
    """Return a block of the body as Typst takes it."""
    return table(item) if item["kind"] == "table" else item


def table(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give every row as many cells as the header, and every column its share."""
    rows = [list(row) for row in content["rows"]]
    total = list(content.get("total", ()))
    header = list(content["header"]) if any(content["header"]) else []
    width = max(map(len, [header, total, *rows]))
    lines = [_wide(row, width) for row in rows]
    header = header and _wide(header, width)
    total = total and _wide(total, width)
    return {
        **content,
        "header": header,
        "rows": lines,
        "total": total,
        "aligns": _wide(list(content["aligns"])[:width], width, "left"),
        "shares": _shares([row for row in [header, total, *lines] if row]),
    }


def _shares(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns' parts of the page width; 0 for as wide as the content.

    A light table is spread evenly; in a heavier one the first column takes what the
    others leave; past a page's width they all give way.
    """
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(longest) <= 72:
        return [length + 4 for length in longest]
    if sum(longest) <= 90:
        return [1] + [0] * (len(longest) - 1)
    return [0] * len(longest)


def _wide(row: list[str], width: int, filling: str = "") -> list[str]:
    return row + [filling] * (width - len(row))


def language(code: str) -> str:
    """Return the code of a language, French for what is none."""
    return code if _LANGUAGE.fullmatch(code) else "fr"
