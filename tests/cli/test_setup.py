"""``relance setup``: by a file, by questions, once."""

import json
import os
import pty
import subprocess
import termios

import pytest

from tests.cli.conftest import RELANCE, environment

ANSWERS = {
    "name": "Durand",
    "siren": "812345676",
    "person_name": "Dora Blanc",
    "person_email": "dora@example.org",
    "person_password": "correct horse battery",
}
MAIL = {
    "host": "smtp.durand.example",
    "port": 587,
    "security": "starttls",
    "sender_email": "compta@durand.example",
}


@pytest.fixture
def answer(tmp_path, relance):
    def run(**changes):
        file = tmp_path / "answers.json"
        file.write_text(json.dumps(ANSWERS | changes), "utf-8")
        return relance("setup", "--from-json", str(file), "--json")

    return run


def test_a_file_of_answers_sets_up_once(answer):
    done = answer(group_by_customer=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "company": "Durand",
        "administrator": "dora@example.org",
    }
    again = answer()
    assert again.returncode == 1
    assert "déjà" in again.stderr


def test_wrong_answers_end_in_words_and_save_nothing(answer):
    for wrong, code, word in (
        ({"siren": "1"}, 1, "SIREN"),
        ({"siren": 1}, 2, "siren"),
        ({"mail": {"host": "x"}}, 2, "mail"),
        ({"mail": MAIL | {"per_minute": "30"}}, 2, "mail"),
        ({"mail": MAIL | {"per_minute": -1}}, 1, "0"),
        ({"colour": "red"}, 2, "colour"),
    ):
        done = answer(**wrong)
        assert done.returncode == code, wrong
        assert word in done.stderr
        assert "Traceback" not in done.stderr
    assert answer().returncode == 0


def test_without_anybody_to_answer_it_says_so(relance):
    done = relance("setup", "--from-json", "absent.json")
    assert done.returncode == 2
    assert "absent.json" in done.stderr


def test_questions_are_asked_again_when_the_answer_is_wrong(folder):
    said = ["Durand", "", "", "12", "812345676", *[""] * 13]
    said += ["Dora Blanc", "dora@example.org"]
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [*RELANCE, "setup"],
        env=environment(folder) | {"TERM": "dumb"},
        cwd=folder.parent,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    _say(ours, *said)
    _wait_for_password(ours, program)
    _say(ours, "correct horse battery")
    output = _read_to(program, "conseill")
    # One letter a customer; past reminders said later; a mail account, first with a
    # port that is none.
    account = ["localhost", "x", "none", "", "compta@example.org"]
    account += ["localhost", "2525", "none", "", "compta@example.org"]
    _say(ours, "", "", "o", *account)
    rest, _errors = program.communicate(timeout=60)
    output += rest
    os.close(ours)
    os.close(theirs)
    assert program.returncode == 0, output
    assert "12 n" in output
    assert "dora@example.org" in output


def _wait_for_password(terminal, program):
    """What was typed before a password is asked, or during, is thrown away."""
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        assert program.poll() is None


def _say(terminal, *lines):
    os.write(terminal, "".join(f"{line}\n" for line in lines).encode())


def _read_to(program, word):
    """Return what is printed, until a word comes or the program ends."""
    read = ""
    while not read.endswith(word) and (character := program.stdout.read(1)):
        read += character
    return read
