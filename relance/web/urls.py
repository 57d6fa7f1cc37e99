"""Every page of the web front, by noun."""

from django.urls import path

from relance.web import accounts

urlpatterns = [
    # one's own account
    path("account/", accounts.account, name="account"),
]
