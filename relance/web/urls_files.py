"""What comes from files: bank statements, e-invoices, ledgers."""

from __future__ import annotations

from django.urls import path

from relance.web import (
    batches,
    duplicates,
    fec,
    imports,
    pending,
    receipts,
    spreadsheets,
    takeover,
    takeover_entry,
)

urlpatterns = [
    # what the bank says
    path("banque/", receipts.receipts, name="receipts"),
    path("banque/releves/", receipts.upload, name="receipt-upload"),
    path("banque/enregistrer/", receipts.accept, name="receipt-accept"),
    path("banque/en-attente/", pending.pending_payments, name="pending"),
    path(
        "banque/en-attente/<int:pk>/abandon/", pending.give_up, name="pending-give-up"
    ),
    path("banque/<int:pk>/", receipts.receipt, name="receipt"),
    path("banque/<int:pk>/saisi/<int:payment>/", receipts.link, name="receipt-link"),
    path(
        "banque/<int:pk>/impaye/<int:payment>/",
        receipts.accept_return,
        name="receipt-return",
    ),
    path("banque/<int:pk>/ecarter/", receipts.ignore, name="receipt-ignore"),
    path("banque/<int:pk>/reprendre/", receipts.reopen, name="receipt-reopen"),
    # what was reminded before Relance
    path("imports/reprise/", takeover.takeover, name="takeover"),
    path("imports/reprise/fichier/", takeover.upload, name="takeover-file"),
    path("imports/reprise/reponse/", takeover.answer, name="takeover-answer"),
    path("imports/reprise/saisie/", takeover_entry.enter, name="takeover-enter"),
    path("imports/reprise/<int:pk>/defaire/", takeover.undo, name="takeover-undo"),
    # customers who look like one
    path("imports/doublons/", duplicates.duplicates, name="duplicates"),
    path("imports/doublons/<int:pk>/fusion/", duplicates.merge, name="duplicate-merge"),
    path(
        "imports/doublons/<int:pk>/distinct/<int:other>/",
        duplicates.apart,
        name="duplicate-apart",
    ),
    path(
        "imports/doublons/distincts/<int:pk>/revoir/",
        duplicates.again,
        name="duplicate-again",
    ),
    path(
        "imports/doublons/fusions/<int:pk>/defaire/",
        duplicates.undo,
        name="duplicate-undo",
    ),
    # imports
    path("imports/", imports.imports, name="imports"),
    path("imports/fec/", fec.files, name="fec"),
    path("imports/fec/<int:pk>/", fec.file, name="fec-file"),
    path("imports/fec/<int:pk>/choix/", fec.keep, name="fec-keep"),
    path("imports/fec/<int:pk>/importer/", fec.start, name="fec-start"),
    path("imports/fec/<int:pk>/abandonner/", fec.drop, name="fec-drop"),
    path("imports/fec/client/<int:pk>/", fec.customer, name="fec-customer"),
    # spreadsheets, and the imports made
    path("imports/tableur/", spreadsheets.spreadsheets, name="spreadsheets"),
    path("imports/tableur/<int:pk>/", spreadsheets.spreadsheet, name="spreadsheet"),
    path(
        "imports/tableur/<int:pk>/colonnes/",
        spreadsheets.columns,
        name="spreadsheet-columns",
    ),
    path(
        "imports/tableur/<int:pk>/importer/",
        spreadsheets.start,
        name="spreadsheet-start",
    ),
    path(
        "imports/tableur/<int:pk>/abandonner/",
        spreadsheets.discard,
        name="spreadsheet-discard",
    ),
    path(
        "imports/tableur/<int:pk>/profil/",
        spreadsheets.save_profile,
        name="spreadsheet-save-profile",
    ),
    path(
        "imports/tableur/<int:pk>/reprendre-profil/",
        spreadsheets.use_profile,
        name="spreadsheet-use-profile",
    ),
    path(
        "imports/tableur/profils/<int:pk>/supprimer/",
        spreadsheets.remove_profile,
        name="spreadsheet-remove-profile",
    ),
    path("imports/historique/", batches.batches, name="batches"),
    path("imports/historique/<int:pk>/", batches.batch, name="batch"),
    path("imports/historique/<int:pk>/annuler/", batches.undo, name="batch-undo"),
]
