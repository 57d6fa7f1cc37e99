"""The amount field, and the only SQL arithmetic on amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.db.models import ExpressionWrapper, F, Sum, Value
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.expressions import Combinable

    DecimalColumn = models.Field[Decimal | int | str, Decimal]
else:
    DecimalColumn = models.Field

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
# Ten thousand million: more than any invoice, far below the column's limit.
LARGEST = Decimal("9999999999.99")


class MoneyField(DecimalColumn):
    """An amount: ``Decimal`` with two places in Python, integer cents in the
    database.

    It is no subclass of Django's number fields on purpose: ``F("a") - F("b")``
    on two amounts is then an error instead of a hundredfold one, and only the
    functions below do arithmetic. A float, or a third decimal, is refused.
    """

    description = "Amount in cents"

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        if isinstance(value, float):
            raise TypeError("an amount is a Decimal, never a float")
        amount = Decimal(value)
        exact = amount.quantize(CENT)
        if exact != amount:
            raise ValueError(f"{amount} has more than two decimals")
        return exact

    def from_db_value(self, value: Any, *_: object) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2).quantize(CENT)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        amount = self.to_python(value)
        return None if amount is None else int(amount.scaleb(2))

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return forms.DecimalField(
            **{"max_digits": 12, "decimal_places": 2, "label": self.verbose_name}
            | kwargs
        )


def sum_of(name: str, **kwargs: Any) -> Coalesce:
    """Return the sum of an amount column, zero when there is no row."""
    return Coalesce(
        Sum(name, **kwargs),
        Value(ZERO, output_field=MoneyField()),
        output_field=MoneyField(),
    )


def minus(left: str | Combinable, right: str | Combinable) -> ExpressionWrapper[Any]:
    """Return ``left − right`` for two amount columns or expressions."""
    left = F(left) if isinstance(left, str) else left
    right = F(right) if isinstance(right, str) else right
    return ExpressionWrapper(left - right, output_field=MoneyField())
