"""A worker killed as a power cut does: nothing lost, nothing made or sent twice.

Twenty instants are drawn over the length of an undisturbed run, and a worker is
killed at each. What it was doing is read from what it left behind; a phase that no
kill met is then aimed at.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from tests.crash import plant
from tests.crash.plant import MailServer, Worker, ask, until

ROWS = 300
KILLS, CHAINS = 20, 7
PHASES = {"compile", "save", "claim", "after DATA", "before record"}

LINES = """
select line.state, line."group", reminder.id, reminder.channel, reminder.state,
       message.message_id, message.state, document.sha256, document.pages,
       reminder.number
from relance_runline line
left join relance_reminderline covers on covers.run_line_id = line.id
left join relance_reminder reminder on reminder.id = covers.reminder_id
left join relance_outboxmessage message on message.reminder_id = reminder.id
left join relance_document document on document.id = reminder.document_id
"""


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mail"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def prepared(mail: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    plant.prepare(folder, rows=ROWS, port=mail.port)
    return folder


class Trial:
    """One run, and what the mail server saw of it."""

    def __init__(self, prepared: Path, folder: Path, mail: MailServer) -> None:
        self.folder = plant.copy(prepared, folder)
        self._mail = mail
        self._since = len(mail.events())
        self._before: set[str] = set()
        # E-mails that a kill caught on their way.
        self._leaving = 0

    def events(self) -> list[tuple[str, str]]:
        return self._mail.events()[self._since :]

    def killed(self, when: Callable[[Worker], None]) -> set[str]:
        """Start a worker, kill it ``when`` that returns; return its phases then."""
        self._before = plant.orphans(self.folder)
        with plant.working(self.folder) as worker:
            when(worker)
        self._leaving += self._count("sending")
        return self.phases(self.events())

    def phases(self, events: Sequence[tuple[str, str]]) -> set[str]:
        return plant.phases(self.folder, events, before=self._before)

    def end(self) -> None:
        """Let a last worker finish it, then look at everything."""
        with plant.working(self.folder):
            until(lambda: plant.is_over(self.folder))
        self._check_rows()
        self._check_mail()
        self._check_print()

    def _check_rows(self) -> None:
        rows = ask(self.folder, LINES)
        assert len(rows) == ROWS
        assert {row[0] for row in rows} == {"made"}
        # A reminder for each group, none for two.
        pairs = {(row[1], row[2]) for row in rows}
        groups = {group for group, _reminder in pairs}
        assert len(pairs) == len(groups) == len({pk for _group, pk in pairs})
        [(reminders,)] = ask(self.folder, "select count(*) from relance_reminder")
        assert reminders == len(groups)
        [(entries,)] = ask(
            self.folder,
            "select count(*) from relance_historyentry where action = 'reminder.made'",
        )
        assert entries == reminders
        states = {(row[3], row[4]) for row in rows}
        assert states <= {("letter", "made"), ("email", "sent"), ("email", "uncertain")}
        kept = {file.stem for file in (self.folder / "documents").rglob("*.*")}
        named = ask(self.folder, "select sha256 from relance_document")
        assert {name for (name,) in named} <= kept

    def _check_mail(self) -> None:
        received = Counter(name for event, name in self.events() if event == "read")
        assert set(received.values()) == {1}
        states = {row[5]: row[6] for row in ask(self.folder, LINES) if row[5]}
        assert set(received) <= set(states)
        sent = {name for name, state in states.items() if state == "sent"}
        assert sent <= set(received)
        # What no human has to decide about was received, and only that.
        doubtful = {name for name, state in states.items() if state == "uncertain"}
        assert set(received) - sent <= doubtful
        # And nothing is doubtful but what a kill caught on its way.
        assert len(doubtful) == self._leaving

    def _check_print(self) -> None:
        letters = {row[9]: row[8] for row in ask(self.folder, LINES) if not row[5]}
        [(file, pages)] = ask(
            self.folder, "select print_file, print_pages from relance_run"
        )
        path = self.folder / "prints" / file
        assert len(pypdf.PdfReader(path).pages) == pages >= sum(letters.values())
        # A letter says "Nos réf. : C00001 / R-00001" on its first page.
        found = Counter(
            int(number)
            for said in texts(path)
            for number in re.findall(r"C\d+ / R-(\d+)", said)
        )
        assert found == dict.fromkeys(letters, 1)

    def _count(self, state: str) -> int:
        question = "select count(*) from relance_outboxmessage where state = ?"
        [(found,)] = ask(self.folder, question, state)
        return int(found)


def test_killed_at_twenty_instants(
    prepared: Path, mail: MailServer, tmp_path: Path
) -> None:
    length = undisturbed(prepared, mail, tmp_path)
    draw = random.Random(300)
    instants = [length * (n + draw.random()) / KILLS for n in range(KILLS)]
    fell: list[tuple[float, set[str]]] = []
    for chain in range(CHAINS):
        trial = Trial(prepared, tmp_path / f"chain{chain}", mail)
        before = 0.0
        for instant in instants[chain::CHAINS]:
            phases = trial.killed(wait(instant - before))
            fell.append((round(instant, 2), phases))
            before = instant
        trial.end()
    hit = set().union(*(phases for _instant, phases in fell))
    for number, phase in enumerate(sorted(PHASES - hit)):
        fell.append((-1, aimed(phase, prepared, mail, tmp_path / f"aimed{number}")))
    print(f"length {length:.2f} s; kills fell in: {fell}")  # noqa: T201
    assert set().union(*(phases for _instant, phases in fell)) == PHASES, fell


def undisturbed(prepared: Path, mail: MailServer, tmp_path: Path) -> float:
    """Return how long a worker needs for the run, from its first breath."""
    trial = Trial(prepared, tmp_path / "undisturbed", mail)
    with plant.working(trial.folder):
        start = time.monotonic()
        until(lambda: plant.is_over(trial.folder))
        length = time.monotonic() - start
    trial.end()
    return length


def texts(path: Path) -> Iterator[str]:
    """Yield what each page says."""
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            yield page.get_textpage().get_text_bounded()


def wait(seconds: float) -> Callable[[Worker], None]:
    return lambda _worker: time.sleep(max(0, seconds))


def aimed(phase: str, prepared: Path, mail: MailServer, folder: Path) -> set[str]:
    """Kill a worker in this phase, then let the run end; return where it fell."""
    trial = Trial(prepared, folder, mail)
    phases: set[str] = set()
    for _attempt in range(10):
        phases |= trial.killed(lambda worker: _when(phase, trial, mail, worker))
        if phase in phases or plant.is_over(trial.folder):
            break
    trial.end()
    return phases


# The moment at which the mail server kills, for what only it can see.
EVENTS = {"claim": "mail", "after DATA": "read", "before record": "answered"}


def _when(phase: str, trial: Trial, mail: MailServer, worker: Worker) -> None:
    if phase in EVENTS:
        mail.aim(worker.pid, EVENTS[phase])
        until(lambda: not worker.is_alive or plant.is_over(trial.folder))
    else:
        until(lambda: phase in trial.phases([]))
