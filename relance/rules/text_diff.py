"""What changed between two texts, line by line and word by word, to be read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Texts this long are compared by lines only: words would take seconds.
_MOST_WORDS = 2_000


class Change(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some words of a line, and whether they are what changed in it."""

    text: str
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a comparison. ``before`` and ``after``: its numbers from 1, 0 where
    it does not stand."""

    change: Change
    parts: tuple[Part, ...]
    before: int = 0
    after: int = 0


def compare(before: str, after: str) -> tuple[Line, ...]:
    """Return all the lines of both texts, with what became of each; of a line that
    was rewritten, only the words that changed are marked."""
    old, new = _lines(before), _lines(after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    lines: list[Line] = []
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            for offset in range(end - start):
                parts = (Part(text=old[start + offset]),)
                lines.append(
                    Line(
                        change=Change.SAME,
                        parts=parts,
                        before=start + offset + 1,
                        after=first + offset + 1,
                    )
                )
        else:
            lines += _changed(old[start:end], new[first:last], start, first)
    return tuple(lines)


def _changed(
    old: Sequence[str], new: Sequence[str], start: int, first: int
) -> Iterator[Line]:
    """Yield what was removed, then what was added; lines that answer each other
    have only their own words marked."""
    paired = min(len(old), len(new)) if len(old) == len(new) else 0
    words = [_words(old[n], new[n]) for n in range(paired)]
    for number, line in enumerate(old):
        parts = words[number][0] if number < paired else _whole(line)
        yield Line(change=Change.REMOVED, parts=parts, before=start + number + 1)
    for number, line in enumerate(new):
        parts = words[number][1] if number < paired else _whole(line)
        yield Line(change=Change.ADDED, parts=parts, after=first + number + 1)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _whole(line: str) -> tuple[Part, ...]:
    return (Part(text=line),)


def _words(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    a, b = re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new)
    if len(a) + len(b) > _MOST_WORDS:
        return _whole(old), _whole(new)
    left: list[Part] = []
    right: list[Part] = []
    matcher = difflib.SequenceMatcher(a=a, b=b, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        changed = tag != "equal"
        if start < end:
            left.append(Part(text="".join(a[start:end]), changed=changed))
        if first < last:
            right.append(Part(text="".join(b[first:last]), changed=changed))
    return tuple(left), tuple(right)
