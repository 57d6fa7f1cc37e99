"""A run on a bad day: the mail server in trouble, the disk full, the database held."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from relance.gateways import mailer
from relance.models import Channel, Level, OutboxMessage, Run, RunLine
from relance.queries.runs import Group, progress
from relance.services import delivery, run_work, runs
from tests import letterbox, make, smtp
from tests.cli.conftest import environment
from tests.crash import plant
from tests.crash.plant import ROOT, ask, until
from tests.make import NOW, TODAY

State = OutboxMessage.State
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[smtp.SmtpServer]:
    with smtp.running() as running:
        yield running


@pytest.fixture
def run(db: None, server: smtp.SmtpServer) -> Run:
    """Six e-mails and two letters, made; none has left."""
    make.company()
    letterbox.account(server)
    found = Run.objects.create(
        number=1, request_key=uuid.uuid4(), approved_at=NOW, made_on=TODAY
    )
    level = Level.objects.get(rank=1)
    for number in range(8):
        invoice = make.invoice()
        RunLine.objects.create(
            run=found,
            position=number,
            group=number,
            invoice=invoice,
            customer=invoice.customer,
            level=level,
            channel=Channel.EMAIL if number < 6 else Channel.LETTER,
        )
    while run_work.work(found.pk, now=NOW, today=TODAY):
        pass
    assert runs.finish_if_done(found.pk, NOW)
    found.refresh_from_db()
    return found


def counts(run: Run) -> dict[Group, int]:
    return {group: n for group, n in progress(run, NOW).counts.items() if n}


def received(server: smtp.SmtpServer) -> Counter[str]:
    return Counter(one.recipients[0] for one in server.received)


def address(number: int) -> str:
    return OutboxMessage.objects.order_by("pk")[number].recipient


def test_one_refused_address_is_set_apart_and_the_rest_leaves(
    run: Run, server: smtp.SmtpServer
) -> None:
    server.behaviour.refuse = {address(2): "550 no such user"}

    delivery.deliver_all(lambda: NOW)

    assert counts(run) == {Group.SENT: 5, Group.FAILED: 1, Group.LETTERS: 2}
    [trouble] = progress(run, NOW).troubles
    assert (trouble.cause, trouble.mend) == ("failed", "message")
    assert "no such user" in trouble.why


def test_4xx_then_2xx(run: Run, server: smtp.SmtpServer) -> None:
    server.behaviour.refuse = {address(n): "451 later" for n in range(6)}
    delivery.deliver_all(lambda: NOW)
    assert counts(run) == {Group.QUEUED: 6, Group.LETTERS: 2}
    server.behaviour.refuse = {}

    delivery.deliver_all(lambda: NOW + MINUTE)
    assert server.received == []
    delivery.deliver_all(lambda: NOW + delivery.DELAYS[0])

    assert counts(run) == {Group.SENT: 6, Group.LETTERS: 2}
    assert set(received(server).values()) == {1}


def test_cut_in_the_middle_one_is_uncertain_and_none_leaves_twice(
    run: Run, server: smtp.SmtpServer
) -> None:
    delivery.deliver_all(lambda: NOW, at_most=2)
    server.behaviour.cut_at = "content"
    delivery.deliver_all(lambda: NOW)
    server.behaviour.cut_at = ""

    delivery.deliver_all(lambda: NOW + MINUTE)
    delivery.deliver_all(lambda: NOW + 2 * MINUTE)

    assert counts(run) == {Group.SENT: 5, Group.UNCERTAIN: 1, Group.LETTERS: 2}
    assert len(server.received) == 6
    assert set(received(server).values()) == {1}


@pytest.mark.parametrize(
    ("phase", "state"), [("rcpt", Group.QUEUED), ("content", Group.UNCERTAIN)]
)
def test_a_server_that_hangs_keeps_the_others_waiting(
    run: Run,
    server: smtp.SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
    phase: str,
    state: Group,
) -> None:
    monkeypatch.setattr(delivery, "smtp_account", hurried)
    server.behaviour.hang_at = phase

    delivery.deliver_all(lambda: NOW)

    found = counts(run)
    # One waited for the server; the others kept their three attempts.
    assert found.get(state, 0) == (6 if state == Group.QUEUED else 1)
    assert OutboxMessage.objects.filter(attempts=0).count() == 5
    server.behaviour.hang_at = ""
    delivery.deliver_all(lambda: NOW + delivery.DELAYS[0])
    assert set(received(server).values()) == {1}
    assert counts(run)[Group.SENT] == (6 if state == Group.QUEUED else 5)


_account = delivery.smtp_account


def hurried(account: Any) -> mailer.Account:
    given = vars(_account(account)) | {"timeout": 0.3}
    return mailer.Account(**given)


# --- a worker on a bad disk ---------------------------------------------------

# Whatever file it writes, the process cannot make it longer than this: the letters
# are, the database is not.
FULL = """
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))
"""
GO_ON = "from relance.cli import main; main(['run', 'resume', '1', '--json'])"
HEAVY = """
import io, os
import django
django.setup()
import pikepdf
from django.utils import timezone
from relance.models import Document, Invoice
from relance.services import documents
page = pikepdf.new()
page.add_blank_page(page_size=(595, 842))
page.pages[0].Scan = page.make_stream(os.urandom(8_000_000))
page.save(data := io.BytesIO())
heavy = documents.keep(
    documents.NewFile(
        data=data.getvalue(), kind=Document.Kind.INVOICE, name="FA.pdf", pages=1
    ),
    now=timezone.now(),
)
Invoice.objects.update(document=heavy)
"""


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder(server: smtp.SmtpServer, tmp_path: Path) -> Path:
    """An installation where a run of eight was approved."""
    found = tmp_path / "data"
    plant.prepare(found, rows=8, port=server.port)
    return found


def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(
    folder: Path, server: smtp.SmtpServer
) -> None:
    assert python(folder, HEAVY).returncode == 0

    full = python(folder, FULL + GO_ON)

    assert full.returncode == 1, full.stderr
    assert "Traceback" not in full.stderr
    [(trouble, state)] = ask(folder, "select trouble, state from relance_run")
    assert "File too large" in trouble
    assert state == "working"
    assert ask(folder, "select distinct state from relance_runline") == [("waiting",)]

    freed = python(folder, GO_ON)

    assert freed.returncode == 0, freed.stderr
    told = json.loads(freed.stdout)
    assert (told["state"], told["trouble"]) == ("done", "")
    assert told["done"] == told["total"] == 8
    assert len(server.received) == told["emails"]


def test_a_database_held_for_ten_seconds_is_waited_for(folder: Path) -> None:
    with plant.working(folder), holding(folder) as free:
        assert not plant.is_over(folder)
        threading.Timer(10, free).start()
        until(lambda: plant.is_over(folder))

    states = ask(folder, "select distinct state from relance_runline")
    assert states == [("made",)]
    [(reminders,)] = ask(folder, "select count(*) from relance_reminder")
    [(groups,)] = ask(folder, 'select count(distinct "group") from relance_runline')
    assert reminders == groups


def test_a_stop_lets_the_chunk_end_and_the_next_worker_goes_on(folder: Path) -> None:
    worker = plant.Worker(folder)
    until(lambda: ask(folder, "select state from relance_run") != [("approved",)])

    assert worker.stop() == 0

    reminders = ask(folder, "select distinct state from relance_reminder")
    assert ("being_made",) not in reminders
    with plant.working(folder):
        until(lambda: plant.is_over(folder))
    assert ask(folder, "select distinct state from relance_runline") == [("made",)]


@contextmanager
def holding(folder: Path) -> Iterator[Callable[[], None]]:
    """Keep everybody else from writing until what this gives is called."""
    with closing(
        sqlite3.connect(
            folder / "relance.sqlite3",
            timeout=20,
            isolation_level=None,
            check_same_thread=False,
        )
    ) as holder:
        holder.execute("begin immediate")
        yield holder.rollback
