"""The forms of levels and procedures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.models import Level, Procedure, Tag
from relance.models.customers import REGIMES
from relance.rules.delays import InvalidDelay, parse_delay
from relance.services.levels import LONGEST_NAME, LONGEST_STAMP, LevelData
from relance.services.procedures import ProcedureData, StepData
from relance.web.forms import AmountField

KINDS = [
    (Level.Kind.REMINDER.value, gettext_lazy("A reminder, after the due date")),
    (Level.Kind.FORMAL_NOTICE.value, gettext_lazy("A formal notice")),
    (Level.Kind.COURTESY.value, gettext_lazy("A word before the due date")),
]


class LevelForm(forms.Form):
    """A level: what it is called, and what it asks for."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("As in lists: Relance simple, Dernier rappel…"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=KINDS)
    stamp = forms.CharField(
        label=gettext_lazy("Stamp on the invoice joined"),
        max_length=LONGEST_STAMP,
        required=False,
        help_text=gettext_lazy("Rappel, Mise en demeure… Left empty: no stamp."),
    )
    needs_approval = forms.BooleanField(
        label=gettext_lazy("A second person must agree"),
        required=False,
        help_text=gettext_lazy(
            "Somebody asks, somebody else agrees, before it is made; from the amount "
            "chosen among the thresholds."
        ),
    )

    def as_data(self) -> LevelData:
        names = ("name", "kind", "stamp", "needs_approval")
        return LevelData(**{name: self.cleaned_data[name] for name in names})

    @staticmethod
    def initial_of(level: Level) -> dict[str, Any]:
        return {name: getattr(level, name) for name in LevelForm.base_fields}


class NewLevelForm(LevelForm):
    """Also where it stands, and with which texts it starts."""

    after = forms.ModelChoiceField(
        label=gettext_lazy("It comes after"),
        queryset=Level.objects.all(),
        required=False,
        empty_label=gettext_lazy("nothing: it is the first"),
    )
    texts_of = forms.ModelChoiceField(
        label=gettext_lazy("Start with the texts of"),
        queryset=Level.objects.all(),
        required=False,
        empty_label=gettext_lazy("none: I will write them"),
        help_text=gettext_lazy(
            "Its letters and e-mails are copied; change them afterwards."
        ),
    )


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A level in the form of a procedure."""

    level: Level
    on: BoundField
    days_after_due: BoundField
    days_to_pay: BoundField
    next_delay: BoundField


class ProcedureForm(forms.Form):
    """A procedure: for whom, and one row for each level."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    regime = forms.ChoiceField(
        label=gettext_lazy("Usual procedure of"),
        choices=[("", gettext_lazy("no type of customer")), *REGIMES],
        required=False,
    )
    tag = forms.ModelChoiceField(
        label=gettext_lazy("Of customers with the tag"),
        queryset=Tag.objects.all(),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    amount_from = AmountField(label=gettext_lazy("Of invoices from"), required=False)
    amount_of = forms.ChoiceField(
        label=gettext_lazy("Counting"), choices=Procedure.AmountOf.choices
    )
    amount_regime = forms.ChoiceField(
        label=gettext_lazy("Among"),
        choices=[("", gettext_lazy("all types of customers")), *REGIMES],
        required=False,
    )

    def __init__(
        self, *args: Any, levels: Sequence[Level], general_delay: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._levels = levels
        for level in levels:
            self.fields |= _step_fields(level, general_delay)

    @property
    def rows(self) -> Iterator[StepRow]:
        for level in self._levels:
            yield StepRow(
                level=level,
                on=self[f"on-{level.pk}"],
                days_after_due=self[f"days_after_due-{level.pk}"],
                days_to_pay=self[f"days_to_pay-{level.pk}"],
                next_delay=self[f"next_delay-{level.pk}"],
            )

    def as_data(self) -> ProcedureData:
        values = self.cleaned_data
        names = ("name", "regime", "tag", "amount_from", "amount_of", "amount_regime")
        return ProcedureData(
            **{name: values[name] for name in names}, steps=list(self._steps())
        )

    def _steps(self) -> Iterator[StepData]:
        values = self.cleaned_data
        for level in self._levels:
            if values[f"on-{level.pk}"]:
                days = values[f"days_after_due-{level.pk}"]
                if level.is_courtesy and days is not None:
                    days = -days
                yield StepData(
                    level=level,
                    days_after_due=days,
                    days_to_pay=values[f"days_to_pay-{level.pk}"],
                    next_delay=values[f"next_delay-{level.pk}"],
                )

    @staticmethod
    def initial_of(procedure: Procedure) -> dict[str, Any]:
        names = ("name", "regime", "tag", "amount_of", "amount_regime")
        initial = {name: getattr(procedure, name) for name in names}
        if procedure.amount_from is not None:
            initial["amount_from"] = f"{procedure.amount_from:.2f}".replace(".", ",")
        for step in procedure.steps.all():
            pk = step.level_id
            initial |= {
                f"on-{pk}": True,
                f"days_after_due-{pk}": abs(step.days_after_due),
                f"days_to_pay-{pk}": step.days_to_pay,
                f"next_delay-{pk}": step.next_delay,
            }
        return initial


def _step_fields(level: Level, general_delay: str) -> dict[str, forms.Field]:
    said = {"level": level.name}
    delay = _("Delay before the next: %(level)s") % said
    before = _("Days before the due date: %(level)s") % said
    after = _("Days after the due date: %(level)s") % said
    return {
        f"on-{level.pk}": forms.BooleanField(label=level.name, required=False),
        f"days_after_due-{level.pk}": _number(before if level.is_courtesy else after),
        f"days_to_pay-{level.pk}": _number(
            _("Days given to pay: %(level)s") % said, initial=8
        ),
        f"next_delay-{level.pk}": DelayField(
            label=delay,
            max_length=40,
            required=False,
            widget=forms.TextInput(
                attrs={
                    "placeholder": general_delay,
                    "size": 12,
                    "class": "input",
                    "aria-label": delay,
                }
            ),
        ),
    }


def _number(label: str, *, initial: int | None = None) -> forms.IntegerField:
    # The head of the column is no label to who hears the page.
    widget = forms.TextInput(
        attrs={
            "inputmode": "numeric",
            "size": 4,
            "class": "input amount",
            "aria-label": label,
        }
    )
    return forms.IntegerField(
        label=label, required=False, initial=initial, widget=widget
    )


class DelayField(forms.CharField):
    """A delay as the module writes it: ``+ 15 days``."""

    def clean(self, value: object) -> str:
        text = str(super().clean(value) or "")
        if not text:
            return ""
        try:
            return str(parse_delay(text))
        except InvalidDelay as error:
            words = _("“%(text)s” is not a delay. Examples: + 15 days, 2 weeks.")
            raise forms.ValidationError(words % {"text": text}) from error
