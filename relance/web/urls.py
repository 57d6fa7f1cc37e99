"""Every page of the web front, by noun."""

from django.urls import path

from relance.web import accounts, new_reminder, reminders

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
    # one's own account
    path("account/", accounts.account, name="account"),
]
