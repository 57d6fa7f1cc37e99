"""The figures of the dashboard: each leads to the list that it is the total of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.gateways import wording
from relance.queries import invoices, payments
from relance.queries.ageing import Age, AgedBalance
from relance.queries.dashboard import ToRemind, paid_lately
from relance.queries.payments import PERIODS, REACH, Collected
from relance.queries.worklist import Criteria as Worklist
from relance.services.active_language import active_language
from relance.web.charts import Bar, Chart, bar_chart, short_amount
from relance.web.invoice_filters import AGES

TONES = {
    Age.NOT_DUE: "b0",
    Age.TO_30: "b1",
    Age.TO_60: "b2",
    Age.TO_90: "b3",
    Age.OVER_90: "b3",
}

# Under the bars, where there is little room.
SHORT = {
    Age.NOT_DUE: gettext_lazy("Not due"),
    Age.TO_30: gettext_lazy("1–30 d"),
    Age.TO_60: gettext_lazy("31–60 d"),
    Age.TO_90: gettext_lazy("61–90 d"),
    Age.OVER_90: gettext_lazy("> 90 d"),
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure, the list that it is the total of, and what it counts."""

    words: str
    url: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """Figures that belong together, and how they are computed."""

    label: str
    main: Figure
    others: Sequence[Figure] = ()
    how: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class AgedRow:
    """A line of the table beside the chart."""

    label: str
    tone: str
    count: int
    figure: Figure


@dataclass(frozen=True, kw_only=True)
class AgedCard:
    """The aged balance of one currency: a chart, and its table."""

    currency: str
    chart: Chart
    rows: Sequence[AgedRow]
    count: int
    total: Figure


def late_tile(balances: Sequence[AgedBalance]) -> Tile:
    """What is late, by currency."""
    found = [
        Figure(
            words=_money(balance.late_balance, balance.currency),
            url=_invoices("late", _unless_alone(balances, balance.currency)),
            note=_invoice_count(balance.late_count),
        )
        for balance in balances
        if balance.late_count
    ]
    nothing = Figure(words=_("Nothing"), url=_invoices("late"))
    return Tile(
        label=_("Late"),
        main=found[0] if found else nothing,
        others=found[1:],
        how=_(
            "What is left to pay on the unpaid invoices that were due before today. "
            "Credit notes, and payments not yet set against an invoice, are not "
            "taken off."
        ),
    )


def to_remind_tile(to_remind: Sequence[ToRemind]) -> Tile:
    """What is to be reminded today: how many invoices, and their amounts."""
    number = sum(one.count for one in to_remind)
    return Tile(
        label=_("To be reminded today"),
        main=Figure(words=str(number), url=_proposals()),
        others=[
            Figure(
                words=_money(one.balance, one.currency),
                url=_proposals(_unless_alone(to_remind, one.currency)),
                note="" if len(to_remind) == 1 else _invoice_count(one.count),
            )
            for one in to_remind
        ],
        how=_(
            "The unpaid invoices whose next level is reached and that nothing keeps "
            "from being reminded today: no suspension, dispute or promise, no "
            "reminder too recent. The amounts are what is left to pay on them."
        ),
    )


def collected_tile(collected: dict[int, list[Collected]]) -> Tile:
    """What reminders brought in, over each period."""
    short, *longer = PERIODS
    found = [_collected(one, short, collected[short]) for one in collected[short]]
    others = [
        _collected(one, days, collected[days])
        for days in longer
        for one in collected[days]
    ]
    nothing = Figure(words=_("Nothing"), url=_payments(short), note=_last(short))
    how = _(
        "The part of the payments of the last 30 (or 90) days that settles an invoice "
        "reminded at most %(reach)s days before: a letter made or an e-mail sent, the "
        "day of the payment included. Credit notes, calls and notes do not count."
    )
    return Tile(
        label=_("Collected after a reminder"),
        main=found[0] if found else nothing,
        others=[*found[1:], *others],
        how=how % {"reach": REACH},
        tone="good-ink" if found else "",
    )


def delay_tile(*, today: date) -> Tile:
    """How long invoices take to be paid."""
    criteria = paid_lately(today=today)
    delay = invoices.delay(invoices.matching(criteria, today=today))
    url = _url("invoices", criteria.as_query())
    return Tile(
        label=_("Average payment delay"),
        main=Figure(
            words=wording.days(delay.average, language=active_language())
            if delay.count
            else "–",
            url=url,
            note=_invoice_count(delay.count),
        ),
        others=[Figure(words=_after_due(delay.average_late), url=url)]
        if delay.count
        else (),
        how=_(
            "For each invoice whose last payment came in the last twelve months and "
            "left nothing to pay: the days from its issue to that payment. Their "
            "average, each invoice counted once whatever its amount. Invoices settled "
            "by credit notes alone are left out."
        ),
    )


def aged_card(balance: AgedBalance, balances: Sequence[AgedBalance]) -> AgedCard:
    """The aged balance of one currency, of those that there are."""
    currency = balance.currency
    narrow = _unless_alone(balances, currency)
    rows = [
        AgedRow(
            label=str(AGES[part.age]),
            tone=TONES[part.age],
            count=part.count,
            figure=Figure(
                words=_money(part.balance, currency), url=_invoices(part.age, narrow)
            ),
        )
        for part in balance.parts
    ]
    bars = [
        Bar(
            value=part.balance,
            shown=short_amount(
                part.balance, currency=currency, language=active_language()
            )
            if part.count
            else "",
            label=str(SHORT[part.age]),
            tone=row.tone,
            url=row.figure.url,
        )
        for part, row in zip(balance.parts, rows, strict=True)
    ]
    total = Figure(
        words=_money(balance.balance, currency), url=_invoices("unpaid", narrow)
    )
    return AgedCard(
        currency=currency,
        chart=bar_chart(bars),
        rows=rows,
        count=balance.count,
        total=total,
    )


def _collected(one: Collected, days: int, among: Sequence[Collected]) -> Figure:
    return Figure(
        words=_money(one.amount, one.currency),
        url=_payments(days, _unless_alone(among, one.currency)),
        note=_last(days),
    )


def _last(days: int) -> str:
    return _("in the last %(days)s days") % {"days": days}


def _after_due(days: int) -> str:
    if days < 0:
        words = ngettext(
            "%(days)s day before the due date",
            "%(days)s days before the due date",
            -days,
        )
        return words % {"days": -days}
    words = ngettext(
        "%(days)s day after the due date", "%(days)s days after the due date", days
    )
    return words % {"days": days}


def _invoice_count(count: int) -> str:
    return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": count}


def _unless_alone(all_of_them: Sequence[object], currency: str) -> str:
    return "" if len(all_of_them) == 1 else currency


def _invoices(which: str, currency: str = "") -> str:
    criteria = invoices.Criteria(which=which, currency=currency)
    return _url("invoices", criteria.as_query())


def _payments(days: int, currency: str = "") -> str:
    criteria = payments.Criteria(after_reminder=days, currency=currency)
    return _url("payments", criteria.as_query())


def _proposals(currency: str = "") -> str:
    return _url("proposals", Worklist(which="today", currency=currency).as_query())


def _url(name: str, query: dict[str, str]) -> str:
    return f"{reverse(name)}?{urlencode(query)}"


def _money(amount: Decimal, currency: str) -> str:
    return wording.money(amount, currency=currency, language=active_language())
