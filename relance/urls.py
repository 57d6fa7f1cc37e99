"""Where each part of the site answers; our own pages are in ``relance.web.urls``."""

from django.urls import include, path, re_path
from django.views.i18n import set_language

from relance.web import access_links, accounts

# A login is an address that an administrator gives: nobody signs up or changes it
# alone, and links are ours. These come first, so they hide allauth's.
CLOSED = r"^accounts/(?P<rest>(?:signup|email|confirm-email|login/code)/.*)$"

urlpatterns = [
    path("", include("relance.web.urls")),
    path("language/", set_language, name="set_language"),
    re_path(CLOSED, accounts.closed),
    re_path(r"^accounts/password/reset/", access_links.password_forgotten),
    path("accounts/", include("allauth.urls")),
]
