"""A PDF written page after page, straight to the disk: its size costs no memory.

qpdf holds every object of the file that it writes: 10,000 letters take it 3 GB.
Here it reads one source at a time, and what it read is written at once. What several
sources have alike (a font, a logo) is written once.
"""

import hashlib
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import pikepdf

# What a page needs to be printed; the rest (threads, structure) belongs to its file.
_ENTRIES: Final = (
    "/Resources",
    "/MediaBox",
    "/CropBox",
    "/BleedBox",
    "/TrimBox",
    "/ArtBox",
    "/Rotate",
    "/UserUnit",
    "/Contents",
    "/Group",
    "/Annots",
)
# What makes a blank page the like of another.
_SHEET: Final = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
_A4: Final = b"/MediaBox [ 0 0 595.276 841.89 ]"
# A string, which is left alone, or a reference; both as qpdf writes them.
_REFERENCE = re.compile(rb"\((?:[^\\()]|\\.)*\)|(?<![^\s\[])(\d+) (\d+) R\b", re.DOTALL)
_PAGES_A_NODE: Final = 100
_OBJECTS_A_STREAM: Final = 200
_MOST_NESTED: Final = 100
_FREE, _PLAIN, _PACKED = range(3)


class PdfWriter:
    """Writes pages into an open file, of which ``finish`` makes a PDF."""

    def __init__(self, out: BinaryIO) -> None:
        self.pages = 0
        self._objects = _Objects(out)
        self._root = self._objects.number()
        self._node = self._objects.number()
        self._nodes: list[tuple[int, int]] = []
        self._siblings: list[int] = []
        self._last_sheet = _A4

    def add_pages(self, source: pikepdf.Pdf) -> int:
        """Write all the pages of a file; return how many there were."""
        copy, pages = _Copy(source, self._objects), [page.obj for page in source.pages]
        # Links lead from page to page: all have their numbers first.
        numbers = [copy.expect(page) for page in pages]
        for page, number in zip(pages, numbers, strict=True):
            # What they inherit was made their own when the file was opened.
            entries = {key: page[key] for key in _ENTRIES if key in page}
            self._add(number, copy.renumbered(_pairs(entries.items())))
            sheet = [(key, entries[key]) for key in _SHEET if key in entries]
            self._last_sheet = copy.renumbered(_pairs(sheet)) or _A4
        return len(pages)

    def add_blank_page(self) -> None:
        """Write an empty page, as large as the one before and turned like it."""
        self._add(self._objects.number(), b"/Resources << >> " + self._last_sheet)

    def finish(self) -> None:
        """Write what ties the pages together; nothing more may be added."""
        self._close_node()
        kids = b" ".join(b"%d 0 R" % number for number, _count in self._nodes)
        tree = b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (self.pages, kids)
        self._objects.write(self._root, tree)
        catalog = self._objects.number()
        self._objects.write(catalog, b"<< /Type /Catalog /Pages %d 0 R >>" % self._root)
        self._objects.finish(catalog)

    def _add(self, number: int, entries: bytes) -> None:
        page = b"<< /Type /Page /Parent %d 0 R %b >>" % (self._node, entries)
        self._objects.write(number, page)
        self.pages += 1
        self._siblings.append(number)
        if len(self._siblings) == _PAGES_A_NODE:
            self._close_node()
            self._node = self._objects.number()

    def _close_node(self) -> None:
        if not self._siblings:
            return
        kids = b" ".join(b"%d 0 R" % number for number in self._siblings)
        node = b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [ %b ] >>"
        count = len(self._siblings)
        self._objects.write(self._node, node % (self._root, count, kids))
        self._nodes.append((self._node, count))
        self._siblings.clear()


class _Objects:
    """The objects of the file: numbered, written, and found again by its index."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        # Of each object: how it is stored; its offset, or the stream that packs it;
        # its rank in that stream. Number 0 is no object.
        self._kinds = array("B", [_FREE])
        self._places = array("Q", [0])
        self._ranks = array("H", [0xFFFF])
        self._alike: dict[bytes, int] = {}
        self._waiting: list[tuple[int, bytes]] = []
        # The comment tells other programs that this is no text.
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def number(self) -> int:
        """Give out a number, for an object to be written later."""
        self._kinds.append(_FREE)
        self._places.append(0)
        self._ranks.append(0)
        return len(self._kinds) - 1

    def alike(self, content: bytes, data: bytes | None) -> int:
        """Return the number of such an object, written if it is the first."""
        hashed = hashlib.blake2b(content, digest_size=16)
        if data is not None:
            hashed.update(b"\nstream\n")
            hashed.update(data)
        key = hashed.digest()
        if key not in self._alike:
            self._alike[key] = number = self.number()
            self.write(number, content, data)
        return self._alike[key]

    def write(self, number: int, content: bytes, data: bytes | None = None) -> None:
        """Write an object under its number; with data, it is a stream."""
        if data is None:
            self._waiting.append((number, content))
            if len(self._waiting) == _OBJECTS_A_STREAM:
                self._pack()
            return
        self._kinds[number], self._places[number] = _PLAIN, self._out.tell()
        entries = b"%b /Length %d >>" % (content.removesuffix(b">>"), len(data))
        self._out.write(b"%d 0 obj\n%b\nstream\n" % (number, entries))
        self._out.write(data)
        self._out.write(b"\nendstream\nendobj\n")

    def finish(self, catalog: int) -> None:
        """Write where each object is, and at the very end where this is."""
        self._pack()
        number, here = self.number(), self._out.tell()
        self._kinds[number], self._places[number] = _PLAIN, here
        entries = b"<< /Type /XRef /W [ 1 6 2 ] /Size %d /Root %d 0 R%b >>"
        values = (len(self._kinds), catalog, b" /Filter /FlateDecode")
        self.write(number, entries % values, b"".join(self._index()))
        self._out.write(b"startxref\n%d\n%%%%EOF\n" % here)

    def _pack(self) -> None:
        """Write the small objects that wait, together in a compressed stream."""
        if not self._waiting:
            return
        packed, self._waiting = self._waiting, []
        stream, index, where = self.number(), [], 0
        for rank, (number, content) in enumerate(packed):
            self._kinds[number], self._places[number] = _PACKED, stream
            self._ranks[number] = rank
            index.append(b"%d %d " % (number, where))
            where += len(content) + 1
        head, body = b"".join(index), b"\n".join(content for _, content in packed)
        entries = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode >>"
        data = zlib.compress(head + body, level=4)
        self.write(stream, entries % (len(packed), len(head)), data)

    def _index(self) -> Iterator[bytes]:
        squeeze, rows = zlib.compressobj(), bytearray()
        for kind, place, rank in zip(
            self._kinds, self._places, self._ranks, strict=True
        ):
            rows += bytes((kind,)) + place.to_bytes(6) + rank.to_bytes(2)
            if len(rows) > 64 * 1024:
                yield squeeze.compress(bytes(rows))
                rows.clear()
        yield squeeze.compress(bytes(rows))
        yield squeeze.flush()


class _Copy:
    """The objects of one source on their way into the file."""

    def __init__(self, source: pikepdf.Pdf, objects: _Objects) -> None:
        self._source = source
        self._objects = objects
        self._numbers: dict[tuple[int, int], int] = {}
        self._begun: set[tuple[int, int]] = set()

    def expect(self, page: pikepdf.Object) -> int:
        """Give a page its number before it is written."""
        # A page that comes twice in its file is two pages here.
        self._numbers[page.objgen] = self._objects.number()
        return self._numbers[page.objgen]

    def renumbered(self, content: bytes) -> bytes:
        """Return the same with our numbers; what it refers to is written first."""
        return _REFERENCE.sub(self._reference, content)

    def _reference(self, found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return found[0]
        return b"%d 0 R" % self._number((int(found[1]), int(found[2])))

    def _number(self, theirs: tuple[int, int]) -> int:
        if theirs in self._numbers:
            return self._numbers[theirs]
        if theirs in self._begun:
            # It leads back to itself: it has a number before it is written.
            self._numbers[theirs] = self._objects.number()
            return self._numbers[theirs]
        if len(self._begun) == _MOST_NESTED:
            raise ValueError("objects nested too deep")
        self._begun.add(theirs)
        content, data = _read(self._source.get_object(theirs))
        content = self.renumbered(content)
        self._begun.remove(theirs)
        if theirs in self._numbers:
            self._objects.write(self._numbers[theirs], content, data)
        else:
            self._numbers[theirs] = self._objects.alike(content, data)
        return self._numbers[theirs]


def _pairs(entries: Iterable[tuple[str, object]]) -> bytes:
    return b" ".join(b"%b %b" % (key.encode(), _text(value)) for key, value in entries)


def _read(found: object) -> tuple[bytes, bytes | None]:
    """Return an object as it is written, and its data when it is a stream."""
    if not isinstance(found, pikepdf.Stream):
        return _text(found, resolved=True), None
    data, entries = found.read_raw_bytes(), found.stream_dict
    # Ours is written instead; this one may be a reference.
    del entries["/Length"]
    return entries.unparse(resolved=True), data


def _text(value: object, *, resolved: bool = False) -> bytes:
    if isinstance(value, pikepdf.Object):
        return value.unparse(resolved=resolved)
    # pikepdf gives numbers, and what is not there, as Python's own.
    return pikepdf.Array([value]).unparse().removeprefix(b"[ ").removesuffix(b" ]")
