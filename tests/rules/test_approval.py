"""Two people for one level: who may be the second."""

import pytest

from relance.rules.approval import may_agree


@pytest.mark.parametrize(
    ("role", "is_asker", "others_administer", "answer"),
    [
        ("administration", False, True, True),
        # The only administrator, answering somebody who reminds.
        ("administration", False, False, True),
        ("administration", True, True, False),
        ("administration", True, False, False),
        ("relance", False, True, False),
        # The only administrator asks: whoever reminds is the second person.
        ("relance", False, False, True),
        ("relance", True, False, False),
        ("lecture", False, False, False),
        ("", False, False, False),
    ],
)
def test_who_may_agree(
    role: str, is_asker: bool, others_administer: bool, answer: bool
) -> None:
    found = may_agree(role, is_asker=is_asker, others_administer=others_administer)
    assert found is answer
