"""Contact for the level, dunning contact, billing contact, customer: in order."""

import pytest

from relance.rules.recipients import Person, Why, choose

BILLING = Person(name="Brigitte", role="billing", email="b@example.fr")
DUNNING = Person(name="Denis", role="dunning", email="d@example.fr")
MUTE = Person(name="Maud", role="dunning")
SECOND = Person(
    name="Lou", role="other", email="l@example.fr", recipient_for=frozenset({2})
)
COPY = Person(name="Chef", role="other", email="c@example.fr", copy_for=frozenset({2}))


@pytest.mark.parametrize(
    ("contacts", "rank", "name", "why"),
    [
        ([BILLING, DUNNING, SECOND], 2, "Lou", Why.LEVEL_CONTACT),
        ([BILLING, DUNNING, SECOND], 1, "Denis", Why.DUNNING_CONTACT),
        ([BILLING, MUTE], 1, "Brigitte", Why.BILLING_CONTACT),
        ([BILLING], 1, "Brigitte", Why.BILLING_CONTACT),
        ([SECOND], 1, None, Why.CUSTOMER),
        ([], 1, None, Why.CUSTOMER),
    ],
)
def test_who_receives_an_email(
    contacts: list[Person], rank: int, name: str | None, why: Why
) -> None:
    found = choose(
        contacts,
        rank=rank,
        by_email=True,
        customer_email="info@example.fr",
        is_formal_notice=False,
    )
    assert found is not None
    assert (found.person.name if found.person else None, found.why) == (name, why)


def test_nobody_receives_an_email_without_an_address() -> None:
    found = choose(
        [MUTE], rank=1, by_email=True, customer_email="", is_formal_notice=False
    )
    assert found is None


def test_a_letter_needs_no_email_address() -> None:
    found = choose(
        [MUTE], rank=1, by_email=False, customer_email="", is_formal_notice=False
    )
    assert found is not None
    assert found.person == MUTE


def test_a_formal_notice_by_letter_goes_to_the_registered_office() -> None:
    found = choose(
        [SECOND], rank=2, by_email=False, customer_email="", is_formal_notice=True
    )
    assert found is not None
    assert (found.why, found.person) == (Why.REGISTERED_OFFICE, None)


def test_copies_go_by_email_to_those_who_do_not_receive_already() -> None:
    found = choose(
        [SECOND, COPY],
        rank=2,
        by_email=True,
        customer_email="c@example.fr",
        is_formal_notice=False,
    )
    assert found is not None
    assert found.copies == ("c@example.fr",)
    to_customer = choose(
        [COPY],
        rank=2,
        by_email=True,
        customer_email="c@example.fr",
        is_formal_notice=False,
    )
    assert to_customer is not None
    assert to_customer.copies == ()
