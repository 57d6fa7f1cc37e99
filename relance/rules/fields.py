"""Automatic fields: checking a text, resolving its blocks, what a notice lacks.

A text holds fields between braces, ``{facture.numero}``, and blocks::

    [[si B2B ou PUBLIC]] … [[sinon]] … [[fin]]
    [[si facture.deja_regle]] … [[fin]]          the field is not empty
    [[si relance.niveau >= 2]] … [[fin]]
    [[si envoi.mode = e-mail]] … [[fin]]

Blocks are resolved first (here), then Markdown is read and values put in as text
(``gateways/markup``). **Values the services give**, all already worded in the
letter's language, a key for every field of ``field_table.FIELDS`` that is no block;
what is unknown or does not apply is an empty string:

- always: societe.nom .adresse .siren .mentions .iban .bic .telephone .email
  .email_rgpd .lien_paiement; signataire.nom .fonction; client.nom .code
  .adresse_bloc .civilite ("Madame, Monsieur," with its comma; "Dear Sir or Madam,")
  .code_service; delai_jours (digits), date_limite (with its weekday), date_lettre,
  lieu; relance.niveau (digits), relance.reference, relance.precedente_date (empty
  for a first reminder), relance.precedentes (``wording.previous_reminders``: "nos
  relances des 14 octobre et 4 novembre 2026"), both only of days on which every
  invoice of the letter was reminded (``grouping.days_of_all``); envoi.mode (in words),
  envoi.recommande ("oui" when a registered letter leaves, by itself or beside this
  e-mail, else empty), envoi.courrier_joint ("oui" when an e-mail carries the letter,
  else empty); total.exigible (balance + penalties + indemnity, the balance alone for
  B2C and NON_PRO);
- a single invoice: facture.numero .date .echeance .total_ttc .deja_regle (empty when
  nothing was paid: texts test it) .reste_a_payer .jours_retard (digits)
  .jours_retard_mots ("55 jours") .reference_client .objet; lot.* empty;
- several: lot.nombre (digits) .deja_regle (empty when nothing) .reste_a_payer;
  facture.* empty;
- B2B and PUBLIC: penalites.montant .taux (``wording.list_of_rates``, one or several)
  .date_calcul .par_jour (empty once they no longer run) .arretees (the last day of
  the last known half-year when the user chose to stop there, else empty)
  .base_legale .base_legale_de; indemnite.unitaire .montant. The two bases, B2B
  "articles L. 441-10 et D. 441-5 du Code de commerce", PUBLIC "articles R. 2192-31
  et D. 2192-35 du Code de la commande publique", "des …" for ``_de``; in English both
  hold "articles … of the French … Code". All empty when penalties are not claimed,
  and for B2C and NON_PRO;
- B2C and NON_PRO: interets.taux_legal (empty when the half-year's is unknown); B2C:
  mediateur.nom .coordonnees;
- blocks, given apart as ``gateways.markup`` blocks: tableau.factures, tableau.sommes
  (principal, penalties, indemnity, total), coordonnees_bancaires (IBAN, BIC,
  reference). For ``missing_elements`` they need no value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from relance.rules import dolibarr_fields
from relance.rules.field_table import FIELDS, GROUPS, NO_PENALTIES, Field, Kind
from relance.rules.regimes import Regime
from relance.rules.text_grammar import (
    Choice,
    FieldMark,
    Parser,
    Piece,
    Problem,
    ProblemCode,
    Term,
    Words,
)

__all__ = [
    "FIELDS",
    "GROUPS",
    "NO_PENALTIES",
    "Field",
    "Kind",
    "Problem",
    "ProblemCode",
    "Term",
    "TextError",
    "check",
    "check_subject",
    "fields_used",
    "living_text",
    "resolve",
    "terms_used",
]

# Two brackets with nothing between them but what Markdown or a page takes away.
_NEAR_BRACKETS = re.compile(
    r"\[[\\*_\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+(?=\[)"
    r"|\][\\*_\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+(?=\])"
)

# Texts kept as they were read.
_REMEMBERED = 256


class TextError(ValueError):
    """A text that cannot be resolved, with every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(problem.code for problem in self.problems))


def check(
    text: str, *, regime: Regime | None = None, grouped: bool = False
) -> tuple[Problem, ...]:
    """Return what is wrong in a text, in reading order.

    ``regime=None`` is a text that serves every type of customer: fields forbidden
    for one of them must stand in a block that leaves that one out.
    """
    parser = Parser(text)
    _check_other_program(parser, grouped=grouped)
    _check_stray_marks(parser)
    for piece in _walk(parser.pieces):
        if isinstance(piece, FieldMark):
            _check_field(parser, piece.name, piece.start, grouped=grouped)
            _check_alone(parser, piece)
        elif isinstance(piece, Choice):
            for term in piece.terms:
                if term.name not in Regime.__members__:
                    _check_field(parser, term.name, piece.start, grouped=grouped)
    seen = set()
    for served in Regime if regime is None else (regime,):
        for piece in _living(parser.pieces, served):
            if isinstance(piece, Words):
                continue
            known = FIELDS.get(piece.name)
            if known and served in known.forbidden and piece.start not in seen:
                seen.add(piece.start)
                parser.note(ProblemCode.FORBIDDEN_FIELD, piece.start, name=piece.name)
    return tuple(sorted(parser.problems, key=lambda found: (found.line, found.column)))


def check_subject(
    text: str, *, regime: Regime | None = None, grouped: bool = False
) -> tuple[Problem, ...]:
    """Return what is wrong in a subject: as ``check``, and no table fits there."""
    parser = Parser(text)
    for piece in _walk(parser.pieces):
        if isinstance(piece, FieldMark) and _is_block(piece.name):
            parser.note(ProblemCode.BLOCK_IN_SUBJECT, piece.start, name=piece.name)
    tables = [
        problem
        for problem in parser.problems
        if problem.code == ProblemCode.BLOCK_IN_SUBJECT
    ]
    found = [
        problem
        for problem in check(text, regime=regime, grouped=grouped)
        if problem.code != ProblemCode.BLOCK_NOT_ALONE
    ]
    return tuple(sorted([*found, *tables], key=lambda one: (one.line, one.column)))


def _is_block(name: str) -> bool:
    known = FIELDS.get(name)
    return known is not None and known.kind == Kind.BLOCK


def resolve(text: str, values: Mapping[str, str], *, regime: Regime) -> str:
    """Return the text with its blocks resolved; fields stay between braces.

    A line that held only a block's tag disappears. Raises TextError, with the
    problems, for a text whose blocks or fields are wrong; nothing else.
    """
    tidy = _checked(text)
    kept = "".join(_kept(tidy.pieces, values, regime))
    return re.sub(r"\n{3,}", "\n\n", kept).strip("\n")


@lru_cache(maxsize=_REMEMBERED)
def _checked(text: str) -> Parser:
    """Return a text as it was read, without lone tags; a run reads it once."""
    parser = Parser(text)
    unknown = [
        piece
        for piece in _walk(parser.pieces)
        if isinstance(piece, FieldMark) and piece.name not in FIELDS
    ]
    for piece in unknown:
        _check_field(parser, piece.name, piece.start, grouped=False)
    if parser.problems:
        raise TextError(parser.problems)
    # Tags alone on their line take the line with them.
    lone = re.compile(r"(?m)^[ \t]*((?:\[\[[^\[\]\n]*\]\])+)[ \t]*(?:\n|\Z)")
    return Parser(lone.sub(r"\1", text))


@lru_cache(maxsize=_REMEMBERED)
def fields_used(text: str) -> frozenset[str]:
    """Return the names between braces and in conditions, blocks not resolved."""
    names: set[str] = set()
    for piece in _walk(Parser(text).pieces):
        if isinstance(piece, FieldMark):
            names.add(piece.name)
        elif isinstance(piece, Choice):
            names |= {term.name for term in piece.terms}
    return frozenset(names - set(Regime.__members__))


def terms_used(text: str) -> frozenset[Term]:
    """Return the conditions of the blocks of a text, types of customer left out."""
    return frozenset(
        term
        for piece in _walk(Parser(text).pieces)
        if isinstance(piece, Choice)
        for term in piece.terms
        if term.name not in Regime.__members__
    )


def _walk(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield every piece, with those inside blocks; depth is no concern."""
    waiting = list(reversed(pieces))
    while waiting:
        piece = waiting.pop()
        yield piece
        if isinstance(piece, Choice):
            waiting.extend(reversed([*piece.then, *(piece.otherwise or ())]))


def living_text(text: str, *, regime: Regime) -> str:
    """Return what a customer of this regime may come to read, everything in its
    place: the rest is blank."""
    kept = [" " if char != "\n" else char for char in text]
    for piece in _living(Parser(text).pieces, regime):
        if isinstance(piece, Words):
            kept[piece.start : piece.start + len(piece.text)] = piece.text
    return "".join(kept)


def _living(pieces: Sequence[Piece], regime: Regime) -> Iterator[Words | FieldMark]:
    """Yield the words and fields that a customer of this regime may come to see."""
    waiting = list(pieces)
    while waiting:
        piece = waiting.pop()
        if not isinstance(piece, Choice):
            yield piece
            continue
        by_regime = all(term.name in Regime.__members__ for term in piece.terms)
        named = any(term.name == regime.value for term in piece.terms)
        if named or not by_regime:
            waiting.extend(piece.then)
        if not named:
            waiting.extend(piece.otherwise or ())


def _kept(
    pieces: Sequence[Piece], values: Mapping[str, str], regime: Regime
) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Words):
            yield piece.text
        elif isinstance(piece, FieldMark):
            yield f"{{{piece.name}}}"
        elif any(term.holds(values, regime=regime) for term in piece.terms):
            yield from _kept(piece.then, values, regime)
        else:
            yield from _kept(piece.otherwise or (), values, regime)


def _check_field(parser: Parser, name: str, start: int, *, grouped: bool) -> None:
    known = FIELDS.get(name)
    if known is None:
        near = difflib.get_close_matches(name.strip().casefold(), FIELDS, n=1)
        suggestion = near[0] if near else ""
        parser.note(ProblemCode.UNKNOWN_FIELD, start, name=name, suggestion=suggestion)
    elif grouped and not known.grouped:
        parser.note(ProblemCode.NOT_IN_GROUPED, start, name=name)
    elif not grouped and not known.single:
        parser.note(ProblemCode.NOT_IN_SINGLE, start, name=name)


def _check_alone(parser: Parser, piece: FieldMark) -> None:
    if not _is_block(piece.name):
        return
    start = parser.text.rfind("\n", 0, piece.start) + 1
    end = parser.text.find("\n", piece.start)
    line = parser.text[start : end if end >= 0 else len(parser.text)]
    bare = re.sub(r"\[\[[^\[\]]*\]\]", "", line).strip()
    if bare != f"{{{piece.name}}}":
        parser.note(ProblemCode.BLOCK_NOT_ALONE, piece.start, name=piece.name)


def _check_other_program(parser: Parser, *, grouped: bool) -> None:
    for found in dolibarr_fields.find(parser.text, grouped=grouped):
        parser.note(
            ProblemCode.OTHER_PROGRAM_FIELD,
            found.start,
            name=found.name,
            suggestion=dolibarr_fields.field_of(found.instead),
        )


def _check_stray_marks(parser: Parser) -> None:
    """Note what would reach the customer looking like a field or a block.

    A brace that belongs to no field; and brackets that Markdown would bring
    together, ``[*[fin]*]``, once its own signs, fields and tags are gone.
    """
    for piece in _walk(parser.pieces):
        if isinstance(piece, Words):
            for brace in re.finditer(r"[{}]", piece.text):
                start = piece.start + brace.start()
                parser.note(ProblemCode.STRAY_BRACE, start, name=brace.group())
    kept = re.sub(r"\[\[[^\[\]\n]*\]\]|\{[^{}\n]*\}", _blank, parser.text)
    for pair in _NEAR_BRACKETS.finditer(kept):
        parser.note(ProblemCode.STRAY_BRACKETS, pair.start(), name=pair.group()[0] * 2)


def _blank(found: re.Match[str]) -> str:
    return "\\" * len(found.group())
