"""Those who sign letters: one main signatory, and others for chosen levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import stationery_pictures
from relance.models import Document, Level, Signatory, User
from relance.services import documents, history
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.touching import touch_all

LONGEST = 120


@dataclass(frozen=True, kw_only=True)
class SignatoryData:
    """A signatory as the form has it.

    ``signature``: the file of a new picture; ``None`` keeps the one that is there,
    unless ``without_signature``. ``position_in_english``: empty, letters in English
    say ``position``. ``levels``: those whose letters they sign.
    """

    name: str
    position: str = ""
    position_in_english: str = ""
    signature: bytes | None = None
    without_signature: bool = False
    is_main: bool = False
    active: bool = True
    levels: tuple[int, ...] = ()


_LINES = ("name", "position", "position_in_english")


def check_signatory(data: SignatoryData) -> SignatoryData:
    """Return the lines as stored; raise Refused on the first that is wrong."""
    stripped = {field: getattr(data, field).strip() for field in _LINES}
    if not stripped["name"]:
        raise Refused(_("Enter the signatory's name."), field="name")
    for field, text in stripped.items():
        if len(text) > LONGEST:
            words = _("Too long: %(count)s characters at most.")
            raise Refused(words % {"count": LONGEST}, field=field)
    return replace(data, **stripped)


def create_main(data: SignatoryData, *, by: User | None, now: datetime) -> Signatory:
    """Create the first signatory at the set-up, inside the caller's transaction."""
    data = check_signatory(data)
    created = Signatory.objects.create(**_lines(data), is_main=True)
    words = _("Signatory %(name)s added.") % {"name": data.name}
    history.record("signatory.added", words, about=About(), by=by, at=now)
    return created


@transaction.atomic
def add_signatory(data: SignatoryData, *, by: User | None, now: datetime) -> Signatory:
    """Add somebody who signs; the first of all is the main one."""
    data = check_signatory(data)
    picture = _picture(data, now=now)
    main = Signatory.objects.select_for_update().filter(is_main=True).first()
    becomes_main = data.is_main or main is None
    if becomes_main and not data.active:
        raise Refused(_("The main signatory must be active."), field="active")
    if becomes_main and main is not None:
        _no_longer_main(main)
    created = Signatory.objects.create(
        **_lines(data),
        signature=picture,
        is_main=becomes_main,
        active=data.active,
    )
    _sign(created, data.levels)
    words = _("Signatory %(name)s added.") % {"name": data.name}
    history.record("signatory.added", words, about=About(), by=by, at=now)
    touch_all()
    return created


@transaction.atomic
def edit_signatory(
    signatory: Signatory, data: SignatoryData, *, by: User | None, now: datetime
) -> Signatory:
    """Change a signatory. Letters already made keep who signed them, and how."""
    data = check_signatory(data)
    picture = _picture(data, now=now)
    main = Signatory.objects.select_for_update().filter(is_main=True).first()
    saved = Signatory.objects.select_for_update().get(pk=signatory.pk)
    if saved.is_main and not data.is_main:
        words = _("Choose another main signatory first: somebody must sign.")
        raise Refused(words, field="is_main")
    if data.is_main and not data.active:
        raise Refused(_("The main signatory must be active."), field="active")
    if data.is_main and main is not None and main.pk != saved.pk:
        _no_longer_main(main)
    for field, text in _lines(data).items():
        setattr(saved, field, text)
    saved.is_main, saved.active = data.is_main, data.active
    if picture is not None or data.without_signature:
        saved.signature = picture
    saved.save()
    _sign(saved, data.levels)
    words = _("Signatory %(name)s changed.") % {"name": data.name}
    history.record("signatory.changed", words, about=About(), by=by, at=now)
    touch_all()
    return saved


def _no_longer_main(main: Signatory) -> None:
    main.is_main = False
    main.save(update_fields=["is_main"])


def _lines(data: SignatoryData) -> dict[str, str]:
    return {field: getattr(data, field) for field in _LINES}


def _picture(data: SignatoryData, *, now: datetime) -> Document | None:
    if data.signature is None:
        return None
    try:
        picture = stationery_pictures.signature(data.signature)
    except stationery_pictures.UnusablePicture as error:
        raise Refused(error.reason, field="signature") from error
    return documents.keep(
        documents.NewFile(
            data=picture,
            kind=Document.Kind.SIGNATURE,
            name=f"{_('signature')}-{data.name}"[:190] + ".png",
            media_type="image/png",
        ),
        now=now,
    )


def _sign(signatory: Signatory, levels: Iterable[int]) -> None:
    """Have the letters of these levels, and of no other, signed by this person."""
    chosen = set(levels)
    Level.objects.filter(signatory=signatory).exclude(pk__in=chosen).update(
        signatory=None
    )
    Level.objects.filter(pk__in=chosen).update(signatory=signatory)
