"""The connection to Dolibarr: saved, tried, and what is missing said in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways import dolibarr_client
from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.models import DolibarrConnection, Invoice, Source, User
from relance.services import history
from relance.services.dolibarr_access import in_words, reading, refusing
from relance.services.history import About
from relance.services.refusal import Refused

# Older ones were never seen to work.
OLDEST = 16
MOST_HOURS = 24 * 7


@dataclass(frozen=True, kw_only=True)
class ConnectionData:
    """The connection as somebody fills it in; an empty key keeps the saved one."""

    address: str
    # Never shown, not even by a traceback.
    key: str = field(default="", repr=False)
    time_zone: str = "Europe/Paris"
    every_hours: int = 4
    pdfs: str = DolibarrConnection.Pdfs.WHEN_NEEDED.value
    build_pdfs: bool = False
    when_unreachable: str = DolibarrConnection.Unreachable.WAIT.value


class Tone(StrEnum):
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was tried: what came of it, and what to do where it is wrong."""

    tone: Tone
    words: str
    to_do: str = ""


@transaction.atomic
def save_connection(
    data: ConnectionData, *, by: User | None, now: datetime
) -> DolibarrConnection:
    """Keep the connection; the key is never written in the history.

    Refused for what is no address, and for a distant one without https: anybody on
    the way would read the key. Another address asks for the key again.
    """
    with refusing():
        address = dolibarr_client.address(data.address)
    if address.startswith("http://") and not dolibarr_client.is_near(address):
        raise Refused(
            _("Without https anybody on the way reads the key: use https://."),
            field="address",
        )
    _check(data)
    found = DolibarrConnection.objects.select_for_update().first()
    connection = found or DolibarrConnection(pk=1)
    key = data.key.strip()
    if not key and not (connection.key and connection.address == address):
        # Another server must not be given the saved key.
        raise Refused(_("Enter the key of Dolibarr's API."), field="key")
    if key or connection.address != address:
        connection.state, connection.error = DolibarrConnection.State.NEW, ""
    for one in fields(data):
        if one.name not in ("address", "key"):
            setattr(connection, one.name, getattr(data, one.name))
    connection.address, connection.key = address, key or connection.key
    connection.save()
    words = _("Connection to Dolibarr saved: %(address)s.") % {"address": address}
    history.record("dolibarr.saved", words, about=About(), by=by, at=now)
    return connection


@transaction.atomic
def remove_connection(*, by: User | None, now: datetime) -> None:
    """Forget the address and the key; what came from Dolibarr stays as it is."""
    connection = DolibarrConnection.objects.first()
    if connection is None:
        return
    connection.delete()
    words = _("Connection to Dolibarr removed: %(address)s.")
    words %= {"address": connection.address}
    history.record("dolibarr.removed", words, about=About(), by=by, at=now)


def try_connection(
    connection: DolibarrConnection, *, now: datetime
) -> tuple[Finding, ...]:
    """Try each thing that Relance asks of Dolibarr, and say what came of it.

    Talks to Dolibarr: to be called with no transaction open. What was learnt of it
    is kept.
    """
    findings: list[Finding] = []
    try:
        with reading(connection) as doli:
            _try_all(doli, connection, findings)
    except DolibarrError as error:
        findings.append(Finding(tone=Tone.BAD, words=in_words(error)))
    wrong = [one.words for one in findings if one.tone == Tone.BAD]
    states = DolibarrConnection.State
    DolibarrConnection.objects.filter(pk=connection.pk).update(
        state=states.FAILING if wrong else states.WORKING,
        error=wrong[0] if wrong else "",
        checked_at=now,
        version=connection.version,
        user_id=connection.user_id,
        unpaid_seen=connection.unpaid_seen,
        time_zone=connection.time_zone,
    )
    connection.refresh_from_db()
    return tuple(findings)


def _try_all(
    doli: Dolibarr, connection: DolibarrConnection, findings: list[Finding]
) -> None:
    findings.extend(_try_status(doli, connection))
    seen = _try_invoices(doli, connection, findings)
    customers = _try_customers(doli, findings)
    if customers == 0 and not seen:
        findings.append(_nothing_seen())
    if seen:
        findings.extend(_same_dolibarr(doli))
    contacts = _allowed(lambda: next(doli.contacts(size=1), []))
    findings.append(_contacts_finding(allowed=contacts is not None))
    person = _allowed(doli.person)
    connection.user_id = person.id if person else None
    findings.append(_person_finding(person.name or person.login if person else ""))


def _try_status(doli: Dolibarr, connection: DolibarrConnection) -> list[Finding]:
    status = doli.status()
    connection.version = status.version[:40]
    words = _("Dolibarr %(version)s answers and accepts the key.")
    found = [Finding(tone=Tone.GOOD, words=words % {"version": status.version})]
    if 0 < status.major < OLDEST:
        words = _("Version %(version)s is older than what Relance was tried with.")
        words %= {"version": status.version}
        to_do = _("Update Dolibarr to version %(oldest)s or newer.") % {
            "oldest": OLDEST
        }
        found.append(Finding(tone=Tone.WARN, words=words, to_do=to_do))
    if status.zone and status.zone != connection.time_zone and _is_zone(status.zone):
        words = _("Dolibarr's time zone is %(zone)s: it is used from now on.")
        connection.time_zone = status.zone
        words %= {"zone": status.zone}
        found.append(Finding(tone=Tone.GOOD, words=words))
    return found


def _try_invoices(
    doli: Dolibarr, connection: DolibarrConnection, findings: list[Finding]
) -> int:
    """Return how many unpaid invoices are seen; 1 where there are some, not counted."""
    try:
        counted = doli.count_unpaid()
        first = next(doli.unpaid(size=1), [])
    except DolibarrError as error:
        if error.kind not in (Kind.RIGHT_MISSING, Kind.MODULE_OFF):
            raise
        words = _("Invoices cannot be read.")
        to_do = (
            _right(_("Invoices"), _("Read customers invoices"))
            if error.kind == Kind.RIGHT_MISSING
            else in_words(error)
        )
        findings.append(Finding(tone=Tone.BAD, words=words, to_do=to_do))
        return 1
    connection.unpaid_seen = counted
    seen = len(first) if counted is None else counted
    if counted:
        words = ngettext(
            "%(count)s unpaid invoice is seen.",
            "%(count)s unpaid invoices are seen.",
            counted,
        ) % {"count": counted}
        findings.append(Finding(tone=Tone.GOOD, words=words))
    elif seen:
        words = _("Unpaid invoices are seen (this version does not count them).")
        findings.append(Finding(tone=Tone.GOOD, words=words))
    else:
        words = _("No unpaid invoice is seen.")
        to_do = _(
            "If there are some in Dolibarr, the user of the key does not see them: "
            "give the right below."
        )
        findings.append(Finding(tone=Tone.WARN, words=words, to_do=to_do))
    return seen


def _try_customers(doli: Dolibarr, findings: list[Finding]) -> int | None:
    found = _allowed(lambda: next(doli.customers(size=1), []))
    if found is None:
        words = _("Customers cannot be read.")
        to_do = _right(_("Third parties"), _("Read third parties"))
        findings.append(Finding(tone=Tone.BAD, words=words, to_do=to_do))
        return None
    if found:
        findings.append(Finding(tone=Tone.GOOD, words=_("Customers are read.")))
    return len(found)


def _nothing_seen() -> Finding:
    return Finding(
        tone=Tone.BAD,
        words=_(
            "Dolibarr shows nothing to this user, without saying so: neither "
            "customers nor invoices."
        ),
        to_do=_right(
            _("Third parties"),
            _("Extend access to all third parties (not only those linked to the user)"),
        ),
    )


def _same_dolibarr(doli: Dolibarr) -> list[Finding]:
    """Compare a few of our invoices: ids of another Dolibarr would be mixed up."""
    ours = dict(
        Invoice.objects.filter(source=Source.DOLIBARR)
        .order_by("-pk")
        .values_list("external_id", "number")[:5]
    )
    read = doli.invoices([int(id or 0) for id in ours]) if ours else []
    if not any(ours[str(one.id)] != one.ref for one in read):
        return []
    words = _(
        "This is another Dolibarr: its invoices are not those that were taken over."
    )
    to_do = _("Enter the address of the first one. One installation follows one.")
    return [Finding(tone=Tone.BAD, words=words, to_do=to_do)]


def _contacts_finding(*, allowed: bool) -> Finding:
    if allowed:
        return Finding(tone=Tone.GOOD, words=_("Contacts are read."))
    return Finding(
        tone=Tone.WARN,
        words=_("Contacts cannot be read: reminders go to the customer's own address."),
        to_do=_right(_("Third parties"), _("Read contacts")),
    )


def _person_finding(name: str) -> Finding:
    if name:
        words = _("The key belongs to %(name)s.") % {"name": name}
        return Finding(tone=Tone.GOOD, words=words)
    return Finding(
        tone=Tone.WARN,
        words=_(
            "Whose key it is cannot be read: nothing can be noted in Dolibarr's agenda."
        ),
        to_do=_right(
            _("Users & Groups"), _("Create/modify their own user information")
        ),
    )


def _allowed[T](ask: Callable[[], T]) -> T | None:
    """Return what is asked for; nothing when a right is missing."""
    try:
        return ask()
    except DolibarrError as error:
        if error.kind in (Kind.RIGHT_MISSING, Kind.MODULE_OFF):
            return None
        raise


def _right(module: str, right: str) -> str:
    """Say how to give a right, by Dolibarr's own menus."""
    return _(
        "In Dolibarr: Users & Groups, card of the key's user, tab Permissions, "
        "%(module)s: “%(right)s”."
    ) % {"module": module, "right": right}


def _check(data: ConnectionData) -> None:
    if not _is_zone(data.time_zone):
        words = _("%(zone)s is not a time zone.") % {"zone": data.time_zone}
        raise Refused(words, field="time_zone")
    if not 0 <= data.every_hours <= MOST_HOURS:
        words = _("Enter a number of hours from 0 to %(most)s.") % {"most": MOST_HOURS}
        raise Refused(words, field="every_hours")
    if data.pdfs not in DolibarrConnection.Pdfs.values:
        raise Refused(_("Choose when PDF are fetched."), field="pdfs")
    if data.when_unreachable not in DolibarrConnection.Unreachable.values:
        words = _("Choose what a run does while Dolibarr does not answer.")
        raise Refused(words, field="when_unreachable")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)
