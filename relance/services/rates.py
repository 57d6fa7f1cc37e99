"""Legal and ECB rates: those that come with the program, those entered since."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.models import Rate, User
from relance.queries.rates import rate_table, table_of
from relance.rules.rates import HalfYear, RateTable
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.touching import touch_all

SEED = Path(__file__).resolve().parent.parent / "seeds" / "rates.csv"


def seed_table() -> RateTable:
    """Return the rates that come with the program, without any database."""
    return table_of(seed_rates())


def seed_rates() -> Iterator[Rate]:
    """Return the published rates that come with the program, unsaved."""
    with SEED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Rate(
                kind=row["kind"],
                half_year=row["half_year"],
                percent=Decimal(row["percent"]),
                verified=row["verified"] == "true",
                source=row["source"],
            )


def add_seed_rates() -> None:
    """Add the published rates that the table lacks; never change one."""
    known = set(Rate.objects.values_list("kind", "half_year"))
    new = [rate for rate in seed_rates() if (rate.kind, rate.half_year) not in known]
    if new:
        Rate.objects.bulk_create(new)
        touch_all()


def rates_at_hand() -> RateTable:
    """Return the rates of the database, or those that come with the program while
    it does not answer or has none."""
    try:
        if Rate.objects.exists():
            return rate_table()
    except DatabaseError:
        pass
    return seed_table()


# The euro's first half-year; no central bank of the euro ever came near the other.
FIRST = HalfYear(1999, 1)
HIGHEST = 30


@dataclass(frozen=True, kw_only=True)
class RateData:
    """A published rate, with where it was read. ``replace``: also one that was
    verified, because it was wrong."""

    kind: str
    half_year: str
    percent: Decimal
    source: str
    replace: bool = False


@transaction.atomic
def add_rate(data: RateData, *, by: User | None, now: datetime) -> Rate:
    """Enter a rate that somebody read at its source: it counts as verified.

    An unverified one is replaced; a verified one only when that is asked for.
    """
    _check(data, today=timezone.localdate(now))
    found = Rate.objects.select_for_update()
    known = found.filter(kind=data.kind, half_year=data.half_year).first()
    same = known is not None and known.percent == data.percent
    if known is not None and known.verified and not (data.replace or same):
        words = _(
            "The rate of %(half_year)s is already known and verified: %(rate)s %%. "
            "Tick below if it is wrong."
        ) % {"half_year": data.half_year, "rate": known.percent}
        raise Refused(words, field="half_year")
    values = {"percent": data.percent, "source": data.source.strip(), "verified": True}
    rate, _created = Rate.objects.update_or_create(
        kind=data.kind, half_year=data.half_year, defaults=values
    )
    if known is None or same:
        _record("rate.added", rate, by=by, now=now)
    else:
        _record("rate.corrected", rate, before=known.percent, by=by, now=now)
    return rate


def _check(data: RateData, *, today: date) -> None:
    if data.kind not in Rate.Kind.values:
        raise Refused(_("Choose the rate."), field="kind")
    try:
        half_year = HalfYear.parse(data.half_year)
    except ValueError as error:
        raise Refused(_("Write it like 2026-S2."), field="half_year") from error
    if not FIRST <= half_year <= HalfYear.of(today).next:
        words = _("This half-year has no published rate yet, or is too long ago.")
        raise Refused(words, field="half_year")
    if not 0 <= data.percent <= HIGHEST:
        words = _("A published rate is between 0 and %(most)s %%.") % {"most": HIGHEST}
        raise Refused(words, field="percent")
    if not data.source.strip():
        raise Refused(_("Say where you read it."), field="source")


@transaction.atomic
def verify_rate(rate: Rate, *, by: User | None, now: datetime) -> None:
    """Say that a rate was checked against its source."""
    if Rate.objects.filter(pk=rate.pk, verified=False).update(verified=True):
        _record("rate.verified", rate, by=by, now=now)


def _record(
    action: str,
    rate: Rate,
    *,
    before: Decimal | None = None,
    by: User | None,
    now: datetime,
) -> None:
    said = {
        "kind": rate.get_kind_display(),
        "half_year": rate.half_year,
        "percent": rate.percent,
        "before": before,
    }
    if before is None:
        words = _("Rate %(kind)s of %(half_year)s: %(percent)s %%, verified.")
    else:
        words = _(
            "Rate %(kind)s of %(half_year)s: %(percent)s %%, no longer %(before)s %%."
        )
    words %= said
    history.record(action, words, about=About(), by=by, at=now)
    touch_all()
