"""A ZIP of texts, honest or hostile."""

import io
import zipfile

import pytest

from relance.gateways.text_archive import (
    MAX_BYTES,
    MAX_FILE,
    MAX_FILES,
    ArchiveError,
    read,
    write,
)


def zipped(files, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content, **options)
    return out.getvalue()


def contents(data):
    return {file.name: file.text for file in read(data)}


def test_what_is_written_is_read_back():
    files = {"fr/1-letter-single.md": "# é\n\nœuvre\n", "en/x.md": "a"}
    assert contents(write(files)) == files
    assert write(files) == write(files)


def test_as_people_pack_it_again():
    data = zipped(
        {
            "relance-textes/fr/": b"",
            "relance-textes/fr/a.md": "é".encode("cp1252"),
            "relance-textes\\en\\b.md": b"\xef\xbb\xbfb",
            "__MACOSX/fr/._a.md": b"x",
            "fr/.DS_Store": b"x",
        }
    )
    assert contents(data) == {"fr/a.md": "é", "en/b.md": "b"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged"),
        (b"no zip", "damaged"),
        (b"PK\x03\x04" + b"x" * 50, "damaged"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
        (zipped({f"fr/{n}.md": b"" for n in range(MAX_FILES + 1)}), "too_large"),
        (zipped({f"fr/{n}.md": b"0" * MAX_FILE for n in range(99)}), "too_large"),
        (write({"fr/a.md": "a" * 999})[:-30], "damaged"),
    ],
)
def test_a_hostile_file_is_refused_whole(data, reason):
    with pytest.raises(ArchiveError) as refused:
        read(data)
    assert refused.value.reason == reason


def test_a_protected_one_is_refused():
    data = bytearray(zipped({"fr/a.md": b"a"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(ArchiveError) as refused:
        read(bytes(data))
    assert refused.value.reason == "locked"


def test_one_file_too_long_or_no_text_leaves_the_others():
    data = zipped(
        {"fr/a.md": b"0" * (MAX_FILE + 1), "fr/b.md": b"\x00", "fr/c.md": b"c"}
    )
    assert contents(data) == {"fr/a.md": None, "fr/b.md": None, "fr/c.md": "c"}


def test_a_file_longer_than_it_says_is_refused():
    data = bytearray(zipped({"fr/a.md": b"0" * 5_000_000}))
    # It declares one byte.
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1).to_bytes(4, "little")
    with pytest.raises(ArchiveError) as refused:
        read(bytes(data))
    assert refused.value.reason == "damaged"


def test_names_lead_nowhere():
    assert contents(zipped({"../../etc/fr/a.md": b"a", "/b.md": b"b"})) == {"b.md": "b"}
