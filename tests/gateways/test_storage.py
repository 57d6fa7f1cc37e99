"""The store gives back what was put in, or says that it cannot."""

import hashlib
import sys

import pytest

from relance.gateways.storage import CorruptFile, MissingFile, Storage


@pytest.fixture
def storage(tmp_path):
    return Storage(tmp_path / "documents")


def test_what_is_put_is_read_back(storage):
    stored = storage.put(b"une lettre", ".pdf")
    assert stored.sha256 == hashlib.sha256(b"une lettre").hexdigest()
    assert stored.size == 10
    assert storage.read(stored.sha256) == b"une lettre"
    assert stored.sha256 in storage


def test_files_lie_two_folders_deep_with_their_suffix(storage, tmp_path):
    stored = storage.put(b"une lettre", ".pdf")
    sha = stored.sha256
    expected = tmp_path / "documents" / sha[:2] / sha[2:4] / f"{sha}.pdf"
    assert storage.path(sha) == expected
    assert [f for f in (tmp_path / "documents").rglob("*") if f.is_file()] == [expected]


def test_the_same_content_is_written_once(storage):
    first = storage.put(b"une lettre", ".pdf")
    before = storage.path(first.sha256).stat()
    assert storage.put(b"une lettre", ".eml") == first
    after = storage.path(first.sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_an_altered_file_is_refused_and_left_alone(storage):
    stored = storage.put(b"une lettre", ".pdf")
    path = storage.path(stored.sha256)
    path.write_bytes(b"une lettrE")
    with pytest.raises(CorruptFile):
        storage.read(stored.sha256)
    with pytest.raises(CorruptFile):
        storage.put(b"une lettre", ".pdf")
    assert path.read_bytes() == b"une lettrE"


def test_a_missing_file_is_named(storage):
    sha = hashlib.sha256(b"jamais vu").hexdigest()
    assert sha not in storage
    with pytest.raises(MissingFile, match=sha):
        storage.read(sha)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "ab*"])
def test_only_a_hash_names_a_file(storage, name):
    with pytest.raises(ValueError, match="SHA-256"):
        storage.read(name)


@pytest.mark.parametrize("suffix", ["pdf", "/../x", ".PDF", ".tar.gz"])
def test_a_suffix_cannot_leave_the_folder(storage, suffix):
    with pytest.raises(ValueError, match="suffix"):
        storage.put(b"x", suffix)


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set")
def test_a_full_disk_leaves_nothing_behind(storage, tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            storage.put(b"x" * 5000, ".pdf")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.read(storage.put(b"x" * 5000, ".pdf").sha256) == b"x" * 5000
