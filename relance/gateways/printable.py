"""Text a page can show: what no font draws is replaced by a sign, never left out."""

import re
import unicodedata
from typing import Any

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control characters; marks that reverse the reading order; invisible tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
# Half characters, private use and non-characters: something stood there.
_UNKNOWN = re.compile(
    "[\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
)
_LONG_WORD = re.compile(r"[^\s\u200b]{25,}")
_REPLACEMENT = "\ufffd"
_PIECE = 12

# What Typst has reported that no font draws, kept for the life of the process.
_undrawn: dict[int, str] = {}


def printable(value: Any) -> Any:
    """Return the same strings, lists and mappings with only text a page can show."""
    if isinstance(value, str):
        return printable_text(value)
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def printable_text(text: str) -> str:
    """Keep what can be read; let a word too long for its line break anywhere."""
    if not (text.isascii() and text.isprintable()):
        text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
        text = _UNKNOWN.sub(_REPLACEMENT, _UNSEEN.sub("", text))
        if _undrawn:
            text = text.translate(_undrawn)
    if len(text) >= 25:
        text = _LONG_WORD.sub(_breakable, text)
    return text


def one_line(text: str) -> str:
    """Return the text on a single line."""
    return " ".join(_LINE_ENDS.sub("\n", text).split("\n"))


def cut(text: str, length: int) -> str:
    """Shorten the text, with an ellipsis where something was left out."""
    return text if len(text) <= length else text[: length - 1] + "…"


def learn_undrawn(cluster: str) -> bool:
    """Remember that no font draws these characters; say whether that was news."""
    news = [char for char in cluster if ord(char) not in _undrawn]
    for char in news:
        plain = unicodedata.normalize("NFKC", char)
        _undrawn[ord(char)] = plain if plain != char else _REPLACEMENT
    return bool(news)


def _breakable(word: re.Match[str]) -> str:
    """Offer line breaks, without separating a mark from the letter it sits on."""
    pieces: list[str] = []
    since = 0
    previous = ""
    for char in word.group():
        joined = char == "\u200d" or previous == "\u200d" or _is_mark(char)
        if since >= _PIECE and not joined:
            pieces.append("\u200b")
            since = 0
        pieces.append(char)
        since += 1
        previous = char
    return "".join(pieces)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
