"""The first page of all: who claims, who signs, who administers."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from relance.queries.company import is_set_up
from relance.services.refusal import Refused
from relance.services.setup import SetupData, set_up, signatory_from
from relance.web.access import public
from relance.web.company_forms import (
    AdministratorForm,
    BankForm,
    ChoicesForm,
    IdentityForm,
    MailForm,
    SignatoryForm,
    company_data,
)
from relance.web.http import WebRequest


class SetupForm(AdministratorForm, IdentityForm, SignatoryForm, ChoicesForm, BankForm):
    """The whole set-up but the mail account, whose fields have names of their own."""

    nothing_to_take_over = forms.BooleanField(
        label=gettext_lazy("Nobody was reminded yet: there is nothing to take over"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise leave it: Relance asks for the past reminders before the first "
            "mass reminder."
        ),
    )

    def setup_data(self, mail: MailForm) -> SetupData:
        values = self.cleaned_data
        return SetupData(
            company=company_data(None, **values),
            signatory=signatory_from(
                values["signatory_name"], values["signatory_position"]
            ),
            bank=self.as_data(),
            name=values["person_name"],
            email=values["person_email"],
            password=values["person_password"],
            mail=mail.as_data() if mail.cleaned_data["host"] else None,
            nothing_to_take_over=values["nothing_to_take_over"],
        )


@require_http_methods(["GET", "POST"])
@never_cache
@public
def setup(request: WebRequest) -> HttpResponse:
    """Show the set-up while no administrator exists; it is not there afterwards."""
    if is_set_up():
        raise Http404
    form = SetupForm(request.POST or None)
    mail = MailForm(request.POST or None, prefix="mail")
    if request.method == "POST" and form.is_valid() and mail.is_valid():
        try:
            user = set_up(form.setup_data(mail), now=timezone.now())
        except Refused as refused:
            _refuse(form, mail, refused)
        else:
            login(request, user)
            return redirect("home")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "mail": mail}
    return render(request, "relance/setup/page.html", context, status=status)


def _refuse(form: SetupForm, mail: MailForm, refused: Refused) -> None:
    name = refused.field
    if name in form.fields:
        form.add_error(name, refused.message)
    elif name in mail.fields:
        mail.add_error(name, refused.message)
    else:
        form.add_error(None, refused.message)
