"""The form of a merge: who stays, and what of each card."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.models import Customer
from relance.services.merges import GROUPS, Choice
from relance.web.templatetags import terms

KEPT, ABSORBED = "kept", "absorbed"
LABELS: Mapping[str, Any] = {
    "name": gettext_lazy("Name"),
    "address": gettext_lazy("Address"),
    "numbers": gettext_lazy("SIREN, SIRET, VAT number"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Telephone"),
    "language": gettext_lazy("Language of letters"),
    "regime": gettext_lazy("Customer type"),
    "procedure": gettext_lazy("Procedure"),
    "highest_level": gettext_lazy("Highest level allowed"),
    "preferred_channel": gettext_lazy("Preferred channel"),
    "payment_terms": gettext_lazy("Payment terms"),
    "group_invoices": gettext_lazy("Several invoices at once"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something in which two cards differ, with what each says."""

    name: str
    label: str | Promise
    kept: str
    absorbed: str
    field: BoundField

    @property
    def takes_kept(self) -> bool:
        return bool(self.field.value() != ABSORBED)


class MergeForm(forms.Form):
    """What differs between two cards, one choice a line; empty gives way."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    sure = forms.BooleanField(
        label=gettext_lazy("It is one company all the same: one SIREN is mistaken"),
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, kept: Customer, absorbed: Customer
    ) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
        self._kept, self._absorbed = kept, absorbed
        self._differing = [
            group
            for group in GROUPS
            if _values(kept, group) != _values(absorbed, group)
        ]
        for group in self._differing:
            empty = not _said(kept, group)
            self.fields[group] = forms.ChoiceField(
                label=LABELS[group],
                choices=[(KEPT, KEPT), (ABSORBED, ABSORBED)],
                initial=ABSORBED if empty else KEPT,
            )

    @property
    def two_companies(self) -> bool:
        one, other = self._kept.siren, self._absorbed.siren
        return bool(one and other and one != other)

    def lines(self) -> Iterator[Line]:
        """Yield what the two cards say differently."""
        for group in self._differing:
            yield Line(
                name=group,
                label=LABELS[group],
                kept=_said(self._kept, group),
                absorbed=_said(self._absorbed, group),
                field=self[group],
            )

    def as_choice(self) -> Choice:
        taken = [
            group for group in self._differing if self.cleaned_data[group] == ABSORBED
        ]
        return Choice(
            kept=self._kept,
            absorbed=self._absorbed,
            taken=taken,
            sure=self.cleaned_data["sure"],
        )


def _values(customer: Customer, group: str) -> list[object]:
    return [getattr(customer, field) for field in GROUPS[group]]


def _said(customer: Customer, group: str) -> str:
    """Say what a card says; empty when it says nothing."""
    special = {
        "name": f"{customer.name} {customer.legal_form}".strip(),
        "address": _address(customer),
        "numbers": " · ".join(
            filter(None, (customer.siren, customer.siret, customer.vat_number))
        ),
        "language": customer.get_language_display(),
        "regime": str(customer.get_regime_display()),
        "procedure": str(customer.procedure or ""),
        "highest_level": str(customer.highest_level or ""),
        "preferred_channel": str(customer.get_preferred_channel_display()),
        "payment_terms": str(terms(customer.payment_terms) or ""),
        "group_invoices": _grouping(customer.group_invoices),
    }
    return special.get(group) or str(getattr(customer, group, "") or "")


def _address(customer: Customer) -> str:
    town = f"{customer.postcode} {customer.city}".strip()
    lines = [*customer.address.splitlines(), town]
    if town and customer.country != "FR":
        lines.append(customer.country)
    return "\n".join(filter(None, lines))


def _grouping(value: bool | None) -> str:
    if value is None:
        return ""
    return _("always one letter or e-mail") if value else _("one for each invoice")
