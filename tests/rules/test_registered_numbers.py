"""Registered numbers, however they are typed."""

from __future__ import annotations

import pytest

from relance.rules.registered_numbers import (
    Fault,
    InvalidNumber,
    Kind,
    kind_of,
    read_number,
    spaced,
    tracking_url,
)


@pytest.mark.parametrize(
    ("typed", "stored", "kind"),
    [
        ("1A 123 456 7890 1", "1A12345678901", Kind.FRENCH),
        ("1a12345678901", "1A12345678901", Kind.FRENCH),
        (" 2C\u00a0123\u202f456 7890 1\t", "2C12345678901", Kind.FRENCH),
        ("*2C12345678901*", "2C12345678901", Kind.FRENCH),
        ("1A-123-456-7890-1", "1A12345678901", Kind.FRENCH),
        ("2D.123.456.7890.12", "2D123456789012", Kind.FRENCH),
        ("87 000 123 456 789 A", "87000123456789A", Kind.FRENCH),
        # UPU S10, with its check digit.
        ("RK123456785FR", "RK123456785FR", Kind.S10),
        ("rr 473 124 829 de", "RR473124829DE", Kind.S10),
        ("LM000000005FR", "LM000000005FR", Kind.S10),
        # An online registered letter: its provider's own reference, as it is.
        ("LRE-2026-000123", "LRE-2026-000123", Kind.OTHER),
        ("AR24/1234567", "AR24/1234567", Kind.OTHER),
        ("a1b2c3d4-e5f6", "a1b2c3d4-e5f6", Kind.OTHER),
    ],
)
def test_numbers_are_read(typed: str, stored: str, kind: Kind) -> None:
    assert read_number(typed) == stored
    assert kind_of(stored) == kind
    assert read_number(spaced(stored)) == stored


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.NOT_A_NUMBER),
        ("bonjour", Fault.NOT_A_NUMBER),
        ("recommandé", Fault.NOT_A_NUMBER),
        ("1234567", Fault.NOT_A_NUMBER),
        ("<script>1234</script>", Fault.NOT_A_NUMBER),
        ("=1+12345678", Fault.NOT_A_NUMBER),
        ("1A1234567890", Fault.SHAPE),
        ("1A12345678901234", Fault.SHAPE),
        ("1A12345678O01", Fault.SHAPE),
        ("1A12345678901 1A12345678902", Fault.SHAPE),
        ("RK12345678FR", Fault.SHAPE),
        ("RK123456784FR", Fault.CHECK_DIGIT),
        ("RK213456785FR", Fault.CHECK_DIGIT),
        ("LRE-" + "1" * 27, Fault.TOO_LONG),
    ],
)
def test_what_is_no_number_is_told_why(typed: str, fault: Fault) -> None:
    with pytest.raises(InvalidNumber) as caught:
        read_number(typed)

    assert caught.value.fault == fault


@pytest.mark.parametrize(
    ("serial", "digit"),
    # Worked by hand: 10 is written 0, 11 is written 5 (UPU S10-12, annex).
    [("47312482", "9"), ("00000000", "5"), ("12345678", "5"), ("00000008", "0")],
)
def test_every_wrong_check_digit_is_found(serial: str, digit: str) -> None:
    for other in "0123456789":
        number = f"RR{serial}{other}FR"
        if other == digit:
            assert read_number(number) == number
        else:
            with pytest.raises(InvalidNumber):
                read_number(number)


def test_numbers_are_shown_as_labels_print_them() -> None:
    assert spaced("1A12345678901") == "1A 123 456 7890 1"
    assert spaced("RK123456785FR") == "RK 123 456 785 FR"
    assert spaced("87000123456789A") == "87000123456789A"
    assert spaced("LRE-2026-000123") == "LRE-2026-000123"
    assert spaced("") == ""


def test_only_the_posts_own_numbers_are_tracked_there() -> None:
    assert tracking_url("1A12345678901") == (
        "https://www.laposte.fr/outils/suivre-vos-envois?code=1A12345678901"
    )
    assert tracking_url("RK123456785FR").endswith("code=RK123456785FR")
    assert tracking_url("LRE-2026-000123") == ""
    assert tracking_url("") == ""
