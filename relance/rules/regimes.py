"""The four types of debtor that the law tells apart."""

from enum import StrEnum


class Regime(StrEnum):
    """The type of customer, on which penalties, texts and limitation depend."""

    B2B = "B2B"
    B2C = "B2C"
    PUBLIC = "PUBLIC"
    NON_PRO = "NON_PRO"
