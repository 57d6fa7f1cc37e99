"""``relance demo``: a folder of its own, real files, the same each time."""

from __future__ import annotations

import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pypdf
import pytest

from tests.cli.conftest import RELANCE, environment

ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RELANCE, "demo", "--no-serve"],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "data-demo"
    done = demo(folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_summary_names_files_that_are_there(built: tuple[Path, str]) -> None:
    folder, printed = built
    [letter] = folder.glob("exemples/*.pdf")
    [message] = folder.glob("exemples/*.eml")
    assert str(letter) in printed
    assert str(message) in printed
    pages = [page.extract_text() for page in pypdf.PdfReader(letter).pages]
    assert len(pages) >= 2
    assert "RAPPEL" in pages[-1]
    read = message_from_bytes(message.read_bytes(), policy=policy.default)
    attachments = [part.get_content() for part in read.iter_attachments()]
    assert attachments
    assert all(content.startswith(b"%PDF") for content in attachments)
    assert "60 clients" in printed
    assert "dont 4 factures électroniques" in printed
    assert "claire@ateliers-vauban.example" in printed


def test_again_in_its_own_folder_it_starts_anew(built: tuple[Path, str]) -> None:
    folder, printed = built
    again = demo(folder)
    assert again.returncode == 0, again.stderr
    # The same each time: names, numbers, amounts come from one seed.
    assert again.stdout == printed


def test_a_folder_that_it_did_not_make_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "relance.sqlite3"
    precious.write_text("precious")
    done = demo(tmp_path)
    assert done.returncode != 0
    assert "contient autre chose" in done.stderr
    assert precious.read_text() == "precious"
