"""The text of a file that does not say how it is written."""

import codecs
from typing import Final

# Read a piece at a time: the text of a large file is never held whole to be tested.
_PIECE: Final = 1024 * 1024
# Bytes that Windows-1252 writes and ISO 8859-15 does not.
_WINDOWS: Final = bytes(range(0x80, 0xA0))
# € Œ œ Ÿ there; ¤ ¼ ½ ¾ in Windows-1252, which nobody writes in names.
_LATIN_9: Final = (b"\xa4", b"\xbc", b"\xbd", b"\xbe")


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text: its byte order mark, else strict UTF-8, else
    ISO 8859-15 where its € or œ stand and nothing speaks for Windows, else
    Windows-1252. Decode with
    ``errors="replace"``: the last always says something."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if _is_utf8(data):
        return "utf-8-sig"
    windows = len(data.translate(None, _WINDOWS)) != len(data)
    latin = any(one in data for one in _LATIN_9)
    return "iso8859-15" if latin and not windows else "cp1252"


def decoded(data: bytes) -> str:
    """Return the text of a file, whatever its encoding."""
    return data.decode(encoding_of(data), "replace")


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
