"""``relance sync dolibarr``: a first time with its address, then without."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from relance.management.terminal import Exit, Stop
from relance.models import DolibarrConnection, Invoice
from tests import make
from tests.dolibarr_server import KEY, dolibarr

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    make.company()
    with dolibarr() as running:
        running.pay(running.add_invoice(running.add_customer()), "500")
        yield running


def test_the_address_is_kept_and_the_second_time_changes_nothing(server, capsys):
    where = {"url": server.address, "key": KEY}
    call_command("sync", "dolibarr", json=True, **where)
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["full"]) == ("done", True)
    assert (told["invoices_created"], told["customers_created"]) == (1, 1)
    assert DolibarrConnection.objects.get().version == "22.0.4"

    call_command("sync", "dolibarr", json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["invoices_created"], told["invoices_unchanged"]) == (0, 1)
    assert told["full"] is False
    assert Invoice.objects.count() == 1


def test_people_read_a_sentence(server, capsys):
    call_command("sync", "dolibarr", url=server.address, key=KEY, full=True)

    assert "1 factures reprises" in capsys.readouterr().out


def test_an_error_is_said_and_the_exit_code_says_so(server, capsys):
    with pytest.raises(Stop) as stopped:
        call_command("sync", "dolibarr", url=server.address, key="fausse")
    assert "n’accepte pas la clé" in str(stopped.value)

    with pytest.raises(SystemExit) as ended:
        call_command("sync", "dolibarr", json=True)
    assert ended.value.code == Exit.PARTLY
    assert "n’accepte pas" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("options", [{}, {"key": "k"}])
def test_without_an_address_nothing_is_done(options):
    make.company()

    with pytest.raises(Stop):
        call_command("sync", "dolibarr", **options)
    assert not DolibarrConnection.objects.exists()
