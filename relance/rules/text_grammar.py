"""Reads a text into pieces: words, fields, conditional blocks, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from relance.rules.regimes import Regime


class ProblemCode(StrEnum):
    """What may be wrong in a text."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_TAG = "unknown_tag"
    BAD_CONDITION = "bad_condition"
    UNCLOSED_BLOCK = "unclosed_block"
    UNOPENED_BLOCK = "unopened_block"
    SECOND_ELSE = "second_else"
    TOO_DEEP = "too_deep"
    FORBIDDEN_FIELD = "forbidden_field"
    NOT_IN_SINGLE = "not_in_single"
    NOT_IN_GROUPED = "not_in_grouped"
    BLOCK_NOT_ALONE = "block_not_alone"
    BLOCK_IN_SUBJECT = "block_in_subject"
    STRAY_BRACE = "stray_brace"
    STRAY_BRACKETS = "stray_brackets"
    OTHER_PROGRAM_FIELD = "other_program_field"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong, where (both from 1), and the name that was probably meant."""

    line: int
    column: int
    code: ProblemCode
    name: str = ""
    suggestion: str = ""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One condition: a regime, a field that is not empty, or a comparison."""

    name: str
    operator: str = ""
    value: str = ""

    def holds(self, values: Mapping[str, str], *, regime: Regime) -> bool:
        if self.name in Regime.__members__:
            return self.name == regime.value
        actual = values.get(self.name, "").strip()
        if self.operator == ">=":
            number = as_number(actual)
            return number is not None and number >= Decimal(self.value)
        if self.operator == "=":
            return actual.casefold() == self.value.casefold()
        return actual != ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Text that stays as it is."""

    text: str
    start: int


@dataclass(frozen=True, kw_only=True)
class FieldMark:
    """A field between braces, known or not."""

    name: str
    start: int


@dataclass(kw_only=True)
class Choice:
    """A conditional block; its condition holds when one of the terms does."""

    terms: tuple[Term, ...]
    start: int
    then: list[Piece] = field(default_factory=list)
    otherwise: list[Piece] | None = None


type Piece = Words | FieldMark | Choice

DEEPEST = 20
# Bounded, so that a text of nothing but brackets is read in one pass.
_TOKEN = re.compile(
    r"\[\[(?P<tag>[^\[\]\n]{0,200})\]\]|\{(?P<field>[^{}\n]{1,80})\}|\[\[|\]\]"
)
_TERM = re.compile(
    r"(?P<name>[A-Za-z0-9_]+(?:\.[a-z_]+)?)"
    r"(?:\s*(?P<operator>>=|=)\s*(?P<value>[^=<>\[\]{}]+))?"
)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,6})?")


def as_number(text: str) -> Decimal | None:
    """Return the number a worded value holds, ``None`` when it holds none."""
    bare = re.sub(r"[\s€%]", "", text).replace(",", ".")
    if not _NUMBER.fullmatch(bare):
        return None
    try:
        return Decimal(bare)
    except InvalidOperation:  # pragma: no cover - the pattern lets none through
        return None


class Parser:
    """Reads a text once; ``pieces`` and ``problems`` are what it found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.pieces: list[Piece] = []
        self._open: list[Choice] = []
        self._read()

    def note(
        self, code: ProblemCode, start: int, *, name: str = "", suggestion: str = ""
    ) -> None:
        before = self.text[:start]
        self.problems.append(
            Problem(
                line=before.count("\n") + 1,
                column=start - (before.rfind("\n") + 1) + 1,
                code=code,
                name=name,
                suggestion=suggestion,
            )
        )

    def _read(self) -> None:
        position = 0
        for token in _TOKEN.finditer(self.text):
            start = token.start()
            if position < start:
                self._add(Words(text=self.text[position:start], start=position))
            position = token.end()
            if token["field"] is not None:
                self._add(FieldMark(name=token["field"], start=start))
            elif token["tag"] is not None:
                self._tag(token["tag"].strip(), start)
            else:
                self.note(ProblemCode.UNKNOWN_TAG, start, name=token.group())
        if position < len(self.text):
            self._add(Words(text=self.text[position:], start=position))
        for choice in self._open:
            self.note(ProblemCode.UNCLOSED_BLOCK, choice.start)

    def _add(self, piece: Piece) -> None:
        if not self._open:
            self.pieces.append(piece)
            return
        choice = self._open[-1]
        into = choice.then if choice.otherwise is None else choice.otherwise
        into.append(piece)

    def _tag(self, tag: str, start: int) -> None:
        if tag == "fin":
            if self._open:
                self._open.pop()
            else:
                self.note(ProblemCode.UNOPENED_BLOCK, start, name=tag)
        elif tag == "sinon":
            self._else(start)
        elif tag == "si" or tag.startswith("si "):
            terms = tuple(self._terms(tag.removeprefix("si").strip(), start))
            choice = Choice(terms=terms, start=start)
            self._add(choice)
            self._open.append(choice)
            if len(self._open) > DEEPEST:
                self.note(ProblemCode.TOO_DEEP, start)
        else:
            self.note(ProblemCode.UNKNOWN_TAG, start, name=f"[[{tag}]]")

    def _else(self, start: int) -> None:
        if not self._open:
            self.note(ProblemCode.UNOPENED_BLOCK, start, name="sinon")
        elif self._open[-1].otherwise is not None:
            self.note(ProblemCode.SECOND_ELSE, start, name="sinon")
        else:
            self._open[-1].otherwise = []

    def _terms(self, condition: str, start: int) -> Iterator[Term]:
        for part in re.split(r"\sou\s", f" {condition} "):
            term = _TERM.fullmatch(part.strip())
            value = (term["value"] or "").strip(" \"'«»“”\u00a0") if term else ""
            operator = (term["operator"] or "") if term else ""
            if (
                term is None
                or (operator and not value)
                or (operator == ">=" and not _NUMBER.fullmatch(value))
                or (operator and term["name"] in Regime.__members__)
            ):
                self.note(ProblemCode.BAD_CONDITION, start, name=condition)
                continue
            if operator == ">=":
                value = value.replace(",", ".")
            yield Term(name=term["name"], operator=operator, value=value)
