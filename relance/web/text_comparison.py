"""Two versions of a text side by side: the default, a draft, or any that was used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _

from relance.models import Text, User
from relance.queries.texts import TextKey, draft_of, versions
from relance.rules.text_diff import Change, Line, compare
from relance.services.defaults import default_text
from relance.services.text_words import case_words
from relance.services.texts import TextData
from relance.web.text_keys import text_url

DEFAULT = "defaut"
DRAFT = "brouillon"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A text that can be compared: how it is called in the address and on screen."""

    code: str
    name: str
    data: TextData


class Comparison:
    """The versions of a text, and the two that are compared."""

    def __init__(self, key: TextKey, query: QueryDict, *, user: User) -> None:
        self.key, self._query, self._user = key, query, user

    @property
    def case(self) -> str:
        return ", ".join(case_words(self.key))

    @property
    def editor_url(self) -> str:
        return text_url("text-edit", self.key)

    @cached_property
    def versions(self) -> list[Text]:
        return list(versions(self.key))

    @cached_property
    def sides(self) -> list[Side]:
        found = [
            Side(
                code=str(text.version),
                name=_("Version %(number)s") % {"number": text.version},
                data=TextData(subject=text.subject, body=text.body),
            )
            for text in self.versions
        ]
        draft = draft_of(self.key, self._user)
        if draft is not None:
            data = TextData(subject=draft.subject, body=draft.body)
            found.insert(0, Side(code=DRAFT, name=_("Your draft"), data=data.tidy))
        proposed = default_text(self.key)
        if proposed is not None:
            data = TextData(subject=proposed[0], body=proposed[1])
            found.append(Side(code=DEFAULT, name=_("The default text"), data=data))
        return found

    @property
    def has_default(self) -> bool:
        return any(side.code == DEFAULT for side in self.sides)

    @property
    def before(self) -> Side | None:
        """What is compared; unless one chose, the version before, else the default."""
        chosen = self._chosen("avant")
        older = [side for side in self.sides if side != self.after]
        return chosen or (older[0] if older else None)

    @property
    def after(self) -> Side | None:
        return self._chosen("apres") or (self.sides[0] if self.sides else None)

    @property
    def lines(self) -> tuple[Line, ...]:
        if self.before is None or self.after is None:
            return ()
        before, after = self.before.data, self.after.data
        return (
            *compare(before.subject, after.subject),
            *compare(before.body, after.body),
        )

    @property
    def are_alike(self) -> bool:
        return all(line.change == Change.SAME for line in self.lines)

    def _chosen(self, name: str) -> Side | None:
        code = self._query.get(name, "")
        return next((side for side in self.sides if side.code == code), None)
