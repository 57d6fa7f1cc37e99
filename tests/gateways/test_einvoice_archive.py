"""A ZIP of invoices: everything in it, and no more than a computer can bear."""

import os
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.gateways.einvoice import EInvoiceError, read, unpack
from relance.gateways.einvoice_archive import MAX_FILES
from tests import einvoices
from tests.einvoices import Sample

XML = einvoices.cii(Sample(), "basic")


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(EInvoiceError) as caught:
        list(unpack("f.zip", data))
    assert caught.value.sentence % caught.value.values == str(caught.value)
    return caught.value.reason


def test_another_file_is_yielded_itself() -> None:
    assert list(unpack("a.xml", XML)) == [("a.xml", XML)]
    assert list(unpack("a.xml", b"")) == [("a.xml", b"")]


def test_every_file_comes_out_unchanged_and_in_order() -> None:
    files = [("b.xml", XML), ("sub/a.pdf", b"%PDF-"), ("é.xml", b"")]
    found = list(unpack("f.zip", zipped(*files)))
    assert found == [("b.xml", XML), ("a.pdf", b"%PDF-"), ("é.xml", b"")]


def test_names_never_hold_a_path() -> None:
    hostile = ("../../etc/passwd", "/abs/x.xml", "..\\..\\boot.ini", "C:\\a\\b.xml")
    found = [name for name, _ in unpack("f.zip", zipped(*((n, b"1") for n in hostile)))]
    assert found == ["passwd", "x.xml", "boot.ini", "b.xml"]


def test_folders_and_what_systems_leave_behind_are_left_out() -> None:
    data = zipped(
        ("folder/", b""), ("__MACOSX/._a.xml", b"1"), (".DS_Store", b"1"), ("a", b"2")
    )
    assert list(unpack("f.zip", data)) == [("a", b"2")]


def test_an_empty_archive_has_no_file() -> None:
    assert list(unpack("f.zip", zipped())) == []


def test_an_archive_in_an_archive_is_not_opened() -> None:
    inner = zipped(("a.xml", XML))
    ((name, content),) = unpack("f.zip", zipped(("inner.zip", inner)))
    with pytest.raises(EInvoiceError) as caught:
        read(content, name)
    assert caught.value.reason == "archive"


def test_a_bomb_is_refused_before_its_first_file() -> None:
    bomb = zipped(("a.xml", XML), ("bomb.xml", bytes(30 * 1024 * 1024)))
    assert refusal(bomb) == "archive_too_large"


def test_too_many_files_are_refused() -> None:
    files = ((f"{index}.xml", b"") for index in range(MAX_FILES + 1))
    assert refusal(zipped(*files)) == "archive_too_large"


def test_a_size_that_lies_is_found_out() -> None:
    content = os.urandom(5000)
    data = bytearray(zipped(("a.xml", content), method=zipfile.ZIP_STORED))
    size = data.index(b"PK\1\2") + 24
    data[size : size + 4] = (100).to_bytes(4, "little")
    assert refusal(bytes(data)) == "archive_damaged"


@pytest.mark.parametrize("cut", [10, 60, -5, -30])
def test_a_truncated_archive_is_refused(cut: int) -> None:
    assert refusal(zipped(("a.xml", XML))[:cut]) == "archive_damaged"


def test_altered_content_is_refused() -> None:
    data = zipped(("a.xml", XML), method=zipfile.ZIP_STORED)
    assert refusal(data.replace(b"120.00", b"920.00")) == "archive_damaged"


def test_a_protected_archive_is_refused() -> None:
    data = bytearray(zipped(("a.xml", XML)))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    assert refusal(bytes(data)) == "archive_encrypted"


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_mutated_archive_raises_nothing_else(draw: st.DataObject) -> None:
    data = bytearray(zipped(("a.xml", XML), ("b/c.pdf", b"%PDF-1.7")))
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with suppress(EInvoiceError):
        list(unpack("f.zip", bytes(data)))
