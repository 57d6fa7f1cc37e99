"""Amounts: exact to the cent, never a float, and no silent arithmetic."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from relance.models import Customer, Invoice
from relance.models.money import LARGEST, ZERO, MoneyField, minus, sum_of
from tests import make

field: MoneyField = Invoice._meta.get_field("total")
cents = st.integers(min_value=-(10**12), max_value=10**12)


@given(cents)
def test_an_amount_comes_back_as_it_was_kept(number: int) -> None:
    amount = Decimal(number).scaleb(-2)

    assert field.get_prep_value(amount) == number
    assert field.from_db_value(number) == amount
    assert str(field.from_db_value(number)) == f"{amount:.2f}"


@pytest.mark.parametrize("value", ["12.5", 12, Decimal("12.5000")])
def test_an_amount_has_two_places_in_python(value: object) -> None:
    assert field.to_python(value).as_tuple().exponent == -2


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_stays_nothing(value: object) -> None:
    assert field.to_python(value) is None
    assert field.get_prep_value(value) is None
    assert field.from_db_value(None) is None


@pytest.mark.parametrize("read", [field.to_python, field.get_prep_value])
def test_a_float_is_refused(read) -> None:
    with pytest.raises(TypeError, match="never a float"):
        read(12.5)


@pytest.mark.parametrize("value", ["0.001", Decimal("12.345")])
def test_a_third_decimal_is_refused_and_never_rounded(value: object) -> None:
    with pytest.raises(ValueError, match="more than two decimals"):
        field.get_prep_value(value)


def test_a_float_or_a_third_decimal_reaches_no_table(db: None) -> None:
    invoice = make.invoice()
    for wrong, error in ((12.5, TypeError), (Decimal("1.005"), ValueError)):
        with pytest.raises(error):
            Invoice.objects.filter(pk=invoice.pk).update(total=wrong)
        with pytest.raises(error):
            list(Invoice.objects.filter(total=wrong))


def test_the_table_holds_cents(db: None) -> None:
    invoice = make.invoice(total=Decimal("1234.56"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT total, balance FROM relance_invoice")
        assert cursor.fetchone() == (123456, 123456)
    invoice.refresh_from_db()
    assert invoice.total == Decimal("1234.56")


@pytest.mark.parametrize(
    ("lookup", "found"),
    [
        ({"total": Decimal("12.50")}, 1),
        ({"total": "12.5"}, 1),
        ({"total": Decimal("1250")}, 0),
        ({"total__gt": Decimal("12.49")}, 1),
        ({"total__lt": Decimal("12.50")}, 0),
        ({"total__gte": 12}, 1),
        ({"total__in": [Decimal("12.50"), Decimal("1.00")]}, 1),
        ({"total__range": (Decimal("12"), Decimal("13"))}, 1),
        ({"total": F("balance")}, 1),
    ],
)
def test_amounts_are_compared_as_amounts(db: None, lookup: dict, found: int) -> None:
    make.invoice(total=Decimal("12.50"))

    assert Invoice.objects.filter(**lookup).count() == found


@pytest.mark.parametrize(
    "wrong", [F("total") - F("balance"), F("total") + F("balance"), F("total") * 2]
)
def test_arithmetic_beside_the_two_functions_is_an_error(db: None, wrong) -> None:
    with pytest.raises(FieldError):
        list(Invoice.objects.annotate(wrong=wrong))


def test_minus_gives_an_amount(db: None) -> None:
    invoice = make.invoice(total=Decimal("100.10"))
    make.payment(invoice, "30.05")

    found = Invoice.objects.annotate(
        settled=minus("total", "balance"), back=minus(F("total"), "settled")
    ).get()

    assert (found.settled, found.back) == (Decimal("30.05"), Decimal("70.05"))
    assert (
        Invoice.objects.filter(pk=found.pk)
        .annotate(settled=minus("total", "balance"))
        .filter(settled=Decimal("30.05"))
    )


def test_a_sum_is_an_amount_and_zero_when_there_is_none(db: None) -> None:
    nobody = make.customer()
    assert Invoice.objects.aggregate(sum=sum_of("total")) == {"sum": ZERO}

    owner = make.customer()
    make.invoice(owner, total=Decimal("0.10"))
    make.invoice(owner, total=Decimal("0.20"))

    assert Invoice.objects.aggregate(sum=sum_of("total"))["sum"] == Decimal("0.30")
    rows = Customer.objects.annotate(sum=sum_of("invoices__total"))
    assert dict(rows.values_list("pk", "sum")) == {
        nobody.pk: ZERO,
        owner.pk: Decimal("0.30"),
    }


def test_the_largest_amount_is_kept(db: None) -> None:
    make.invoice(total=LARGEST)

    assert Invoice.objects.get().total == LARGEST


def test_forms_and_exports_write_it_in_full() -> None:
    form_field = field.formfield()
    assert form_field.clean("12.50") == Decimal("12.50")
    assert str(form_field.label) == str(field.verbose_name)
    assert field.formfield(required=False).clean("") is None
    assert field.value_to_string(Invoice(total=Decimal("12.50"))) == "12.50"
