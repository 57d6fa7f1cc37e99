"""A customer merged into another, and all that may be theirs."""

from __future__ import annotations

import uuid
from datetime import timedelta

from relance.models import Customer, CustomerMerge, Level
from relance.services import merges
from relance.services.merges import Choice
from tests.make import NOW

LATER = NOW + timedelta(days=1)


def merge(
    kept: Customer, absorbed: Customer, *, taken=(), sure=False, key=None, by=None
):
    choice = Choice(kept=kept, absorbed=absorbed, taken=taken, sure=sure)
    return merges.merge(choice, key=key or uuid.uuid4(), by=by, now=NOW)


def undo(done: CustomerMerge, *, by=None) -> CustomerMerge:
    return merges.undo(done, by=by, now=LATER)


def _level() -> Level:
    return Level.objects.earliest("rank")
