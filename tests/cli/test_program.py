"""``relance`` itself: its list of commands, and what it says to a wrong name."""

import pytest

from relance.cli import COMMANDS


def test_help_lists_the_commands_and_leaves_nothing_behind(relance, folder):
    done = relance("--help")

    assert done.returncode == 0
    assert [name for name in COMMANDS if f"  {name} " not in done.stdout] == []
    assert not folder.exists()


def test_a_wrong_name_is_answered_by_the_nearest(relance, folder):
    done = relance("serv")

    assert done.returncode == 2
    assert "relance serve" in done.stderr
    assert not folder.exists()


@pytest.mark.parametrize("name", ["serve", "worker", "doctor"])
def test_each_command_shows_an_example(relance, name):
    done = relance(name, "--help")

    assert done.returncode == 0
    assert f"relance {name}" in done.stdout.split("Exemple")[1]
