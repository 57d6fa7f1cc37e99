"""The days of a letter hold together, or it is said which does not."""

from __future__ import annotations

from datetime import date

import pytest

from relance.rules.journeys import Fault, Journey, ReturnReason, faults

MADE, POSTED = date(2026, 11, 2), date(2026, 11, 3)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"posted_on": MADE},
        {"posted_on": TODAY},
        {"presented_on": POSTED},
        {"presented_on": date(2026, 11, 4), "delivered_on": date(2026, 11, 4)},
        {"delivered_on": date(2026, 11, 6)},
        {
            "returned_on": date(2026, 11, 6),
            "return_reason": ReturnReason.NOT_AT_ADDRESS,
        },
        {
            "presented_on": date(2026, 11, 5),
            "returned_on": date(2026, 11, 21),
            "return_reason": ReturnReason.UNCLAIMED,
        },
        {
            "presented_on": date(2026, 11, 5),
            "returned_on": TODAY,
            "return_reason": ReturnReason.REFUSED,
        },
    ],
)
def test_what_may_be_true(known: dict[str, object]) -> None:
    assert (
        faults(Journey(made_on=MADE, **({"posted_on": POSTED} | known)), today=TODAY)
        == ()
    )


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ({"posted_on": date(2026, 11, 1)}, ("posted_on", Fault.POSTED_BEFORE_MADE)),
        ({"posted_on": date(2026, 11, 25)}, ("posted_on", Fault.IN_THE_FUTURE)),
        ({"presented_on": MADE}, ("presented_on", Fault.BEFORE_POSTED)),
        (
            {"presented_on": date(2026, 11, 25)},
            ("presented_on", Fault.IN_THE_FUTURE),
        ),
        ({"delivered_on": MADE}, ("delivered_on", Fault.BEFORE_POSTED)),
        (
            {"presented_on": date(2026, 11, 6), "delivered_on": date(2026, 11, 5)},
            ("delivered_on", Fault.BEFORE_PRESENTED),
        ),
        (
            {
                "presented_on": date(2026, 11, 6),
                "returned_on": date(2026, 11, 5),
                "return_reason": "refused",
            },
            ("returned_on", Fault.BEFORE_PRESENTED),
        ),
        ({"returned_on": date(2026, 11, 6)}, ("return_reason", Fault.NO_REASON)),
        ({"return_reason": "npai"}, ("returned_on", Fault.NO_RETURN)),
        (
            {
                "delivered_on": date(2026, 11, 6),
                "returned_on": date(2026, 11, 7),
                "return_reason": "refused",
            },
            ("returned_on", Fault.DELIVERED_AND_RETURNED),
        ),
        (
            {
                "presented_on": date(2026, 11, 6),
                "returned_on": date(2026, 11, 7),
                "return_reason": "npai",
            },
            ("presented_on", Fault.PRESENTED_NOWHERE),
        ),
    ],
)
def test_what_cannot_be_true(
    known: dict[str, object], fault: tuple[str, Fault]
) -> None:
    journey = Journey(made_on=MADE, **({"posted_on": POSTED} | known))

    assert faults(journey, today=TODAY) == (fault,)


def test_several_faults_are_all_said() -> None:
    journey = Journey(
        made_on=MADE,
        posted_on=date(2026, 11, 1),
        presented_on=date(2026, 12, 1),
        returned_on=date(2026, 12, 2),
    )

    assert [name for name, _fault in faults(journey, today=TODAY)] == [
        "posted_on",
        "presented_on",
        "returned_on",
        "return_reason",
    ]
