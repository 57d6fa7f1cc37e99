"""The floor of ``pages``: the queries of each page run by the driver alone.

Takes the database and a JSON file of queries, by list and page. Runs them, fetches
every row; prints the 95th percentile of the slowest list. Imports nothing of ours.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import time
import unicodedata
from pathlib import Path

ROUNDS = 8


def main(path: str, queries: Path) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.create_function("RELANCE_PLAIN", 1, _plain, deterministic=True)
    slow = []
    for pages in json.loads(queries.read_text()).values():
        seconds = [_seconds(database, page) for page in pages * ROUNDS]
        slow.append(statistics.quantiles(seconds, n=20)[-1])
    print(round(max(slow), 4))


def _seconds(database: sqlite3.Connection, page: list[str]) -> float:
    start = time.perf_counter()
    for query in page:
        database.execute(query).fetchall()
    return time.perf_counter() - start


def _plain(text: str | None) -> str:
    parts = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
