"""The forms of past reminders: a file, many rows at once, the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.models import Channel, Invoice, Level
from relance.services.takeover import PastReminder, why_not
from relance.web.fields import DayField

CHANNELS = [
    (choice.value, choice.label)
    for choice in (Channel.LETTER, Channel.REGISTERED, Channel.EMAIL)
]
MOST_MEGABYTES = 64


class FileForm(forms.Form):
    """A table of past reminders, or a ZIP of it and its files."""

    upload = forms.FileField(label=gettext_lazy("Table of past reminders"))
    leave_wrong = forms.BooleanField(
        label=gettext_lazy("Leave out the lines that are wrong, take the others"),
        required=False,
    )

    def clean_upload(self) -> Any:
        file = self.cleaned_data["upload"]
        if file.size > MOST_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(
                _("This file is larger than %(limit)d MB.") % {"limit": MOST_MEGABYTES}
            )
        return file


class AnswerForm(forms.Form):
    """From when Relance proposes anything."""

    nothing_before = DayField(
        label=gettext_lazy("Propose nothing before"),
        required=False,
        help_text=gettext_lazy(
            "Gives your customers the time to answer the last reminders. Empty: from "
            "today on."
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """An invoice with the three fields of its past reminder."""

    invoice: Invoice
    reminded_on: date | None
    level: BoundField
    day: BoundField
    channel: BoundField


class EntryForm(forms.Form):
    """A past reminder for each of many invoices; a row without a level has none."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        invoices: Sequence[Invoice],
        levels: Sequence[Level],
        today: date,
    ) -> None:
        super().__init__(data)
        self._invoices, self._today = invoices, today
        self._levels = {str(level.pk): level for level in levels}
        choices = [("", "–"), *((pk, level.name) for pk, level in self._levels.items())]
        for name in ("all", *(str(invoice.pk) for invoice in invoices)):
            self.fields[f"level_{name}"] = forms.ChoiceField(
                choices=choices, required=False
            )
            self.fields[f"day_{name}"] = DayField(required=False)
            self.fields[f"channel_{name}"] = forms.ChoiceField(
                choices=CHANNELS, required=False
            )
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    @property
    def for_all(self) -> dict[str, BoundField]:
        return {name: self[f"{name}_all"] for name in ("level", "day", "channel")}

    def lines(self, reminded: Mapping[int, date]) -> Iterator[Line]:
        for invoice in self._invoices:
            yield Line(
                invoice=invoice,
                reminded_on=reminded.get(invoice.pk),
                level=self[f"level_{invoice.pk}"],
                day=self[f"day_{invoice.pk}"],
                channel=self[f"channel_{invoice.pk}"],
            )

    def spread(self) -> dict[str, str]:
        """Return what was typed, with the first row's values in all the others."""
        said = {name: str(self.data.get(name, "")) for name in self.fields}
        for name in ("level", "day", "channel"):
            for invoice in self._invoices:
                if value := said[f"{name}_all"]:
                    said[f"{name}_{invoice.pk}"] = value
        return said

    def clean(self) -> None:
        for invoice in self._invoices:
            day, level = self._said(invoice)
            if level and day is None and not self.errors.get(f"day_{invoice.pk}"):
                self.add_error(f"day_{invoice.pk}", _("On which day?"))
            elif level and day and (why := why_not(invoice, day, today=self._today)):
                self.add_error(f"day_{invoice.pk}", why)

    def rows(self) -> list[PastReminder]:
        """Return the past reminders of the rows that have a level."""
        found = []
        for invoice in self._invoices:
            day, level = self._said(invoice)
            if level and day:
                found.append(
                    PastReminder(
                        invoice=invoice,
                        made_on=day,
                        level=self._levels[level],
                        channel=self.cleaned_data[f"channel_{invoice.pk}"]
                        or Channel.LETTER.value,
                    )
                )
        return found

    def _said(self, invoice: Invoice) -> tuple[date | None, str]:
        values = self.cleaned_data
        return values.get(f"day_{invoice.pk}"), values.get(f"level_{invoice.pk}", "")
