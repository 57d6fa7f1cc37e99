"""The problems of a text as sentences: what it is, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from relance.rules.fields import Problem, ProblemCode
from relance.rules.text_lint import Fault

_WORDS: dict[ProblemCode, Callable[[], str]] = {
    ProblemCode.UNKNOWN_TAG: lambda: _(
        "“%(name)s” is no block: write [[si …]], [[sinon]] or [[fin]]."
    ),
    ProblemCode.BAD_CONDITION: lambda: _(
        "This condition cannot be read. Examples: [[si facture.deja_regle]], "
        "[[si B2B ou PUBLIC]], [[si relance.niveau >= 2]]."
    ),
    ProblemCode.UNCLOSED_BLOCK: lambda: _(
        "This block is never closed: write [[fin]] where it ends."
    ),
    ProblemCode.UNOPENED_BLOCK: lambda: _(
        "[[%(name)s]] closes or divides a block that was never opened by [[si …]]."
    ),
    ProblemCode.SECOND_ELSE: lambda: _("This block already has a [[sinon]]."),
    ProblemCode.TOO_DEEP: lambda: _("Too many blocks stand inside one another."),
    ProblemCode.NOT_IN_SINGLE: lambda: _(
        "“%(name)s” concerns several invoices: this text is for one."
    ),
    ProblemCode.NOT_IN_GROUPED: lambda: _(
        "“%(name)s” concerns one invoice: this text is for several. Their table "
        "names each of them."
    ),
    ProblemCode.BLOCK_NOT_ALONE: lambda: _(
        "“%(name)s” is a whole block: put it alone on its line."
    ),
    ProblemCode.BLOCK_IN_SUBJECT: lambda: _(
        "“%(name)s” is a whole block: it does not fit into a subject."
    ),
    ProblemCode.STRAY_BRACE: lambda: _(
        "The customer would read this brace as it is: complete the field, or use "
        "round brackets."
    ),
    ProblemCode.STRAY_BRACKETS: lambda: _(
        "The customer would read %(name)s as it is: remove one of the brackets."
    ),
}


def problem_words(problem: Problem, *, for_all: bool) -> str:
    """Say what is wrong. ``for_all``: the text serves every type of customer."""
    name = {"name": problem.name.strip(), "suggestion": problem.suggestion}
    if problem.code == ProblemCode.UNKNOWN_FIELD:
        if problem.suggestion:
            words = _("“%(name)s” is no field. Did you mean “%(suggestion)s”?")
            return words % name
        return _("“%(name)s” is no field: choose one in the list.") % name
    if problem.code == ProblemCode.OTHER_PROGRAM_FIELD:
        return _dolibarr(problem) % name
    if problem.code == ProblemCode.FORBIDDEN_FIELD:
        return _forbidden(problem.name, for_all=for_all) % name
    return _WORDS[problem.code]() % name


def _dolibarr(problem: Problem) -> str:
    if problem.suggestion:
        return _("“%(name)s” is Dolibarr's name for “%(suggestion)s”.")
    return _(
        "“%(name)s” comes from Dolibarr and has no equal here for this text: remove "
        "it, or write the words yourself."
    )


def _forbidden(name: str, *, for_all: bool) -> str:
    if name.startswith(("penalites.", "indemnite.")):
        if for_all:
            return _(
                "“%(name)s” is not owed by consumers and non-professionals, whom this "
                "text serves too: put it between [[si B2B ou PUBLIC]] and [[fin]]."
            )
        return _(
            "“%(name)s” is not owed by this type of customer (C. com. L441-10 binds "
            "professionals): remove it."
        )
    if for_all:
        return _(
            "“%(name)s” is for consumers only, and this text serves others too: put "
            "it between [[si B2C]] and [[fin]]."
        )
    return _("“%(name)s” is not for this type of customer: remove it.")


_FAULTS: dict[Fault, Callable[[], str]] = {
    Fault.BAILIFF: lambda: _(
        "A reminder must not look like a paper of a court or a bailiff."
    ),
    Fault.SEIZURE: lambda: _(
        "Only a judge allows a seizure: announcing one is an aggressive practice."
    ),
    Fault.CRIMINAL: lambda: _(
        "An unpaid invoice is no crime: do not threaten with criminal law."
    ),
    Fault.CREDIT_FILE: lambda: _(
        "A supplier cannot register anybody at the Banque de France: do not say so."
    ),
    Fault.DISCLOSURE: lambda: _(
        "A debt concerns nobody else: threatening to tell others is forbidden."
    ),
    Fault.RECOVERY_COSTS: lambda: _(
        "The costs of recovery stay with you: a consumer or a non-professional owes "
        "none (CPCE L111-8)."
    ),
    Fault.PENALTIES: lambda: _(
        "This type of customer owes neither penalties nor the 40 € (C. com. L441-10 "
        "binds professionals)."
    ),
    Fault.JUDGEMENT: lambda: _(
        "Say facts, not what you think of the customer, who may ask for a copy (GDPR)."
    ),
}


def slip_words(fault: Fault) -> str:
    """Say why some words should not be there."""
    return _FAULTS[fault]()
