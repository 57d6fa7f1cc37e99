"""Take the files out of a ZIP that anybody may send, within bounds."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from relance.gateways.einvoice_content import EInvoiceError, Reason

MAX_FILES: Final = 2000
MAX_TOTAL: Final = 500 * 1024 * 1024
# Deflate cannot pack a real invoice that well; a bomb is 1000 to 1.
MAX_RATIO: Final = 200
_RATIO_FROM: Final = 1024 * 1024

_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZIP_TROUBLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def is_archive(data: bytes) -> bool:
    """Whether the bytes begin as a ZIP does (office documents do too)."""
    return data.startswith((b"PK\3\4", b"PK\5\6"))


def unpack(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of each file of a ZIP; of another file, itself.

    Names have no folder: nothing is ever written under them. One level only: a ZIP
    inside is yielded as it is, and read() refuses it. Raises EInvoiceError for the
    whole archive, before its first file, when it is damaged, protected by a
    password, or declares more than MAX_FILES, MAX_TOTAL bytes or MAX_RATIO; and at
    the file whose content is not what was declared.
    """
    if not is_archive(data):
        yield name, data
        return
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _ZIP_TROUBLE as error:
        raise EInvoiceError(Reason.ARCHIVE_DAMAGED) from error
    with archive:
        members = [member for member in archive.infolist() if _is_wanted(member)]
        _check(members)
        for member in members:
            yield _plain_name(member), _content(archive, member)


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    """Leave folders out, and the files that macOS adds."""
    if member.is_dir() or member.filename.startswith("__MACOSX/"):
        return False
    return not _plain_name(member).startswith(".")


def _plain_name(member: zipfile.ZipInfo) -> str:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    return "".join(char for char in path.name if char.isprintable()) or "?"


def _check(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    bombs = any(
        member.file_size > _RATIO_FROM
        and member.file_size > MAX_RATIO * member.compress_size
        for member in members
    )
    if len(members) > MAX_FILES or total > MAX_TOTAL or bombs:
        raise EInvoiceError(
            Reason.ARCHIVE_TOO_LARGE,
            files=str(MAX_FILES),
            limit=str(MAX_TOTAL // 1024 // 1024),
        )
    if any(member.flag_bits & 0x1 for member in members):
        raise EInvoiceError(Reason.ARCHIVE_ENCRYPTED)
    if any(member.compress_type not in _METHODS for member in members):
        raise EInvoiceError(Reason.ARCHIVE_DAMAGED)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            content = file.read(member.file_size)
    except _ZIP_TROUBLE as error:
        raise EInvoiceError(Reason.ARCHIVE_DAMAGED) from error
    if len(content) != member.file_size:
        raise EInvoiceError(Reason.ARCHIVE_DAMAGED)
    return content
