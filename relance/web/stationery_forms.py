"""The forms of the letter paper and of those who sign."""

from __future__ import annotations

import base64
from typing import IO, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.gateways.stationery_pictures import MAX_BYTES
from relance.models import Level, Signatory, Stationery
from relance.services.signatories import SignatoryData
from relance.services.stationery import (
    BOTTOM_MARGINS,
    LONGEST_FOOTER,
    MOST_SHIFTED,
    SIDE_MARGINS,
    StationeryData,
)

PICTURES = "image/png,image/jpeg,image/svg+xml,.png,.jpg,.jpeg,.svg"
PHOTOS = "image/png,image/jpeg,.png,.jpg,.jpeg"


def _margin(label: Any, bounds: tuple[int, int]) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=bounds[0], max_value=bounds[1])


class MillimetreField(forms.DecimalField):
    """Millimetres, typed the French or the English way."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value or "").replace(",", "."))


def _shift(label: Any) -> MillimetreField:
    return MillimetreField(
        label=label, min_value=-MOST_SHIFTED, max_value=MOST_SHIFTED, decimal_places=1
    )


class PictureField(forms.FileField):
    """A picture; the service looks at what is in it."""

    def __init__(self, *, accept: str, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": accept})
        super().__init__(widget=widget, required=False, **kwargs)


def read_bounded(upload: IO[bytes] | None) -> bytes | None:
    """Return the content of an upload; of one that is too large, just too much."""
    return None if upload is None else upload.read(MAX_BYTES + 1)


class StationeryForm(forms.Form):
    """How letters look."""

    logo = PictureField(
        accept=PICTURES,
        label=_("Logo"),
        help_text=_("PNG, JPEG or SVG, 2 MB at most."),
    )
    # A logo that was chosen and shown, but not saved yet: browsers forget files.
    kept_logo = forms.CharField(required=False, widget=forms.HiddenInput)
    without_logo = forms.BooleanField(label=_("Without a logo"), required=False)
    logo_says_name = forms.BooleanField(
        label=_("The logo says our name: do not write it below"), required=False
    )
    accent = forms.CharField(
        label=_("Colour"),
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Of your name and of headings."),
    )
    font = forms.ChoiceField(label=_("Font"), choices=Stationery.Font.choices)
    margin_left = _margin(_("Left margin"), SIDE_MARGINS)
    margin_right = _margin(_("Right margin"), SIDE_MARGINS)
    margin_bottom = _margin(_("Bottom margin"), BOTTOM_MARGINS)
    window_x = _shift(_("Shift to the right"))
    window_y = _shift(_("Shift down"))
    fold_marks = forms.BooleanField(label=_("Folding marks"), required=False)
    footer_text = forms.CharField(
        label=_("Text at the foot of the page"),
        max_length=LONGEST_FOOTER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Written after the legal line."),
    )

    @staticmethod
    def initial_of(paper: Stationery) -> dict[str, Any]:
        names = set(StationeryForm.base_fields) - {"logo", "kept_logo", "without_logo"}
        return {name: getattr(paper, name) for name in names}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        upload = read_bounded(values.pop("logo", None))
        kept = values.pop("kept_logo", "")
        values["logo"] = upload if upload is not None else _unfolded(kept)
        return values

    def as_data(self) -> StationeryData:
        return StationeryData(**self.cleaned_data)

    @property
    def logo_to_keep(self) -> str:
        """The logo that was chosen, to be sent back with the form."""
        logo = getattr(self, "cleaned_data", {}).get("logo")
        if not logo or "logo" in self.errors:
            return ""
        return base64.b64encode(logo).decode()


def _unfolded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) or None
    except ValueError:
        return None


class TemplateForm(forms.Form):
    """An own letter.typ."""

    template = forms.FileField(
        label=_("Own page layout"),
        widget=forms.FileInput(attrs={"accept": ".typ,text/plain"}),
        help_text=_("A letter.typ for Typst. It is tried on sample letters first."),
    )


class SignatoryForm(forms.Form):
    """Somebody who signs letters."""

    name = forms.CharField(label=_("Name"), max_length=120)
    position = forms.CharField(label=_("Position"), max_length=120, required=False)
    position_in_english = forms.CharField(
        label=_("Position in English"),
        max_length=120,
        required=False,
        help_text=_(
            "On letters and e-mails in English; the position above when empty."
        ),
    )
    signature = PictureField(
        accept=PHOTOS,
        label=_("Picture of the signature"),
        help_text=_("PNG or JPEG, 2 MB at most, on a white ground."),
    )
    without_signature = forms.BooleanField(
        label=_("Remove the picture: signed by hand"), required=False
    )
    levels = forms.ModelMultipleChoiceField(
        label=_("Signs the letters of"),
        queryset=Level.objects.order_by("rank"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The main signatory signs those of all other levels."),
    )
    is_main = forms.BooleanField(label=_("Main signatory"), required=False)
    active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    @staticmethod
    def initial_of(signatory: Signatory) -> dict[str, Any]:
        names = ("name", "position", "position_in_english", "is_main", "active")
        initial = {name: getattr(signatory, name) for name in names}
        return initial | {"levels": list(signatory.levels.all())}

    def as_data(self) -> SignatoryData:
        values = dict(self.cleaned_data)
        values["signature"] = read_bounded(values["signature"])
        values["levels"] = tuple(level.pk for level in values["levels"])
        return SignatoryData(**values)
