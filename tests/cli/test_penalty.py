"""``relance penalty``: one debt, or a file of cases, without any database."""

import json
import subprocess

import pytest

from tests.cli.conftest import RELANCE

D = ["--regime", "B2B", "--due", "2026-05-31", "--amount", "3600"]


def test_one_debt_is_shown_with_its_warning(relance):
    done = relance("penalty", *D, "--until", "2026-11-24")

    assert done.returncode == 0
    assert "215,73 €" in done.stdout
    assert "1,22 €" in done.stdout
    assert "2e semestre 2026" in done.stderr


def test_one_debt_in_json(relance):
    words = ["--until", "2026-11-24", "--payment", "2026-07-15:800", "--json"]
    found = json.loads(relance("penalty", *D, *words).stdout)

    assert [one["base"] for one in found["segments"]] == [
        "3600.00", "3600.00", "2800.00",
    ]  # fmt: skip


def test_a_missing_rate_ends_with_1(relance):
    done = relance("penalty", *D, "--until", "2027-01-01")

    assert done.returncode == 1
    assert "taux manquant" in done.stderr
    assert "1er semestre 2027" in done.stderr


@pytest.mark.parametrize("words", [[], [*D], [*D, "--until", "hier"]])
def test_wrong_use_ends_with_2(relance, words):
    assert relance("penalty", *words).returncode == 2


def test_a_bad_case_never_stops_the_others(relance, tmp_path):
    good = {"regime": "B2B", "due": "2025-06-20", "until": "2025-07-10",
            "amount": 1200, "payments": None, "notice": None}  # fmt: skip
    late = {**good, "regime": "B2C", "until": "2026-08-01", "notice": "2026-05-04"}
    bad = [7, {}, {**good, "amount": "x"}, {**good, "payments": 3},
           {**good, "regime": "?"}, {**good, "amount": 0},
           {**good, "contract_rate": -1}, {**good, "below_floor": []}]  # fmt: skip
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([late, *bad, good]), "utf-8")
    done = relance("penalty", "--cases", str(file), "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 0
    assert "taux manquant" in found[0]["error"]
    assert all(set(one) == {"error"} for one in found[:-1])
    assert (found[-1]["penalties"], found[-1]["indemnity"]) == ("8.31", "40.00")


@pytest.mark.parametrize("text", ["{}", "[", None])
def test_a_malformed_file_ends_with_2(relance, tmp_path, text):
    file = tmp_path / "cases.json"
    if text is not None:
        file.write_text(text)
    done = relance("penalty", "--cases", str(file), "--json")

    assert done.returncode == 2
    assert str(file) in done.stderr


def test_a_calculation_leaves_no_folder_behind(tmp_path):
    done = subprocess.run(
        [*RELANCE, "penalty", *D, "--until", "2026-11-24"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "215,73" in done.stdout
    assert list(tmp_path.iterdir()) == []
