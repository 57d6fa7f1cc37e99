"""Scans are what they say they are, and no larger than a scan."""

from __future__ import annotations

import io
import struct
import zlib

import pikepdf
import pytest
from pikepdf import Name
from PIL import Image

from relance.gateways import scans
from relance.gateways.scans import Scan, UnusableScan


def pdf_file(pages: int = 1, content: bytes = b"0 0 10 10 re f") -> bytes:
    with pikepdf.new() as made:
        for _number in range(pages):
            page = made.add_blank_page()
            page.obj.Contents = made.make_stream(content)
        out = io.BytesIO()
        made.save(out, compress_streams=True)
        return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data))
    )


def huge_png(side: int) -> bytes:
    """A PNG of a few hundred bytes that says it has side × side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )


def test_what_is_kept_is_named_for_what_it_is() -> None:
    assert scans.inspect(pdf_file(3)) == Scan(
        media_type="application/pdf", suffix=".pdf", pages=3
    )
    assert scans.inspect(picture("JPEG")) == Scan(
        media_type="image/jpeg", suffix=".jpg", pages=1
    )
    assert scans.inspect(picture("PNG")) == Scan(
        media_type="image/png", suffix=".png", pages=1
    )


def test_pages_without_content_are_kept() -> None:
    with pikepdf.new() as made:
        del made.add_blank_page().obj.Contents
        out = io.BytesIO()
        made.save(out)
    assert scans.inspect(out.getvalue()).pages == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b"Bonjour", "PDF, JPEG et PNG"),
        (b"<svg onload='alert(1)'/>", "PDF, JPEG et PNG"),
        (b"GIF89a" + b"\0" * 50, "PDF, JPEG et PNG"),
        (b"PK\x03\x04" + b"\0" * 50, "PDF, JPEG et PNG"),
        (b"%PDF-1.7 pas vraiment", "abîmé"),
        (b"\xff\xd8\xff" + b"\0" * 50, "abîmée"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "abîmée"),
        (picture("PNG")[:-30], "abîmée"),
        (picture("JPEG", (800, 800))[:500], "abîmée"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "10 Mo"),
        (pdf_file(51), "plus de 50 pages"),
    ],
)
def test_what_is_no_scan_is_refused_clearly(data: bytes, words: str) -> None:
    with pytest.raises(UnusableScan) as caught:
        scans.inspect(data)

    assert words in caught.value.reason.replace("\u00a0", " ")


def test_a_bomb_in_a_page_is_refused_before_it_is_unfolded_whole() -> None:
    bomb = pdf_file(content=b"q Q " * (10 * 1024 * 1024))
    assert len(bomb) < 100_000

    with pytest.raises(UnusableScan, match="trop lourde"):
        scans.inspect(bomb)


def test_a_larger_bomb_is_refused_by_the_bounds_of_reading() -> None:
    # 600 MB of zeros, above what is ever unfolded.
    packed = zlib.compressobj(9)
    zeros = b"\0" * (1024 * 1024)
    folded = b"".join(packed.compress(zeros) for _ in range(600)) + packed.flush()
    with pikepdf.new() as made:
        page = made.add_blank_page()
        stream = pikepdf.Stream(made, b"")
        stream.write(folded, filter=Name.FlateDecode)
        page.obj.Contents = stream
        out = io.BytesIO()
        made.save(out, compress_streams=False)

    with pytest.raises(UnusableScan):
        scans.inspect(out.getvalue())


def test_pictures_of_too_many_pixels_are_refused_unread() -> None:
    with pytest.raises(UnusableScan, match="trop de pixels"):
        scans.inspect(huge_png(60_000))
    with pytest.raises(UnusableScan, match="trop de pixels"):
        scans.inspect(huge_png(11_000))


def test_a_pdf_with_a_picture_of_too_many_pixels_is_refused() -> None:
    with pikepdf.new() as made:
        page = made.add_blank_page()
        image = made.make_stream(b"\0")
        image[Name.Type], image[Name.Subtype] = Name.XObject, Name.Image
        image[Name.Width] = image[Name.Height] = 60_000
        image[Name.ColorSpace], image[Name.BitsPerComponent] = Name.DeviceGray, 8
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        out = io.BytesIO()
        made.save(out)

    with pytest.raises(UnusableScan, match="trop lourde"):
        scans.inspect(out.getvalue())


def test_a_pdf_behind_a_password_is_refused() -> None:
    with pikepdf.new() as made:
        made.add_blank_page()
        out = io.BytesIO()
        made.save(out, encryption=pikepdf.Encryption(owner="a", user="b", R=6))

    with pytest.raises(UnusableScan, match="mot de passe"):
        scans.inspect(out.getvalue())
