"""Letters, invoice copies and stamps as PDF pages, set by Typst."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from html import escape
from itertools import batched, pairwise, zip_longest
from typing import Any

import pikepdf
import typst
from pikepdf import Name

from relance.gateways import sandbox
from relance.gateways.compiler import compile_pdf, compile_png, drawn, first_pages
from relance.gateways.look import PLAIN, Look, folder_of, signature_path
from relance.gateways.page_data import block, closing, correspondents, language, table
from relance.gateways.printable import cut, one_line, printable

# Letters a compilation: Typst remembers its last ten, so that twenty-five need a
# third more memory than these, and are hardly quicker.
CHUNK = 12

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
    # The content hash of a picture of the signature, which the look brings.
    signature: str = ""
    enclosures: str = ""
    footer: str = ""
    language: str = "fr"
    labels: Mapping[str, str] = field(default_factory=dict)
    statement: Statement | None = None
    draft: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold; the body, which is that already, is not copied."""
        return vars(self) | {"statement": self.statement and asdict(self.statement)}


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


def letters_pdf(
    letters: Sequence[Letter], look: Look = PLAIN
) -> list[bytes | PageError]:
    """Return one PDF/A-2b a letter, in order, or the reason it could not be set."""
    made = set_letters(letters, [None] * len(letters), look)
    return [page.data if isinstance(page, Pages) else page for page in made]


@dataclass(frozen=True, kw_only=True)
class Pages:
    """A finished PDF."""

    data: bytes
    count: int
    # Why our letter.typ had to be used instead of the company's own.
    fell_back: str = ""


# Adds pages behind a letter; what it opens is closed with the stack, after saving.
type Behind = Callable[[pikepdf.Pdf, ExitStack], None]


def set_letters(
    letters: Sequence[Letter], behind: Sequence[Behind | None], look: Look = PLAIN
) -> list[Pages | PageError]:
    """Return one PDF a letter, in order, or the reason why it could not be made.

    A letter alone is a PDF/A-2b; one with pages behind it claims nothing. A
    PageError raised while adding these is that letter's own. An own letter.typ that
    fails on a letter is replaced by ours for that one.
    """
    chunks = list(batched(zip(letters, behind, strict=True), CHUNK))
    made: list[Pages | PageError] = []
    if len(chunks) <= 1:
        for chunk in chunks:
            made += _set_chunk(chunk, look, _compiled(chunk, look))
        return made
    # Typst lets Python work: a chunk is set while the one before is cut apart.
    ahead = _AHEAD.submit(_compiled, chunks[0], look)
    for chunk, following in zip_longest(chunks, chunks[1:]):
        compiled = ahead.result()
        if following:
            ahead = _AHEAD.submit(_compiled, following, look)
        made += _set_chunk(chunk, look, compiled)
    return made


def letter_png(
    letter: Letter, *, page: int = 1, ppi: int = 90, look: Look = PLAIN
) -> bytes:
    """Return a picture of one page of the letter, to show before it is made."""
    pages = letter_pngs(letter, ppi=ppi, look=look)
    return pages[min(max(page, 1), len(pages)) - 1]


def letter_pngs(letter: Letter, *, ppi: int = 90, look: Look = PLAIN) -> list[bytes]:
    """Return a picture of each page of the letter. Raises TypesettingError."""
    data = _letters_json([letter], look)
    try:
        return _compile_png(data, ppi=ppi, look=look)
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error


def try_out(letters: Sequence[Letter], look: Look) -> None:
    """Set letters where nothing can go wrong for others, or raise TypesettingError:
    what a look holds was given by somebody."""
    items = [(letter, None) for letter in letters]
    folder = folder_of(look)
    try:
        drawn(lambda: sandbox.letters(folder, _data(items, look)))
    except typst.TypstError as error:
        raise TypesettingError(sandbox.in_words(error)) from error


def invoice_pdf(copy: InvoiceCopy) -> bytes:
    """Return the invoice copy as a PDF/A-2b."""

    def data() -> str:
        lines = {"header": copy.header, "rows": copy.rows, "aligns": copy.aligns}
        return json.dumps(
            printable(
                asdict(copy)
                | correspondents(copy.sender, copy.address)
                | {"language": language(copy.language), "table": table(lines)}
                | {"title": cut(one_line(copy.title), 120), "mark": cut(copy.mark, 40)}
                | {"footer": cut(one_line(copy.footer), 900)}
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


def _compiled(items: Sequence[_Item], look: Look) -> _Compiled:
    folder = folder_of(look)
    try:
        if look.template:
            return drawn(lambda: sandbox.letters(folder, _data(items, look)))
        made = compile_pdf("letter.typ", lambda: _data(items, look), folder=folder)
    except typst.TypstError as error:
        return error
    return made, first_pages(folder)


def _compile_png(data: str, *, ppi: int, look: Look) -> list[bytes]:
    folder = folder_of(look)
    if look.template:
        return sandbox.pictures(folder, data, ppi=ppi)
    return compile_png("letter.typ", data, ppi=ppi, folder=folder)


def _data(items: Sequence[_Item], look: Look) -> str:
    return _letters_json([letter for letter, _behind in items], look)


def _set_chunk(
    items: Sequence[_Item], look: Look, compiled: _Compiled
) -> Iterator[Pages | PageError]:
    """Cut the letters apart; when they could not be set together, halve until the
    guilty is alone."""
    if not isinstance(compiled, typst.TypstError):
        yield from _split(compiled[0], items, compiled[1])
    elif look.template and (
        len(items) == 1 or isinstance(compiled, sandbox.TooMuchError)
    ):
        yield from _fallen_back(items, look, compiled)
    elif len(items) == 1:
        yield _alone(items[0], look, compiled)
    else:
        half = len(items) // 2
        for part in (items[:half], items[half:]):
            yield from _set_chunk(part, look, _compiled(part, look))


def _fallen_back(
    items: Sequence[_Item], look: Look, error: typst.TypstError
) -> Iterator[Pages | PageError]:
    """Set with our letter.typ what the company's own cannot."""
    ours = replace(look, template="")
    for page in _set_chunk(items, ours, _compiled(items, ours)):
        if isinstance(page, Pages):
            yield replace(page, fell_back=sandbox.in_words(error))
        else:
            yield page


def _alone(item: _Item, look: Look, error: typst.TypstError) -> Pages | PageError:
    """Set a letter that cannot be PDF/A."""
    try:
        made = compile_pdf(
            "letter.typ",
            lambda: _data([item], look),
            strict=False,
            folder=folder_of(look),
        )
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
    pdf.Root.Lang = pikepdf.String(language(letter.language))
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


def _letters_json(letters: Sequence[Letter], look: Look) -> str:
    known = {name for name, _data in look.signatures}
    return json.dumps(
        {
            "letters": [
                printable(_letter(letter, look))
                # A path is no text: nothing in it is replaced.
                | {"signature": signature_path(letter.signature, among=known)}
                for letter in letters
            ]
        }
    )


def _letter(letter: Letter, look: Look) -> dict[str, Any]:
    body = [block(item) for item in letter.body]
    kept, closing_length = closing(body)
    closing_length += len(letter.enclosures) + sum(map(len, letter.signatory))
    statement = letter.statement and asdict(letter.statement)
    foot = (letter.footer, look.footer_text)
    return {
        **correspondents(letter.sender, letter.address),
        "reference": cut(one_line(letter.reference), 40),
        "sending_mode": cut(letter.sending_mode, 300),
        "place_and_date": letter.place_and_date,
        "subject_label": letter.labels.get("subject", "Objet"),
        "subject": one_line(letter.subject),
        "references": [[one_line(item) for item in row] for row in letter.references],
        "body": body,
        "kept": kept,
        "closing_fits": closing_length <= _CLOSING_CHARACTERS,
        "signatory": [cut(one_line(line), 160) for line in letter.signatory],
        "enclosures": one_line(letter.enclosures),
        "footer": cut(one_line(" · ".join(filter(None, foot))), 900),
        "language": language(letter.language),
        "statement": statement and table(statement),
        "offset": [min(max(mm, -15), 15) for mm in look.offset_mm],
        "fold_marks": look.fold_marks,
        "draft": letter.draft,
    }
