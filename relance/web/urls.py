"""Every page of the web front, by noun."""

from django.urls import path

from relance.web import accounts, new_reminder, outbox, reminders

urlpatterns = [
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
    # e-mails on their way out
    path("envois/", outbox.outbox, name="outbox"),
    path("envois/<int:pk>/", outbox.message, name="message"),
    path("envois/<int:pk>/annuler/", outbox.cancel, name="message-cancel"),
    path("envois/<int:pk>/reessayer/", outbox.retry, name="message-retry"),
    path("envois/<int:pk>/decider/", outbox.decide, name="message-decide"),
    path("envois/<int:pk>/message.eml", outbox.eml, name="message-eml"),
    path("envois/<int:pk>/message.html", outbox.html, name="message-html"),
    # one's own account
    path("account/", accounts.account, name="account"),
]
