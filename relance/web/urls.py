"""Every page of the web front, by noun."""

from django.urls import path

from relance.web import (
    accounts,
    configuration,
    credits,
    customers,
    documents,
    exports,
    holds,
    home,
    imports,
    invoices,
    new_reminder,
    outbox,
    payments,
    penalties,
    reminders,
    setup,
)

urlpatterns = [
    path("", home.home, name="home"),
    # reminders
    path("relances/", reminders.reminders, name="reminders"),
    path("relances/nouvelle/", new_reminder.new, name="reminder-new"),
    path(
        "relances/nouvelle/apercu.png",
        new_reminder.page_picture,
        name="reminder-preview",
    ),
    path("relances/<int:pk>/", reminders.reminder, name="reminder"),
    path("relances/<int:pk>/annuler/", reminders.cancel, name="reminder-cancel"),
    path("relances/<int:pk>/postee/", reminders.posted, name="reminder-posted"),
    path("factures/<int:pk>/relance/", reminders.of_invoice, name="invoice-reminders"),
    path(
        "clients/<int:pk>/relances/", reminders.of_customer, name="customer-reminders"
    ),
    # invoices
    path("factures/", invoices.invoices, name="invoices"),
    path("factures/factures.csv", exports.invoices, name="invoices-export"),
    path("factures/nouvelle/", invoices.new, name="invoice-new"),
    path("factures/<int:pk>/", invoices.invoice, name="invoice"),
    path("factures/<int:pk>/modifier/", invoices.edit, name="invoice-edit"),
    path("factures/<int:pk>/reglements/", invoices.payments, name="invoice-payments"),
    path("factures/<int:pk>/historique/", invoices.history, name="invoice-history"),
    path("factures/<int:pk>/pdf/", invoices.attach, name="invoice-pdf"),
    path("factures/<int:pk>/annuler/", invoices.cancel, name="invoice-cancel"),
    path("factures/<int:pk>/perte/", invoices.write_off, name="invoice-write-off"),
    path("factures/<int:pk>/rouvrir/", invoices.reopen, name="invoice-reopen"),
    path(
        "factures/<int:pk>/prescription/", invoices.interrupt, name="invoice-interrupt"
    ),
    path("factures/<int:pk>/imputer/", credits.allocate, name="credit-allocate"),
    path("factures/<int:pk>/suspendre/", holds.on_invoice, name="invoice-hold"),
    path("suspensions/<int:pk>/lever/", holds.end, name="hold-end"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path(
        "documents/<int:pk>/page-<int:number>.png",
        documents.page,
        name="document-page",
    ),
    # imports
    path("imports/", imports.imports, name="imports"),
    # customers
    path("clients/", customers.customers, name="customers"),
    path("clients/clients.csv", exports.customers, name="customers-export"),
    path("clients/nouveau/", customers.new, name="customer-new"),
    path("clients/<int:pk>/", customers.customer, name="customer"),
    path("clients/<int:pk>/modifier/", customers.edit, name="customer-edit"),
    path("clients/<int:pk>/factures/", customers.invoices, name="customer-invoices"),
    path("clients/<int:pk>/historique/", customers.history, name="customer-history"),
    path("clients/<int:pk>/suspendre/", holds.on_customer, name="customer-hold"),
    path("clients/<int:pk>/contact/", customers.contact_new, name="contact-new"),
    path("contacts/<int:pk>/", customers.contact_edit, name="contact-edit"),
    path("contacts/<int:pk>/retirer/", customers.contact_remove, name="contact-remove"),
    # payments
    path("reglements/", payments.payments, name="payments"),
    path("reglements/reglements.csv", exports.payments, name="payments-export"),
    path("reglements/nouveau/", payments.new, name="payment-new"),
    path("reglements/<int:pk>/", payments.payment, name="payment"),
    path("reglements/<int:pk>/affecter/", payments.allocate, name="payment-allocate"),
    path("reglements/<int:pk>/corriger/", payments.correct, name="payment-correct"),
    path("affectations/<int:pk>/annuler/", payments.undo, name="allocation-undo"),
    # e-mails on their way out
    path("envois/", outbox.outbox, name="outbox"),
    path("envois/<int:pk>/", outbox.message, name="message"),
    path("envois/<int:pk>/annuler/", outbox.cancel, name="message-cancel"),
    path("envois/<int:pk>/reessayer/", outbox.retry, name="message-retry"),
    path("envois/<int:pk>/decider/", outbox.decide, name="message-decide"),
    path("envois/<int:pk>/message.eml", outbox.eml, name="message-eml"),
    path("envois/<int:pk>/message.html", outbox.html, name="message-html"),
    path("penalites/", penalties.calculator, name="penalty-calculator"),
    # set-up and configuration
    path("installation/", setup.setup, name="setup"),
    path("configuration/", configuration.configuration, name="configuration"),
    path("configuration/banque/", configuration.bank, name="configuration-bank"),
    path("configuration/messagerie/", configuration.mail, name="configuration-mail"),
    path(
        "configuration/messagerie/essai/",
        configuration.mail_test,
        name="configuration-mail-test",
    ),
    path("configuration/taux/", configuration.rates, name="configuration-rates"),
    path("configuration/taux/<int:pk>/", configuration.verify_rate, name="rate-verify"),
    path("utilisateurs/", configuration.users, name="users"),
    path("utilisateurs/nouveau/", configuration.user_new, name="user-new"),
    path("utilisateurs/<int:pk>/", configuration.user_edit, name="user-edit"),
    # one's own account
    path("account/", accounts.account, name="account"),
]
