"""A ledger of accounts (FEC) received, checked by a person, then started.

Nothing is written elsewhere before somebody says *import*: ``fec_reading`` reads the
file, ``fec_choices`` keeps what is chosen, ``fec_work`` brings it in.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from relance.gateways import fec as gateway
from relance.gateways.fec_content import SENTENCES, FecError
from relance.models import Document, FecFile, FecItem, ImportBatch, User
from relance.services import documents, history
from relance.services.history import About
from relance.services.refusal import Refused

State = FecFile.State


def receive(name: str, data: bytes, *, by: User | None, now: datetime) -> FecFile:
    """Keep a file that is to be read; raise Refused when it is no FEC."""
    base = PurePath(name.replace("\\", "/")).name[:200] or "FEC"
    try:
        found = gateway.opened(data, base)
    except FecError as error:
        raise Refused(in_words(error)) from error
    document = documents.keep(
        documents.NewFile(
            data=data,
            kind=Document.Kind.ENTRIES,
            name=base,
            media_type="application/octet-stream",
        ),
        now=now,
    )
    return FecFile.objects.create(
        document=document,
        name=base,
        siren=found.siren,
        warnings=[warn.value for warn in found.warnings()],
        received_by=by,
        received_at=now,
    )


def in_words(error: FecError) -> str:
    """Return the sentence of an error of the gateway."""
    return _(SENTENCES[error.reason]) % error.values


@transaction.atomic
def start(file: FecFile, *, by: User | None, now: datetime) -> FecFile:
    """Have a file that was checked be imported; a second click changes nothing."""
    locked = FecFile.objects.select_for_update().get(pk=file.pk)
    if locked.state in (State.WORKING, State.DONE):
        return locked
    locked = to_check(locked)
    if not to_import(locked).exists():
        raise Refused(
            _("There is nothing to import: everything in this file is known already.")
        )
    locked.batch = ImportBatch.objects.create(
        kind=ImportBatch.Kind.ENTRIES,
        state=ImportBatch.State.WORKING,
        file_name=locked.name,
        fingerprint=locked.document.sha256,
        made_by=by,
        made_at=now,
    )
    locked.state, locked.worked_at = State.WORKING, now
    locked.save(update_fields=["batch", "state", "worked_at"])
    return locked


@transaction.atomic
def drop(file: FecFile, *, by: User | None, now: datetime) -> None:
    """Give a file up that was not imported; the file itself is kept."""
    locked = FecFile.objects.select_for_update().get(pk=file.pk)
    if locked.state in (State.WORKING, State.DONE):
        raise Refused(_("This file is imported: undo the import instead."))
    if locked.state == State.DROPPED:
        return
    locked.items.all().delete()
    locked.accounts.all().delete()
    locked.state = State.DROPPED
    locked.save(update_fields=["state"])
    words = _("FEC %(file)s given up before its import.") % {"file": locked.name}
    history.record("fec.dropped", words, about=About(), by=by, at=now)


def to_import(file: FecFile) -> QuerySet[FecItem]:
    """Return what waits and was not left out."""
    return waiting(file).filter(Q(account=None) | Q(account__left_out=False))


def to_take_up(*, idle_since: datetime) -> list[int]:
    """Return the files that somebody waits for and nobody works on."""
    idle = Q(worked_at=None) | Q(worked_at__lt=idle_since)
    # What was just received is being read by who received it.
    found = FecFile.objects.filter(
        idle, state__in=FecFile.AT_WORK, received_at__lt=idle_since
    )
    return list(found.values_list("pk", flat=True))


def waiting(file: FecFile) -> QuerySet[FecItem]:
    """Return what is not decided yet."""
    return FecItem.objects.filter(file=file, state=FecItem.State.WAITING)


def to_check(file: FecFile) -> FecFile:
    """Lock a file that is being checked; raise Refused when it is no more."""
    locked = FecFile.objects.select_for_update().get(pk=file.pk)
    if locked.state != State.READY:
        raise Refused(_("This file is not to be checked any more."))
    return locked
