"""The letter paper: what the company chooses of the look of its letters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import stationery_pictures, typesetter, wording
from relance.gateways.compiler import TEMPLATES
from relance.gateways.look import LETTER, Look, Picture
from relance.models import Document, Stationery, User
from relance.models.stationery import ACCENT
from relance.queries.company import company
from relance.queries.stationery import signatories, stationery
from relance.rules.contrast import LEAST, LEGIBLE, contrast_on_white, is_colour
from relance.services import documents, history
from relance.services.active_language import active_language
from relance.services.history import About
from relance.services.look import current_look, logo_of, look_of
from relance.services.refusal import Refused
from relance.services.sample_letters import sample_letter, trial_letters

# Millimetres: least and most.
SIDE_MARGINS = (15, 30)
BOTTOM_MARGINS = (20, 40)
MOST_SHIFTED = 15
LONGEST_FOOTER = 300
LARGEST_TEMPLATE = 200_000

_MEDIA = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}


@dataclass(frozen=True, kw_only=True)
class StationeryData:
    """The letter paper as the form has it; without arguments, ours.

    ``logo``: the file of a new one; ``None`` keeps the one that is there, unless
    ``without_logo``.
    """

    logo: bytes | None = None
    without_logo: bool = False
    logo_says_name: bool = False
    accent: str = ACCENT
    font: str = Stationery.Font.SOURCE_SANS.value
    margin_left: int = 22
    margin_right: int = 20
    margin_bottom: int = 24
    window_x: Decimal = Decimal(0)
    window_y: Decimal = Decimal(0)
    fold_marks: bool = True
    footer_text: str = ""


def save_stationery(
    data: StationeryData, *, by: User | None, now: datetime
) -> Stationery:
    """Save the letter paper. Letters already made keep the look they have."""
    values, picture = check_stationery(data), _logo(data)
    with transaction.atomic():
        paper = _locked()
        changed = [name for name in values if getattr(paper, name) != values[name]]
        for name in changed:
            setattr(paper, name, values[name])
        if picture is not None or (data.without_logo and paper.logo is not None):
            changed.append("logo")
            paper.logo = _keep_logo(picture, now=now) if picture else None
        if changed:
            paper.save()
            what = ", ".join(str(_LABELS[name]) for name in changed)
            words = _("Letter paper changed: %(what)s.") % {"what": what}
            history.record("stationery.changed", words, about=About(), by=by, at=now)
    return paper


def reset_stationery(*, by: User | None, now: datetime) -> Stationery:
    """Give the letter paper back the look that is shipped, without a logo."""
    data = StationeryData(without_logo=stationery().logo is not None)
    return save_stationery(data, by=by, now=now)


def check_stationery(data: StationeryData) -> dict[str, Any]:
    """Return what to store of it; raise Refused on the first answer that is wrong."""
    values = asdict(data)
    for name in ("logo", "without_logo"):
        del values[name]
    values["accent"] = data.accent.strip().lower()
    values["footer_text"] = " ".join(data.footer_text.split())
    _check_colour(values["accent"])
    if data.font not in Stationery.Font.values:
        raise Refused(_("Choose one of the fonts."), field="font")
    sides = ("margin_left", "margin_right")
    bounds = dict.fromkeys(sides, SIDE_MARGINS) | {"margin_bottom": BOTTOM_MARGINS}
    for name, (least, most) in bounds.items():
        if not least <= values[name] <= most:
            words = _("Enter from %(least)d to %(most)d mm.")
            raise Refused(words % {"least": least, "most": most}, field=name)
    for name in ("window_x", "window_y"):
        if not -MOST_SHIFTED <= values[name] <= MOST_SHIFTED:
            words = _("Enter from %(least)d to %(most)d mm.")
            bounds_said = {"least": -MOST_SHIFTED, "most": MOST_SHIFTED}
            raise Refused(words % bounds_said, field=name)
        if values[name] != round(values[name], 1):
            words = _("Enter tenths of a millimetre at the finest.")
            raise Refused(words, field=name)
    if len(values["footer_text"]) > LONGEST_FOOTER:
        words = _("Too long: %(count)s characters at most.")
        raise Refused(words % {"count": LONGEST_FOOTER}, field="footer_text")
    return values


def _check_colour(colour: str) -> None:
    if not is_colour(colour):
        words = _("This is not a colour. Example: #0f5c6e.")
        raise Refused(words, field="accent")
    if contrast_on_white(colour) < LEAST:
        raise Refused(contrast_words(colour), field="accent")


def contrast_words(colour: str) -> str:
    """Say how the colour reads on white paper."""
    contrast = contrast_on_white(colour)
    language = active_language()
    rounded = Decimal(str(round(contrast, 1)))
    said = {"contrast": wording.number(rounded, decimals=1, language=language)}
    if contrast < LEAST:
        words = _(
            "This colour can hardly be read on white (contrast %(contrast)s to 1; 3 is "
            "the least): choose a darker one."
        )
    elif contrast < LEGIBLE:
        words = _(
            "This colour is pale on white (contrast %(contrast)s to 1): a darker one "
            "would be easier to read."
        )
    else:
        words = _("This colour reads well on white (contrast %(contrast)s to 1).")
    return words % said


def preview(data: StationeryData) -> bytes:
    """Return a picture of a sample letter on this paper, saved or not; raise Refused
    on what is wrong with it."""
    values, picture = check_stationery(data), _logo(data)
    saved = stationery()
    paper = Stationery(pk=1, template=saved.template, **values)
    signs = signatories().main
    letter = sample_letter(company(), signs)
    look = look_of(paper, [letter])
    if picture is None and not data.without_logo:
        picture = logo_of(saved)
    return picture_of(letter, replace(look, logo=picture))


def saved_sample() -> bytes:
    """Return a picture of a sample letter on the saved paper."""
    letter = sample_letter(company(), signatories().main)
    return picture_of(letter, current_look([letter]))


def picture_of(letter: typesetter.Letter, look: Look) -> bytes:
    """Return a picture of a letter's first page; an own layout that fails is
    replaced by ours, as it is for letters."""
    try:
        return typesetter.letter_png(letter, look=look, ppi=96)
    except typesetter.TypesettingError:
        return typesetter.letter_png(letter, look=replace(look, template=""), ppi=96)


def use_template(data: bytes, *, by: User | None, now: datetime) -> Stationery:
    """Use an own letter.typ for letters from now on, once it has set samples."""
    text = _template_text(data)
    letters = trial_letters(company(), signatories().main)
    look = look_of(stationery(), letters, own_layout=False)
    try:
        typesetter.try_out(letters, replace(look, template=text))
    except typesetter.TypesettingError as error:
        words = _("This page layout cannot be used: %(why)s")
        raise Refused(words % {"why": error}, field="template") from error
    kept = documents.keep(
        documents.NewFile(
            data=text.encode(),
            kind=Document.Kind.TEMPLATE,
            name=LETTER,
            media_type="text/plain",
        ),
        now=now,
    )
    words = _("Letters now have their own page layout.")
    return _change_template(kept, words, by=by, now=now)


def use_shipped_template(*, by: User | None, now: datetime) -> Stationery:
    """Go back to the page layout that is shipped."""
    words = _("Letters are back to the page layout of Relance.")
    return _change_template(None, words, by=by, now=now)


@transaction.atomic
def _change_template(
    template: Document | None, words: str, *, by: User | None, now: datetime
) -> Stationery:
    paper = _locked()
    if paper.template != template:
        paper.template = template
        paper.template_trouble, paper.template_failed_at = "", None
        paper.save()
        history.record("stationery.template", words, about=About(), by=by, at=now)
    return paper


def shipped_template() -> str:
    """Return our letter.typ, for whoever writes another."""
    return (TEMPLATES / LETTER).read_text(encoding="utf-8")


def _template_text(data: bytes) -> str:
    if not data:
        raise Refused(_("This file is empty."), field="template")
    if len(data) > LARGEST_TEMPLATE:
        words = _("This file is larger than %(limit)d kB.")
        words %= {"limit": LARGEST_TEMPLATE // 1000}
        raise Refused(words, field="template")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = _("This is not a text file: choose a letter.typ.")
        raise Refused(words, field="template") from error
    if "\0" in text or not text.strip():
        words = _("This is not a text file: choose a letter.typ.")
        raise Refused(words, field="template")
    return text


def _logo(data: StationeryData) -> Picture | None:
    """Return the new logo, looked at; a drawing is tried on a page first."""
    if data.logo is None:
        return None
    try:
        picture = stationery_pictures.logo(data.logo)
    except stationery_pictures.UnusablePicture as error:
        raise Refused(error.reason, field="logo") from error
    if picture.suffix == ".svg":
        letter = sample_letter(company(), None)
        try:
            typesetter.try_out([letter], Look(logo=picture))
        except typesetter.TypesettingError as error:
            words = _("This drawing cannot be put on a letter: %(why)s")
            raise Refused(words % {"why": error}, field="logo") from error
    return picture


def _keep_logo(picture: Picture, *, now: datetime) -> Document:
    return documents.keep(
        documents.NewFile(
            data=picture.data,
            kind=Document.Kind.LOGO,
            name=f"logo{picture.suffix}",
            media_type=_MEDIA[picture.suffix],
        ),
        now=now,
    )


def _locked() -> Stationery:
    """Return the saved row, locked; before the first saving, a new one."""
    found = Stationery.objects.select_for_update().first()
    return found or Stationery(pk=1)


_LABELS = {
    column.name: column.verbose_name for column in Stationery._meta.concrete_fields
}
