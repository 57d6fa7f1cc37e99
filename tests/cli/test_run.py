"""``relance run``: a mass reminder from a terminal, as on the screen."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import smtp
from tests.cli.conftest import environment

PREPARE = """
import django, sys
django.setup()
from datetime import timedelta
from django.utils import timezone
from relance.services.preparing import prepare
prepare(now=timezone.now())
from tests import make
make.company(sending_pause=0)
today = timezone.localdate()
late = dict(issued_on=today - timedelta(days=40), due_date=today - timedelta(days=10))
by_email = dict(preferred_channel="email")
one = make.customer(name="Boulangerie Lumière", **by_email)
make.invoice(one, number="FA-1", **late)
make.invoice(one, number="FA-2", **late)
two = make.customer(name="Atelier Brume", preferred_channel="letter")
make.invoice(two, number="FA-3", **late)
make.hold(make.invoice(make.customer(name="En litige"), number="FA-4", **late))
make.user(email="claire@vauban.example")
"""
ACCOUNT = """
import django, sys
django.setup()
from tests import make
make.mail_account(port=int(sys.argv[1]))
"""
NOTICES = """
import django
django.setup()
from relance.models import Level, Proposal
Proposal.objects.update(chosen_level=Level.objects.get(rank=3), stale=True)
Proposal.objects.exclude(channel="").update(
    channel="registered", overrides={"level_above": "convenu", "too_soon": "convenu"}
)
"""


def run_in(folder, code, *words):
    root = str(Path(__file__).resolve().parents[2])
    subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment(folder) | {"PYTHONPATH": root},
        check=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    made = tmp_path_factory.mktemp("run") / "data"
    run_in(made, PREPARE)
    return made


@pytest.fixture
def ready(folder, prepared):
    """FA-1 and FA-2 by e-mail to one customer, FA-3 by letter; FA-4 is disputed."""
    shutil.copytree(prepared, folder)
    return folder


@pytest.fixture
def run(relance, ready):
    """Run ``relance run … --json``; its exit code and what it answered."""

    def call(*words):
        done = relance("run", *words, "--json")
        assert "Traceback" not in done.stderr
        answer = json.loads(done.stdout) if done.stdout else done.stderr
        return done.returncode, answer

    return call


def test_from_the_proposals_to_the_print_file(run, ready):
    with smtp.running() as server:
        run_in(ready, ACCOUNT, str(server.port))
        code, shown = run("propose", "--how", "preferred", "--by",
                          "claire@vauban.example")  # fmt: skip
        assert code == 0
        assert {(row["invoice"], row["channel"]) for row in shown["ticked"]} == {
            ("FA-1", "email"), ("FA-2", "email"), ("FA-3", "letter"),
        }  # fmt: skip
        assert {row["chosen_by"] for row in shown["ticked"]} == {
            "claire@vauban.example"
        }
        [total] = shown["totals"]
        assert (total["currency"], total["amount"]) == ("EUR", "3600.00")
        assert run("show")[1] == shown

        code, told = run("approve", "--yes", "--grouped")

    assert code == 0
    assert (told["state"], told["done"], told["total"]) == ("done", 3, 3)
    assert (told["letters"], told["emails"]) == (1, 1)
    assert told["counts"]["sent"] == 2
    assert len(server.received) == 1
    assert len(list((ready / "prints").glob("RM-0001*.pdf"))) == 1
    assert run("status", "1") == (0, told)
    [listed] = run("status")[1]
    assert (listed["number"], listed["made"], listed["waiting"]) == (1, 3, 0)


def test_all_by_letter_then_none(run):
    _code, letters = run("propose", "--how", "letters")
    assert {row["channel"] for row in letters["ticked"]} == {"letter"}
    _code, nothing = run("propose", "--how", "none")
    assert nothing == {"ticked": [], "totals": []}


def test_nothing_is_approved_without_a_yes(relance, run):
    run("propose")
    done = relance("run", "approve")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert run("status")[1] == []


def test_nothing_ticked_is_said(run):
    run("propose", "--how", "none")
    code, said = run("approve", "--yes")

    assert code == 1
    assert "coché" in said


def test_formal_notices_are_named(run, ready):
    run("propose", "--how", "letters")
    run_in(ready, NOTICES)

    code, said = run("approve", "--yes")
    assert code == 1
    assert "--formal-notices" in said
    code, told = run("approve", "--yes", "--formal-notices", "--no-grouped")
    assert code == 0
    assert told["registered"] == 3


def test_left_to_the_background_then_stopped_and_gone_on_with(run):
    run("propose", "--how", "letters")
    _code, told = run("approve", "--yes", "--no-wait")
    assert (told["state"], told["counts"]["waiting"]) == ("approved", 3)
    assert run("stop", "1")[1]["state"] == "stopped"
    assert run("stop", "1")[0] == 1

    code, told = run("resume", "1")

    assert code == 0
    assert (told["state"], told["counts"]["letters"]) == ("done", 3)
    assert run("resume", "1")[0] == 1


def test_in_words(relance, run):
    assert "Aucune" not in relance("run", "propose").stdout
    shown = relance("run", "show").stdout
    done = relance("run", "approve", "--yes", "--no-grouped")
    listed = relance("run", "status").stdout

    assert "Boulangerie" in shown
    assert "3 factures, 3 600,00 €" in plain(shown)
    assert done.returncode == 0, done.stderr
    assert "RM-0001 : e-mails prêts, pas encore envoyés" in plain(done.stdout)
    assert "1 courrier, 2 e-mails" in done.stdout
    assert "RM-0001" in listed


def plain(text):
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "words",
    [(), ("dance",), ("stop",), ("resume", "9"), ("propose", "--how", "fax")],
)
def test_wrong_usage_ends_with_2(relance, words):
    assert relance("run", *words).returncode == 2


def test_before_the_set_up_it_says_so(relance):
    done = relance("run", "show")

    assert done.returncode == 3
    assert "relance setup" in done.stderr
