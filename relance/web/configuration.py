"""Configuration: company, bank, mail account, rates, levels, people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import HistoryEntry, Procedure, Rate, User
from relance.queries.company import company, mail_account
from relance.rules.permissions import Action
from relance.services import company as service
from relance.services import mail_account as mail_service
from relance.services import rates as rate_service
from relance.services import users as user_service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.company_forms import (
    AllChoicesForm,
    GuardedBankForm,
    IdentityForm,
    MailForm,
    RateForm,
    UserForm,
    company_data,
)
from relance.web.forms import refused_on
from relance.web.http import WebRequest


class CompanyForm(IdentityForm, AllChoicesForm):
    """Identity and choices, saved together."""


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def configuration(request: WebRequest) -> HttpResponse:
    """Show the configuration; save identity and choices."""
    saved = company()
    if request.method == "GET":
        return _page(request)
    form = CompanyForm(request.POST)
    if form.is_valid():
        data = company_data(saved, **form.cleaned_data)
        with refused_on(form):
            service.save_company(data, by=request.user, now=timezone.now())
            messages.success(request, _("The configuration is saved."))
            for warning in service.floor_warnings(data.contract_rate):
                messages.warning(request, warning)
            return redirect("configuration")
    return _page(request, form=form, status=422)


@require_POST
@may(Action.CONFIGURE)
def bank(request: WebRequest) -> HttpResponse:
    """Change the IBAN, after asking the password again."""
    form = GuardedBankForm(request.POST)
    if form.is_valid():
        given = request.user.check_password(form.cleaned_data["password"])
        with refused_on(form):
            service.change_bank(
                form.as_data(),
                password_given=given,
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The bank details are changed."))
            return redirect("configuration")
    return _page(request, bank_form=form, status=422)


@require_POST
@may(Action.CONFIGURE)
def mail(request: WebRequest) -> HttpResponse:
    """Save the mail account, or remove it when its server is emptied."""
    form, now = MailForm(request.POST), timezone.now()
    if form.is_valid():
        with refused_on(form):
            if form.cleaned_data["host"]:
                mail_service.save_account(form.as_data(), by=request.user, now=now)
                messages.success(request, _("The mail account is saved."))
            else:
                mail_service.remove_account(by=request.user, now=now)
                messages.success(request, _("E-mails now stay in the tray."))
            return redirect("configuration")
    return _page(request, mail_form=form, status=422)


@require_POST
@may(Action.CONFIGURE)
def mail_test(request: WebRequest) -> HttpResponse:
    """Send a test to oneself and show what the server said."""
    account = mail_account()
    if account is None:
        messages.error(request, _("Save the mail account first."))
        return redirect("configuration")
    try:
        answer = mail_service.test_account(
            account, to=request.user.email, now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, answer)
    return redirect("configuration")


@require_POST
@may(Action.CONFIGURE)
def rates(request: WebRequest) -> HttpResponse:
    """Enter a published rate."""
    form = RateForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            rate_service.add_rate(
                rate_service.RateData(**form.cleaned_data),
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The rate is entered."))
            return redirect("configuration")
    return _page(request, rate_form=form, status=422)


@require_POST
@may(Action.CONFIGURE)
def verify_rate(request: WebRequest, pk: int) -> HttpResponse:
    """Say that a rate was checked against its source."""
    found = get_object_or_404(Rate, pk=pk)
    rate_service.verify_rate(found, by=request.user, now=timezone.now())
    messages.success(request, _("The rate is marked as verified."))
    return redirect("configuration")


@require_GET
@may(Action.MANAGE_USERS)
def users(request: WebRequest) -> HttpResponse:
    """List the people who log in."""
    context = {"users": User.objects.order_by("-is_active", "name")}
    return render(request, "relance/configuration/users.html", context)


@require_http_methods(["GET", "POST"])
@may(Action.MANAGE_USERS)
def user_new(request: WebRequest) -> HttpResponse:
    """Create a user with a first password."""
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            user_service.add_user(
                form.as_data(),
                form.cleaned_data["password"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The user is created."))
            return redirect("users")
    status = 422 if request.method == "POST" else 200
    context = {"form": form}
    return render(request, "relance/configuration/user.html", context, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.MANAGE_USERS)
def user_edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change a user's name, role, password, or whether they may log in."""
    found = get_object_or_404(User, pk=pk)
    initial = {n: getattr(found, n) for n in ("name", "email", "role", "is_active")}
    form = UserForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            user_service.edit_user(
                found,
                form.as_data(),
                password=form.cleaned_data["password"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The user is changed."))
            return redirect("users")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "person": found}
    return render(request, "relance/configuration/user.html", context, status=status)


def _page(request: WebRequest, *, status: int = 200, **forms: object) -> HttpResponse:
    saved, account = company(), mail_account()
    initial = {name: getattr(saved, name) for name in CompanyForm.base_fields}
    initial["minimum_amount"] = f"{saved.minimum_amount:.2f}".replace(".", ",")
    context = {
        "company": saved,
        "missing": service.missing_for_formal_notice(),
        "account": account,
        "form": CompanyForm(initial=initial),
        "bank_form": GuardedBankForm(initial={"iban": saved.iban, "bic": saved.bic}),
        "mail_form": MailForm(initial=MailForm.initial_of(account)),
        "rate_form": RateForm(),
        "rates": Rate.objects.order_by("-half_year", "kind")[:8],
        "procedures": Procedure.objects.prefetch_related("steps__level"),
        "bank_changes": HistoryEntry.objects.filter(action="company.bank_changed")[:3],
    }
    return render(
        request, "relance/configuration/page.html", context | forms, status=status
    )
