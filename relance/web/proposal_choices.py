"""What was chosen on the lines of *Relance massive*, read from the form.

Each line posts what it showed beside what it holds now: only what a person changed
counts, so that a page left open for an hour takes back nobody else's choice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from relance.models import Channel
from relance.services.proposals import Choice
from relance.services.refusal import Refused
from relance.web.fields import read_day

SHOWN = "shown-"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A line of the form: what it showed, and what it holds now."""

    pk: int
    shown: Mapping[str, str]
    now: QueryDict
    open: bool

    def choice(self) -> Choice | None:
        """Return what was changed, ``None`` when nothing was. Raises Refused for
        what cannot be read."""
        values: dict[str, Any] = {}
        self._read_channel(values)
        if self._changed("level") and self._value("level").isdecimal():
            values["level"] = int(self._value("level"))
        if self._changed("note"):
            values["note"] = self._value("note")
        if self._changed("next_on"):
            values["next_on"] = self._day()
        overrides = {
            name.removeprefix("despite_"): self._value(name)
            for name in self.shown
            if name.startswith("despite_")
        }
        if any(self._changed(f"despite_{code}") for code in overrides):
            values["overrides"] = {code: why for code, why in overrides.items() if why}
        return Choice(**values) if values else None

    def _read_channel(self, values: dict[str, Any]) -> None:
        before = self.shown.get("channel", "")
        ticked = set(self.now.getlist(f"channel-{self.pk}")) & {"letter", "email"}
        paper = self._value("paper")
        if ticked == {"letter", "email"} and not before:
            raise Refused(_("By letter or by e-mail: tick one of the two."))
        # The box that was ticked now unticks the one that was before.
        [chosen] = ticked - {before} if len(ticked) > 1 else ticked or {""}
        if chosen != before:
            values["channel"] = chosen
        elif "paper" in self.shown and paper != self.shown["paper"] and chosen:
            plain = paper != "registered"
            values["channel"] = Channel.LETTER if plain else Channel.REGISTERED
            values["plain_letter"] = plain

    def _day(self) -> object:
        text = self._value("next_on")
        day = read_day(text)
        if text and day is None:
            raise Refused(_("“%(text)s” is not a date.") % {"text": text})
        return day

    def _changed(self, name: str) -> bool:
        shown = self.shown.get(name)
        if shown is None or (name == "level" and not self._value(name)):
            return False
        return self._value(name) != shown.replace("\r\n", "\n").strip()

    def _value(self, name: str) -> str:
        return self.now.get(f"{name}-{self.pk}", "").replace("\r\n", "\n").strip()


def posted_lines(form: QueryDict) -> Iterator[Posted]:
    """Yield the lines of a form that was sent; what makes no sense is passed over."""
    for name in form:
        pk = name.removeprefix(SHOWN)
        if not name.startswith(SHOWN) or not pk.isdecimal():
            continue
        try:
            shown = json.loads(form.get(name, ""))
        except ValueError:
            continue
        if isinstance(shown, dict):
            yield Posted(
                pk=int(pk),
                shown={key: str(value) for key, value in shown.items()},
                now=form,
                open=bool(form.get(f"open-{pk}")),
            )
