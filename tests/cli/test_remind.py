"""``relance remind``: what a person does on the page, from a script."""

import email
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from email import policy
from pathlib import Path

import pytest

from tests import smtp
from tests.cli.conftest import environment

PREPARE = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from relance.services.preparing import prepare
prepare(now=timezone.now())
from tests import make
make.company(sending_pause=0)
today = timezone.localdate()
late = dict(issued_on=today - timedelta(days=40), due_date=today - timedelta(days=10))
make.invoice(make.customer(name="Boulangerie Lumière"), number="FA-1", **late)
make.invoice(make.customer(name="Sans adresse", email=""), number="FA-2", **late)
disputed = make.invoice(number="FA-3", **late)
from relance.services import holds
data = holds.HoldData(reason="dispute", starts_on=today)
holds.hold(disputed, data, by=None, now=timezone.now())
make.user(email="claire@vauban.example")
make.user(role="administration", email="paul@vauban.example")
make.user(role="lecture", email="lea@vauban.example")
"""
ACCOUNT = """
import django, sys
django.setup()
from tests import make
make.mail_account(port=int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    made = tmp_path_factory.mktemp("remind") / "data"
    run_in(made, PREPARE)
    return made


def run_in(folder, code, *words):
    """Run a program of the tests on an installation's folder."""
    root = str(Path(__file__).resolve().parents[2])
    subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment(folder) | {"PYTHONPATH": root},
        check=True,
        timeout=60,
    )


@pytest.fixture
def invoices(folder, prepared):
    """FA-1 may be reminded; FA-2 has no e-mail address; FA-3 is disputed."""
    shutil.copytree(prepared, folder)


@pytest.mark.usefixtures("invoices")
def test_a_letter_is_made_once_and_copied_where_one_asks(relance, tmp_path):
    first = relance("remind", "FA-1", "--json", "--output", str(tmp_path / "out"))
    again = relance("remind", "FA-1", "--json")

    [made] = json.loads(first.stdout)
    assert first.returncode == 0, first.stderr
    assert set(made) == {
        "invoice", "status", "reference", "level", "channel", "file", "reasons",
        "error",
    }  # fmt: skip
    assert (made["status"], made["channel"]) == ("made", "letter")
    [copied] = (tmp_path / "out").iterdir()
    assert made["file"] == str(copied)
    assert copied.read_bytes().startswith(b"%PDF")
    [refused] = json.loads(again.stdout)
    assert again.returncode == 1
    assert refused["status"] == "refused"
    assert "too_soon" in [reason["code"] for reason in refused["reasons"]]


@pytest.mark.usefixtures("invoices")
def test_one_refused_does_not_stop_the_others(relance):
    done = relance("remind", "NOWHERE", "FA-2", "FA-1", "--channel=email", "--json")

    nowhere, without, made = json.loads(done.stdout)
    assert done.returncode == 1
    assert "Aucune facture" in nowhere["error"]
    assert [reason["code"] for reason in without["reasons"]] == ["no_email"]
    assert (made["status"], made["file"]) == ("made", None)


@pytest.mark.usefixtures("invoices")
def test_without_an_account_the_e_mail_waits_in_the_tray(relance):
    done = relance("remind", "FA-1", "--channel", "email")

    assert done.returncode == 0
    assert "boîte d’envoi" in done.stdout


@pytest.mark.usefixtures("invoices")
def test_with_an_account_the_e_mail_leaves_at_once(relance, folder):
    with smtp.running() as server:
        run_in(folder, ACCOUNT, str(server.port))
        done = relance("remind", "FA-1", "--channel", "email")
        [received] = server.received

    assert done.returncode == 0, done.stderr
    assert message_state(folder) == ["sent"]
    assert received.recipients == [recipient(folder)]
    message = email.message_from_bytes(received.data, policy=policy.default)
    assert "FA-1" in message["Subject"]
    assert any(part.get_content_type() == "application/pdf" for part in message.walk())


def message_state(folder):
    with closing(sqlite3.connect(folder / "relance.sqlite3")) as rows:
        found = rows.execute("select state from relance_outboxmessage").fetchall()
    return [state for (state,) in found]


def recipient(folder):
    with closing(sqlite3.connect(folder / "relance.sqlite3")) as rows:
        [(address,)] = rows.execute(
            "select email from relance_customer where name = 'Boulangerie Lumière'"
        ).fetchall()
    return address


@pytest.mark.usefixtures("invoices")
def test_a_dispute_is_overridden_only_by_an_administrator(relance):
    despite = ("remind", "FA-3", "--override", "dispute=accord trouvé", "--json")
    refused = relance(*despite, "--by", "claire@vauban.example")
    nobody = relance(*despite, "--by", "nobody@vauban.example")
    made = relance(*despite, "--by", "Paul@vauban.example")

    assert (refused.returncode, nobody.returncode, made.returncode) == (1, 2, 0)
    assert "administrateur" in json.loads(refused.stdout)[0]["error"]
    assert "nobody@vauban.example" in nobody.stderr


@pytest.mark.usefixtures("invoices")
def test_who_only_reads_reminds_nobody(relance, folder):
    refused = relance("remind", "FA-1", "--by", "lea@vauban.example")

    assert refused.returncode == 1
    assert "n’a pas ce droit" in refused.stderr
    with closing(sqlite3.connect(folder / "relance.sqlite3")) as rows:
        assert rows.execute("select count(*) from relance_reminder").fetchone() == (0,)


@pytest.mark.usefixtures("invoices")
def test_a_dispute_is_overridden_only_with_why(relance):
    held = relance("remind", "FA-3", "--json")
    silent = relance("remind", "FA-3", "--override", "dispute=")
    said = relance("remind", "FA-3", "--override", "dispute=accord trouvé", "--json")

    assert json.loads(held.stdout)[0]["reasons"][0]["code"] == "dispute"
    assert (held.returncode, silent.returncode, said.returncode) == (1, 2, 0)
    assert json.loads(said.stdout)[0]["status"] == "made"


@pytest.mark.usefixtures("invoices")
def test_a_dry_run_writes_nothing(relance):
    dry = relance("remind", "FA-1", "--dry-run", "--json")
    real = relance("remind", "FA-1", "--json")

    [ready] = json.loads(dry.stdout)
    assert (ready["status"], ready["reference"]) == ("ready", None)
    assert json.loads(real.stdout)[0]["reference"] == "R-00001"


@pytest.mark.usefixtures("invoices")
def test_the_list_names_the_unpaid_invoices(relance):
    done = relance("remind", "--list", "--json")

    assert [row["invoice"] for row in json.loads(done.stdout)] == [
        "FA-1", "FA-2", "FA-3",
    ]  # fmt: skip


@pytest.mark.usefixtures("invoices")
@pytest.mark.parametrize(
    "words",
    [(), ("FA-1", "--level", "9"), ("FA-1", "--next", "24/11"), ("FA-1", "--fax")],
)
def test_wrong_usage_ends_with_2(relance, words):
    assert relance("remind", *words).returncode == 2


def test_before_the_set_up_it_says_so(relance):
    done = relance("remind", "FA-1")

    assert done.returncode == 3
    assert "relance setup" in done.stderr
