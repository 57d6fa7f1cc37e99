"""``relance access``: who is locked out comes back in."""

from __future__ import annotations

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command

from relance.management.terminal import Stop
from relance.models import HistoryEntry, User
from relance.services.access_links import use_link
from tests import make, smtp

pytestmark = pytest.mark.django_db


def test_the_only_administrator_comes_back_in(dora, capsys):
    TOTP.activate(dora, "JBSWY3DPEHPK3PXP")
    call_command(
        "access",
        "Dora@example.org",
        "--remove-second-factor",
        "--site=https://relance.example/",
    )

    link = re.search(
        r"https://relance\.example/acces/([\w-]+)/", capsys.readouterr().out
    )
    use_link(link[1], "cheval-agrafe-bleu", now=make.NOW)
    assert User.objects.get().check_password("cheval-agrafe-bleu")
    assert not Authenticator.objects.exists()
    assert HistoryEntry.objects.filter(user=None).count() == 2


def test_the_link_is_for_the_terminal_even_with_a_mail_account(dora, capsys):
    with smtp.running() as server:
        make.mail_account(port=server.port)
        call_command("access", "dora@example.org", "--json")

        assert server.received == []
    assert json.loads(capsys.readouterr().out)["url"].startswith(
        "http://127.0.0.1:8000"
    )


def test_without_a_second_factor_the_link_is_made_all_the_same(dora, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("access", "dora@example.org", "--remove-second-factor")

    assert ended.value.code == 1
    assert "/acces/" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["nobody@example.org", "x", "off@example.org"])
def test_an_address_that_does_not_log_in_is_refused(dora, address):
    User.objects.create_user("off@example.org", is_active=False)
    with pytest.raises(Stop, match=address):
        call_command("access", address)
    assert not HistoryEntry.objects.exists()
