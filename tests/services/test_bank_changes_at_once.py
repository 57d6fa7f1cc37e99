"""Two administrators at once: one decides, the other is told."""

from __future__ import annotations

import pytest

from relance.models import BankChange, Company, HistoryEntry
from relance.services.bank_changes import apply_due, refuse
from tests import make
from tests.make import NOW
from tests.services.test_bank_changes import LATER, NEW, administrator, ask, yes
from tests.services.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_agree_at_once_and_it_is_agreed_once() -> None:
    make.company()
    dora = administrator()
    others = [administrator("Eva Morel"), administrator("Ines Roux")]
    change = ask(dora, starts_on=LATER)

    given = at_once(*(lambda p=p: yes(change, p) for p in others))

    assert len(refusals(given)) == 1
    assert HistoryEntry.objects.filter(action="company.bank_agreed").count() == 1


def test_agreed_and_refused_at_once_one_of_them_counts() -> None:
    make.company()
    dora = administrator()
    eva, ines = administrator("Eva Morel"), administrator("Ines Roux")
    change = ask(dora)

    given = at_once(
        lambda: yes(change, eva),
        lambda: refuse(change, "non", by=ines, now=NOW),
    )

    assert len(refusals(given)) == 1
    change.refresh_from_db()
    assert (Company.objects.get().iban == NEW) == (change.state == "applied")


def test_two_ask_at_once_and_one_change_waits() -> None:
    make.company()
    dora, eva = administrator(), administrator("Eva Morel")

    given = at_once(lambda: ask(dora), lambda: ask(eva))

    assert len(refusals(given)) == 1
    assert BankChange.objects.count() == 1


def test_its_day_comes_for_two_workers() -> None:
    make.company()
    ask(administrator(), starts_on=LATER)

    given = at_once(*(lambda: apply_due(now=NOW, today=LATER),) * 2)

    assert sum(one is not None for one in given) == 1
    assert HistoryEntry.objects.filter(action="company.bank_changed").count() == 1
