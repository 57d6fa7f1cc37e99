"""Letters, invoice copies and stamps as PDF pages, set by Typst."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from html import escape
from itertools import batched, pairwise, zip_longest
from typing import Any

import pikepdf
import typst
from pikepdf import Name

from relance.gateways.compiler import compile_pdf, compile_png, compiler
from relance.gateways.printable import cut, one_line, printable

# Letters a compilation: Typst remembers its last ten, so that twenty-five need a
# third more memory than these, and are hardly quicker.
CHUNK = 12

_LANGUAGE = re.compile(r"[a-z]{2,3}")
# Longer than this, closing formula and signature may be cut by the end of a page.
_CLOSING_CHARACTERS = 2000


class PageError(Exception):
    """A page cannot be made from what was given; others can."""


class TypesettingError(PageError):
    """These data could not be set as a page."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """How an amount was computed (décompte), an annex page of the letter."""

    title: str
    intro: str = ""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[str, ...]  # "left" or "right", one a column
    total: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything the page shows, already worded."""

    reference: str
    sender: tuple[str, ...]  # the name first
    address: tuple[str, ...]  # 1 to 7 lines in the window
    sending_mode: str = ""
    place_and_date: str
    subject: str
    references: tuple[tuple[str, str], ...] = ()
    body: tuple[dict[str, Any], ...]  # markup.to_json: greeting to closing formula
    signatory: tuple[str, ...] = ()
    enclosures: str = ""
    footer: str = ""
    language: str = "fr"
    labels: Mapping[str, str] = field(default_factory=dict)
    statement: Statement | None = None
    offset_mm: tuple[float, float] = (0, 0)  # of the address: right, down
    fold_marks: bool = True
    draft: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceCopy:
    """An invoice set again from its data, for one that came without its PDF."""

    sender: tuple[str, ...]
    address: tuple[str, ...]
    title: str
    mark: str = ""  # "Copie"
    facts: tuple[tuple[str, str], ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    aligns: tuple[str, ...] = ()
    totals: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    footer: str = ""
    language: str = "fr"


def letters_pdf(letters: Sequence[Letter]) -> list[bytes | PageError]:
    """Return one PDF/A-2b a letter, in order, or the reason it could not be set."""
    made = set_letters(letters, [None] * len(letters))
    return [page.data if isinstance(page, Pages) else page for page in made]


@dataclass(frozen=True, kw_only=True)
class Pages:
    """A finished PDF."""

    data: bytes
    count: int


# Adds pages behind a letter; what it opens is closed with the stack, after saving.
type Behind = Callable[[pikepdf.Pdf, ExitStack], None]


def set_letters(
    letters: Sequence[Letter], behind: Sequence[Behind | None]
) -> list[Pages | PageError]:
    """Return one PDF a letter, in order, or the reason why it could not be made.

    A letter alone is a PDF/A-2b; one with pages behind it claims nothing. A
    PageError raised while adding these is that letter's own.
    """
    chunks = list(batched(zip(letters, behind, strict=True), CHUNK))
    made: list[Pages | PageError] = []
    if len(chunks) <= 1:
        for chunk in chunks:
            made += _set_chunk(chunk, _compiled(chunk))
        return made
    # Typst lets Python work: a chunk is set while the one before is cut apart.
    ahead = _AHEAD.submit(_compiled, chunks[0])
    for chunk, following in zip_longest(chunks, chunks[1:]):
        compiled = ahead.result()
        if following:
            ahead = _AHEAD.submit(_compiled, following)
        made += _set_chunk(chunk, compiled)
    return made


def letter_png(letter: Letter, *, page: int = 1, ppi: int = 90) -> bytes:
    """Return a picture of one page of the letter, to show before it is made."""
    pages = letter_pngs(letter, ppi=ppi)
    return pages[min(max(page, 1), len(pages)) - 1]


def letter_pngs(letter: Letter, *, ppi: int = 90) -> list[bytes]:
    """Return a picture of each page of the letter. Raises TypesettingError."""
    try:
        return compile_png("letter.typ", _letters_json([letter]), ppi=ppi)
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error


def invoice_pdf(copy: InvoiceCopy) -> bytes:
    """Return the invoice copy as a PDF/A-2b."""

    def data() -> str:
        lines = {"header": copy.header, "rows": copy.rows, "aligns": copy.aligns}
        return json.dumps(
            printable(
                asdict(copy)
                | _correspondents(copy.sender, copy.address)
                | {"language": _language(copy.language), "table": _table(lines)}
                | {"title": cut(one_line(copy.title), 120), "mark": cut(copy.mark, 40)}
                | {"footer": cut(copy.footer, 900)}
            )
        )

    return _or_without_pdf_a("invoice.typ", data)


def stamp_pdf(text: str, *, colour: str, outline: bool = False) -> bytes:
    """Return a page just as large as the stamp; outline: pale and across the page."""
    words = printable(one_line(text)).upper()
    data = json.dumps({"text": words, "colour": colour, "outline": outline})
    return compile_pdf("stamp.typ", lambda: data, strict=False)


type _Item = tuple[Letter, Behind | None]
# A PDF of several letters, and the page on which each begins.
type _Compiled = tuple[bytes, list[int]] | typst.TypstError

_AHEAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="typst")


def _compiled(items: Sequence[_Item]) -> _Compiled:
    try:
        made = compile_pdf("letter.typ", lambda: _data(items))
    except typst.TypstError as error:
        return error
    return made, json.loads(compiler("letter.typ").query("<first-page>", "value"))


def _data(items: Sequence[_Item]) -> str:
    return _letters_json([letter for letter, _behind in items])


def _set_chunk(
    items: Sequence[_Item], compiled: _Compiled
) -> Iterator[Pages | PageError]:
    """Cut the letters apart; when they could not be set together, halve until the
    guilty is alone."""
    if not isinstance(compiled, typst.TypstError):
        yield from _split(compiled[0], items, compiled[1])
    elif len(items) == 1:
        yield _alone(items[0], compiled)
    else:
        half = len(items) // 2
        for part in (items[:half], items[half:]):
            yield from _set_chunk(part, _compiled(part))


def _alone(item: _Item, error: typst.TypstError) -> Pages | PageError:
    """Set a letter that cannot be PDF/A."""
    try:
        made = _without_pdf_a("letter.typ", lambda: _data([item]))
    except typst.TypstError:
        return TypesettingError(str(error))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        return _cut_out(pdf, 0, len(pdf.pages), item)


def _or_without_pdf_a(template: str, data: Callable[[], str]) -> bytes:
    try:
        return compile_pdf(template, data)
    except typst.TypstError:
        return _without_pdf_a(template, data)


def _without_pdf_a(template: str, data: Callable[[], str]) -> bytes:
    """A page without the archive's promise is better than no page."""
    return compile_pdf(template, data, strict=False)


def _split(
    data: bytes, items: Sequence[_Item], first_pages: Sequence[int]
) -> Iterator[Pages | PageError]:
    """Cut the chunk into its letters."""
    with pikepdf.open(io.BytesIO(data)) as chunk:
        bounds = pairwise([*first_pages, len(chunk.pages) + 1])
        for item, (first, after) in zip(items, bounds, strict=True):
            yield _cut_out(chunk, first - 1, after - 1, item)


def _cut_out(
    chunk: pikepdf.Pdf, first: int, after: int, item: _Item
) -> Pages | PageError:
    """Return a letter with what goes behind it."""
    try:
        with ExitStack() as stack:
            pdf = stack.enter_context(pikepdf.new())
            pdf.pages.extend(chunk.pages[first:after])
            return _finished(pdf, chunk, item, stack)
    except PageError as error:
        return error


def _finished(
    pdf: pikepdf.Pdf, chunk: pikepdf.Pdf, item: _Item, stack: ExitStack
) -> Pages:
    letter, behind = item
    pdf.Root.Lang = pikepdf.String(_language(letter.language))
    if behind is not None:
        behind(pdf, stack)
    elif Name.OutputIntents in chunk.Root:
        # Alone, it is given back its PDF/A declarations.
        pdf.Root.OutputIntents = pdf.copy_foreign(chunk.Root.OutputIntents)
        pdf.Root.Metadata = pdf.make_stream(
            _xmp(letter), Type=Name.Metadata, Subtype=Name.XML
        )
    out = io.BytesIO()
    pdf.save(out, min_version="1.7", deterministic_id=True, fix_metadata_version=False)
    return Pages(data=out.getvalue(), count=len(pdf.pages))


def _xmp(letter: Letter) -> bytes:
    title = escape(printable(one_line(letter.reference)))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt>'
        "</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def _letters_json(letters: Sequence[Letter]) -> str:
    return json.dumps({"letters": [printable(_letter(letter)) for letter in letters]})


def _letter(letter: Letter) -> dict[str, Any]:
    body = [_block(block) for block in letter.body]
    kept, closing_length = _closing(body)
    closing_length += len(letter.enclosures) + sum(map(len, letter.signatory))
    statement = letter.statement and asdict(letter.statement)
    return {
        **_correspondents(letter.sender, letter.address),
        "reference": cut(one_line(letter.reference), 40),
        "sending_mode": cut(letter.sending_mode, 300),
        "place_and_date": letter.place_and_date,
        "subject_label": letter.labels.get("subject", "Objet"),
        "subject": one_line(letter.subject),
        "references": [[one_line(item) for item in row] for row in letter.references],
        "body": body,
        "kept": kept,
        "closing_fits": closing_length <= _CLOSING_CHARACTERS,
        "signatory": letter.signatory,
        "enclosures": letter.enclosures,
        "footer": cut(letter.footer, 900),
        "language": _language(letter.language),
        "statement": statement and _table(statement),
        "offset": [min(max(mm, -20), 20) for mm in letter.offset_mm],
        "fold_marks": letter.fold_marks,
        "draft": letter.draft,
    }


def _correspondents(
    sender: tuple[str, ...], address: tuple[str, ...]
) -> dict[str, Any]:
    lines = [one_line(line) for line in address] or [""]
    # What stays in the window at the smallest size, about 80 characters a line.
    longest = 720 // len(lines)
    return {
        "sender": [cut(one_line(line), 900 // len(sender)) for line in sender] or [""],
        "address": [cut(line, longest) for line in lines],
        "recipient": cut(lines[0], 80),
    }


def _closing(body: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Say how many last blocks stay with the signature, and their length.

    The closing formula does, and a short paragraph before it: a signature on a page
    of its own could be put under anything.
    """
    kept = length = 0
    for block in reversed(body[-2:]):
        size = sum(len(span["text"]) for span in block.get("spans", ()))
        if block["kind"] != "paragraph" or (kept and length + size > 900):
            break
        kept, length = kept + 1, length + size
    return kept, length


def _block(block: dict[str, Any]) -> dict[str, Any]:
    return _table(block) if block["kind"] == "table" else block


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    """Give every row as many cells as the header, and every column its share."""
    rows = [list(row) for row in table["rows"]]
    total = list(table.get("total", ()))
    header = list(table["header"]) if any(table["header"]) else []
    width = max(map(len, [header, total, *rows]))
    lines = [_wide(row, width) for row in rows]
    header = header and _wide(header, width)
    total = total and _wide(total, width)
    return {
        **table,
        "header": header,
        "rows": lines,
        "total": total,
        "aligns": _wide(list(table["aligns"])[:width], width, "left"),
        "shares": _shares([row for row in [header, total, *lines] if row]),
    }


def _shares(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns' parts of the page width; 0 for as wide as the content.

    A light table is spread evenly; in a heavier one the first column takes what the
    others leave; past a page's width they all give way.
    """
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(longest) <= 72:
        return [length + 4 for length in longest]
    if sum(longest) <= 90:
        return [1] + [0] * (len(longest) - 1)
    return [0] * len(longest)


def _wide(row: list[str], width: int, filling: str = "") -> list[str]:
    return row + [filling] * (width - len(row))


def _language(code: str) -> str:
    return code if _LANGUAGE.fullmatch(code) else "fr"
