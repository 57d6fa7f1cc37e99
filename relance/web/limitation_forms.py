"""The forms of the limitation period, and the law it follows from, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.models import InterruptingEvent
from relance.queries.limitation import Event, Limitation
from relance.rules.regimes import Regime
from relance.services.limitation import Interruption, ProofFile
from relance.web.fields import DayField

# The articles that the period follows from.
_LAW = {
    Regime.B2B: gettext_lazy("art. L110-4 of the Commercial Code"),
    Regime.B2C: gettext_lazy("art. L218-2 of the Consumer Code"),
    Regime.PUBLIC: gettext_lazy("law no. 68-1250: from 1 January of the next year"),
    Regime.NON_PRO: gettext_lazy("art. 2224 of the Civil Code"),
}


class InterruptionForm(forms.Form):
    """What made the limitation period start anew."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Event"), choices=InterruptingEvent.Kind.choices
    )
    happened_on = DayField(label=gettext_lazy("Date"))
    proof = forms.CharField(
        label=gettext_lazy("Proof"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("In words: letter of…, judgment no.…"),
    )
    file = forms.FileField(
        label=gettext_lazy("Document that proves it"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def __init__(self, *args: object, regime: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if regime != Regime.PUBLIC:
            public = InterruptingEvent.Kind.PUBLIC_CLAIM
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                choice
                for choice in InterruptingEvent.Kind.choices
                if choice[0] != public
            ]

    def as_data(self) -> Interruption:
        values = dict(self.cleaned_data)
        values.pop("file")
        return Interruption(**values)

    def proof_file(self) -> ProofFile | None:
        file = self.cleaned_data["file"]
        return None if file is None else ProofFile(data=file.read(), name=file.name)


class UndoForm(forms.Form):
    """Why an event does not count after all."""

    why = forms.CharField(label=gettext_lazy("Reason"), max_length=240)


def law_words(found: Limitation) -> str:
    """Return the article that gives the period."""
    if found.carriage:
        return _("carriage of goods: art. L133-6 of the Commercial Code")
    return str(_LAW[found.regime])


def undo_form(event: int, data: Any = None) -> UndoForm:
    """Return the form of one event: many stand on a page, each with its own ids."""
    return UndoForm(data, auto_id=f"undo-{event}-%s")


def with_forms(
    found: Limitation, refused: Mapping[int, UndoForm]
) -> list[tuple[Event, UndoForm]]:
    """Return the events with the form that undoes each, as it was refused or empty."""
    return [
        (event, refused.get(event.row.pk) or undo_form(event.row.pk))
        for event in found.events
    ]
