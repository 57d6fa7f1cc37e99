"""In whose name a command acts: somebody who may do so on the pages."""

import pytest

from relance.management.terminal import Stop, acting_user
from relance.rules.permissions import Action

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "action", "may"),
    [
        ("alice", Action.REMIND, True),
        ("alice", Action.EDIT_LEDGER, True),
        ("alice", Action.CONFIGURE, False),
        ("bob", Action.REMIND, False),
        ("bob", Action.EDIT_LEDGER, False),
        ("charlie", Action.REMIND, False),
        ("dora", Action.CONFIGURE, True),
    ],
)
def test_the_command_line_asks_the_table_of_the_pages(request, who, action, may):
    user = request.getfixturevalue(who)
    if may:
        assert acting_user(user.email.upper(), action) == user
    else:
        with pytest.raises(Stop, match=user.name):
            acting_user(user.email, action)


def test_without_a_name_it_is_whoever_holds_the_machine(db):
    assert acting_user(None, Action.CONFIGURE) is None


def test_somebody_unknown_or_gone_is_said(alice):
    alice.is_active = False
    alice.save()
    for email in (alice.email, "nobody@example.org"):
        with pytest.raises(Stop, match=email):
            acting_user(email, Action.REMIND)
