"""Run the figures, each in a process of its own, and print them beside their floor.

A figure is a script ``bench/NAME.py`` with a docstring (the work and its budget),
run as ``python -m bench.NAME [N]``, which prints one line of JSON:
``{"n": …, "seconds": …, "floor_seconds": …, "peak_mib": …}``. Its floor is
``bench/floors/NAME.py``: the same library calls on the same data, with nothing
imported from relance.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
# Figures measured at several sizes: time must grow in proportion.
SIZES = {"mass_letters": (100, 1_000, 10_000)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="one figure")
    parser.add_argument("--n", type=int, help="how many, instead of its own number")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write them there")
    options = parser.parse_args()
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem[0] != "_")
    if options.only and options.only not in names:
        print(f"No figure is called {options.only!r}: {', '.join(names) or 'none yet'}")
        return 2
    chosen = [options.only] if options.only else names
    print(f"{'work':<20} {'n':>7} {'seconds':>9} {'floor':>9} {'×':>6} {'MiB':>6}")
    figures = [
        measure(name, n=n)
        for name in chosen
        for n in ((options.n,) if options.n else SIZES.get(name, (None,)))
    ]
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def measure(name: str, *, n: int | None) -> dict[str, Any]:
    """Run one figure on throw-away data; print and return it."""
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as data:
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *([str(n)] if n else [])],
            cwd=FOLDER.parent,
            env=environment(data),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    said = json.loads(done.stdout.splitlines()[-1])
    ratio = said["seconds"] / said["floor_seconds"]
    figure = {"name": name, **said, "ratio": round(ratio, 2)}
    print(
        f"{name:<20} {said['n']:>7} {said['seconds']:>9.3f} "
        f"{said['floor_seconds']:>9.3f} {ratio:>6.2f} {said['peak_mib']:>6.0f}"
    )
    return figure


def environment(data: str) -> dict[str, str]:
    return {
        **os.environ,
        "RELANCE_DATA": data,
        "DJANGO_SETTINGS_MODULE": "relance.settings",
    }


if __name__ == "__main__":
    sys.exit(main())
