"""The forms of a reminder: making it, cancelling it, marking it posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.models import Level, Reminder
from relance.queries.needless import Owed, owed_of
from relance.rules.escalation import Code
from relance.web.fields import DayField


class ReminderForm(forms.Form):
    """What one chooses about a reminder; its reasons against add their boxes."""

    invoice = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    proposed_next_on = forms.CharField(widget=forms.HiddenInput, required=False)
    # Which boxes were shown: an unticked box is otherwise like none.
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    level = forms.ModelChoiceField(
        label=_("Level"), queryset=Level.objects.none(), empty_label=None
    )
    by_email = forms.BooleanField(
        label=_("Send the reminder by e-mail"), required=False
    )
    registered = forms.BooleanField(
        label=_("By registered letter"),
        required=False,
        help_text=_("Advised for a formal notice: it proves the date."),
    )
    note_only = forms.BooleanField(
        label=_("Only keep a note"),
        required=False,
        help_text=_("A call, a message: nothing goes to the customer."),
    )
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("For you and your colleagues. Facts only: one may ask to read it."),
    )
    next_on = DayField(label=_("Next reminder"), required=False)
    new_email = forms.EmailField(label=_("E-mail address"), required=False)
    ask_note = forms.CharField(
        label=_("What they should know"), max_length=240, required=False
    )
    last_known = forms.BooleanField(
        label=_("Go on with the last known balance"), required=False
    )
    why = forms.CharField(
        label=_("Why you remind all the same"), max_length=240, required=False
    )

    def __init__(
        self,
        data: Mapping[str, str],
        *,
        levels: Sequence[Level],
        overridable: Sequence[Code],
    ) -> None:
        super().__init__(data)
        chosen = self.fields["level"]
        if isinstance(chosen, forms.ModelChoiceField):
            chosen.queryset = Level.objects.filter(pk__in=[lev.pk for lev in levels])
        for code in overridable:
            self.fields[f"despite_{code.value}"] = forms.BooleanField(
                label=_("Remind all the same"), required=False
            )


class CancelForm(forms.Form):
    """Why a letter is cancelled."""

    reason = forms.CharField(label=_("Reason"), max_length=240)

    @classmethod
    def about(cls, reminder: Reminder) -> CancelForm:
        """Return the form with the reason that is plain to see, if there is one."""
        if owed_of(reminder) is not Owed.NONE:
            return cls()
        return cls(
            initial={"reason": _("Nothing was left to pay before it was posted")}
        )


class PostedForm(forms.Form):
    """When a letter was posted, and its registered number."""

    posted_on = DayField(label=_("Posted on"), initial=timezone.localdate)
    registered_number = forms.CharField(
        label=_("Registered number"), max_length=30, required=False
    )
