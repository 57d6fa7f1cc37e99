"""The floor of ``matching``: the same file read with one expression, its rows written
and the numbers it holds looked up, with the driver alone. Knows one way to write a
number, no name and no sum; prints the seconds."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import sys
import time
from pathlib import Path

ROW = re.compile(r"<DTPOSTED>(\d+)<TRNAMT>([\d.]+)<FITID>(\d+)<NAME>([^\n]*)")


def main(database: str, statement: str) -> None:
    start = time.perf_counter()
    rows = ROW.findall(Path(statement).read_text())
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE floor_line (key, day, cents, label, unique (key))")
    connection.executemany(
        "INSERT INTO floor_line VALUES (?, ?, ?, ?)",
        (
            (
                hashlib.sha256(f"{day} {amount} {key}".encode()).hexdigest(),
                day,
                round(float(amount) * 100),
                label,
            )
            for day, amount, key, label in rows
        ),
    )
    connection.commit()
    invoices = connection.execute(
        "SELECT number, id, customer_id, currency, balance, due_date "
        "FROM relance_invoice WHERE state = 'open' AND balance > 0"
    ).fetchall()
    names = connection.execute("SELECT id, name FROM relance_customer").fetchall()
    numbers = {number: rest for number, *rest in invoices}
    found = [
        numbers.get(word)
        for _day, _amount, _key, label in rows
        for word in label.split()
    ]
    assert names
    assert found
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
