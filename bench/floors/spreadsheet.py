"""The floor of ``spreadsheet``: the same file read by the same reader, its rows
written twice over (invoice and history) with the driver alone, one transaction every
2,000 rows. Knows one way to write a day and an amount, checks nothing; prints the
seconds."""

from __future__ import annotations

import csv
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

from openpyxl import load_workbook


def read(path: str) -> Iterator[list[str]]:
    if path.endswith(".csv"):
        with Path(path).open(newline="", encoding="utf-8") as file:
            yield from csv.reader(file, delimiter=";")
    else:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield [str(cell or "") for cell in row]


def main(database: str, path: str) -> None:
    start = time.perf_counter()
    connection = sqlite3.connect(database)
    connection.execute(
        "CREATE TABLE floor_invoice (number UNIQUE, customer, issued, due, total, paid)"
    )
    connection.execute("CREATE TABLE floor_history (words, number)")
    # Once to check, once to write, as the work does.
    seen = {row[0] for row in read(path)}
    lines = read(path)
    next(lines)
    for chunk in batched(lines, 2000):
        values = [
            (
                number,
                code,
                "-".join(reversed(issued.split("/"))),
                "-".join(reversed(due.split("/"))),
                round(float(total.replace(",", ".")) * 100),
                round(float(paid.replace(",", ".") or 0) * 100) if paid else 0,
            )
            for number, code, _name, issued, due, total, paid in chunk
        ]
        connection.executemany("INSERT INTO floor_invoice VALUES (?,?,?,?,?,?)", values)
        connection.executemany(
            "INSERT INTO floor_history VALUES (?, ?)",
            ((f"Facture {row[0]} importée.", row[0]) for row in values),
        )
        connection.commit()
    assert len(seen) > 1
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
