"""The forms of letters on their way: posted on a day, numbered, heard of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.models import Posting
from relance.services import proofs
from relance.services.documents import NewFile
from relance.services.posting_changes import News
from relance.services.refusal import Refused
from relance.web.fields import DayField
from relance.web.imports import FilesField, SeveralFiles

# Room for two thousand lines with their dates.
LONGEST_PASTE = 200_000


class MarkForm(forms.Form):
    """The day on which letters were posted."""

    posted_on = DayField(label=gettext_lazy("Posted on"), initial=timezone.localdate)


class TogetherForm(MarkForm):
    """The day on which letters were posted, the registered ones only if ticked."""

    registered = forms.BooleanField(
        label=gettext_lazy("The registered letters too"), required=False
    )


class LettersForm(TogetherForm):
    """What is done with the ticked letters: posted that day, or given numbers that
    are typed, pasted or scanned. Its fields stand apart on the page."""

    text = forms.CharField(
        label=gettext_lazy("Registered numbers, one a line"),
        max_length=LONGEST_PASTE,
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "class": "mono",
                "form": "letters",
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        beside = {"form": "letters", "class": "input short"}
        self.fields["posted_on"].widget.attrs |= beside
        self.fields["registered"].widget.attrs |= {
            "form": "letters",
            "autocomplete": "off",
        }


class ConfirmForm(forms.Form):
    """The lines that were looked at."""

    text = forms.CharField(max_length=LONGEST_PASTE, widget=forms.HiddenInput)


class ProofsField(FilesField):
    """Scans, each looked at: ``clean`` returns files that may be kept."""

    def clean(self, data: object, initial: object = None) -> object:
        if not [file for file in _listed(data) if isinstance(file, UploadedFile)]:
            return []
        files = super().clean(data, initial)
        given = files if isinstance(files, list) else []
        if len(given) > proofs.MOST:
            raise forms.ValidationError(
                _("At most %(most)s files at once."), params={"most": proofs.MOST}
            )
        kept: list[NewFile] = []
        for file in given:
            try:
                kept.append(proofs.checked(file.read(), file.name or ""))
            except Refused as refused:
                raise forms.ValidationError(refused.message) from refused
        return kept


class NewsForm(forms.Form):
    """All that is known of one letter's journey."""

    posted_on = DayField(label=gettext_lazy("Posted on"))
    registered_number = forms.CharField(
        label=gettext_lazy("Registered number"), max_length=60, required=False
    )
    presented_on = DayField(label=gettext_lazy("First presented on"), required=False)
    delivered_on = DayField(label=gettext_lazy("Delivered on"), required=False)
    returned_on = DayField(label=gettext_lazy("Returned on"), required=False)
    return_reason = forms.ChoiceField(
        label=gettext_lazy("Why it came back"),
        choices=[("", "–"), *Posting.Return.choices],
        required=False,
    )
    proofs = ProofsField(
        label=gettext_lazy("Proofs"),
        widget=SeveralFiles(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        required=False,
        help_text=gettext_lazy(
            "Deposit slip, acknowledgement of receipt, envelope: PDF, JPEG or PNG, "
            "10 MB each."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It opens over the list, whose own fields have these names.
        super().__init__(*args, **({"auto_id": "news_%s"} | kwargs))

    @classmethod
    def about(cls, posting: Posting | None) -> NewsForm:
        """Return the form filled with what is recorded."""
        initial: dict[str, Any] = vars(News.of(posting)).copy()
        initial["posted_on"] = initial["posted_on"] or timezone.localdate()
        return cls(initial=initial)

    def as_news(self) -> News:
        values = dict(self.cleaned_data)
        values.pop("proofs")
        return News(**values)


def _listed(data: object) -> list[object]:
    return data if isinstance(data, list) else [data]
