"""The floor of ``proposals``: the same rows read and written by the driver alone.

Takes the database. Reads, of each unpaid invoice, what a decision looks at (the
invoice and its customer, holds, reminders, payments, its proposal), writes every
proposal with its reasons as JSON; prints the seconds. Decides nothing, and imports
nothing of ours.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time

UNPAID = (
    "SELECT id FROM relance_invoice WHERE state = 'open' AND balance > 0 "
    "AND kind <> 'credit_note'"
)
OWING = UNPAID.replace("SELECT id", "SELECT customer_id")
READS = (
    f"""
    SELECT i.id, i.kind, i.state, i.total, i.balance, i.issued_on, i.service_date,
           i.due_date, i.payment_mode, i.einvoice_status, i.currency, i.subject,
           i.customer_reference, c.id, c.regime, c.procedure_id, c.language,
           c.email, c.city, c.address_refused_on, c.preferred_channel, d.pages
    FROM relance_invoice i JOIN relance_customer c ON c.id = i.customer_id
    LEFT JOIN relance_document d ON d.id = i.document_id
    WHERE i.id IN ({UNPAID})
    """,
    f"""
    SELECT invoice_id, customer_id, reason, starts_on, until, amount
    FROM relance_hold WHERE ended_at IS NULL
    AND (invoice_id IN ({UNPAID}) OR customer_id IN ({OWING}))
    """,
    f"""
    SELECT l.invoice_id, r.id, r.level_rank, r.level_kind, r.channel, r.state,
           r.made_on, r.next_on
    FROM relance_reminderline l JOIN relance_reminder r ON r.id = l.reminder_id
    WHERE l.invoice_id IN ({UNPAID}) AND r.state IN ('made', 'posted', 'sent')
    ORDER BY r.made_on, r.number
    """,
    f"""
    SELECT customer_id, MAX(made_on) FROM relance_reminder
    WHERE customer_id IN ({OWING}) AND made_on >= date('now', '-8 days')
    GROUP BY customer_id
    """,
    f"""
    SELECT p.customer_id, p.currency, p.amount - COALESCE((
        SELECT SUM(a.amount) FROM relance_allocation a WHERE a.payment_id = p.id
    ), 0) AS unused
    FROM relance_payment p WHERE p.customer_id IN ({OWING}) AND unused <> 0
    """,
    f"SELECT * FROM relance_contact WHERE customer_id IN ({OWING})",
    "SELECT * FROM relance_proposal",
)
WRITE = """
    UPDATE relance_proposal SET standing = ?, level_id = ?, possible_from = ?,
        reasons = ?, letter_trouble = ?, email_trouble = ?, last_id = ?, pages = ?,
        channel = ?, chosen_level_id = ?, note = ?, next_on = ?, overrides = ?,
        chosen_by_id = ?, chosen_at = ?, stale = 0, decided_on = ?
    WHERE id = ?
"""
NAMES = WRITE.replace("\n", " ").split("SET ")[1].split(" WHERE")[0].split(",")
COLUMNS = [part.split("=")[0].strip() for part in NAMES if "?" in part]


def main(path: str) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.row_factory = sqlite3.Row
    start = time.perf_counter()
    database.execute("BEGIN IMMEDIATE")
    for read in READS:
        rows = database.execute(read).fetchall()
    database.executemany(WRITE, [_written(row) for row in rows])
    database.execute("COMMIT")
    print(round(time.perf_counter() - start, 3))


def _written(row: sqlite3.Row) -> tuple[object, ...]:
    """Return a proposal with its JSON read and written again, another standing."""
    values = {name: row[name] for name in COLUMNS}
    for name in ("reasons", "overrides"):
        values[name] = json.dumps(json.loads(values[name]))
    values["standing"] = "early" if values["standing"] == "held" else "held"
    return (*values.values(), row["id"])


if __name__ == "__main__":
    main(sys.argv[1])
