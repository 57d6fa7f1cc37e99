"""Bounds for every PDF that pikepdf opens in this process."""

from typing import Final

from pikepdf import settings

# Far above any page or picture of a letter (A4 at 600 dots per inch is 100 MB), far
# below what a few kilobytes of a bomb unfold to.
MAX_STREAM: Final = 256 * 1024 * 1024


def bound_pdf_reading() -> None:
    """Set the limits, for the whole process; to be called as modules are imported,
    before other threads use pikepdf. Doing it twice changes nothing."""
    settings.set_qpdf_limits(
        doc_max_warnings=1000,
        flate_max_memory=MAX_STREAM,
        png_max_memory=MAX_STREAM,
        run_length_max_memory=MAX_STREAM,
        tiff_max_memory=MAX_STREAM,
        dct_max_memory=MAX_STREAM,
    )
