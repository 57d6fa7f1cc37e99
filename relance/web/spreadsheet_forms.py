"""The forms of a spreadsheet: the file, and what its columns say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from relance.gateways.spreadsheet_content import MAX_FILE
from relance.gateways.spreadsheet_values import DayOrder
from relance.models.spreadsheets import KINDS
from relance.rules.spreadsheet_columns import wanted
from relance.rules.spreadsheet_targets import DAYS, Kind, Target
from relance.services.spreadsheet_layout import Column, Inspection, Layout
from relance.services.spreadsheet_words import LABELS
from relance.web.fields import DayField

ORDERS = [
    (DayOrder.DAY_FIRST.value, gettext_lazy("day first: 05/10 is 5 October")),
    (DayOrder.MONTH_FIRST.value, gettext_lazy("month first: 05/10 is 10 May")),
]
MARKS = [
    (",", gettext_lazy("comma: 1.234 is one thousand…")),
    (".", gettext_lazy("point: 1,234 is one thousand…")),
]


class DropForm(forms.Form):
    """The file to read."""

    upload = forms.FileField(label=pgettext_lazy("to read", "File"))

    def clean_upload(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["upload"]
        if (file.size or 0) > MAX_FILE:
            limit = MAX_FILE // 1024 // 1024
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB.") % {"limit": limit}
            )
        return file


class ProfileForm(forms.Form):
    """The name under which a choice of columns is kept."""

    name = forms.CharField(label=gettext_lazy("Name of the profile"), max_length=80)


@dataclass(frozen=True, kw_only=True)
class ColumnRow:
    """A column with its select, and its decimal mark where that is asked."""

    column: Column
    field: BoundField
    mark: BoundField | None


class ColumnsForm(forms.Form):
    """What a file lists, and which column says what."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What this file lists"),
        choices=[("", gettext_lazy("Choose…")), *KINDS],
        required=False,
    )
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    header = forms.IntegerField(
        label=gettext_lazy("Row of the names of the columns"),
        min_value=1,
        max_value=2000,
        required=False,
    )
    order = forms.ChoiceField(label=gettext_lazy("Dates"), required=False)
    currency = forms.CharField(
        label=gettext_lazy("Currency, where the file says none"),
        max_length=3,
        required=False,
    )
    as_of = DayField(label=gettext_lazy("Balance drawn up on"), required=False)
    account = forms.CharField(
        label=gettext_lazy("Account of the statement"), max_length=60, required=False
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, reading: Inspection
    ) -> None:
        layout = reading.layout
        super().__init__(data, initial=layout.as_data())
        self.reading = reading
        self._set_choices(layout)
        targets = {column: target.value for target, column in layout.columns.items()}
        choices: list[tuple[str, object]] = [("", _("Not used"))]
        if layout.kind:
            choices += [(one.value, LABELS[one]) for one in wanted(layout.kind)]
        for column in reading.columns:
            self.fields[f"column_{column.place}"] = forms.ChoiceField(
                label=column.header or f"{column.place + 1}",
                choices=choices,
                initial=targets.get(column.place, ""),
                required=False,
                widget=forms.Select(attrs={"class": "input"}),
            )
        for place in reading.asks_marks:
            self.fields[f"mark_{place}"] = forms.ChoiceField(
                label=_("Decimal mark"),
                choices=[("", _("Choose…")), *MARKS],
                widget=forms.Select(attrs={"class": "input"}),
            )

    def _set_choices(self, layout: Layout) -> None:
        sheet, order = self.fields["sheet"], self.fields["order"]
        if isinstance(sheet, forms.ChoiceField):
            sheet.choices = [(name, name) for name in self.reading.sheets]
        if isinstance(order, forms.ChoiceField):
            order.choices = [("", _("Choose…")), *ORDERS]
            order.required = self.reading.asks_order
        if len(self.reading.sheets) < 2:
            del self.fields["sheet"]
        if not DAYS & set(layout.columns):
            del self.fields["order"]
        if layout.kind != Kind.AGED_BALANCE:
            del self.fields["as_of"]
        if layout.kind != Kind.STATEMENT:
            del self.fields["account"]

    @property
    def rows(self) -> Iterator[ColumnRow]:
        for column in self.reading.columns:
            mark = f"mark_{column.place}"
            yield ColumnRow(
                column=column,
                field=self[f"column_{column.place}"],
                mark=self[mark] if mark in self.fields else None,
            )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cleaned_data
        seen: dict[str, str] = {}
        for column in self.reading.columns:
            name = f"column_{column.place}"
            target = found.get(name)
            if target and target in seen:
                words = _("Two columns are said to be “%(what)s”: choose one.")
                self.add_error(name, words % {"what": LABELS[Target(target)]})
            elif target:
                seen[target] = name
        return found

    def is_another_reading(self) -> bool:
        """Whether another kind, sheet or header was chosen: its columns are first to
        be proposed."""
        before, wished = self.reading.layout, self.reshaped()
        return (wished.kind, wished.sheet, wished.header or before.header) != (
            before.kind,
            before.sheet,
            before.header,
        )

    def reshaped(self) -> Layout:
        """Return the kind, sheet and header that were asked for: the rest is
        proposed anew."""
        found = self.cleaned_data
        before = self.reading.layout
        kind = found.get("kind")
        sheet = found.get("sheet") or before.sheet
        header = found.get("header") or 0
        if sheet != before.sheet:
            header = 0
        return replace(
            before, kind=Kind(kind) if kind else None, sheet=sheet, header=header
        )

    def layout(self) -> Layout:
        """Return what was chosen."""
        found = self.cleaned_data
        before = self.reading.layout
        columns = {
            Target(found[f"column_{column.place}"]): column.place
            for column in self.reading.columns
            if found.get(f"column_{column.place}")
        }
        marks = {
            place: found[f"mark_{place}"]
            for place in self.reading.asks_marks
            if found.get(f"mark_{place}")
        }
        kind, order = found.get("kind"), found.get("order")
        return replace(
            before,
            kind=Kind(kind) if kind else None,
            columns=columns,
            order=DayOrder(order) if order else before.order,
            marks={place: mark for place, mark in before.marks.items() if mark} | marks,
            currency=(found.get("currency") or "EUR").strip().upper(),
            as_of=found.get("as_of"),
            account=(found.get("account") or before.account).strip(),
        )
