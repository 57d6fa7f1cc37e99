"""A PDF written page after page, straight to the disk: its size costs no memory.

qpdf holds every object of the file that it writes: joining 10,000 letters takes it
3 GB. Here qpdf reads one source at a time, and what it read is written at once.
What is the same in several sources (a font, a logo) is written once.
"""

import hashlib
import re
import zlib
from array import array
from typing import BinaryIO, Final

import pikepdf
from pikepdf import Name

# What a page needs to be printed; the rest (threads, structure) belongs to its file.
_PAGE_ENTRIES: Final = (
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
_INHERITED: Final = frozenset({"/Resources", "/MediaBox", "/CropBox", "/Rotate"})
_SHEET: Final = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
_A4: Final = b"/MediaBox [ 0 0 595.276 841.89 ]"
# A string, which is left alone, or a reference; as qpdf writes both.
_REFERENCE = re.compile(rb"\((?:[^\\()]|\\.)*\)|(?<![^\s\[])(\d+) (\d+) R\b", re.DOTALL)
_PAGES_A_NODE: Final = 100
_OBJECTS_A_STREAM: Final = 200
_FREE, _PLAIN, _PACKED = 0, 1, 2
_MAX_DEPTH: Final = 60


class PdfWriter:
    """Writes pages into an open file; ``finish`` makes a PDF of it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.pages = 0
        # Of object n: how it is stored, where (offset, or the stream that packs it),
        # and its place in that stream.
        self._kinds, self._places, self._ranks = array("B"), array("Q"), array("H")
        self._shared: dict[bytes, int] = {}
        self._packed: list[tuple[int, bytes]] = []
        self._nodes: list[tuple[int, int]] = []
        self._siblings: list[int] = []
        self._last_sheet = _A4
        self._new_number()
        self._root = self._new_number()
        self._node = self._new_number()
        # The comment tells mail and file programs that it is not text.
        self._out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add_pages(self, source: pikepdf.Pdf) -> int:
        """Write all the pages of a file; return how many there were."""
        copy = _Copy(self, source)
        pages = [page.obj for page in source.pages]
        # Links lead from page to page: all have their numbers first.
        numbers = [self._new_number() for _page in pages]
        copy.known.update(zip((page.objgen for page in pages), numbers, strict=True))
        for page, number in zip(pages, numbers, strict=True):
            entries = {
                key: value
                for key in _PAGE_ENTRIES
                if (value := _entry(page, key)) is not None
            }
            self._add_page(number, copy.renumbered(_dictionary(entries)))
            self._last_sheet = b" ".join(
                b"%b %b" % (key.encode(), copy.renumbered(_unparsed(entries[key])))
                for key in _SHEET
                if key in entries
            )
        return len(pages)

    def add_blank_page(self) -> None:
        """Write an empty page, as large as the one before and turned like it."""
        empty = b"<< /Resources << >> %b >>" % self._last_sheet
        self._add_page(self._new_number(), empty)

    def finish(self) -> None:
        """Write what ties the pages together; nothing may be added any more."""
        self._close_node()
        kids = b" ".join(b"%d 0 R" % number for number, _count in self._nodes)
        tree = b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (self.pages, kids)
        self.write_object(self._root, tree)
        catalog = self._new_number()
        self.write_object(catalog, b"<< /Type /Catalog /Pages %d 0 R >>" % self._root)
        self._pack()
        self._write_index(catalog)

    def shared(self, content: bytes, data: bytes | None) -> int:
        """Return the number of an object, written if it is the first of its kind."""
        key = hashlib.blake2b(content, digest_size=16)
        if data is not None:
            key.update(data)
        known = self._shared.get(key.digest())
        if known is None:
            known = self._shared[key.digest()] = self._new_number()
            self.write_object(known, content, data)
        return known

    def write_object(
        self, number: int, content: bytes, data: bytes | None = None
    ) -> None:
        """Write an object whose number was given out; a stream when it has data."""
        if data is None:
            self._packed.append((number, content))
            if len(self._packed) == _OBJECTS_A_STREAM:
                self._pack()
            return
        head = b"%b/Length %d >>" % (content[: -len(b">>")], len(data))
        self._kinds[number], self._places[number] = _PLAIN, self._out.tell()
        self._out.write(b"%d 0 obj\n%b\nstream\n" % (number, head))
        self._out.write(data)
        self._out.write(b"\nendstream\nendobj\n")

    def new_number(self) -> int:
        """Give out a number, for an object to be written later."""
        return self._new_number()

    def _new_number(self) -> int:
        self._kinds.append(_FREE)
        self._places.append(0)
        self._ranks.append(0)
        return len(self._kinds) - 1

    def _add_page(self, number: int, entries: bytes) -> None:
        head = b"<< /Type /Page /Parent %d 0 R " % self._node
        self.write_object(number, head + entries[len(b"<< ") :])
        self.pages += 1
        self._siblings.append(number)
        if len(self._siblings) == _PAGES_A_NODE:
            self._close_node()
            self._node = self._new_number()

    def _close_node(self) -> None:
        if not self._siblings:
            return
        kids = b" ".join(b"%d 0 R" % number for number in self._siblings)
        values = (self._root, len(self._siblings), kids)
        node = b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [ %b ] >>" % values
        self.write_object(self._node, node)
        self._nodes.append((self._node, len(self._siblings)))
        self._siblings.clear()

    def _pack(self) -> None:
        """Write the small objects that wait into one compressed stream."""
        if not self._packed:
            return
        packed, self._packed = self._packed, []
        stream, index, bodies, where = self._new_number(), [], [], 0
        for rank, (number, content) in enumerate(packed):
            self._kinds[number], self._places[number] = _PACKED, stream
            self._ranks[number] = rank
            index.append(b"%d %d" % (number, where))
            bodies.append(content)
            where += len(content) + 1
        head = b" ".join(index) + b" "
        values = (len(packed), len(head))
        entries = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode >>" % values
        self.write_object(stream, entries, zlib.compress(head + b" ".join(bodies), 6))

    def _write_index(self, catalog: int) -> None:
        """Write where each object is, and at the very end where this is."""
        number = self._new_number()
        here = self._out.tell()
        self._kinds[number], self._places[number] = _PLAIN, here
        squeeze = zlib.compressobj(6)
        rows = bytearray()
        out = []
        for row in zip(self._kinds, self._places, self._ranks, strict=True):
            kind, place, rank = row
            rows += kind.to_bytes(1) + place.to_bytes(6) + rank.to_bytes(2)
            if len(rows) > 90_000:
                out.append(squeeze.compress(bytes(rows)))
                rows.clear()
        data = b"".join([*out, squeeze.compress(bytes(rows)), squeeze.flush()])
        values = (len(self._kinds), catalog)
        entries = b"<< /Type /XRef /W [ 1 6 2 ] /Size %d /Root %d 0 R" % values
        self.write_object(number, entries + b" /Filter /FlateDecode >>", data)
        self._out.write(b"startxref\n%d\n%%%%EOF\n" % here)


class _Copy:
    """The objects of one source on their way into the new file."""

    def __init__(self, writer: PdfWriter, source: pikepdf.Pdf) -> None:
        self._writer = writer
        self._source = source
        self.known: dict[tuple[int, int], int] = {}
        self._open: set[tuple[int, int]] = set()

    def renumbered(self, content: bytes) -> bytes:
        """Return the same content, what it refers to being written before it."""
        return _REFERENCE.sub(self._reference, content)

    def _reference(self, found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return found[0]
        return b"%d 0 R" % self._number((int(found[1]), int(found[2])))

    def _number(self, old: tuple[int, int]) -> int:
        if old in self.known:
            return self.known[old]
        if old in self._open:
            # It leads back to itself: it needs a number before it is written.
            number = self.known[old] = self._writer.new_number()
            return number
        if len(self._open) > _MAX_DEPTH:
            raise ValueError("objects nested too deep")
        self._open.add(old)
        found = self._source.get_object(old)
        data = found.read_raw_bytes() if isinstance(found, pikepdf.Stream) else None
        content = self.renumbered(_unparsed(found))
        self._open.discard(old)
        if old in self.known:
            self._writer.write_object(self.known[old], content, data)
        else:
            self.known[old] = self._writer.shared(content, data)
        return self.known[old]


def _entry(page: pikepdf.Object, key: str) -> object:
    """Return an entry of a page, of a node above it when it may be inherited."""
    node, depth = page, 0
    while key not in node and key in _INHERITED and Name.Parent in node:
        node, depth = node.Parent, depth + 1
        if depth > _MAX_DEPTH:
            return None
    return node.get(key)
