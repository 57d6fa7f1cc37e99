"""The French catalogue against the code; ``--write`` brings it up to date.

Babel and Django do it: no GNU gettext is needed. Words that Django or allauth also
say are said here again: their catalogues change with them, or are not installed.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import django
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "relance"
PO = PACKAGE / "locale" / "fr" / "LC_MESSAGES" / "django.po"

type Found = tuple[int, Any, Sequence[str], str | None]

# A call in what templatize answers; strings may hold anything, brackets included.
STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(
    rf"(?P<name>n?p?gettext)\((?P<words>{STRING}(?:\s*,\s*{STRING})*)", re.S
)

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{[\w.]*\}")
# French has a no-break space (U+00A0 or U+202F) before two-part marks and inside
# « quotes »; times and addresses (12:30, https:) have none.
TYPOGRAPHY = {
    "a straight apostrophe": re.compile(r"\w'\w*"),
    "a space that may break": re.compile(r"\w* [;:?!»%€](?=[\s).,…]|$)|« \w*"),
    "no space": re.compile(r"\w+[;?!»](?=\s|$)|\w+:(?=\s|$)|«\w+"),
    "three dots": re.compile(r"\w*\.\.\."),
}

KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "_": None,
    "say": None,
}


def main() -> int:
    settings.configure(USE_I18N=True)
    django.setup()
    found = code_catalogue()
    known = read()
    if "--write" in sys.argv:
        write(found, known)
        known = read()
    troubles = [*compare(found, known), *stale()]
    sys.stdout.writelines(f"{trouble}\n" for trouble in troubles)
    return 1 if troubles else 0


def code_catalogue() -> Catalog:
    """Return every msgid that Python code and templates ask for."""
    catalogue = Catalog(locale="fr", domain="django")
    for place, messages in sources():
        for line, words, _comments, context in messages:
            catalogue.add(words, locations=[(place, line)], context=context)
    for place, line, words in commands():
        catalogue.add(words, locations=[(place, line)])
    return catalogue


def sources() -> Iterator[tuple[str, list[Found]]]:
    """Return each file with what it asks for: line, words, comments, context."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = str(path.relative_to(ROOT))
        if "/migrations/" in place:
            continue
        with path.open("rb") as file:
            options = {"encoding": "utf-8"}
            yield place, list(extract("python", file, KEYWORDS, (), options))
    for path in sorted((PACKAGE / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            place = str(path.relative_to(ROOT))
            yield place, list(in_template(path.read_text("utf-8"), place))


def in_template(text: str, place: str) -> Iterator[Found]:
    """Return what Django finds in a template: it answers calls amid blanked text."""
    code = templatize(text, origin=place)
    for call in CALL.finditer(code):
        line = code.count("\n", 0, call.start()) + 1
        words = ast.literal_eval(f"({call['words']},)")
        context = None
        if "p" in call["name"].removesuffix("gettext"):
            context, *words = words
        plural = "n" in call["name"].removesuffix("gettext")
        yield line, tuple(words[:2]) if plural else words[0], [], context


def commands() -> Iterator[tuple[str, int, str]]:
    """Return the words that a table holds and ``_()`` asks for by name."""
    sys.path.insert(0, str(ROOT))
    from relance.cli import COMMANDS

    for summary in COMMANDS.values():
        yield "relance/cli.py", 0, summary
    for path in sorted((PACKAGE / "management" / "commands").glob("*.py")):
        for summary in re.findall(r'^    summary = "(.+)"$', path.read_text(), re.M):
            yield str(path.relative_to(ROOT)), 0, summary


def read() -> Catalog:
    return pofile.read_po(io.BytesIO(PO.read_bytes()), locale="fr", domain="django")


def compare(found: Catalog, known: Catalog) -> Iterator[str]:
    """Say what is missing, unsure, wrongly written or no longer asked for."""
    for message in found:
        if not message.id:
            continue
        theirs = known.get(message.id, message.context)
        place, line = message.locations[0]
        if theirs is None or not complete(theirs):
            yield f"{place}:{line}: not in French: {shown(message)!r}"
            continue
        if theirs.fuzzy:
            yield f"{place}:{line}: unsure (fuzzy) in French: {shown(message)!r}"
        for fault in faults(theirs):
            yield f"{place}:{line}: {fault}: {shown(message)!r}"
    for message in [*known, *known.obsolete.values()]:
        if message.id and found.get(message.id, message.context) is None:
            yield f"{PO.name}: nobody asks for {shown(message)!r} any more"


def shown(message: Message) -> str:
    return forms(message.id)[0]


def forms(words: object) -> list[str]:
    """Return the singular and the plural, or the only form."""
    return (
        [str(form) for form in words]
        if isinstance(words, (list, tuple))
        else [str(words)]
    )


def faults(message: Message) -> Iterator[str]:
    """Say what the French of a message loses, invents or mistypes."""
    asked = [set(PLACEHOLDER.findall(form)) for form in forms(message.id)]
    for said in forms(message.string):
        there = set(PLACEHOLDER.findall(said))
        # A singular may say "one" where the plural counts.
        if unknown := there - set.union(*asked):
            yield f"{', '.join(sorted(unknown))} is only in the French"
        if lost := set.intersection(*asked) - there:
            yield f"{', '.join(sorted(lost))} is lost in the French"
        for fault, pattern in TYPOGRAPHY.items():
            if found := pattern.search(PLACEHOLDER.sub("0", said)):
                yield f"{fault} in the French (“{found[0].strip()}”)"


def typeset(message: Message) -> None:
    """Put French typography where the keyboard has none."""
    said = message.string
    message.string = (
        tuple(map(in_french, said))
        if isinstance(said, (list, tuple))
        else in_french(said)
    )


def in_french(said: str) -> str:
    said = re.sub(r"(?<=\w)'(?=\w)", "\u2019", said).replace("...", "\u2026")
    said = re.sub(r" (?=(?:[;:?!»€]|%%?)(?:[\s).,…]|$))", "\u00a0", said)
    return said.replace("« ", "«\u00a0")


def complete(message: Message) -> bool:
    said = message.string
    return all(said) if isinstance(said, (tuple, list)) else bool(said)


def stale() -> Iterator[str]:
    if PO.with_suffix(".mo").read_bytes() != compiled(read()):
        yield f"{PO.stem}.mo is older than {PO.name}: make messages"


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    mofile.write_mo(file, catalogue)
    return file.getvalue()


def write(found: Catalog, known: Catalog) -> None:
    """Add what is new with an empty French, drop what nobody asks for, compile."""
    for message in list(known):
        if message.id and found.get(message.id, message.context) is None:
            known.delete(message.id, context=message.context)
    known.obsolete.clear()
    for message in known:
        if message.id:
            typeset(message)
    for message in found:
        if message.id and known.get(message.id, message.context) is None:
            known.add(message.id, context=message.context, flags=message.flags)
    file = io.BytesIO()
    pofile.write_po(file, known, sort_output=True, width=100)
    PO.write_bytes(file.getvalue())
    PO.with_suffix(".mo").write_bytes(compiled(known))


if __name__ == "__main__":
    sys.exit(main())
