"""The configuration's pages: saved as chosen, refused on the field at fault."""

from __future__ import annotations

import pytest
from django.urls import reverse

from relance.models import Company, HistoryEntry, MailAccount
from tests import make
from tests.web.posted import posted_from

pytestmark = pytest.mark.django_db

MAIL = {
    "host": "smtp.durand.example",
    "port": "587",
    "security": "starttls",
    "sender_email": "compta@durand.example",
}


SETTINGS = ("configuration", "configuration-rules")


@pytest.fixture(autouse=True)
def _logged_in(client, dora) -> None:
    make.company()
    client.force_login(dora)


@pytest.mark.parametrize("page", SETTINGS)
def test_saved_untouched_nothing_changes(client, page) -> None:
    before = Company.objects.values().get()

    answer = client.post(reverse(page), posted_from(client, page))

    assert answer.status_code == 302
    assert Company.objects.values().get() == before
    assert not HistoryEntry.objects.exists()


def test_stale_payments_and_grouping_are_chosen(client, dora) -> None:
    values = posted_from(client, "configuration-rules") | {"payments_stale_after": "5"}
    del values["group_by_customer"]

    answer = client.post(reverse("configuration-rules"), values)

    assert answer.status_code == 302
    saved = Company.objects.get()
    assert (saved.payments_stale_after, saved.group_by_customer) == (5, False)
    entry = HistoryEntry.objects.get()
    assert (entry.action, entry.user) == ("company.changed", dora)


@pytest.mark.parametrize("said", ["", "-1", "61", "deux", "1,5"])
def test_a_number_of_days_that_is_none_is_refused(client, said) -> None:
    values = posted_from(client, "configuration-rules") | {"payments_stale_after": said}

    answer = client.post(reverse("configuration-rules"), values)

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"payments_stale_after"}
    assert Company.objects.get().payments_stale_after == 2


@pytest.mark.parametrize(("said", "kept"), [("30", 30), ("0", 0), ("", 0)])
def test_the_rate_of_e_mails_is_kept(client, said, kept) -> None:
    answer = client.post(reverse("configuration-mail"), MAIL | {"per_minute": said})

    assert answer.status_code == 302
    assert MailAccount.objects.get().per_minute == kept
    shown = client.get(reverse("configuration-mail")).context["form"]
    assert shown["per_minute"].value() == kept


@pytest.mark.parametrize("said", ["-1", "10001", "beaucoup", "9" * 20])
def test_a_rate_that_is_none_is_refused(client, said) -> None:
    answer = client.post(reverse("configuration-mail"), MAIL | {"per_minute": said})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"per_minute"}
    assert not MailAccount.objects.exists()


@pytest.mark.parametrize("page", ["configuration-rules", "configuration-mail"])
def test_only_the_administrator_saves(client, alice, bob, charlie, page) -> None:
    values = posted_from(client, "configuration-rules") | {"payments_stale_after": "5"}
    for person in (alice, bob, charlie):
        client.force_login(person)
        answer = client.post(reverse(page), values | MAIL | {"per_minute": "5"})
        assert answer.status_code == 403
    assert Company.objects.get().payments_stale_after == 2
    assert not MailAccount.objects.exists()


def test_each_page_lights_its_own_tab(client) -> None:
    for page in (*SETTINGS, "configuration-bank", "configuration-mail"):
        tabs = client.get(reverse(page)).context["shell"].configuration
        assert [tab.url for tab in tabs if tab.current] == [reverse(page)]
