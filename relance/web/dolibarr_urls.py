"""The pages of the connection to Dolibarr, and the door by which it tells of news."""

from django.urls import path

from relance.web import dolibarr, dolibarr_writing

urlpatterns = [
    path("imports/dolibarr/", dolibarr.dolibarr, name="dolibarr"),
    path("imports/dolibarr/enregistrer/", dolibarr.save, name="dolibarr-save"),
    path("imports/dolibarr/essai/", dolibarr.attempt, name="dolibarr-test"),
    path("imports/dolibarr/retirer/", dolibarr.remove, name="dolibarr-remove"),
    path("imports/dolibarr/synchroniser/", dolibarr.synchronise, name="dolibarr-sync"),
    path(
        "imports/dolibarr/ecriture/", dolibarr_writing.writing, name="dolibarr-writing"
    ),
    path(
        "imports/dolibarr/ecriture/reessayer/",
        dolibarr_writing.retry,
        name="dolibarr-writing-retry",
    ),
    path("dolibarr/webhook/<str:secret>", dolibarr.webhook, name="dolibarr-webhook"),
]
