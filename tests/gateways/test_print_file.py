"""The print file read back with other libraries: each letter once, whole, in order."""

import dataclasses
import errno
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from relance.gateways import pdf
from relance.gateways.print_file import PrintItem, UnreadableLetter, write_print_file
from relance.gateways.typesetter import letters_pdf
from tests.gateways._print_file import A4, letter, pictures, printed, rewritten, sizes
from tests.gateways.test_typesetter import LETTER


def test_each_letter_is_there_once_in_the_order_given(tmp_path):
    items = [letter(tmp_path, name) for name in ("B", "A", "C")]
    assert printed(items, tmp_path) == ["B 1", "B 2", "A 1", "A 2", "C 1", "C 2"]


def test_the_cover_comes_first(tmp_path):
    cover = letter(tmp_path, "cover", pages=1).path.read_bytes()
    said = printed([letter(tmp_path, "A")], tmp_path, cover=cover)
    assert said == ["cover 1", "A 1", "A 2"]


@pytest.mark.parametrize("cover_pages", [0, 1, 2])
def test_on_both_sides_each_letter_starts_on_a_front(tmp_path, cover_pages):
    cover = None
    if cover_pages:
        cover = letter(tmp_path, "cover", pages=cover_pages).path.read_bytes()
    lengths = {"A": 1, "B": 2, "C": 3, "D": 1}
    items = [letter(tmp_path, name, pages=n) for name, n in lengths.items()]

    said = printed(items, tmp_path, duplex=True, cover=cover)

    for name in lengths:
        assert said.index(f"{name} 1") % 2 == 0
    assert [text for text in said if text] == [
        *(f"cover {n}" for n in range(1, cover_pages + 1)),
        "A 1", "B 1", "B 2", "C 1", "C 2", "C 3", "D 1",
    ]  # fmt: skip
    # Nothing follows the last letter.
    assert said[-1] == "D 1"


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"Rotate": 90},
        {"Rotate": 270},
        {"CropBox": [50, 60, 350, 260]},
        {"MediaBox": [-100, -100, 400, 300]},
        {"UserUnit": 2},
    ],
    ids=["plain", "turned", "turned back", "cropped", "offset", "larger units"],
)
def test_pages_keep_their_size_and_blank_ones_take_that_of_the_page_before(
    tmp_path, entries
):
    odd = letter(tmp_path, "odd", pages=1, size=(420, 300), **entries)
    items = [letter(tmp_path, "A"), odd, letter(tmp_path, "B")]

    printed(items, tmp_path, duplex=True)

    found = sizes(tmp_path / "print.pdf")
    assert found[2] == found[3] == sizes(odd.path)[0]
    assert found[0] == found[4] == A4
    assert pictures(tmp_path / "print.pdf")[2] == pictures(odd.path)[0]


def test_real_letters_look_the_same_and_share_their_fonts(tmp_path):
    names = [f"CLIENT {n}" for n in range(6)]
    made = letters_pdf(
        [dataclasses.replace(LETTER, address=(name, "44000 NANTES")) for name in names]
    )
    items = []
    for number, page in enumerate(made):
        copy = letter(tmp_path, f"copy{number}", pages=1).path.read_bytes()
        path = tmp_path / f"{number}.pdf"
        parts = [pdf.Part(data=page), pdf.Part(data=copy, stamp="Rappel")]
        path.write_bytes(pdf.join(parts))
        items.append(PrintItem(path=path, pages=2))

    said = printed(items, tmp_path)

    target = tmp_path / "print.pdf"
    before = [picture for item in items for picture in pictures(item.path)]
    assert pictures(target) == before
    assert all(name in page for name, page in zip(names, said[::2], strict=True))
    kept = sum(item.path.stat().st_size for item in items)
    assert target.stat().st_size < kept / 2


@pytest.mark.parametrize(
    "data", [b"", b"no PDF", b"%PDF-1.7\ncut short", None], ids=str
)
def test_a_letter_that_cannot_be_read_is_named(tmp_path, data):
    items = [letter(tmp_path, name) for name in "ABC"]
    bad = items[1].path
    bad.unlink() if data is None else bad.write_bytes(data)
    target = tmp_path / "print.pdf"
    target.write_bytes(b"the one before")

    with pytest.raises(UnreadableLetter) as caught:
        write_print_file(items, target)

    assert caught.value.path == bad
    assert target.read_bytes() == b"the one before"
    assert not list(tmp_path.glob(".writing-*"))


def test_a_letter_that_lost_a_page_is_named(tmp_path):
    item = letter(tmp_path, "A", pages=3)
    rewritten(item, lambda pdf: pdf.pages.remove(p=3))
    with pytest.raises(UnreadableLetter, match="2 pages"):
        write_print_file([item], tmp_path / "print.pdf")


def test_a_hostile_chain_of_objects_is_refused(tmp_path):
    def chain(pdf):
        link = pdf.make_indirect(Dictionary(S=Name.URI, URI="https://e.example"))
        for _ in range(5000):
            link = pdf.make_indirect(Dictionary(S=Name.URI, Next=link))
        pdf.pages[0].obj.Annots = pikepdf.Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 1, 1], A=link)]
        )

    item = rewritten(letter(tmp_path, "A", pages=1), chain)
    with pytest.raises(UnreadableLetter, match="nested too deep"):
        write_print_file([item], tmp_path / "print.pdf")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_full_disk_is_the_disks_error_and_no_letters():
    """The writer meets a real ENOSPC: it is not taken for a broken letter."""
    folder = Path(os.environ["RELANCE_DATA"]) / "full"
    folder.mkdir(exist_ok=True)
    item = letter(folder, "A")
    code = (
        "import resource, signal, sys; from pathlib import Path;"
        "from relance.gateways.print_file import *;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200));"
        "folder = Path(sys.argv[1]);"
        "write_print_file([PrintItem(path=folder / 'A.pdf', pages=2)],"
        " folder / 'print.pdf')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert item.path.exists()
    assert done.stderr.splitlines()[-1].startswith(f"OSError: [Errno {errno.EFBIG}]")
    assert not list(folder.glob(".writing-*"))
    assert not (folder / "print.pdf").exists()


def test_memory_does_not_grow_with_the_letters(tmp_path):
    """Each letter brings a new picture of 1 MB; the program stays far below all."""
    for n in range(150):
        item = letter(tmp_path, f"L{n:03}", pages=1)
        rewritten(
            item,
            lambda pdf: pdf.pages[0].add_resource(
                pdf.make_stream(os.urandom(1_000_000)), Name.XObject, name=Name.X
            ),
        )
    code = (
        "import resource, sys; from pathlib import Path;"
        "from relance.gateways.print_file import *;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "before = peak(); folder = Path(sys.argv[1]);"
        "items = [PrintItem(path=p, pages=1) for p in sorted(folder.glob('L*.pdf'))];"
        "write_print_file(items, folder / 'print.pdf');"
        "print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert int(done.stdout) < 30 * 1024, "kilobytes; the file has 150 MB"


def test_letters_are_read_as_they_come(tmp_path):
    """Nothing is opened before its turn: items may be made on the way."""
    seen = []

    def items():
        for name in "AB":
            seen.append(name)
            yield letter(tmp_path, name)

    assert len(printed(items(), tmp_path)) == 4
    assert seen == ["A", "B"]
