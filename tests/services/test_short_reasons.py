"""Every reason against has its few words, shorter than its sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from relance.rules.escalation import Code, Reason, Weight
from relance.services.reasons import in_words
from relance.services.short_reasons import code_in_short, in_short

FACTS = {
    "on": date(2026, 10, 18),
    "until": date(2026, 11, 28),
    "amount": Decimal("1120.00"),
    "reminded": date(2026, 11, 20),
    "made": date(2026, 11, 2),
    "reference": "R-00431",
    "proposed": 1,
    "status": "210",
    "what": "BCE",
    "before": "1 €",
    "now": "2 €",
}


def reason(code: Code, **facts: object) -> Reason:
    return Reason(code=code, weight=Weight.SOFT, facts=FACTS | facts)


@pytest.mark.parametrize("code", Code)
def test_each_is_short_and_of_one_piece(code: Code) -> None:
    with override("fr"):
        short = in_short(reason(code))
        assert 0 < len(short) < 45
        assert len(short) < len(in_words(reason(code)))
        assert "%" not in short
        assert not short.endswith(".")


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        (Code.UNALLOCATED, {}, "1 120,00 €"),
        (Code.DISPUTE, {}, "18/10/2026"),
        (Code.PROMISE, {}, "28/11/2026"),
        (Code.MANUAL_HOLD, {}, "28/11/2026"),
        (Code.MANUAL_HOLD, {"until": None}, "18/10/2026"),
        (Code.UNDER_WAY, {}, "R-00431"),
        (Code.CUSTOMER_TOO_SOON, {}, "20/11/2026"),
    ],
)
def test_it_says_the_day_or_the_amount(code: Code, facts: object, said: str) -> None:
    with override("fr"):
        assert isinstance(facts, dict)
        words = in_short(reason(code, **facts)).replace("\u00a0", " ")
        assert said in words


def test_a_promise_without_a_day_and_a_code_alone_have_words_too() -> None:
    with override("fr"):
        assert in_short(reason(Code.PROMISE, until=None))
        assert code_in_short("no_email") == in_short(reason(Code.NO_EMAIL))


@pytest.mark.parametrize(
    ("what", "language", "said"),
    [
        ("ECB 2026-S2", "fr", "taux de refinancement de la BCE du 2e semestre 2026"),
        ("ECB 2026-S2", "en", "ECB refinancing rate, second half of 2026"),
        ("company_siren, bank_details", "en", "your SIREN number, your IBAN"),
        ("Rappel, fr", "en", "Rappel, fr"),
    ],
)
def test_what_is_kept_in_codes_is_said_in_the_reader_s_language(what, language, said):
    with override(language):
        assert in_words(reason(Code.RATE_MISSING, what=what)).endswith(f": {said}.")
