"""``relance setup``: database, company, first administrator, from a terminal."""

from __future__ import annotations

import argparse
import json as jsonlib
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.prompt import Prompt

from relance.management.terminal import Exit, Stop, TerminalCommand
from relance.queries.company import is_set_up
from relance.services.company import BankData, CompanyData
from relance.services.mail_account import AccountData, account_from
from relance.services.preparing import prepare
from relance.services.refusal import Refused
from relance.services.setup import (
    SetupData,
    check_setup,
    set_up,
    signatory_from,
)

# What is asked, in order: the key of the answers, and its question (a msgid).
QUESTIONS: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("name", lambda: _("Company name"), ""),
    ("legal_form", lambda: _("Legal form"), ""),
    ("capital", lambda: _("Share capital"), ""),
    ("siren", lambda: _("SIREN"), ""),
    ("registry_city", lambda: _("Trade register (town)"), ""),
    ("vat_number", lambda: _("VAT number"), ""),
    ("address", lambda: _("Address"), ""),
    ("postcode", lambda: _("Postcode"), ""),
    ("city", lambda: _("Town"), ""),
    ("phone", lambda: _("Telephone"), ""),
    ("email", lambda: _("E-mail address"), ""),
    ("iban", lambda: _("IBAN"), ""),
    ("bic", lambda: _("BIC"), ""),
    ("signatory_name", lambda: _("Signatory"), ""),
    ("signatory_position", lambda: _("Position"), ""),
    ("general_delay", lambda: _("Default delay before the next reminder"), "+ 15 days"),
    ("default_terms", lambda: _("Your general payment terms"), "NET 30"),
    ("person_name", lambda: _("Your name"), ""),
    ("person_email", lambda: _("Your e-mail address"), ""),
    ("person_password", lambda: _("Choose a password"), ""),
)
SECRET = {"person_password"}
MAIL_QUESTIONS: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("host", lambda: _("Server"), ""),
    ("port", lambda: _("Port"), "587"),
    ("security", lambda: _("Encryption: starttls, tls or none"), "starttls"),
    ("username", lambda: _("User name"), ""),
    ("password", lambda: _("Password"), ""),
    ("sender_email", lambda: _("Sender's address"), ""),
)

MAIL_SHAPES: dict[str, type] = {
    "port": int,
    "per_minute": int,
    "sender_per_user": bool,
}


class Command(TerminalCommand):
    summary = "Prepare the database, the company and the first administrator"
    example = "relance setup --from-json reponses.json"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--from-json",
            metavar="FILE",
            help=_("the answers in a file, or - for the standard input"),
        )

    def run(self, *, from_json: str | None, json: bool, **options: Any) -> Exit:
        now = timezone.now()
        prepare(now=now)
        if is_set_up():
            words = _("Relance is already set up: log in.")
            raise Stop(words, code=Exit.PARTLY)
        answers = _from_file(from_json) if from_json else self._ask()
        user = set_up(_data(answers), now=now)
        if json:
            self.answer({"company": answers["name"], "administrator": user.email})
        else:
            words = _("Ready. Type “relance serve” and log in as %(email)s.")
            self.console.print(words % {"email": user.email})
        return Exit.DONE

    def _ask(self) -> dict[str, Any]:
        """Ask one thing at a time; a wrong answer is said and asked again."""
        if not sys.stdin.isatty():
            words = _("Nobody answers here: give the answers with --from-json.")
            raise Stop(words, code=Exit.USAGE)
        answers: dict[str, Any] = {}
        for key, question, default in QUESTIONS:
            while True:
                said = str(
                    Prompt.ask(
                        str(question()),
                        console=self.console,
                        default=default,
                        show_default=bool(default),
                        password=key in SECRET,
                    )
                )
                try:
                    check_setup(_data(answers | {key: said}), only=key)
                except Refused as refused:
                    self.console.print(f"[red]{refused.message}[/red]")
                else:
                    answers[key] = said
                    break
        grouped = _("One letter for all the invoices of a customer (recommended)?")
        answers["group_by_customer"] = self._yes(grouped, default=True)
        never = _("Were these customers never reminded: nothing to take over?")
        answers["nothing_to_take_over"] = self._yes(never, default=False)
        later = _("Add a mail account now? Without one, e-mails stay in the tray.")
        if self._yes(later, default=False):
            answers["mail"] = self._ask_mail()
        return answers

    def _yes(self, question: str, *, default: bool) -> bool:
        yes, no = _("y"), _("n")
        said = Prompt.ask(
            question,
            console=self.console,
            choices=[yes, no],
            default=yes if default else no,
            case_sensitive=False,
        )
        return said == yes

    def _ask_mail(self) -> dict[str, Any]:
        """Ask for the SMTP account; what is wrong is said, and all asked again."""
        while True:
            said: dict[str, Any] = {"username": ""}
            for key, question, default in MAIL_QUESTIONS:
                if key == "password" and not said["username"]:
                    continue
                said[key] = Prompt.ask(
                    str(question()),
                    console=self.console,
                    default=default,
                    show_default=bool(default),
                    password=key == "password",
                )
            said["port"] = int(said["port"]) if said["port"].isdecimal() else 0
            try:
                account_from(AccountData(**said))
            except Refused as refused:
                self.console.print(f"[red]{refused.message}[/red]")
            else:
                return said


def _from_file(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
        answers = jsonlib.loads(text)
    except (OSError, UnicodeDecodeError, jsonlib.JSONDecodeError) as error:
        words = _("The answers cannot be read: %(why)s") % {"why": error}
        raise Stop(words, code=Exit.USAGE) from error
    known = {key for key, _question, _default in QUESTIONS}
    # The last is an older name of "signatory_position".
    known |= {"group_by_customer", "nothing_to_take_over", "mail", "signatory_title"}
    unknown = sorted(set(answers) - known) if isinstance(answers, dict) else ["?"]
    if unknown:
        words = _("Unknown answers: %(names)s. Known: %(known)s.") % {
            "names": ", ".join(unknown),
            "known": ", ".join(sorted(known)),
        }
        raise Stop(words, code=Exit.USAGE)
    _refuse_other_shapes(answers)
    return answers  # type: ignore[no-any-return]


def _refuse_other_shapes(answers: dict[str, Any]) -> None:
    shapes: dict[str, type] = {
        "group_by_customer": bool,
        "nothing_to_take_over": bool,
        "mail": dict,
    }
    wrong = [
        name
        for name, value in answers.items()
        if not isinstance(value, shapes.get(name, str))
    ]
    account = answers.get("mail")
    if isinstance(account, dict):
        known = {field.name for field in fields(AccountData)}
        needed = {field.name for field in fields(AccountData)[:4]}
        if not needed <= set(account) <= known or not all(
            isinstance(value, MAIL_SHAPES.get(name, str))
            for name, value in account.items()
        ):
            wrong.append("mail")
    if wrong:
        words = _("These answers have another shape than expected: %(names)s.")
        raise Stop(words % {"names": ", ".join(wrong)}, code=Exit.USAGE)


def _data(answers: dict[str, Any]) -> SetupData:
    names = {field.name for field in fields(CompanyData)}
    given = {name: answers[name] for name in answers if name in names}
    mail = answers.get("mail")
    return SetupData(
        company=CompanyData(**({"name": ""} | given)),
        signatory=signatory_from(
            answers.get("signatory_name", ""),
            answers.get("signatory_position") or answers.get("signatory_title", ""),
        ),
        bank=BankData(iban=answers.get("iban", ""), bic=answers.get("bic", "")),
        name=answers.get("person_name", ""),
        email=answers.get("person_email", ""),
        password=answers.get("person_password", ""),
        mail=AccountData(**mail) if mail else None,
        nothing_to_take_over=answers.get("nothing_to_take_over", False),
    )
