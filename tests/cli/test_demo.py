"""``relance demo``: built whole, twice the same, never in a folder of yours."""

import re
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

COUNTS = ("customer", "invoice", "payment", "hold", "reminder", "outboxmessage")


def facts(folder):
    """Return what two demonstrations must have in common."""
    with closing(sqlite3.connect(folder / "relance.sqlite3")) as rows:
        counts = [
            rows.execute(f"select count(*) from relance_{name}").fetchone()[0]
            for name in COUNTS
        ]
        balances = rows.execute(
            "select number, total, balance, state from relance_invoice order by number"
        ).fetchall()
        without = rows.execute(
            "select count(*) from relance_invoice where document_id is null"
            " and source = 'hand'"
        ).fetchone()[0]
        sent = rows.execute(
            "select count(*) from relance_outboxmessage where state != 'queued'"
        ).fetchone()[0]
    return counts, balances, without, sent


STATES = {
    "address refused", "pinned note", "advance", "credit set", "credit open",
    "tiny", "GBP", "none",
    "deposit", "factored", "direct_debit", "cancelled", "abandoned", "settled",
    "hold insolvency", "hold direct_debit", "hold plan", "hold dispute",
    "hold promise",
}  # fmt: skip
ASKED = """
select 'address refused' from relance_customer where address_refused_on is not null
union select 'pinned note' from relance_customer where pinned_note != ''
union select 'advance' from relance_payment p where not exists (
  select 1 from relance_allocation a where a.payment_id = p.id)
union select 'credit set' from relance_allocation where credit_id is not null
union select 'credit open' from relance_invoice
  where kind = 'credit_note' and state = 'open'
union select 'tiny' from relance_invoice where state = 'open' and balance < 1500
union select 'hold ' || reason from relance_hold
union select kind from relance_invoice
union select state from relance_invoice
union select payment_mode from relance_invoice
union select currency from relance_invoice
union select channel from relance_reminder
"""


def states(folder):
    """Return the states that a demonstration shows."""
    with closing(sqlite3.connect(folder / "relance.sqlite3")) as rows:
        return {name for (name,) in rows.execute(ASKED)}


def named(done, folder, suffix):
    """Return the file of a folder that the summary names."""
    [path] = re.findall(rf"\S+/{folder}/\S+\.{suffix}", done.stdout)
    return Path(path)


def run_facts(folder):
    """Return how many reminders of the mass run go by each channel, and its lines
    by state."""
    with closing(sqlite3.connect(folder / "relance.sqlite3")) as rows:
        channels = dict(
            rows.execute(
                "select channel, count(*) from relance_reminder"
                " where run_id is not null group by channel"
            )
        )
        states = dict(
            rows.execute("select state, count(*) from relance_runline group by state")
        )
    return channels, states


def test_it_is_built_whole_and_twice_the_same(relance, folder):
    done = relance("demo", "--no-serve")
    assert done.returncode == 0, done.stderr
    first = facts(folder)
    counts, balances, without_pdf, sent = first
    letter = PdfReader(BytesIO(named(done, "exemples", "pdf").read_bytes()))
    email = named(done, "exemples", "eml").read_bytes()
    printed = PdfReader(BytesIO(named(done, "prints", "pdf").read_bytes()))
    channels, lines = run_facts(folder)

    assert counts[0] >= 60
    assert len(balances) >= 200
    assert (without_pdf, sent) == (0, 0)
    assert len(letter.pages) >= 2
    assert "Vauban" in letter.pages[0].extract_text()
    assert b"application/pdf" in email
    assert "claire@" in done.stdout
    assert lines == {"made": 120}
    assert sum(channels.values()) == 120
    assert channels["letter"] >= 30
    assert channels["email"] >= 30
    # Each letter has its invoice behind; the cover sheet comes first.
    assert len(printed.pages) > 2 * channels["letter"]
    assert "Vauban" in printed.pages[0].extract_text()
    assert states(folder) >= STATES

    assert relance("demo", "--no-serve").returncode == 0
    assert facts(folder) == first


@pytest.mark.parametrize("name", ["relance.sqlite3", "letters.txt"])
def test_a_folder_of_somebody_else_is_left_alone(relance, folder, name):
    folder.mkdir()
    (folder / name).write_text("mine")
    done = relance("demo", "--no-serve")

    assert done.returncode != 0
    assert (folder / name).read_text() == "mine"
