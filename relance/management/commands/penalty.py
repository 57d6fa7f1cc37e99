"""``relance penalty``: the calculator, for one debt or a file of cases."""

from __future__ import annotations

import argparse
import json as json_format
import sys
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from rich.markup import escape
from rich.table import Table

from relance.management.terminal import Exit, Stop, TerminalCommand
from relance.rules.debts import BelowFloor, Imputation, PenaltyStatement, as_mapping
from relance.rules.penalties import compute
from relance.rules.rates import MissingRate
from relance.rules.regimes import Regime
from relance.services.penalty_cases import WrongCase, answer_case, read_debt
from relance.services.penalty_words import missing_rate_words, warnings_of
from relance.services.rates import rates_at_hand

NEEDED = ("regime", "due", "amount", "until")


class Command(TerminalCommand):
    summary = "Compute late payment penalties, step by step"
    example = (
        "relance penalty --regime B2B --due 2026-05-31 --amount 3600"
        " --until 2026-11-24 --payment 2026-07-15:800"
    )
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--regime", choices=[*Regime], help=_("the type of customer"))
        add("--due", help=_("the due date"))
        add("--amount", help=_("the amount due, taxes included"))
        add("--until", help=_("the last day counted"))
        add(
            "--payment",
            action="append",
            metavar="DAY:AMOUNT",
            help=_("a payment received; may be repeated"),
        )
        add("--contract-rate", help=_("the yearly rate agreed, in per cent"))
        add("--notice", help=_("the day the formal notice was received"))
        add(
            "--below-floor",
            choices=[*BelowFloor],
            help=_("the rate to claim when the one agreed is below the legal floor"),
        )
        add(
            "--imputation",
            choices=[*Imputation],
            help=_("what payments settle first: principal (usual) or interest"),
        )
        add(
            "--cases", metavar="FILE", help=_("a JSON list of cases; - reads the input")
        )

    def run(self, *, cases: str | None, json: bool, **options: Any) -> Exit:
        if cases is not None:
            rates = rates_at_hand()
            self.answer([answer_case(case, rates) for case in _read_cases(cases)])
            return Exit.DONE
        missing = [f"--{name}" for name in NEEDED if options[name] is None]
        if missing:
            words = _("Still needed: %(options)s.") % {"options": ", ".join(missing)}
            raise Stop(words, code=Exit.USAGE)
        return self._one(options, json=json)

    def _one(self, options: dict[str, Any], *, json: bool) -> Exit:
        given = [text.partition(":") for text in options["payment"] or []]
        payments = [{"on": on, "amount": amount} for on, _colon, amount in given]
        try:
            debt, until = read_debt({**options, "payments": payments})
        except WrongCase as wrong:
            raise Stop(str(wrong), code=Exit.USAGE) from wrong
        try:
            statement = compute(debt, until=until, rates=rates_at_hand())
        except MissingRate as error:
            if json:
                self.answer({"error": missing_rate_words(error)})
                return Exit.PARTLY
            raise Stop(missing_rate_words(error)) from error
        if json:
            self.answer(as_mapping(statement))
        else:
            self._show(statement)
        for warning in warnings_of(statement):
            sys.stderr.write(f"{warning}\n")
        return Exit.DONE

    def _show(self, statement: PenaltyStatement) -> None:
        table = Table()
        for title in (_("From"), _("Up to")):
            table.add_column(title)
        for title in (_("Days"), _("Principal"), _("Rate"), _("Penalties")):
            table.add_column(title, justify="right")
        for one in statement.segments:
            table.add_row(
                f"{one.start:%d/%m/%Y}",
                f"{one.end:%d/%m/%Y}",
                str(one.days),
                _money(one.base),
                f"{one.rate:.2f} %".replace(".", ","),
                _money(one.amount),
            )
        self.console.print(table)
        sums = [
            (_("Principal"), statement.principal),
            (_("Penalties"), statement.penalties),
            (_("Indemnity"), statement.indemnity),
            (_("Total due"), statement.total_due),
            (_("Each further day"), statement.per_day),
        ]
        if statement.imputed:
            sums.insert(2, (_("Settled by payments"), -statement.settled_interest))
        for title, amount in sums:
            self.console.print(escape(f"{title:<24}{_money(amount):>16}"))


def _money(amount: Any) -> str:
    return f"{amount:,.2f} €".replace(",", " ").replace(".", ",")


def _read_cases(name: str) -> list[Any]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
        found = json_format.loads(text)
    except OSError as error:
        words = _("%(file)s cannot be read: %(reason)s")
        reason = {"file": name, "reason": error.strerror}
        raise Stop(words % reason, code=Exit.USAGE) from error
    except (ValueError, RecursionError) as error:
        words = _("%(file)s is not JSON text.") % {"file": name}
        raise Stop(words, code=Exit.USAGE) from error
    if not isinstance(found, list):
        words = _("%(file)s must hold a list of cases.") % {"file": name}
        raise Stop(words, code=Exit.USAGE)
    return found
