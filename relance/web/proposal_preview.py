"""A line of *Relance massive* before the button: its letter's pages, or its e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from relance.gateways import pdf, pictures, typesetter
from relance.models import Proposal
from relance.queries.procedures import steps_of_procedures
from relance.queries.worklist import Criteria, worklist
from relance.rules.permissions import Action
from relance.services import dry_run, invoice_previews, proposals
from relance.services.contents import Content, content_of
from relance.services.dry_run import Planned
from relance.services.look import current_look
from relance.services.reasons import in_words
from relance.web.access import may
from relance.web.draft_view import EmailView, email_view, recipient_words
from relance.web.http import WebRequest
from relance.web.proposal_bar import is_grouped

TEMPLATE = "relance/proposals/preview.html"


@require_GET
@may(Action.VIEW)
def preview(request: WebRequest, pk: int) -> HttpResponse:
    """Show what a line would become, and lead to the ones beside it in the list."""
    today = timezone.localdate()
    proposals.refresh(today=today)
    shown = Preview(_found(pk), grouped=is_grouped(request))
    pks = list(
        worklist(Criteria.from_query(request.GET), today=today).values_list(
            "pk", flat=True
        )
    )
    context: dict[str, Any] = {"preview": shown, "row": shown.row}
    context |= _beside(pks, pk, request.GET)
    template = f"{TEMPLATE}#preview" if request.htmx else TEMPLATE
    return render(request, template, context)


@require_GET
@may(Action.VIEW)
def picture(request: WebRequest, pk: int, number: int) -> HttpResponse:
    """Return a page of the letter, or of an invoice behind it, as a picture."""
    shown = Preview(_found(pk), grouped=is_grouped(request))
    try:
        data = shown.invoice_pdf if request.GET.get("show") else shown.letter_pdf
        found = pictures.page_picture(data, page=number)
    except (ValueError, pictures.NoSuchPage, pdf.UnreadablePdf) as error:
        raise Http404 from error
    return HttpResponse(found, content_type="image/png")


class Preview:
    """A line as the reminder that it would become, alone or with others."""

    note_only = False

    def __init__(self, row: Proposal, *, grouped: bool) -> None:
        self.row = row
        if row.level_that_counts is None:
            # Past the last level it would be that one again.
            procedures = steps_of_procedures([row.customer_id])
            steps = procedures.of(row.invoice, row.customer)
            row.level = steps[-1].level if steps else None
        self._grouped = grouped

    @cached_property
    def planned(self) -> Planned | None:
        rows = _ticked_with(self.row) if self.row.channel else [self.row]
        found = dry_run.planned(rows, grouped=self._grouped, today=timezone.localdate())
        mine = (one for one in found if self.row.pk in {row.pk for row in one.rows})
        return next(mine, None)

    @cached_property
    def content(self) -> Content | None:
        if self.planned is None or not self.planned.draft.can_be_written:
            return None
        return content_of(self.planned.draft, number=0, mark=_("Preview"))

    @property
    def email(self) -> EmailView | None:
        if self.planned is None or self.content is None:
            return None
        if not self.planned.draft.by_email:
            return None
        return email_view(self.planned.draft, self.content)

    @property
    def pages(self) -> list[str]:
        """The addresses of the pictures of the letter's pages."""
        try:
            count = pdf.page_count(self.letter_pdf)
        except ValueError:
            return []
        return [
            reverse("proposal-picture", args=[self.row.pk, page])
            for page in range(1, count + 1)
        ]

    @property
    def invoice_picture(self) -> str:
        return reverse("proposal-picture", args=[self.row.pk, 1]) + "?show=invoice"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What it is, to whom it goes, what it is about."""
        if self.planned is None:
            return []
        draft = self.planned.draft
        numbers = ", ".join(invoice.number for invoice in draft.wish.invoices)
        return [
            (_("Level"), draft.step.level.name),
            (_("How"), str(draft.wish.channel.label)),
            (_("Recipient"), recipient_words(draft)),
            (_("Invoices"), numbers),
        ]

    @property
    def against(self) -> list[str]:
        """What keeps it from being made as it is, in words."""
        if self.planned is None:
            return [_("No level is active for this type of customer.")]
        currency = self.planned.draft.currency
        return [
            in_words(reason, currency=currency)
            for reason in self.planned.draft.in_the_way
        ]

    @cached_property
    def letter_pdf(self) -> bytes:
        """The letter, marked as a preview; raise ValueError without one."""
        if self.content is None or self.content.letter is None:
            raise ValueError("there is no letter")
        letter = self.content.letter
        [page] = typesetter.letters_pdf([letter], current_look([letter]))
        if isinstance(page, typesetter.PageError):
            raise ValueError(str(page))
        return page

    @cached_property
    def invoice_pdf(self) -> bytes:
        if self.planned is None:
            raise ValueError("there is no letter")
        return invoice_previews.invoice_preview(self.planned.draft)


def _found(pk: int) -> Proposal:
    found: Proposal = get_object_or_404(_readable(), pk=pk)
    return found


def _ticked_with(row: Proposal) -> list[Proposal]:
    """Return all that is ticked for the customer: some of it may travel together."""
    ticked = _readable().filter(customer=row.customer_id).exclude(channel="")
    return list(ticked.order_by("invoice__due_date", "invoice__number"))


def _readable() -> Any:
    return Proposal.objects.select_related(
        "invoice__customer", "invoice__document", "customer", "level", "chosen_level"
    )


def _beside(pks: Sequence[int], pk: int, query: QueryDict) -> dict[str, Any]:
    """Return the lines before and after, and the place in the list."""
    if pk not in pks:
        return {"place": 0, "count": len(pks)}
    place = pks.index(pk)
    return {
        "before": pks[place - 1] if place else None,
        "after": pks[place + 1] if place + 1 < len(pks) else None,
        "place": place + 1,
        "count": len(pks),
        "query": query,
    }
