"""Markdown with automatic fields, to blocks that a page or an e-mail can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

type Align = Literal["left", "right"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A run of text in one style; a line break is a span holding ``\\n``."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A title inside the letter, level 1 to 6."""

    level: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class ListBlock:
    """Items, numbered or not; lists inside lists are laid flat."""

    ordered: bool
    items: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, kw_only=True)
class TableBlock:
    """Rows under a header; ``total`` is a last row in bold."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[Align, ...]
    total: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Box:
    """Labels and values on a tinted ground: bank details."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class FieldBlock:
    """A paragraph that holds only a block field, until it is replaced."""

    name: str


type Block = Paragraph | Heading | ListBlock | TableBlock | Box | FieldBlock
