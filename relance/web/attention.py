"""What demands attention, in words, with where one acts on it; the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways import wording
from relance.models import BankChange, Company, Invoice, OutboxMessage, User
from relance.queries import dashboard as queries
from relance.queries import outbox
from relance.queries.attention import HOLD_DAYS, limitations, notice_over
from relance.queries.dashboard import Stuck, Waiting
from relance.queries.runs import Stage
from relance.rules.permissions import Action
from relance.services import checkup, heartbeat, run_words
from relance.services.checkup import Health
from relance.web.attention_items import BAD, NOTE, WARN, Item
from relance.web.dolibarr_attention import dolibarr_items
from relance.web.needless import needless_letters


def items(
    waiting: Waiting, *, owed: bool, user: User, now: datetime, today: date
) -> list[Item]:
    """Return what waits for somebody; the links are those that the user may use.

    ``owed``: something is left to pay, and payments must therefore be known.
    """
    found = [
        *_account(user),
        *_emails(waiting),
        *_worker(now=now),
        *dolibarr_items(waiting, user=user, now=now),
        *_runs(waiting, today=today),
        *_past(waiting, user=user),
        *_lacking(waiting, user=user, today=today),
        *_layout(user=user),
        *_notices(waiting, today=today),
        *_agreements(waiting),
        *_deadlines(waiting, today=today),
        *(_payments(waiting, today=today) if owed else ()),
        *_receipts(waiting),
        *needless_letters(waiting),
        *_letters(waiting),
    ]
    order = [BAD, WARN, NOTE]
    return sorted(found, key=lambda item: order.index(item.tone))


def _account(user: User) -> Iterator[Item]:
    """What only administrators are told: changes of the account, one by one."""
    if not user.may(Action.CONFIGURE):
        return
    page = reverse("configuration-bank")
    waiting = BankChange.objects.filter(state=BankChange.State.WAITING)
    to_decide = list(waiting.exclude(asked_by=user).select_related("asked_by"))
    for change in to_decide:
        words = _(
            "%(who)s asks that customers pay to %(iban)s from %(day)s on. Agree or "
            "refuse: nothing changes before."
        ) % {
            "who": change.asked_by or "–",
            "iban": wording.iban(change.iban),
            "day": wording.short_date(change.starts_on),
        }
        title = _("Your company's IBAN is to change:")
        label = _("Agree or refuse")
        yield Item(tone=BAD, title=title, words=words, url=page, label=label)
    if to_decide:
        # What was told of it says no more.
        return
    for told in user.announcements.filter(seen_at__isnull=True)[:5]:
        yield Item(
            tone=WARN,
            title=_("%(what)s:") % {"what": told.title},
            words=told.words,
            url=page,
            label=_("Bank details"),
            read=reverse("announcement-read", args=[told.pk]),
        )


def _emails(waiting: Waiting) -> Iterator[Item]:
    if waiting.uncertain:
        yield Item(
            tone=BAD,
            title=ngettext(
                "%(count)s e-mail perhaps left.",
                "%(count)s e-mails perhaps left.",
                waiting.uncertain,
            )
            % {"count": waiting.uncertain},
            words=_named(OutboxMessage.State.UNCERTAIN)
            + _("Say whether it did: nothing is sent again by itself."),
            url=f"{reverse('outbox')}#uncertain",
            label=_("Decide"),
        )
    if waiting.failed:
        yield Item(
            tone=BAD,
            title=ngettext(
                "%(count)s e-mail did not leave.",
                "%(count)s e-mails did not leave.",
                waiting.failed,
            )
            % {"count": waiting.failed},
            words=_named(OutboxMessage.State.FAILED)
            + _("Correct the address, or send again."),
            url=f"{reverse('outbox')}#failed",
            label=_("See why"),
        )


def _named(state: OutboxMessage.State) -> str:
    """Name the first ones: one knows at once what it is about."""
    found = outbox.messages().filter(state=state)[:2]
    said = [f"{one.reminder.reference} ({one.reminder.customer})" for one in found]
    return f"{', '.join(said)}. " if said else ""


def _worker(*, now: datetime) -> Iterator[Item]:
    if not heartbeat.is_alive(now=now):
        yield Item(
            tone=BAD,
            title=_("Nothing is made or sent at the moment."),
            words=_(
                "The background work does not run: start “relance serve”, or “relance "
                "worker”. What waits is kept, and leaves then."
            ),
        )


def _runs(waiting: Waiting, *, today: date) -> Iterator[Item]:
    if not waiting.runs:
        return
    for stuck in queries.stuck_runs(today=today):
        yield Item(
            tone=WARN,
            title=_("Mass reminder %(run)s:") % {"run": stuck.run.reference},
            words=_run_words(stuck),
            url=reverse("run", args=[stuck.run.pk]),
            label=_("Open"),
        )


def _run_words(stuck: Stuck) -> str:
    said = []
    if stuck.stage in (Stage.STOPPED, Stage.STOPPING):
        said.append(f"{run_words.stage(stuck.stage)}.")
    if stuck.waiting:
        words = ngettext(
            "%(count)s invoice waits.", "%(count)s invoices wait.", stuck.waiting
        )
        said.append(words % {"count": stuck.waiting})
    said += [text for text in (stuck.run.trouble, stuck.run.print_trouble) if text]
    if stuck.set_apart:
        words = ngettext(
            "%(count)s invoice set apart, to be mended.",
            "%(count)s invoices set apart, to be mended.",
            stuck.set_apart,
        )
        said.append(words % {"count": stuck.set_apart})
    return " ".join(said)


def _past(waiting: Waiting, *, user: User) -> Iterator[Item]:
    if waiting.company.takeover_answered_at is None:
        title = _("What was already reminded before Relance?")
        words = _("Until somebody answers, no mass reminder can be launched.")
        url = reverse("takeover") if user.may(Action.REMIND) else ""
        yield Item(tone=WARN, title=title, words=words, url=url, label=_("Answer"))


def _lacking(waiting: Waiting, *, user: User, today: date) -> Iterator[Item]:
    """What reminders are made from; read in full only when something is missing."""
    ours = waiting.company
    parts = (
        (checkup.of_company(ours), "configuration", _("Configuration")),
        (
            checkup.of_texts() if waiting.texts_missing else (),
            "texts",
            _("Texts"),
        ),
        (
            checkup.of_contract_rate(ours, today) if _asks_floor(ours) else (),
            "configuration-rules",
            _("Choose"),
        ),
        (checkup.of_rates(today), "configuration-rates", _("Rates")),
    )
    for findings, page, label in parts:
        for finding in findings:
            if finding.health != Health.FINE:
                yield Item(
                    tone=WARN if finding.health == Health.NOTE else BAD,
                    title=_("%(what)s:") % {"what": finding.name},
                    words=finding.words,
                    url=reverse(page) if user.may(Action.CONFIGURE) else "",
                    label=label,
                )


def _asks_floor(ours: Company) -> bool:
    """Say whether nobody has chosen what is claimed below the legal minimum."""
    return ours.contract_rate is not None and not ours.below_floor


def _layout(*, user: User) -> Iterator[Item]:
    for finding in checkup.of_layout():
        if finding.health != Health.FINE:
            yield Item(
                tone=WARN,
                title=_("%(what)s:") % {"what": finding.name},
                words=finding.words,
                url=reverse("stationery") if user.may(Action.CONFIGURE) else "",
                label=_("Letter paper"),
            )


def _notices(waiting: Waiting, *, today: date) -> Iterator[Item]:
    if waiting.notices_over:
        yield Item(
            tone=WARN,
            title=_notice_words(waiting.notices_over, today=today),
            words=_(
                "Decide what comes next: a call, a bailiff, an order for payment, or "
                "writing it off."
            ),
            url=_invoices("notice_over"),
            label=_("See what is owed"),
        )


def _notice_words(count: int, *, today: date) -> str:
    if count == 1:
        # Named: there is one, and one knows at once whom to call.
        for row in notice_over(today=today).select_related("customer"):
            words = _(
                "%(customer)s, %(number)s: the time given by the formal notice is over."
            )
            return words % {"customer": row.customer, "number": row.number}
    words = ngettext(
        "%(count)s invoice: the time given by the formal notice is over.",
        "%(count)s invoices: the time given by the formal notice is over.",
        count,
    )
    return words % {"count": count}


def _agreements(waiting: Waiting) -> Iterator[Item]:
    if waiting.approvals:
        words = ngettext(
            "%(count)s reminder waits for the agreement of a second person.",
            "%(count)s reminders wait for the agreement of a second person.",
            waiting.approvals,
        )
        yield Item(
            tone=WARN,
            title=words % {"count": waiting.approvals},
            words=_("Agree or refuse; who asked is not the one who answers."),
            url=reverse("approvals"),
            label=_("Answer"),
        )


def _limitation(count: int, *, today: date) -> Item:
    """The first to end speaks: named, with its day."""
    first = limitations(today=today)[0]
    invoice = Invoice.objects.select_related("customer").get(pk=first.invoice)
    words = ngettext(
        "%(count)s invoice can soon no longer be claimed in court.",
        "%(count)s invoices can soon no longer be claimed in court.",
        count,
    )
    said = _(
        "%(customer)s, %(number)s: until %(day)s. Obtain a written acknowledgement of "
        "the debt, or go to court."
    ) % {
        "customer": invoice.customer,
        "number": invoice.number,
        "day": wording.short_date(first.last),
    }
    return Item(
        tone=BAD if first.is_urgent else WARN,
        title=words % {"count": count},
        words=said,
        url=_invoices("limitation_near"),
        label=_("See the invoices"),
    )


def _deadlines(waiting: Waiting, *, today: date) -> Iterator[Item]:
    if waiting.limitations_near:
        yield _limitation(waiting.limitations_near, today=today)
    if waiting.promises_broken:
        words = ngettext(
            "%(count)s invoice was not paid on the day promised.",
            "%(count)s invoices were not paid on the day promised.",
            waiting.promises_broken,
        )
        yield Item(
            tone=WARN,
            title=words % {"count": waiting.promises_broken},
            words=_("Nothing was done since: remind it, or agree on another day."),
            url=_invoices("promise_broken"),
            label=_("See the invoices"),
        )
    if waiting.holds_ending:
        words = ngettext(
            "%(count)s invoice: its suspension ends within %(days)s days.",
            "%(count)s invoices: their suspension ends within %(days)s days.",
            waiting.holds_ending,
        )
        yield Item(
            tone=NOTE,
            title=words % {"count": waiting.holds_ending, "days": HOLD_DAYS},
            words=_("They are then reminded again, unless you suspend them anew."),
            url=_invoices("hold_ending"),
            label=_("See the invoices"),
        )


def _payments(waiting: Waiting, *, today: date) -> Iterator[Item]:
    if not waiting.is_stale(today=today):
        return
    known = waiting.known_until
    if known is None:
        title = _("No payment is known yet.")
    else:
        title = _("Payments are known until %(day)s only.") % {
            "day": wording.short_date(known)
        }
    yield Item(
        tone=WARN,
        title=title,
        words=_("Record those received since, before reminding somebody who paid."),
        url=reverse("payments"),
        label=_("Payments"),
    )


def _receipts(waiting: Waiting) -> Iterator[Item]:
    if not waiting.receipts:
        return
    yield Item(
        tone=WARN,
        title=ngettext(
            "%(count)s receipt waits to be matched.",
            "%(count)s receipts wait to be matched.",
            waiting.receipts,
        )
        % {"count": waiting.receipts},
        words=_("Until then, somebody who paid may be reminded."),
        url=reverse("receipts"),
        label=_("Match them"),
    )


def _letters(waiting: Waiting) -> Iterator[Item]:
    if not waiting.letters_to_post:
        return
    words = ngettext(
        "%(count)s letter is not marked as posted.",
        "%(count)s letters are not marked as posted.",
        waiting.letters_to_post,
    )
    notices = ngettext(
        "%(count)s is a formal notice: it counts from the day it is posted.",
        "%(count)s are formal notices: they count from the day they are posted.",
        waiting.notices_to_post,
    )
    calm = _("Mark them once they are at the post office.")
    yield Item(
        tone=WARN if waiting.notices_to_post else NOTE,
        title=words % {"count": waiting.letters_to_post},
        words=notices % {"count": waiting.notices_to_post}
        if waiting.notices_to_post
        else calm,
        url=reverse("postings"),
        label=_("Mark as posted"),
    )


def _invoices(which: str) -> str:
    return f"{reverse('invoices')}?which={which}"
