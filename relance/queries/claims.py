"""What an invoice is claimed for: balance, penalties, indemnity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.models import Channel, Company, Invoice, Posting
from relance.models.money import ZERO
from relance.rules.penalties import (
    MissingRate,
    PaymentOn,
    PenaltyStatement,
    RateTable,
    compute,
)
from relance.rules.regimes import Regime
