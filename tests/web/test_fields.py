"""Payment terms as people say them."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from relance.rules.delays import parse_terms
from relance.web.fields import terms_in_words

WORDS = [
    ("NET 30", "30 jours", "30 days"),
    ("NET 1", "1 jour", "1 day"),
    ("NET 0", "à réception", "on receipt"),
    ("NET 0 D10", "0 jour le 10", "0 days the 10"),
    ("45 EOM", "45 jours fin de mois", "45 days end of month"),
    ("45 EOM D10", "45 jours fin de mois le 10", "45 days end of month the 10"),
    ("EOM+30", "fin de mois + 30 jours", "end of month + 30 days"),
    ("EOM+0", "fin de mois", "end of month"),
]


@pytest.mark.parametrize(("stored", "french", "english"), WORDS)
def test_terms_are_said_and_read_back_in_both_languages(
    stored: str, french: str, english: str
) -> None:
    for language, words in (("fr", french), ("en", english)):
        with override(language):
            assert terms_in_words(stored) == words
        assert str(parse_terms(words)) == stored


def test_what_is_no_terms_is_shown_as_typed() -> None:
    assert terms_in_words("quand je veux") == "quand je veux"
    assert terms_in_words("") == ""
