"""One individual reminder, from the click to the PDF: 300 ms at most.

The median of N letters made by the service that the form calls: decide under lock,
write down, typeset, stamp the invoice, join, keep, record. The invoices' PDFs are
already there, as after an import.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.gateways import typesetter  # noqa: E402
from relance.gateways.look import PLAIN  # noqa: E402
from relance.models import Channel, Invoice  # noqa: E402
from relance.services import (  # noqa: E402
    copies,
    making,
    reminders,
)
from relance.services.drafts import Wish  # noqa: E402


def main(n: int = 30) -> None:
    now, today = timezone.now(), timezone.localdate()
    _company.company()
    _company.late_invoices(n + 1, today=today)
    unpaid = list(Invoice.objects.order_by("pk").select_related("customer", "document"))
    seconds = []
    for invoice in unpaid:
        start = time.perf_counter()
        wish = Wish(invoice=invoice, channel=Channel.LETTER)
        made = reminders.remind(wish, key=uuid.uuid4(), by=None, now=now, today=today)
        assert made.document is not None
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure = {
        "n": n,
        # The first one loads the fonts: a server has them already.
        "seconds": round(statistics.median(seconds[1:]), 4),
        "floor_seconds": floor(unpaid, n),
        "peak_mib": round(peak, 1),
    }
    print(json.dumps(figure))


def floor(unpaid: list[Invoice], n: int) -> float:
    """Run the same letters and invoices through the libraries alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rank, invoice in enumerate(unpaid[: n + 1]):
            reminder = invoice.reminder_lines.get().reminder
            letter = making.letter_from_data(reminder.content["letter"])
            written = typesetter._letters_json([letter], PLAIN)
            (folder / f"{rank:05d}.json").write_text(written)
            pdf = copies.invoice_pdf(invoice).data
            (folder / f"{rank:05d}.pdf").write_bytes(pdf)
        done = subprocess.run(
            [sys.executable, "bench/floors/one_reminder.py", name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=dict(os.environ),
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
