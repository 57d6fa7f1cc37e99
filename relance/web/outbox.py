"""The outgoing tray: what leaves, what failed, what perhaps left, what was sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import OutboxMessage
from relance.queries import outbox as query
from relance.queries.company import mail_account
from relance.rules.permissions import Action
from relance.services import documents
from relance.services import outbox as service
from relance.services.refusal import Refused
from relance.services.sent_mail import as_sent
from relance.web.access import may
from relance.web.http import WebRequest

PAGE = 50
State = OutboxMessage.State

# An e-mail shown is a stranger's page: no script, no form, nothing fetched.
# Any: the stubs do not know that a directive may stand alone.
MAIL_CSP: dict[str, Any] = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": True,
}

LABELS = {
    "From": gettext_lazy("From"),
    "To": gettext_lazy("To"),
    "Cc": gettext_lazy("Copy"),
    "Reply-To": gettext_lazy("Reply to"),
    "Subject": gettext_lazy("Subject"),
    "Date": gettext_lazy("Date"),
    "Message-ID": gettext_lazy("Identifier"),
}


class RetryForm(forms.Form):
    """Trying again, perhaps to another address."""

    recipient = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=320,
        required=False,
        widget=forms.EmailInput,
    )


@require_GET
@may(Action.VIEW)
def outbox(request: WebRequest) -> HttpResponse:
    """Show the tray; its fragment refreshes itself while something is leaving."""
    account = mail_account()
    tray = query.tray(now=timezone.now())
    page = Paginator(query.done(), PAGE).get_page(request.GET.get("page"))
    context = {
        "tray": tray,
        "page": page,
        "account": account,
        "moving": bool(account and tray.leaving),
        "empty": not (tray.leaving or tray.failed or tray.uncertain or page),
        "may_decide": request.user.may(Action.REMIND),
        "may_cancel": request.user.may(Action.CANCEL_REMINDER),
        "may_configure": request.user.may(Action.CONFIGURE),
    }
    name = "relance/outbox/list.html"
    return render(request, f"{name}#tray" if request.htmx else name, context)


@require_GET
@may(Action.VIEW)
def message(request: WebRequest, pk: int) -> HttpResponse:
    """Show an e-mail as it was sent, or as it will be."""
    found = _message_or_404(pk)
    fragment = "#state" if request.htmx else ""
    return _show(request, found, RetryForm({"recipient": found.recipient}), fragment)


@require_POST
@may(Action.CANCEL_REMINDER)
def cancel(request: WebRequest, pk: int) -> HttpResponse:
    """Keep an e-mail from leaving."""
    try:
        service.cancel_message(_message_or_404(pk), by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The e-mail is cancelled: it does not leave."))
    return redirect("outbox")


@require_POST
@may(Action.REMIND)
def retry(request: WebRequest, pk: int) -> HttpResponse:
    """Queue a failed e-mail again."""
    found, form = _message_or_404(pk), RetryForm(request.POST)
    if form.is_valid():
        recipient = form.cleaned_data["recipient"]
        try:
            service.retry_failed(
                found, by=request.user, now=timezone.now(), recipient=recipient
            )
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("The e-mail leaves again within a minute."))
            return redirect("outbox")
    return _show(request, found, form, status=422)


@require_POST
@may(Action.REMIND)
def decide(request: WebRequest, pk: int) -> HttpResponse:
    """Record whether an e-mail that perhaps left did."""
    answer = request.POST.get("sent")
    found = _message_or_404(pk)
    if answer not in {"yes", "no"}:
        return _show(request, found, RetryForm(), status=422)
    try:
        service.decide_uncertain(
            found, sent=answer == "yes", by=request.user, now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        left = _("Noted: the e-mail had left.")
        again = _("Noted: the e-mail had not left. It leaves within a minute.")
        messages.success(request, left if answer == "yes" else again)
    return redirect("outbox")


@require_GET
@may(Action.VIEW)
def eml(request: WebRequest, pk: int) -> HttpResponse:
    """Give the e-mail as it was handed to the server, for any mail program."""
    found = _message_or_404(pk)
    if found.document is None:
        raise Http404
    try:
        data = documents.read(found.document)
    except (MissingFile, CorruptFile) as error:
        raise Http404 from error
    name = f"{found.reminder.reference}.eml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="message/rfc822", headers=headers)


@require_GET
@may(Action.VIEW)
@csp_override(MAIL_CSP)
def html(request: WebRequest, pk: int) -> HttpResponse:
    """Give the HTML part, shut in a sandbox: it is shown inside ``message``."""
    try:
        return HttpResponse(as_sent(_message_or_404(pk)).html)
    except (MissingFile, CorruptFile) as error:
        raise Http404 from error


def _message_or_404(pk: int) -> OutboxMessage:
    return get_object_or_404(query.messages().select_related("document"), pk=pk)


def _show(
    request: WebRequest,
    found: OutboxMessage,
    form: RetryForm,
    fragment: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    shown, trouble = None, ""
    try:
        shown = as_sent(found)
    except (MissingFile, CorruptFile) as error:
        trouble = str(error)
    account = mail_account()
    context = {
        "message": found,
        "headers": [
            (LABELS.get(name, name), value)
            for name, value in (shown.headers if shown else ())
        ],
        "text": shown.text if shown else found.text,
        "trouble": trouble,
        "attachments": found.attachments.select_related("document"),
        "account": account,
        "seconds": query.seconds_left(found, now=timezone.now()),
        "moving": bool(account) and found.state in {State.QUEUED, State.SENDING},
        "form": form,
        "may_decide": request.user.may(Action.REMIND),
        "may_cancel": request.user.may(Action.CANCEL_REMINDER),
    }
    name = f"relance/outbox/message.html{fragment}"
    return render(request, name, context, status=status)
