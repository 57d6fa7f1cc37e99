"""What a letter or an e-mail is made of, and its forms: JSON, HTML, plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
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

_KINDS = {
    Paragraph: "paragraph",
    Heading: "heading",
    ListBlock: "list",
    TableBlock: "table",
    Box: "box",
}


def to_json(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return plain dictionaries, each with its ``kind``."""
    return [{"kind": _KINDS[type(block)], **asdict(block)} for block in blocks]


# Mail programs drop style sheets: what the eye needs stands on each element.
_BODY = (
    "font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5;"
    "color:#1d2327;max-width:46em"
)
_CELL = "padding:4px 7px;border-bottom:1px solid #d9d6cc"
_LINE = "padding:4px 10px"
_TABLE = "border-collapse:collapse;font-size:14px"
# On a telephone the table is scrolled, and the sentences keep their width.
_WIDE = "margin:12px 0;max-width:100%;overflow-x:auto"
_BOX = "background:#f2f1ec;margin:12px 0"


def to_html(blocks: Sequence[Block]) -> str:
    """Return simple HTML, every text escaped."""
    return "\n".join(_html(block) for block in blocks)


def to_email_html(blocks: Sequence[Block]) -> str:
    """Return the HTML body of an e-mail, in a face that every machine has."""
    return f'<div style="{_BODY}">\n{to_html(blocks)}\n</div>'


def to_plain(blocks: Sequence[Block]) -> str:
    """Return plain text: tables aligned in columns, a blank line between blocks."""
    return "\n\n".join(_plain(block) for block in blocks)


def _html(block: Block) -> str:
    match block:
        case Paragraph(spans=spans):
            return f"<p>{_html_spans(spans)}</p>"
        case Heading(level=level, spans=spans):
            return f"<h{level}>{_html_spans(spans)}</h{level}>"
        case ListBlock(ordered=ordered, items=items):
            tag = "ol" if ordered else "ul"
            rows = "".join(f"<li>{_html_spans(item)}</li>" for item in items)
            return f"<{tag}>{rows}</{tag}>"
        case TableBlock():
            return _html_table(block)
        case Box(lines=lines):
            rows = "".join(
                f'<tr><td style="{_LINE}">{escape(label)}</td>'
                f'<td style="{_LINE}"><strong>{escape(value)}</strong></td></tr>'
                for label, value in lines
            )
            return f'<table border="0" cellpadding="0" style="{_BOX}">{rows}</table>'
        case FieldBlock(name=name):
            return f"<p>{escape(name)}</p>"


def _html_spans(spans: Sequence[Span]) -> str:
    return "".join(_html_span(span) for span in spans)


def _html_span(span: Span) -> str:
    if span.text == "\n":
        return "<br>\n"
    text = escape(span.text)
    if span.href:
        text = f'<a href="{escape(span.href)}">{text}</a>'
    if span.italic:
        text = f"<em>{text}</em>"
    return f"<strong>{text}</strong>" if span.bold else text


def _html_table(table: TableBlock) -> str:
    def row(cells: Sequence[str], tag: str, *, bold: bool = False) -> str:
        parts = []
        for cell, align in zip(cells, table.aligns, strict=False):
            text = f"<strong>{escape(cell)}</strong>" if bold else escape(cell)
            style = f"{_CELL};text-align:{align};white-space:nowrap"
            parts.append(f'<{tag} align="{align}" style="{style}">{text}</{tag}>')
        return f"<tr>{''.join(parts)}</tr>"

    header = row(table.header, "th") if any(table.header) else ""
    rows = "".join(row(cells, "td") for cells in table.rows)
    total = row(table.total, "td", bold=True) if table.total else ""
    return (
        f'<div style="{_WIDE}">'
        f'<table border="0" cellpadding="0" cellspacing="0" style="{_TABLE}">'
        f"{header}{rows}{total}</table></div>"
    )


def _plain(block: Block) -> str:
    match block:
        case Paragraph(spans=spans) | Heading(spans=spans):
            return _plain_spans(spans)
        case ListBlock(ordered=ordered, items=items):
            return "\n".join(
                f"{f'{number}.' if ordered else '-'} {_plain_spans(item)}"
                for number, item in enumerate(items, start=1)
            )
        case TableBlock():
            return _plain_table(block)
        case Box(lines=lines):
            width = max((len(label) for label, _value in lines), default=0)
            return "\n".join(f"  {label:<{width}}  {value}" for label, value in lines)
        case FieldBlock(name=name):
            return name


def _plain_spans(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


def _plain_table(table: TableBlock) -> str:
    rows = [table.header] if any(table.header) else []
    rows += [*table.rows, *([table.total] if table.total else [])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    lines = []
    for row in rows:
        cells = zip(row, widths, table.aligns, strict=False)
        aligned = [
            cell.rjust(width) if align == "right" else cell.ljust(width)
            for cell, width, align in cells
        ]
        lines.append("  ".join(aligned).rstrip())
    if any(table.header):
        lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)
