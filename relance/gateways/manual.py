"""The help pages, as they are kept with the program: Markdown to safe HTML.

The same files read well on a code host: links lead from file to file, pictures are
beside the pages. Here both are given the addresses at which the program serves them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).resolve().parents[1] / "help"
# The page that lists the others; code hosts show it by itself under this name.
INDEX = "README"
PICTURES = "pictures"

_NAME = re.compile(r"[a-z0-9-]+")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


class MissingPage(Exception):
    """There is no such page or picture in this language."""


@dataclass(frozen=True, kw_only=True)
class Manual:
    """One page: its title, and what follows it as HTML, every text escaped."""

    title: str
    html: str


def read(name: str, *, language: str) -> str:
    """Return a page's Markdown. Raises MissingPage."""
    return _file(name, language, ".md").read_text("utf-8")


def picture(name: str, *, language: str) -> bytes:
    """Return a picture of the pages, as WebP. Raises MissingPage."""
    return _file(name, f"{language}/{PICTURES}", ".webp").read_bytes()


def page(markdown: str, *, address: Callable[[str], str]) -> Manual:
    """Return a page ready to be shown.

    ``address`` turns what the file says of a link or a picture
    (``factures.md#titre``, ``pictures/factures.webp``) into where it is served.
    """
    tokens = _MARKDOWN.parse(markdown)
    for token in _all(tokens):
        for where in ("href", "src"):
            if where in token.attrs:
                token.attrSet(where, address(str(token.attrs[where])))
        if token.type == "image":
            token.attrSet("loading", "lazy")
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(inline.content))
    title = tokens[1].content if tokens and tokens[0].tag == "h1" else ""
    rest = tokens[3:] if title else tokens
    html = _MARKDOWN.renderer.render(rest, _MARKDOWN.options, {})
    return Manual(title=title, html=str(html))


def anchor(heading: str) -> str:
    """Return the address of a heading inside its page, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _file(name: str, folder: str, suffix: str) -> Path:
    if name != INDEX and not _NAME.fullmatch(name):
        raise MissingPage(name)
    path = FOLDER / folder / f"{name}{suffix}"
    if not path.is_file():
        raise MissingPage(name)
    return path
