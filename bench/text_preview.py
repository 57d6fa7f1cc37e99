"""The editor of a text, from a key stroke to the page that follows: 400 ms at most.

The 95th percentile of N requests as the browser sends them while one types a formal
notice: problems looked for, the draft of an invoice made, its pages set and drawn.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

django.setup()

from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.gateways import typesetter  # noqa: E402
from relance.gateways.look import PLAIN  # noqa: E402
from relance.models import Invoice, Level, User  # noqa: E402
from relance.queries.texts import TextKey, current  # noqa: E402
from relance.rules.permissions import Role  # noqa: E402
from relance.services.text_previews import preview  # noqa: E402
from relance.services.texts import TextData  # noqa: E402
from relance.web.text_keys import text_url  # noqa: E402


def main(n: int = 60) -> None:
    today = timezone.localdate()
    _company.company()
    _company.late_invoices(200, today=today)
    key = TextKey(
        level=Level.objects.get(rank=3),
        channel="letter",
        language="fr",
        grouped=False,
        regime="B2B",
    )
    invoice = Invoice.objects.select_related("customer", "document").order_by("pk")[0]
    used = current(key)
    assert used is not None
    client = Client(headers={"host": "localhost"})
    boss = User.objects.create_user("boss@example.org", role=Role.ADMIN.value)
    client.force_login(boss)
    typed = {"subject": used.subject, "invoice": invoice.pk}
    bodies = [f"{used.body}\n\n{'mot ' * count}" for count in range(n + 1)]
    seconds = []
    for body in bodies:
        start = time.perf_counter()
        answer = client.post(text_url("text-live", key), typed | {"body": body})
        seconds.append(time.perf_counter() - start)
        assert b"data:image/png" in answer.content
    letters = []
    for body in bodies:
        shown = preview(
            key, TextData(subject=used.subject, body=body), invoice, today=today
        ).content()
        assert shown is not None
        assert shown.letter is not None
        letters.append(typesetter._letters_json([shown.letter], PLAIN))
    # The first one loads the fonts: a server has them already.
    seconds = sorted(seconds[1:])
    figure = {
        "n": n,
        "seconds": round(seconds[int(len(seconds) * 0.95)], 4),
        "floor_seconds": floor(letters),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(json.dumps(figure))


def floor(letters: list[str]) -> float:
    """Draw the same pages by Typst alone."""
    with tempfile.TemporaryDirectory() as name:
        for rank, letter in enumerate(letters):
            (Path(name) / f"{rank:05d}.json").write_text(letter)
        done = subprocess.run(
            [sys.executable, "bench/floors/text_preview.py", name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=dict(os.environ),
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
