"""What is wrong in a text, in words: where it stands, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from stdnum import iban as iban_number

from relance.gateways import wording
from relance.gateways.pasted_html import looks_like_html
from relance.models import Company
from relance.queries.texts import TextKey
from relance.rules import dolibarr_fields
from relance.rules.fields import Problem, ProblemCode, check, check_subject
from relance.rules.formal_notice import (
    Element,
    is_demand,
    missing_from_text,
    names_notice,
)
from relance.rules.regimes import Regime
from relance.rules.text_lint import Slip, slips
from relance.services.elements import element_words
from relance.services.problem_words import problem_words, slip_words
from relance.services.text_words import regime_words

LONGEST_SUBJECT = 250
LONGEST_BODY = 20_000


class Gravity(StrEnum):
    """An error keeps a text from being used; a warning is only said."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to know of a text. ``line`` and ``column`` from 1; 0: all of it.

    ``found`` is what stands there; ``instead``, when not empty, may replace it
    everywhere in the text.
    """

    gravity: Gravity
    words: str
    field: str = "body"
    line: int = 0
    column: int = 0
    found: str = ""
    instead: str = ""

    @property
    def is_error(self) -> bool:
        return self.gravity == Gravity.ERROR


def findings(
    key: TextKey, subject: str, body: str, *, company: Company
) -> tuple[Finding, ...]:
    """Return all there is to say of a text: its whole first, then line by line."""
    found = list(_sizes(subject, body))
    if len(body) > LONGEST_BODY or len(subject) > LONGEST_SUBJECT:
        # No letter is that long: looking into it could take minutes.
        return tuple(found)
    found += [
        *_problems(key, subject, field="subject"),
        *_problems(key, body, field="body"),
        *_html(body),
    ]
    if not any(finding.is_error for finding in found):
        found += _of_the_law(key, subject, body)
    for field, text in (("subject", subject), ("body", body)):
        regime = Regime(key.regime) if key.regime else None
        found += [_slip(slip, field) for slip in slips(text, regime=regime)]
        found += _ibans(text, field, company)
    order = ("", "subject", "body")
    return tuple(
        sorted(
            found,
            key=lambda one: (
                order.index(one.field) if one.line else 0,
                one.line,
                one.column,
                not one.is_error,
            ),
        )
    )


def errors(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return what keeps a text from being used."""
    return tuple(finding for finding in found if finding.is_error)


def _sizes(subject: str, body: str) -> Iterator[Finding]:
    if not subject.strip():
        yield _error(_("Write a subject."), field="subject")
    if not body.strip():
        yield _error(_("The text is empty."))
    if len(subject) > LONGEST_SUBJECT:
        words = _("A subject has at most %(most)s characters.")
        yield _error(words % {"most": LONGEST_SUBJECT}, field="subject")
    if len(body) > LONGEST_BODY:
        words = _("A text has at most %(most)s characters.")
        yield _error(words % {"most": LONGEST_BODY})


def _problems(key: TextKey, text: str, *, field: str) -> Iterator[Finding]:
    look = check_subject if field == "subject" else check
    regime = Regime(key.regime) if key.regime else None
    instead = {
        one.name: one.instead
        for one in dolibarr_fields.find(
            text, grouped=key.grouped, language=key.language
        )
    }
    for problem in look(text, regime=regime, grouped=key.grouped):
        found = _shown(problem)
        yield Finding(
            gravity=Gravity.ERROR,
            words=problem_words(problem, for_all=regime is None),
            field=field,
            line=problem.line,
            column=problem.column,
            found=found,
            instead=instead.get(found, "") or _instead(problem, for_all=regime is None),
        )


def _shown(problem: Problem) -> str:
    """Return what of the text a problem is about."""
    bare = (
        ProblemCode.UNKNOWN_TAG,
        ProblemCode.STRAY_BRACE,
        ProblemCode.STRAY_BRACKETS,
        ProblemCode.OTHER_PROGRAM_FIELD,
    )
    if problem.code in bare or not problem.name:
        return problem.name
    if problem.code in (ProblemCode.UNOPENED_BLOCK, ProblemCode.SECOND_ELSE):
        return f"[[{problem.name}]]"
    if problem.code == ProblemCode.BAD_CONDITION:
        return problem.name
    return f"{{{problem.name}}}"


_SEVERAL = {
    "facture.reste_a_payer": "lot.reste_a_payer",
    "facture.deja_regle": "lot.deja_regle",
}


def _instead(problem: Problem, *, for_all: bool) -> str:
    name = problem.name
    if problem.code == ProblemCode.UNKNOWN_FIELD and problem.suggestion:
        return f"{{{problem.suggestion}}}"
    if problem.code == ProblemCode.NOT_IN_GROUPED and name in _SEVERAL:
        return f"{{{_SEVERAL[name]}}}"
    if problem.code == ProblemCode.NOT_IN_SINGLE:
        one = {several: single for single, several in _SEVERAL.items()}
        return f"{{{one[name]}}}" if name in one else ""
    if problem.code == ProblemCode.FORBIDDEN_FIELD and for_all:
        owing = name.startswith(("penalites.", "indemnite."))
        condition = "B2B ou PUBLIC" if owing else "B2C"
        return f"[[si {condition}]]{{{name}}}[[fin]]"
    return ""


def _html(body: str) -> Iterator[Finding]:
    tag = looks_like_html(body)
    if tag:
        words = _(
            "This text is written in HTML, as Dolibarr keeps it: the customer would "
            "read %(tag)s. Convert it."
        )
        yield _error(words % {"tag": tag})


def _of_the_law(key: TextKey, subject: str, body: str) -> Iterator[Finding]:
    text = f"{subject}\n\n{body}"
    if not key.level.is_formal_notice:
        if is_demand(text):
            yield _warning(
                _(
                    "These words make it a formal notice, although the level is none: "
                    "keep them for the level that is."
                )
            )
        return
    lacking = {
        regime: missing_from_text(text, regime=regime, grouped=key.grouped)
        for regime in ([Regime(key.regime)] if key.regime else Regime)
    }
    for element in Element:
        regimes = [regime for regime, found in lacking.items() if element in found]
        if regimes:
            yield _lack(element, regimes, key)
    if not names_notice(subject):
        yield _warning(
            _("The subject should say “formal notice”: judges look for it there."),
            field="subject",
        )


def _lack(element: Element, regimes: list[Regime], key: TextKey) -> Finding:
    words = _("A formal notice lacks %(what)s.") % {"what": element_words(element)}
    if not key.regime and len(regimes) < len(Regime):
        names = ", ".join(regime_words(regime) for regime in regimes)
        words += " " + _("For: %(customers)s.") % {"customers": names}
    if key.by_email:
        # The letter that it carries is the notice; it is looked at by itself.
        return _warning(words)
    return _error(words)


def _slip(slip: Slip, field: str) -> Finding:
    return Finding(
        gravity=Gravity.WARNING,
        words=slip_words(slip.fault),
        field=field,
        line=slip.line,
        column=slip.column,
        found=slip.words,
    )


# Where an account number may begin: one may follow another.
_IBAN = re.compile(
    r"(?=\b([A-Z]{2}\d{2}(?:[ \u00a0.-]?[A-Z0-9]){11,30})\b)", re.IGNORECASE
)


def _ibans(text: str, field: str, company: Company) -> Iterator[Finding]:
    """Yield account numbers typed by hand: they would outlive a change of bank."""
    for match in _IBAN.finditer(text):
        typed = _valid_iban(match[1])
        if not typed:
            continue
        before = text[: match.start()]
        if iban_number.compact(typed) == iban_number.compact(company.iban):
            words = _(
                "Your IBAN is typed here: the day you change banks, this text will "
                "still give the old one. The field follows it."
            )
        else:
            words = _(
                "This IBAN is not your company's (%(iban)s): the customer would pay "
                "another account."
            ) % {"iban": wording.iban(company.iban) or "–"}
        yield Finding(
            gravity=Gravity.WARNING,
            words=words,
            field=field,
            line=before.count("\n") + 1,
            column=match.start() - (before.rfind("\n") + 1) + 1,
            found=typed,
            instead="{societe.iban}",
        )


def _valid_iban(text: str) -> str:
    """Return the account number that a text begins with, as typed; words may follow
    it."""
    for end in range(len(text), 14, -1):
        if iban_number.is_valid(re.sub(r"[ \u00a0.-]", "", text[:end])):
            return text[:end].rstrip(" \u00a0.-")
    return ""


def _error(words: str, *, field: str = "body") -> Finding:
    return Finding(gravity=Gravity.ERROR, words=words, field=field)


def _warning(words: str, *, field: str = "body") -> Finding:
    return Finding(gravity=Gravity.WARNING, words=words, field=field)
