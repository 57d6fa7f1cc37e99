"""Form fields for days and amounts as people write them."""

from __future__ import annotations

from typing import Any

from django import forms


class DayField(forms.DateField):
    """A day, by the browser's calendar or typed: 24/11/2026."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y"]
        super().__init__(widget=widget, input_formats=formats, **kwargs)
