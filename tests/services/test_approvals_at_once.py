"""Two people on one agreement at the same moment: one is heard, the other is told."""

from __future__ import annotations

import pytest

from relance.models import Approval, HistoryEntry, Level
from relance.rules.permissions import Role
from relance.services import approvals
from tests import make
from tests.make import NOW
from tests.services.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def level() -> Level:
    make.company()
    Level.objects.filter(rank=1).update(needs_approval=True)
    return Level.objects.get(rank=1)


def test_one_agrees_while_another_refuses(level) -> None:
    asker = make.user()
    two = [make.user(role=Role.ADMIN.value) for _ in range(2)]
    asked = approvals.ask(make.invoice(), level, "", by=asker, now=NOW)

    given = at_once(
        *(
            lambda one=one, agreed=agreed: approvals.answer(
                asked, agreed=agreed, note="C’est dit", by=one, now=NOW
            )
            for one, agreed in zip(two, (True, False), strict=True)
        )
    )

    assert len(refusals(given)) == 1
    [answer] = [one for one in given if isinstance(one, Approval)]
    kept = Approval.objects.get()
    assert (kept.state, kept.answered_by) == (answer.state, answer.answered_by)
    assert HistoryEntry.objects.filter(action__startswith="approval").count() == 2


def test_two_ask_at_once_and_one_question_is_kept(level) -> None:
    invoice = make.invoice()
    two = [make.user() for _ in range(2)]

    given = at_once(
        *(
            lambda one=one: approvals.ask(invoice, level, "", by=one, now=NOW)
            for one in two
        )
    )

    assert len(refusals(given)) == 1
    assert Approval.objects.count() == 1


def test_who_asks_and_agrees_at_once_is_still_one_person(level) -> None:
    alone = make.user(role=Role.ADMIN.value)
    asked = approvals.ask(make.invoice(), level, "", by=alone, now=NOW)

    given = at_once(
        *(
            lambda: approvals.answer(asked, agreed=True, note="", by=alone, now=NOW)
            for _ in range(2)
        )
    )

    assert len(refusals(given)) == 2
    assert Approval.objects.get().state == Approval.State.ASKED
