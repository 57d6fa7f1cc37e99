"""All the texts as one file, to keep or to take elsewhere; and back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import text_archive
from relance.gateways.text_archive import ArchiveError, TextFile
from relance.models import Channel, Company, Level, Text, User
from relance.queries.company import company
from relance.queries.texts import LANGUAGE_CODES, REGIMES, Place, TextKey, current_texts
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.text_checks import Finding, errors, findings
from relance.services.text_words import key_words
from relance.services.texts import TextData, write_version
from relance.services.touching import touch_all

README = "LISEZMOI.txt"
_NAME = re.compile(
    r"(?P<language>[a-z]{2})/(?P<rank>\d{1,4})-(?P<channel>[a-z]+)"
    r"-(?P<count>single|grouped)(?:-(?P<regime>[A-Z0-9_]+))?\.md"
)

# A line of the file that explains the others: "    3 = Mise en demeure".
_LEVEL = re.compile(r"(?m)^[ \t]+(\d{1,4}) = (.+?)[ \t\r]*$")


class Fate(StrEnum):
    """What an import would do with a file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class PlannedText:
    """A file of an import: what it is, and what would become of it."""

    name: str
    fate: Fate
    key: TextKey | None = None
    data: TextData | None = None
    # What it would take the place of.
    used: Text | None = None
    # Why it cannot be taken; and what there is to know of it.
    trouble: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def title(self) -> str:
        return key_words(self.key) if self.key else self.name

    @property
    def is_taken(self) -> bool:
        return self.fate in (Fate.NEW, Fate.CHANGED)


def export_texts() -> bytes:
    """Return the texts in use as a ZIP of plain text files, one a text, named as the
    defaults are: ``fr/3-letter-single-B2C.md``, a ``# subject`` line, then the text.
    """
    levels = {level.pk: level for level in Level.objects.order_by("rank")}
    files = {README: _readme(list(levels.values()))}
    for place, text in sorted(
        current_texts().items(), key=lambda item: _file_name(item[0], levels)
    ):
        files[_file_name(place, levels)] = f"# {text.subject}\n\n{text.body}\n"
    return text_archive.write(files)


def plan_import(data: bytes) -> list[PlannedText]:
    """Return what taking this file would do, nothing of it done: errors first, then
    what is new, what changes, what is the same already. Refused for a file that is
    no such ZIP."""
    try:
        files = text_archive.read(data)
    except ArchiveError as error:
        raise Refused(_archive_words(error.reason), field="upload") from error
    levels, used, ours = _levels_of(files), current_texts(), company()
    planned = [
        _planned(file, levels, used, ours)
        for file in files
        if not file.name.endswith(README)
    ]
    if not any(one.key for one in planned):
        words = _(
            "This ZIP holds no text of Relance: files such as fr/1-letter-single.md."
        )
        raise Refused(words, field="upload")
    order = [Fate.ERROR, Fate.NEW, Fate.CHANGED, Fate.SAME]
    return sorted(planned, key=lambda one: (order.index(one.fate), one.name))


@transaction.atomic
def import_texts(
    data: bytes, *, names: Collection[str], by: User, now: datetime
) -> list[Text]:
    """Put the chosen files of an import in use, each as a new version; what has an
    error, or is the same already, is left."""
    made = []
    for planned in plan_import(data):
        if planned.name not in names or not planned.is_taken:
            continue
        if planned.key is None or planned.data is None:
            raise AssertionError("what is taken was read")
        made.append(write_version(planned.key, planned.data, by=by, now=now))
        words = _("Text imported: %(text)s, version %(new)s.")
        said = {"text": key_words(planned.key), "new": made[-1].version}
        history.record("text.imported", words % said, about=About(), by=by, at=now)
    if made:
        touch_all()
    return made


def _levels_of(files: Sequence[TextFile]) -> dict[int, Level]:
    """Return the levels by the rank that this file gives them. It says what each was
    called: a level that was moved since keeps its texts."""
    levels = list(Level.objects.order_by("rank"))
    found = {level.rank: level for level in levels}
    by_name = {level.name: level for level in levels}
    for file in files:
        if file.name.endswith(README):
            for rank, name in _LEVEL.findall(file.text or ""):
                if name in by_name:
                    found[int(rank)] = by_name[name]
    return found


def _planned(
    file: TextFile,
    levels: Mapping[int, Level],
    used: Mapping[Place, Text],
    ours: Company,
) -> PlannedText:
    key = _key_of(file.name, levels)
    if isinstance(key, str):
        return PlannedText(name=file.name, fate=Fate.ERROR, trouble=key)
    if file.text is None:
        words = _("This file is too long, or is not plain text.")
        return PlannedText(name=file.name, fate=Fate.ERROR, key=key, trouble=words)
    data = _read(file.text)
    found = findings(key, data.subject, data.body, company=ours)
    if errors(found):
        return PlannedText(
            name=file.name, fate=Fate.ERROR, key=key, data=data, findings=found
        )
    text = used.get(key.place)
    if text is None:
        fate = Fate.NEW
    elif (text.subject, text.body) == (data.subject, data.body):
        fate = Fate.SAME
    else:
        fate = Fate.CHANGED
    return PlannedText(
        name=file.name, fate=fate, key=key, data=data, used=text, findings=found
    )


def _read(text: str) -> TextData:
    """Read a file: the subject on its first line, then the text."""
    first, _newline, rest = text.lstrip("\n\r ").partition("\n")
    subject = first.removeprefix("#").strip()
    return TextData(subject=subject, body=rest.strip()).tidy


def _key_of(name: str, levels: Mapping[int, Level]) -> TextKey | str:
    """Return what a file is the text of, else why it is none."""
    found = _NAME.fullmatch(name)
    channels = (Channel.LETTER.value, Channel.EMAIL.value)
    if (
        found is None
        or found["language"] not in LANGUAGE_CODES
        or found["channel"] not in channels
        or (found["regime"] or "") not in REGIMES
    ):
        return _("This name is no text's: it should be like fr/1-letter-single.md.")
    level = levels.get(int(found["rank"]))
    if level is None:
        return _("There is no level of rank %(rank)s here.") % {"rank": found["rank"]}
    return TextKey(
        level=level,
        channel=found["channel"],
        language=found["language"],
        grouped=found["count"] == "grouped",
        regime=found["regime"] or "",
    )


def _file_name(place: Place, levels: Mapping[int, Level]) -> str:
    level, channel, language, grouped, regime = place
    count = "grouped" if grouped else "single"
    parts = [str(levels[level].rank), channel, count, *([regime] if regime else [])]
    return f"{language}/{'-'.join(parts)}.md"


def _readme(levels: list[Level]) -> str:
    return "\n".join([*_readme_lines(levels), ""])


def _readme_lines(levels: list[Level]) -> Iterator[str]:
    yield _("The texts of Relance: one file a text, to read and change in any editor.")
    yield ""
    yield _("A name such as fr/3-letter-single-B2C.md says, in this order:")
    yield _("- the language: fr, en;")
    yield _("- the rank of the level:")
    for level in levels:
        yield f"    {level.rank} = {level.name}"
    yield _("- letter or email; single (one invoice) or grouped (several);")
    yield _("- the customers: B2B, B2C, PUBLIC, NON_PRO; nothing for all the others.")
    yield ""
    yield _("The first line, after #, is the subject; the rest is the text.")


def _archive_words(reason: str) -> str:
    return {
        "too_large": _(
            "This ZIP is too large: at most %(limit)s KB, and %(files)s texts."
        )
        % {"limit": text_archive.MAX_BYTES // 1024, "files": text_archive.MAX_FILES},
        "locked": _("This ZIP is protected by a password: make one without."),
        "damaged": _("This file is no ZIP, or it is damaged: nothing was changed."),
    }[reason]
