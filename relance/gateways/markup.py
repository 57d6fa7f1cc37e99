"""Markdown with automatic fields, to blocks that a page or an e-mail can show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from relance.gateways.blocks import (
    Align,
    Block,
    Box,
    FieldBlock,
    Heading,
    ListBlock,
    Paragraph,
    Span,
    TableBlock,
    to_html,
    to_json,
    to_plain,
)

# Texts kept as they were parsed.
_REMEMBERED = 256

__all__ = [
    "Block",
    "Box",
    "FieldBlock",
    "Heading",
    "ListBlock",
    "MarkupError",
    "Paragraph",
    "Span",
    "TableBlock",
    "clean",
    "fill",
    "fill_line",
    "to_html",
    "to_json",
    "to_plain",
]


class MarkupError(ValueError):
    """A field without a value, or a block field inside a title, list or table."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


# Only this field makes a link, and only to a site: a value is text otherwise.
_LINK_FIELD = "societe.lien_paiement"
_FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")
# One private character stands for a field while Markdown is read: nothing in a
# name or a value can then be taken for markup, and bold may touch a field.
_FIRST_MARK = 0xF0000
_MARK = re.compile("[\U000f0000-\U000ffffd]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_RULES = [
    "normalize", "block", "inline", "table", "list", "heading", "paragraph",
    "text", "newline", "escape", "emphasis", "balance_pairs", "fragments_join",
]  # fmt: skip


def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False}).enable(_RULES, True)


_MARKDOWN = _parser()


@dataclass(frozen=True, kw_only=True)
class _Filling:
    """The fields of one text, by the mark that stands for each."""

    names: Mapping[str, str]
    values: Mapping[str, str]
    blocks: Mapping[str, Sequence[Block]]

    def spans(self, text: str, *, bold: bool, italic: bool) -> Iterator[Span]:
        position = 0
        for mark in _MARK.finditer(text):
            if position < mark.start():
                words = text[position : mark.start()]
                yield Span(text=words, bold=bold, italic=italic)
            position = mark.end()
            name = self.names.get(mark.group(), "")
            if name in self.blocks:
                raise MarkupError(name)
            yield from self._value(name, bold=bold, italic=italic)
        if position < len(text):
            yield Span(text=text[position:], bold=bold, italic=italic)

    def _value(self, name: str, *, bold: bool, italic: bool) -> Iterator[Span]:
        value = clean(self.values.get(name, ""))
        is_link = name == _LINK_FIELD and re.match(r"https?://\S+\Z", value)
        for index, line in enumerate(value.split("\n")):
            if index:
                yield Span(text="\n")
            if line:
                href = value if is_link else ""
                yield Span(text=line, bold=bold, italic=italic, href=href)


def clean(text: str) -> str:
    """Remove control characters; every line end becomes ``\\n``."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text)).replace("\t", " ")


def fill(
    markdown: str, values: Mapping[str, str], blocks: Mapping[str, Sequence[Block]]
) -> tuple[Block, ...]:
    """Return the text as blocks, with its fields replaced.

    Values are already worded and enter as text: whatever they hold, they never
    become bold, a title, a list or a link. Block fields stand alone on their line.
    Raises MarkupError for a field that has no value.
    """
    source, names = _marked(markdown, values, blocks)
    filling = _Filling(names=names, values=values, blocks=blocks)
    tree = _tree(source)
    found: list[Block] = []
    for node in tree.children:
        for block in _blocks_of(node, filling):
            if isinstance(block, FieldBlock):
                found.extend(blocks[block.name])
            else:
                found.append(block)
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED)
def _tree(source: str) -> SyntaxTreeNode:
    """Return a text as a tree, only to be read: a run parses it once."""
    return SyntaxTreeNode(_MARKDOWN.parse(source))


def fill_line(line: str, values: Mapping[str, str]) -> str:
    """Return a subject on one line, its fields replaced, without control characters."""
    for name in _FIELD.findall(line):
        if name not in values:
            raise MarkupError(name)
    filled = _FIELD.sub(lambda field: values[field[1]], line)
    return " ".join(re.split("[ \n]+", clean(filled))).strip(" ")


def _marked(
    markdown: str, values: Mapping[str, str], blocks: Mapping[str, Sequence[Block]]
) -> tuple[str, dict[str, str]]:
    """Put one private character in the place of each field."""
    text = _MARK.sub("\ufffd", clean(markdown))
    marks: dict[str, str] = {}

    def mark(field: re.Match[str]) -> str:
        name = field[1]
        if name not in values and name not in blocks:
            raise MarkupError(name)
        return marks.setdefault(name, chr(_FIRST_MARK + len(marks)))

    # Leading spaces would be code or a deeper list: letters have neither.
    source = re.sub(r"(?m)^[ ]{4,}", "", _FIELD.sub(mark, text))
    # A block alone on its line ends the list or table above it.
    tables = "".join(char for name, char in marks.items() if name in blocks)
    if tables:
        source = re.sub(rf"(?m)^[^\S\n]*([{tables}])[^\S\n]*$", r"\n\1\n", source)
    return source, {char: name for name, char in marks.items()}


def _blocks_of(node: SyntaxTreeNode, filling: _Filling) -> Iterator[Block]:
    if node.type == "paragraph":
        yield from _paragraphs(node, filling)
    elif node.type == "heading":
        spans = tuple(_inline(node, filling))
        yield Heading(level=int(node.tag[1:]), spans=spans)
    elif node.type in ("bullet_list", "ordered_list"):
        items = tuple(_items(node, filling))
        yield ListBlock(ordered=node.type == "ordered_list", items=items)
    elif node.type == "table":
        yield _table(node, filling)


def _paragraphs(node: SyntaxTreeNode, filling: _Filling) -> Iterator[Block]:
    """Cut a paragraph at the lines that hold only a block field."""
    text: list[Span] = []
    for line in _lines(node):
        name = _block_name(line, filling)
        if not name:
            words = list(_styled(line, filling, bold=False, italic=False))
            # A line whose only field is empty is no line.
            text.extend([Span(text="\n")] if text and words else [])
            text.extend(words)
            continue
        if text:
            yield Paragraph(spans=tuple(text))
            text = []
        yield FieldBlock(name=name)
    if text:
        yield Paragraph(spans=tuple(text))


def _lines(node: SyntaxTreeNode) -> Iterator[list[SyntaxTreeNode]]:
    line: list[SyntaxTreeNode] = []
    for inline in node.children:
        for child in inline.children:
            if child.type in ("softbreak", "hardbreak"):
                yield line
                line = []
            else:
                line.append(child)
    yield line


def _block_name(line: Sequence[SyntaxTreeNode], filling: _Filling) -> str:
    if len(line) == 1 and line[0].type == "text":
        name = filling.names.get(line[0].content.strip(), "")
        return name if name in filling.blocks else ""
    return ""


def _inline(node: SyntaxTreeNode, filling: _Filling) -> Iterator[Span]:
    for inline in node.children:
        yield from _styled(inline.children, filling, bold=False, italic=False)


def _styled(
    nodes: Sequence[SyntaxTreeNode], filling: _Filling, *, bold: bool, italic: bool
) -> Iterator[Span]:
    for node in nodes:
        if node.type in ("softbreak", "hardbreak"):
            yield Span(text="\n")
        elif node.children:
            yield from _styled(
                node.children,
                filling,
                bold=bold or node.type == "strong",
                italic=italic or node.type == "em",
            )
        else:
            yield from filling.spans(node.content, bold=bold, italic=italic)


def _items(node: SyntaxTreeNode, filling: _Filling) -> Iterator[tuple[Span, ...]]:
    for item in node.children:
        spans: list[Span] = []
        deeper: list[tuple[Span, ...]] = []
        for child in item.children:
            if child.type in ("bullet_list", "ordered_list"):
                deeper.extend(_items(child, filling))
                continue
            if child.type == "table":
                continue
            spans.extend([Span(text="\n")] if spans else [])
            spans.extend(_inline(child, filling))
        yield tuple(spans)
        yield from deeper


def _table(node: SyntaxTreeNode, filling: _Filling) -> TableBlock:
    rows: list[tuple[str, ...]] = []
    bold: list[bool] = []
    aligns: list[Align] = []
    for part in node.children:
        for row in part.children:
            cells = [tuple(_inline(cell, filling)) for cell in row.children]
            rows.append(tuple("".join(s.text for s in cell) for cell in cells))
            bold.append(all(s.bold for cell in cells for s in cell))
            if not aligns:
                styles = [str(cell.attrs.get("style", "")) for cell in row.children]
                aligns = ["right" if "right" in style else "left" for style in styles]
    body = rows[1:]
    total = body.pop() if body and bold[-1] else ()
    return TableBlock(
        header=rows[0], rows=tuple(body), aligns=tuple(aligns), total=total
    )
