"""Words that a reminder must not say, and to whom.

Sources: C. conso. L121-6 and L132-10 (aggressive practices), CPCE L111-8 (costs of
recovery), C. pén. 222-33-2-2 (harassment), 433-13 (imitation of official papers),
312-10 (threat of disclosure), and the GDPR (facts only, no judgement).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from relance.rules.fields import living_text
from relance.rules.regimes import Regime


class Fault(StrEnum):
    """Why some words should not stand in a reminder."""

    BAILIFF = "bailiff"  # imitates a court or a bailiff
    SEIZURE = "seizure"  # announces a seizure that nobody has allowed
    CRIMINAL = "criminal"  # threatens with criminal law
    CREDIT_FILE = "credit_file"  # threatens with the Banque de France
    DISCLOSURE = "disclosure"  # threatens to tell others
    RECOVERY_COSTS = "recovery_costs"  # costs that stay with the creditor
    PENALTIES = "penalties"  # penalties or the 40 €, to those who do not owe them
    JUDGEMENT = "judgement"  # an opinion about the customer


@dataclass(frozen=True, kw_only=True)
class Slip:
    """Words that should not be there; ``line`` and ``column`` from 1."""

    line: int
    column: int
    fault: Fault
    words: str


_EVERYBODY = frozenset(Regime)
_PRIVATE = frozenset({Regime.B2C, Regime.NON_PRO})

_RULES: tuple[tuple[Fault, frozenset[Regime], str], ...] = (
    (
        Fault.BAILIFF,
        _EVERYBODY,
        r"huissier|commissaire de justice|sommation (?:de payer|interpellative)"
        r"|commandement de payer|bailiff|au nom de la loi"
        r"|in the name of the law",
    ),
    (
        Fault.SEIZURE,
        _EVERYBODY,
        r"avant saisie|saisie (?:immédiate|de vos|sur (?:vos|votre|salaire))"
        r"|saisir vos biens|seiz(?:e|ure of) your|before seizure",
    ),
    (
        Fault.CRIMINAL,
        _EVERYBODY,
        r"poursuites? pénales?|plainte pénale|dépôt de plainte|porter(?:ons)? plainte"
        r"|escroquerie|prison|criminal (?:proceedings|charges|complaint)",
    ),
    (
        Fault.CREDIT_FILE,
        _EVERYBODY,
        r"banque de france|\bficp\b|\bfcc\b|fichier des incidents"
        r"|credit (?:bureau|file)|blacklist",
    ),
    (
        Fault.DISCLOSURE,
        _EVERYBODY,
        r"votre employeur|vos voisins|votre entourage|vos proches"
        r"|your (?:employer|neighbours|neighbors|family)",
    ),
    (
        Fault.RECOVERY_COSTS,
        _PRIVATE,
        r"frais de (?:recouvrement|relance|dossier)|recovery costs|collection fees",
    ),
    (
        Fault.PENALTIES,
        _PRIVATE,
        r"pénalités? de retard|indemnité forfaitaire|\b40(?:,00)?[\s\u00a0]?(?:€|euros)"
        r"|€[\s\u00a0]?40\b|late[- ]payment penalt|fixed (?:indemnity|compensation)",
    ),
    (
        Fault.JUDGEMENT,
        _EVERYBODY,
        r"mauvais(?:e)? (?:payeur|foi)|malhonnête|bad payer|dishonest|bad faith",
    ),
)
# Words that say the contrary: « Aucun frais de recouvrement ne vous est réclamé ».
_DENIED = re.compile(r"(?:aucune?s?|sans|pas de|no|without any?)[\s\u00a0]+$")


def slips(text: str, *, regime: Regime | None = None) -> tuple[Slip, ...]:
    """Return the words that should not reach such a customer, in reading order;
    ``regime=None`` is a text that may reach any of them. What stands in a block for
    others does not count."""
    found = {
        (slip.line, slip.column, slip.fault): slip
        for served in (Regime if regime is None else (regime,))
        for fault, regimes, pattern in _RULES
        if served in regimes
        for slip in _found(living_text(text, regime=served), fault, pattern)
    }
    return tuple(found[place] for place in sorted(found))


def _found(text: str, fault: Fault, pattern: str) -> Iterator[Slip]:
    for match in re.finditer(pattern, text, re.IGNORECASE):
        before = text[: match.start()]
        if fault == Fault.RECOVERY_COSTS and _DENIED.search(before.casefold()):
            continue
        yield Slip(
            line=before.count("\n") + 1,
            column=match.start() - (before.rfind("\n") + 1) + 1,
            fault=fault,
            words=match.group(),
        )
