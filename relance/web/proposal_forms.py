"""What one does from a line of *Relance massive*: promise, pause, dispute, call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.models import Hold
from relance.services.holds import HoldData
from relance.services.reminders import Note
from relance.web.fields import DayField
from relance.web.forms import AmountField, new_key


class HoldForm(forms.Form):
    """Reminders of an invoice rest from today."""

    reason: Hold.Reason

    def as_data(self, today: date) -> HoldData:
        return HoldData(reason=self.reason, starts_on=today, **self.cleaned_data)


class PromiseForm(HoldForm):
    """Payment is announced for a day: reminders rest until then."""

    reason = Hold.Reason.PROMISE
    until = DayField(label=_("Promised for"))
    amount = AmountField(label=_("Amount"), required=False)
    note = forms.CharField(label=_("Said by"), max_length=240, required=False)


class PauseForm(HoldForm):
    """Reminders of this invoice rest, until a day or until taken up again."""

    reason = Hold.Reason.MANUAL
    until = DayField(label=_("Until"), required=False)
    note = forms.CharField(label=_("Why"), max_length=240, required=False)


class DisputeForm(HoldForm):
    """The customer contests the invoice, or a part of it."""

    reason = Hold.Reason.DISPUTE
    note = forms.CharField(label=_("What is contested"), max_length=240, required=False)
    amount = AmountField(label=_("Amount"), required=False)


class AgreementForm(forms.Form):
    """A second person is asked to agree to the level."""

    note = forms.CharField(
        label=_("What they should know"), max_length=240, required=False
    )


class CallForm(forms.Form):
    """A call: what was said, and when to come back to it."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_key)
    note = forms.CharField(label=_("What was said"), max_length=2000)
    next_on = DayField(
        label=_("Call again"),
        required=False,
        help_text=_("The invoice is not proposed before that day."),
    )

    def as_note(self) -> Note:
        values = self.cleaned_data
        return Note(text=values["note"], next_on=values["next_on"])


HOLDS: dict[str, type[HoldForm]] = {
    "promise": PromiseForm,
    "pause": PauseForm,
    "dispute": DisputeForm,
}
FORMS: dict[str, type[forms.Form]] = {
    **HOLDS,
    "call": CallForm,
    "agreement": AgreementForm,
}
# A promise is rarely for later than this.
NEXT_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class ActForms:
    """The small forms of a line; one that was sent back has its errors."""

    pk: int
    today: date
    sent_back: Mapping[str, forms.Form] = field(default_factory=dict)

    def __getitem__(self, what: str) -> forms.Form:
        if what in self.sent_back:
            return self.sent_back[what]
        # What is typed on the telephone takes no other click.
        initial = {"until": self.today + NEXT_WEEK} if what == "promise" else {}
        return FORMS[what](auto_id=_ids(what, self.pk), initial=initial)


def sent_form(what: str, pk: int, data: Any) -> forms.Form:
    """Return the form of an action on a line, filled in."""
    return FORMS[what](data, auto_id=_ids(what, pk))


def _ids(what: str, pk: int) -> str:
    return f"{what}-{pk}-%s"
