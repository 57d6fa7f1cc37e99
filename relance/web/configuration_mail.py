"""Configuration: the account that e-mails leave by."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance.models import MailAccount
from relance.queries.company import mail_account
from relance.rules.permissions import Action
from relance.services import mail_account as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.company_forms import MailForm, SendersForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def mail(request: WebRequest) -> HttpResponse:
    """Show and save the mail account; it is removed when its server is emptied."""
    account, now = mail_account(), timezone.now()
    form = MailForm(request.POST or None, initial=MailForm.initial_of(account))
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            if form.cleaned_data["host"]:
                service.save_account(form.as_data(), by=request.user, now=now)
                messages.success(request, _("The mail account is saved."))
            else:
                service.remove_account(by=request.user, now=now)
                messages.success(request, _("E-mails now stay in the tray."))
            return redirect("configuration-mail")
    status = 422 if request.method == "POST" else 200
    return _page(request, account, form, status=status)


@require_POST
@may(Action.CONFIGURE)
def senders(request: WebRequest) -> HttpResponse:
    """Save the address that each person's e-mails come from."""
    account, form = mail_account(), SendersForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            service.save_senders(form.addresses(), by=request.user, now=timezone.now())
            messages.success(request, _("The senders' addresses are saved."))
            return redirect("configuration-mail")
    shown = MailForm(initial=MailForm.initial_of(account))
    return _page(request, account, shown, senders=form, status=422)


def _page(
    request: WebRequest,
    account: MailAccount | None,
    form: MailForm,
    *,
    senders: SendersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    per_user = account is not None and account.sender_per_user
    context = {
        "form": form,
        "account": account,
        "senders": (senders or SendersForm()) if per_user else None,
    }
    return render(request, "relance/configuration/mail.html", context, status=status)


@require_POST
@may(Action.CONFIGURE)
def mail_test(request: WebRequest) -> HttpResponse:
    """Send a test to oneself and show what the server said."""
    account = mail_account()
    if account is None:
        messages.error(request, _("Save the mail account first."))
        return redirect("configuration-mail")
    try:
        answer = service.test_account(
            account, to=request.user.email, now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, answer)
    return redirect("configuration-mail")
