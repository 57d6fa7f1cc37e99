"""``relance remind``: one reminder an invoice, by letter or by e-mail."""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.markup import escape
from rich.table import Table

from relance.gateways import wording
from relance.management.terminal import (
    Exit,
    Stop,
    TerminalCommand,
    acting_user,
)
from relance.models import Channel, Invoice, Level, OutboxMessage, Reminder
from relance.queries.company import company, mail_account
from relance.rules.escalation import Code
from relance.rules.permissions import Action
from relance.services import delivery, documents, drafts, reminders
from relance.services.drafts import Draft, NoProcedure, Wish
from relance.services.reasons import in_words
from relance.services.refusal import Refused

CHANNELS = [Channel.LETTER.value, Channel.REGISTERED.value, Channel.EMAIL.value]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one invoice."""

    invoice: str
    status: str  # made, ready (nothing was written), refused
    reference: str | None = None
    level: str | None = None
    channel: str | None = None
    file: str | None = None
    reasons: tuple[dict[str, str], ...] = ()
    error: str | None = None
    made: Reminder | None = None

    def as_data(self) -> dict[str, object]:
        """Return what ``--json`` prints of it."""
        shown = vars(self) | {"reasons": list(self.reasons)}
        return {name: value for name, value in shown.items() if name != "made"}


class Command(TerminalCommand):
    summary = "Remind one unpaid invoice, by letter or by e-mail"
    example = "relance remind FA-2026-0042 --channel email"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        option = parser.add_argument
        option("invoices", nargs="*", metavar="INVOICE", help=_("invoice numbers"))
        option("--list", action="store_true", help=_("show the unpaid invoices"))
        option("--level", type=int, metavar="N", help=_("rank of the level"))
        option("--channel", choices=CHANNELS, help=_("how it travels"))
        option("--note", default="", help=_("a note to keep with the reminder"))
        option("--next", type=_day, metavar="DATE", help=_("date of the next one"))
        option(
            "--override",
            action="append",
            default=[],
            type=_override,
            metavar="REASON=WHY",
            help=_("remind despite this reason, and why"),
        )
        option("--by", metavar="EMAIL", help=_("the user in whose name it is done"))
        option("--output", type=Path, metavar="FOLDER", help=_("copy the PDF there"))
        option(
            "--no-wait",
            action="store_true",
            help=_("leave the e-mails to the background work"),
        )
        option(
            "--last-known",
            action="store_true",
            help=_("remind with the last known balance if Dolibarr does not answer"),
        )
        option("--dry-run", action="store_true", help=_("say it, write nothing"))

    def run(self, **options: Any) -> Exit:
        company()
        if options["list"]:
            return self._list(json=options["json"])
        if not options["invoices"]:
            words = _("Which invoice? “relance remind --list” shows them.")
            raise Stop(words, code=Exit.USAGE)
        level = _level(options["level"])
        options["user"] = acting_user(options["by"], Action.REMIND)
        answers = [_remind(number, level, options) for number in options["invoices"]]
        queued = _queued(answers)
        if queued and not options["no_wait"] and mail_account() is not None:
            self._deliver(queued, quiet=options["json"])
        if options["json"]:
            self.answer([answer.as_data() for answer in answers])
        else:
            self._show(answers)
            self._say_where(queued)
        failed = OutboxMessage.objects.filter(pk__in=queued).exclude(
            state__in=(OutboxMessage.State.QUEUED, OutboxMessage.State.SENT)
        )
        refused = any(answer.status == "refused" for answer in answers)
        return Exit.PARTLY if refused or failed.exists() else Exit.DONE

    def _list(self, *, json: bool) -> Exit:
        today = timezone.localdate()
        unpaid = Invoice.objects.unpaid().select_related("customer")
        if json:
            self.answer([_listed(invoice, today=today) for invoice in unpaid])
            return Exit.DONE
        table = Table(box=None, pad_edge=False)
        table.add_column(_("Invoice"))
        table.add_column(_("Customer"))
        table.add_column(_("Due date"))
        table.add_column(_("Days late"), justify="right")
        table.add_column(_("Balance"), justify="right")
        for invoice in unpaid:
            table.add_row(
                escape(invoice.number),
                escape(invoice.customer.name),
                wording.short_date(invoice.due_date),
                str(max(invoice.days_late(on=today), 0)),
                wording.money(
                    invoice.balance, currency=invoice.currency, language="fr"
                ),
            )
        self.console.print(table)
        return Exit.DONE

    def _deliver(self, queued: list[int], *, quiet: bool) -> None:
        """Wait for the end of the pause, during which Ctrl-C leaves them queued."""
        last = OutboxMessage.objects.filter(pk__in=queued).latest("not_before")
        seconds = (last.not_before - timezone.now()).total_seconds()
        if seconds > 0:
            if not quiet:
                words = _("Leaving in %(seconds)s seconds (--no-wait does not wait)…")
                self.console.print(words % {"seconds": round(seconds)})
            time.sleep(seconds)
        for message in queued:
            delivery.deliver(message, now=timezone.now())

    def _show(self, answers: list[Answer]) -> None:
        for answer in answers:
            number = escape(answer.invoice)
            if answer.status == "refused":
                words = escape(answer.error or "")
                self.console.print(f"[red]✗[/red] {number}: {words}")
                for reason in answer.reasons:
                    name = escape(f"[{reason['code']}]")
                    line = f"    {name} {escape(reason['words'])}"
                    self.console.print(line)
                continue
            parts = (answer.reference, answer.level, answer.channel, answer.file)
            line = escape(" · ".join(part for part in parts if part))
            sign = "✓" if answer.status == "made" else "•"
            self.console.print(f"[green]{sign}[/green] {number}: {line}")

    def _say_where(self, queued: list[int]) -> None:
        """Tell of each e-mail whether it left, and what the server said."""
        if not queued:
            return
        if mail_account() is None:
            self.console.print(
                _("No mail account is set: e-mails wait in the outgoing tray.")
            )
            return
        for message in OutboxMessage.objects.filter(pk__in=queued):
            state = f"{message.recipient}: {message.get_state_display()}"
            self.console.print(escape(f"{state} {message.answer}".strip()))


def _remind(number: str, level: Level | None, options: Mapping[str, Any]) -> Answer:
    found = list(
        Invoice.objects.filter(number=number).select_related("customer", "document")[:2]
    )
    if len(found) != 1:
        words = (
            _("Two invoices have this number: remind it on its page.")
            if found
            else _("There is no invoice with this number.")
        )
        return Answer(invoice=number, status="refused", error=words)
    wish = _wish(found[0], level, options)
    try:
        draft = drafts.draft(wish, today=timezone.localdate())
    except NoProcedure:
        words = _("This customer's procedure has no active level.")
        return Answer(invoice=number, status="refused", error=words)
    told = tuple(_told(draft))
    if options["dry_run"] and not draft.in_the_way:
        return Answer(
            invoice=number,
            status="ready",
            level=draft.step.level.name,
            channel=wish.channel,
            reasons=told,
        )
    if draft.in_the_way:
        words = _("Not reminded.")
        return Answer(invoice=number, status="refused", reasons=told, error=words)
    return _made(wish, told, options)


def _made(
    wish: Wish, told: tuple[dict[str, str], ...], options: Mapping[str, Any]
) -> Answer:
    number = wish.invoice.number
    try:
        made = reminders.remind(
            wish,
            key=uuid.uuid4(),
            by=options["user"],
            now=timezone.now(),
            today=timezone.localdate(),
            last_known=options["last_known"],
        )
    except Refused as refused:
        return Answer(
            invoice=number, status="refused", reasons=told, error=refused.message
        )
    return Answer(
        invoice=number,
        status="made",
        reference=made.reference,
        level=made.level_name,
        channel=made.channel,
        file=_file(made, options["output"]),
        reasons=told,
        made=made,
    )


def _wish(invoice: Invoice, level: Level | None, options: Mapping[str, Any]) -> Wish:
    preferred = invoice.customer.preferred_channel or Channel.LETTER.value
    return Wish(
        invoice=invoice,
        channel=Channel(options["channel"] or preferred),
        level=level,
        note=options["note"],
        next_on=options["next"],
        overrides=dict(options["override"]),
    )


def _told(draft: Draft) -> Iterator[dict[str, str]]:
    for reason in draft.reasons:
        yield {
            "code": reason.code.value,
            "weight": reason.weight.value,
            "words": in_words(reason, currency=draft.wish.invoice.currency),
        }


def _file(made: Reminder, folder: Path | None) -> str | None:
    """Return where the letter's PDF is, copied under its name where one asked."""
    if made.document is None:
        return None
    if folder is None:
        return str(documents.storage().path(made.document.sha256))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / made.document.name
    target.write_bytes(documents.read(made.document))
    return str(target)


def _queued(answers: list[Answer]) -> list[int]:
    made = [answer.made.pk for answer in answers if answer.made is not None]
    found = OutboxMessage.objects.filter(reminder__in=made).order_by("pk")
    return list(found.values_list("pk", flat=True))


def _listed(invoice: Invoice, *, today: date) -> dict[str, object]:
    return {
        "invoice": invoice.number,
        "customer": invoice.customer.name,
        "due_date": invoice.due_date.isoformat(),
        "days_late": max(invoice.days_late(on=today), 0),
        "balance": f"{invoice.balance:.2f}",
        "currency": invoice.currency,
    }


def _level(rank: int | None) -> Level | None:
    if rank is None:
        return None
    found = Level.objects.filter(rank=rank, active=True).first()
    if found is None:
        words = _("There is no active level %(rank)s.") % {"rank": rank}
        raise Stop(words, code=Exit.USAGE)
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        words = _("a date is written 2026-11-24")
        raise argparse.ArgumentTypeError(words) from error


def _override(text: str) -> tuple[Code, str]:
    name, _sign, why = text.partition("=")
    if name not in set(Code) or not why.strip():
        known = _("a reason's name, then why: dispute=“he agreed by telephone”")
        raise argparse.ArgumentTypeError(known)
    return Code(name), why.strip()
