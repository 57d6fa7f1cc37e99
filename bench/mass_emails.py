"""E-mails with their invoice to an SMTP server of this machine: 1,000 in 6 s.

From queued messages to recorded answers, outbox states included; at most twice the
floor. A PDF weighs 30 kB; with ``KILOBYTES=100`` the budget is 12 s.
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

from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.models import Channel, MailAccount, OutboxMessage  # noqa: E402
from relance.services import delivery, documents, run_work  # noqa: E402


def main(n: int = 1000) -> None:
    now, today = timezone.now(), timezone.localdate()
    kilobytes = int(os.environ.get("KILOBYTES", "30"))
    run = _company.approved_apart(n, Channel.EMAIL, kilobytes=kilobytes)
    while run_work.work(run.pk, now=now, today=today):
        pass
    with _Server() as port:
        MailAccount.objects.create(
            pk=1, host="127.0.0.1", port=port, security="none", sender_email="c@v.fr"
        )
        start = time.perf_counter()
        while delivery.deliver_some(timezone.now):
            pass
        seconds = time.perf_counter() - start
        bare = floor(port)
    sent = OutboxMessage.objects.filter(state="sent").count()
    if sent != n:
        raise SystemExit(f"{sent} sent of {n}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure = {
        "n": n,
        "seconds": round(seconds, 3),
        "floor_seconds": bare,
        "peak_mib": round(peak, 1),
    }
    print(json.dumps(figure))


class _Server:
    """A server in a process of its own, that takes everything."""

    def __enter__(self) -> int:
        command = [sys.executable, "-m", "bench._smtp"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def floor(port: int) -> float:
    """Send the same texts and files with the standard library alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        messages = OutboxMessage.objects.prefetch_related("attachments__document")
        for rank, message in enumerate(messages.iterator(chunk_size=500)):
            text = {
                "to": message.recipient,
                "subject": message.subject,
                "text": message.text,
                "html": message.html,
            }
            (folder / f"{rank:06d}.json").write_text(json.dumps(text))
            [joined] = message.attachments.all()
            source = documents.storage().path(joined.document.sha256)
            os.link(source, folder / f"{rank:06d}.pdf")
        done = subprocess.run(
            [sys.executable, "bench/floors/mass_emails.py", name, str(port)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
