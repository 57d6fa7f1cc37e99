"""What the editor of a text shows, worked out once from what was typed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.http import QueryDict
from django.utils.translation import gettext as _

from relance.gateways import typesetter
from relance.models import Invoice, Text, TextDraft, User
from relance.queries.company import company
from relance.queries.sample_invoices import sample_invoice, sample_invoices
from relance.queries.texts import TextKey, current, draft_of
from relance.rules.fields import FIELDS, GROUPS, Field, Kind
from relance.rules.regimes import Regime
from relance.services.contents import Content
from relance.services.defaults import default_text
from relance.services.look import current_look
from relance.services.text_checks import Finding, errors, findings
from relance.services.text_previews import TextPreview, preview
from relance.services.text_words import regime_words
from relance.services.texts import TextData
from relance.web.draft_view import EmailView, email_view
from relance.web.text_findings import Said, said_of
from relance.web.text_keys import text_url

# What is shown of a value in the list of fields.
_LONGEST_VALUE = 60
# Findings listed at once: the first ones mended, the others come.
MOST_SAID = 30


@dataclass(frozen=True, kw_only=True)
class FieldLine:
    """A field as the list offers it."""

    name: str
    meaning: str
    value: str
    block: bool
    # For whom only; empty for everybody.
    only: str = ""

    @property
    def braces(self) -> str:
        return f"{{{self.name}}}"


class Editor:
    """The text of a case as somebody is writing it; nothing is saved here."""

    def __init__(
        self, key: TextKey, *, user: User, query: QueryDict, today: date
    ) -> None:
        self.key, self.user, self.today = key, user, today
        self.typed: TextData | None = None
        self._query = query
        if "body" in query:
            self.typed = TextData(
                subject=query.get("subject", ""), body=query.get("body", "")
            )

    @property
    def url(self) -> str:
        return text_url("text-edit", self.key)

    @property
    def live_url(self) -> str:
        return text_url("text-live", self.key)

    @property
    def find_url(self) -> str:
        return text_url("text-find", self.key)

    @property
    def pdf_url(self) -> str:
        return text_url("text-pdf", self.key)

    @property
    def versions_url(self) -> str:
        return text_url("text-versions", self.key)

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """The conditions most wanted, with what each says."""
        grouped = self.key.grouped
        paid = "lot.deja_regle" if grouped else "facture.deja_regle"
        before = _("all were reminded before, on the same day")
        found = [
            (paid, _("a part is already paid")),
            ("relance.precedentes", before if grouped else _("a reminder came before")),
            ("societe.lien_paiement", _("one can pay online")),
        ]
        if not self.key.regime:
            found += [
                ("B2B ou PUBLIC", _("businesses and public bodies")),
                ("B2C", _("consumers")),
            ]
        return found

    @cached_property
    def own(self) -> Text | None:
        """The version in use for exactly this case."""
        return current(self.key)

    @cached_property
    def general(self) -> Text | None:
        """What serves in its place."""
        return current(self.key.for_all) if self.key.regime else None

    @cached_property
    def default(self) -> TextData | None:
        found = default_text(self.key)
        return found and TextData(subject=found[0], body=found[1])

    @cached_property
    def draft(self) -> TextDraft | None:
        return draft_of(self.key, self.user)

    @property
    def shows_draft(self) -> bool:
        return self.typed is None and self.draft is not None and not self._skips_draft

    @property
    def _skips_draft(self) -> bool:
        return self._query.get("show") == "current"

    @property
    def data(self) -> TextData:
        """What stands in the fields: what was typed, else the draft, else the text
        in use, else what would be a good beginning."""
        if self.typed is not None:
            return self.typed
        shown = self.draft if not self._skips_draft else None
        saved = shown or self.own or self.general
        if saved is not None:
            return TextData(subject=saved.subject, body=saved.body)
        return self.default or TextData(subject="", body="")

    @property
    def seen(self) -> int:
        """The version that the writer started from."""
        given = self._query.get("seen", "")
        if self.typed is not None and given.isdecimal() and len(given) < 9:
            return int(given)
        return self.own.version if self.own else 0

    @property
    def begins_from(self) -> str:
        """Where the words come from, when they are not this case's own."""
        if self.own is not None or self.typed is not None or self.draft is not None:
            return ""
        if self.general is not None:
            return _(
                "This type of customer has no text of its own: the one for all "
                "customers is used, and shown here. Saved, it will be theirs."
            )
        if self.default is not None:
            return _("There is no text yet: here is the one that Relance proposes.")
        return _("There is no text yet: nothing is sent until you write one.")

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        tidy = self.data.tidy
        return findings(self.key, tidy.subject, tidy.body, company=company())

    @property
    def has_errors(self) -> bool:
        return bool(errors(self.findings))

    @property
    def error_count(self) -> int:
        return len(errors(self.findings))

    @property
    def said(self) -> list[Said]:
        tidy = self.data.tidy
        return [said_of(finding, tidy) for finding in self.findings[:MOST_SAID]]

    @property
    def unsaid(self) -> int:
        """How many findings more there are than the page lists."""
        return max(len(self.findings) - MOST_SAID, 0)

    @property
    def offers_conversion(self) -> bool:
        """Whether something was pasted from Dolibarr that can be taken over."""
        return any(finding.found.startswith("__") for finding in self.findings) or any(
            "HTML" in finding.words for finding in self.findings
        )

    @cached_property
    def invoice(self) -> Invoice | None:
        """The invoice on which the text is shown: the one chosen, else the first
        that fits."""
        given = self._query.get("invoice_to") or self._query.get("invoice", "")
        chosen = (
            sample_invoice(int(given))
            if given.isdecimal() and len(given) < 18
            else None
        )
        if chosen is not None:
            return chosen
        found = sample_invoices(self.key, today=self.today)
        return found[0] if found else None

    @property
    def searched(self) -> str:
        return self._query.get("find", "")

    @property
    def choices(self) -> list[Invoice]:
        return sample_invoices(self.key, words=self.searched, today=self.today)

    @cached_property
    def preview(self) -> TextPreview | None:
        if self.invoice is None:
            return None
        return preview(self.key, self.data.tidy, self.invoice, today=self.today)

    @cached_property
    def content(self) -> Content | None:
        if self.preview is None or self.has_errors:
            return None
        return self.preview.content(mark=_("Preview"))

    @property
    def email(self) -> EmailView | None:
        if self.preview is None or self.content is None or not self.key.by_email:
            return None
        return email_view(self.preview.draft, self.content)

    @cached_property
    def pages(self) -> list[str]:
        """The pages of the letter as pictures that stand in the page itself: one
        answer to a key stroke, and nothing to keep for it."""
        if self.content is None or self.content.letter is None or self.key.by_email:
            return []
        try:
            pictures = typesetter.letter_pngs(
                self.content.letter, look=current_look([self.content.letter])
            )
        except typesetter.TypesettingError:
            return []
        return [
            f"data:image/png;base64,{base64.b64encode(picture).decode()}"
            for picture in pictures
        ]

    @property
    def letter_pdf(self) -> bytes | None:
        """The letter as it would be printed, marked as a preview."""
        if self.content is None or self.content.letter is None:
            return None
        letter = self.content.letter
        [page] = typesetter.letters_pdf([letter], current_look([letter]))
        return None if isinstance(page, typesetter.PageError) else page

    @property
    def groups(self) -> Iterator[tuple[str, list[FieldLine]]]:
        """Every field that this text may hold, by what it is about."""
        values = self.preview.values() if self.preview is not None else {}
        usable = [field for field in FIELDS.values() if self._fits(field)]
        for group, fields in groupby(usable, key=lambda field: field.group):
            yield _(GROUPS[group]), [self._line(field, values) for field in fields]

    def _fits(self, field: Field) -> bool:
        counts = field.grouped if self.key.grouped else field.single
        regime = self.key.regime
        return counts and not (regime and Regime(regime) in field.forbidden)

    def _line(self, field: Field, values: dict[str, str]) -> FieldLine:
        value = " ".join(values.get(field.name, "").split())
        if len(value) > _LONGEST_VALUE:
            value = value[: _LONGEST_VALUE - 1] + "…"
        allowed = [regime for regime in Regime if regime not in field.forbidden]
        some = not self.key.regime and len(allowed) < len(Regime)
        return FieldLine(
            name=field.name,
            meaning=_(field.meaning),
            value=value,
            block=field.kind == Kind.BLOCK,
            only=", ".join(regime_words(regime) for regime in allowed) if some else "",
        )
