"""Where each part of the site answers; our own pages are in ``relance.web.urls``."""

from django.urls import include, path, re_path

from relance.web import access_links, accounts

# A login is an address that an administrator gives: nobody signs up or changes it
# alone; links, passwords and devices are ours. These come first, so they hide
# allauth's pages.
CLOSED = (
    r"^accounts/(?P<rest>(?:signup|email|confirm-email|login/code|sessions"
    r"|password/change|password/set)/.*)$"
)

urlpatterns = [
    path("", include("relance.web.urls")),
    path("language/", accounts.language, name="set_language"),
    re_path(CLOSED, accounts.closed),
    re_path(r"^accounts/password/reset/", access_links.password_forgotten),
    path("accounts/2fa/", accounts.to_account),
    path("accounts/2fa/webauthn/", accounts.to_account),
    path("accounts/", include("allauth.urls")),
]
