"""The findings of a text as the page shows them: the line, and what to press."""

from __future__ import annotations

import json
from dataclasses import dataclass

from relance.services.text_checks import Finding
from relance.services.texts import TextData

# Characters of a line shown before and behind what is wrong in it.
_AROUND = 34


@dataclass(frozen=True, kw_only=True)
class Said:
    """A finding with its line, cut in three around what is wrong."""

    finding: Finding
    before: str = ""
    wrong: str = ""
    after: str = ""

    @property
    def replacement(self) -> str:
        """What the button of the finding sends: from what, to what."""
        return json.dumps([self.finding.found, self.finding.instead])


def said_of(finding: Finding, data: TextData) -> Said:
    """Quote the line that a finding is about."""
    if not finding.line:
        return Said(finding=finding)
    text = data.subject if finding.field == "subject" else data.body
    line = text.split("\n")[finding.line - 1]
    start = finding.column - 1
    # A condition is named by what stands inside its tag.
    at = line.find(finding.found, start) if finding.found else start
    start = at if at >= 0 else start
    end = start + len(finding.found)
    if not finding.found:
        end = line.find("]]", start) + 2 if "]]" in line[start:] else len(line)
    before, after = line[:start], line[end:]
    return Said(
        finding=finding,
        before=before if len(before) <= _AROUND else f"…{before[-_AROUND:]}",
        wrong=line[start:end],
        after=after if len(after) <= _AROUND else f"{after[:_AROUND]}…",
    )


def replaced(data: TextData, asked: str) -> TextData:
    """Return the text with what a button asked for replaced everywhere; a demand
    that cannot be read changes nothing."""
    try:
        found, instead = json.loads(asked)
        # Half a character, which JSON can spell, is no text.
        f"{found}{instead}".encode()
    except (ValueError, TypeError, RecursionError):
        return data
    if not (isinstance(found, str) and isinstance(instead, str) and found):
        return data
    return TextData(
        subject=data.subject.replace(found, instead),
        body=data.body.replace(found, instead),
    )
