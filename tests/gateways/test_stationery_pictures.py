"""Logos and signatures: what is taken, what is refused, and in which words."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from relance.gateways.stationery_pictures import (
    MAX_BYTES,
    UnusablePicture,
    logo,
    signature,
)
from tests.paper import SVG, drawing, picture


def size(data):
    with Image.open(io.BytesIO(data)) as image:
        return image.size, image.mode


def test_a_picture_is_written_again_at_the_size_of_its_use():
    found = logo(picture(4000, 1000))
    assert (found.suffix, size(found.data)) == (".png", ((1000, 250), "RGBA"))
    photo = logo(picture(900, 1800, kind="JPEG"))
    assert (photo.suffix, size(photo.data)) == (".jpg", ((200, 400), "RGB"))


def test_a_small_picture_stays_as_large_as_it_is():
    assert size(logo(picture(64, 32)).data)[0] == (64, 32)


def test_what_else_the_file_held_is_gone():
    notes = PngInfo()
    notes.add_text("Author", "Claire")
    found = logo(picture(pnginfo=notes) + b"tail")
    assert b"Claire" not in found.data
    assert not found.data.endswith(b"tail")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode):
    assert logo(picture(mode=mode, colour=0)).suffix == ".png"


def test_a_photo_for_printers_is_taken():
    assert size(logo(picture(kind="JPEG", mode="CMYK", colour=0)).data)[1] == "RGB"


def test_a_photo_lying_on_its_side_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    found = signature(picture(400, 100, kind="JPEG", exif=exif.tobytes()))
    assert size(found)[0] == (75, 300)


def test_a_drawing_keeps_its_shapes_and_loses_the_rest():
    found = logo(SVG)
    assert found.suffix == ".svg"
    assert b"<path" in found.data
    assert b"DOCTYPE" not in found.data
    quiet = logo(
        drawing(
            "<title>x</title><script>alert(1)</script>"
            '<g onclick="alert(1)"><path id="a" d="M0 0h9v9z"/></g>'
            '<use href="#a"/><rect fill="url(#b)" width="3" height="3"/>'
        )
    )
    assert b"alert" not in quiet.data
    assert b'href="#a"' in quiet.data


BOMB = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b"x" * (MAX_BYTES + 1), "2\xa0Mo"),
        (b"GIF89a" + b"0" * 100, "PNG, JPEG ou SVG"),
        (b"%PDF-1.7", "PNG, JPEG ou SVG"),
        (picture()[:200], "abîmée"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "abîmée"),
        (picture(5001, 5000, mode="1"), "25 millions"),
        (picture(15, 300), "trop petite"),
        (b"<svg", "abîmé"),
        (b"<?xml version='1.0'?><html/>", "PNG, JPEG ou SVG"),
        (drawing("&c;", before=BOMB), "pas dans son fichier"),
        (drawing("&b;", before=BOMB), "pas dans son fichier"),
        (drawing('<image href="file:///etc/passwd"/>'), "vectoriser"),
        (drawing("<text>Vauban</text>"), "vectoriser"),
        (drawing("<foreignObject/>"), "vectoriser"),
        (drawing('<use href="http://x.example/a.svg#b"/>'), "pas dans son fichier"),
        (drawing('<use xlink:href="/etc/passwd"/>'), "pas dans son fichier"),
        (drawing('<g style="fill:url(http://x.example)"/>'), "pas dans son fichier"),
        (drawing("<style>@import 'x.css';</style>"), "pas dans son fichier"),
        (drawing("<g/>" * 5001), "trop de formes"),
    ],
)
def test_a_bad_logo_is_refused_in_words(data, words):
    with pytest.raises(UnusablePicture) as refused:
        logo(data)
    assert words in refused.value.reason


@pytest.mark.parametrize("data", [SVG, b"", b"x" * (MAX_BYTES + 1), picture()[:99]])
def test_a_signature_is_a_picture(data):
    with pytest.raises(UnusablePicture):
        signature(data)
