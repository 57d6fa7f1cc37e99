"""Text a page can show: what no font draws is replaced by a sign, never left out."""

import re
import unicodedata
from collections.abc import Callable
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
# Words kept together by no-break spaces, longer than the longest IBAN.
_NO_BREAK = re.compile("[\u00a0\u202f\u2007]")
_LONG_JOINED = re.compile("(?:[^\\s\u200b]|[\u00a0\u202f\u2007]){60,}")
# No line breaks before these, spaces or not (UAX 14, LB 13): ". . . . . .".
_LONG_DOTS = re.compile(r"(?:\s+[:;!?.,…)\]}»/%]+){20,}")
_REPLACEMENT = "\ufffd"
_PIECE = 12

# What Typst has reported that no font draws, kept for the life of the process.
_undrawn: dict[int, str] = {}
_undrawn_together: dict[str, str] = {}


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
        for cluster, plain in list(_undrawn_together.items()):
            text = text.replace(cluster, plain)
        if _undrawn:
            text = text.translate(_undrawn)
    if len(text) >= 60:
        text = _LONG_JOINED.sub(lambda found: _NO_BREAK.sub(" ", found.group()), text)
        text = _LONG_DOTS.sub(lambda found: found.group().replace(" ", " \u200b"), text)
    if len(text) >= 25:
        text = _LONG_WORD.sub(_breakable, text)
    return text


def one_line(text: str) -> str:
    """Return the text on a single line."""
    return " ".join(_LINE_ENDS.sub("\n", text).split("\n"))


def cut(text: str, length: int) -> str:
    """Shorten the text, with an ellipsis where something was left out."""
    return text if len(text) <= length else text[: length - 1] + "…"


def learn_undrawn(cluster: str, *, draws: Callable[[str], bool]) -> bool:
    """Remember that no font draws these characters; say whether that was news.

    ``draws`` says of one whether a font does: of a space and a mark that go badly
    together, every other space must stay one.
    """
    news = [
        char
        for char in dict.fromkeys(cluster)
        if ord(char) not in _undrawn and not _is_joined(char) and not draws(char)
    ]
    for char in news:
        plain = unicodedata.normalize("NFKC", char)
        _undrawn[ord(char)] = plain if plain != char else _REPLACEMENT
    if news:
        return True
    if not cluster or cluster in _undrawn_together:
        return False
    bases = "".join(char for char in cluster if not _is_joined(char))
    _undrawn_together[cluster] = bases + _REPLACEMENT
    return True


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


def _is_joined(char: str) -> bool:
    """Say whether this belongs to the character before it: a mark, a joiner."""
    return _is_mark(char) or unicodedata.category(char) == "Cf"
