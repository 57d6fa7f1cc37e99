"""An installation with a run to make, its worker, and what is seen of it outside."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.cli.conftest import RELANCE, environment

ROOT = Path(__file__).resolve().parents[2]

# Half letters, half e-mails; every sixth customer has two invoices, in one reminder.
PREPARE = """
import io, sys, uuid
from datetime import timedelta
import django
import pikepdf
django.setup()
from django.utils import timezone
from relance.models import Channel, Customer, Document, Invoice, Level, Proposal
from relance.services.preparing import prepare
prepare(now=timezone.now())
from relance.services import documents, proposals, runs
from tests import make
rows, port = int(sys.argv[1]), int(sys.argv[2])
make.company()
make.mail_account(port=port)
today = timezone.localdate()
page = pikepdf.new()
page.add_blank_page(page_size=(595, 842))
page.save(data := io.BytesIO())
copy = documents.keep(
    documents.NewFile(
        data=data.getvalue(), kind=Document.Kind.INVOICE, name="FA.pdf", pages=1
    ),
    now=timezone.now(),
)
owners = Customer.objects.bulk_create(
    Customer(
        code=f"C{n:05d}", name=f"Client {n:05d}", address="1 quai Neuf",
        postcode="44000", city="Nantes", email=f"client{n}@client.example",
    )
    for n in range(rows - rows // 6)
)
owners += owners[: rows // 6]
invoices = Invoice.objects.bulk_create(
    Invoice(
        customer=owner, number=f"FA-{n:05d}", issued_on=today - timedelta(days=50),
        due_date=today - timedelta(days=20), total="1200.00", balance="1200.00",
        created_at=timezone.now(), document=copy,
    )
    for n, owner in enumerate(owners)
)
first = Level.objects.get(rank=1)
proposals.refresh(today=today)
for n, invoice in enumerate(invoices):
    channel = Channel.EMAIL if invoice.customer_id % 2 else Channel.LETTER
    Proposal.objects.update_or_create(
        invoice=invoice,
        defaults={
            "customer": invoice.customer, "level": first, "channel": channel,
            "standing": "ready", "reasons": [],
        },
    )
runs.approve(
    key=uuid.uuid4(), by=None, now=timezone.now(), today=today, grouped=True,
    confirmed=False, expected=rows,
)
"""


def prepare(folder: Path, *, rows: int, port: int) -> None:
    """Make an installation where a run of so many rows was just approved."""
    subprocess.run(
        [sys.executable, "-c", PREPARE, str(rows), str(port)],
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )


def copy(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared, folder)
    return folder


class MailServer:
    """The mail server's process, and its log."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "mail.log"
        self._log.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.mail_server", str(self._log)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._process.stdout.readline())

    def events(self) -> list[tuple[str, str]]:
        """Return what happened so far: ``(event, message id)``."""
        lines = self._log.read_text().splitlines()
        return [tuple(line.split(" ", 1)) for line in lines]

    def aim(self, pid: int, event: str) -> None:
        self._process.stdin.write(f"{pid} {event}\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


class Worker:
    """A real ``relance worker``."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [*RELANCE, "worker"],
            env=environment(folder) | {"PYTHONPATH": str(ROOT)},
            cwd=folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        # It says so just before it begins.
        self._process.stdout.readline()
        self.pid = self._process.pid

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """Ask it to end, as the system does; return its exit code."""
        self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        code = self._process.wait(timeout=30)
        self._process.stdout.close()
        return code

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None


@contextmanager
def working(folder: Path) -> Iterator[Worker]:
    worker = Worker(folder)
    try:
        yield worker
    finally:
        worker.kill()


def ask(folder: Path, question: str, *values: object) -> list[tuple[Any, ...]]:
    """Read the installation's database from outside."""
    with closing(sqlite3.connect(folder / "relance.sqlite3", timeout=20)) as rows:
        return rows.execute(question, values).fetchall()


def is_over(folder: Path) -> bool:
    """Say whether nothing of the run happens by itself any more."""
    [(state, file)] = ask(folder, "select state, print_file from relance_run")
    [(moving,)] = ask(
        folder,
        "select count(*) from relance_outboxmessage"
        " where state in ('queued', 'sending')",
    )
    return state == "done" and bool(file) and not moving


def until[T](answer: Callable[[], T], seconds: float = 60) -> T:
    """Wait for something true, by asking often; the limit is for a failure only."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = answer()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("it never happened")


def orphans(folder: Path) -> set[str]:
    """Return the kept files that no row names."""
    known = {name for (name,) in ask(folder, "select sha256 from relance_document")}
    files = (folder / "documents").rglob("*.*")
    return {file.stem for file in files if file.is_file()} - known


def phases(
    folder: Path, events: Sequence[tuple[str, str]], *, before: set[str]
) -> set[str]:
    """Return what a worker killed just now was doing, from what it left.

    ``before``: the files that another one had left already.
    """
    found = set()
    [(made,)] = ask(
        folder, "select count(*) from relance_reminder where state = 'being_made'"
    )
    if made:
        found.add("save" if orphans(folder) - before else "compile")
    happened = Counter(events)
    leaving = ask(
        folder, "select message_id from relance_outboxmessage where state = 'sending'"
    )
    for (message,) in leaving:
        if happened["answered", message]:
            found.add("before record")
        elif happened["read", message]:
            found.add("after DATA")
        else:
            found.add("claim")
    return found
