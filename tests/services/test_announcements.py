"""What every administrator must learn of: e-mailed once, shown until read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import gettext as _

from relance.models import Announcement, User
from relance.services.announcements import announce, deliver, mark_read
from tests import make, smtp
from tests.letterbox import account
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora() -> User:
    make.company()
    return make.user(role="administration", name="Dora Blanc")


@pytest.fixture
def eva() -> User:
    return make.user(role="administration", name="Eva Morel")


def tell() -> None:
    announce(lambda: ("Votre IBAN", "L’IBAN change : lisez <ceci>."), at=NOW)


def states() -> set[str]:
    return set(Announcement.objects.values_list("mail", flat=True))


def test_each_administrator_gets_one_e_mail(dora, eva) -> None:
    make.user(role="relance")
    tell()
    with smtp.running() as server:
        account(server)
        assert deliver(NOW) == 2
        assert deliver(NOW) == 0

    got = [one.recipients for one in server.received]
    assert got == [[dora.email], [eva.email]]
    assert states() == {"sent"}


def test_in_the_language_of_each(dora, eva) -> None:
    eva.language = "en"
    eva.save()
    announce(lambda: (_("Bank details"), ""), at=NOW)

    told = {one.user: one.title for one in Announcement.objects.all()}
    assert told == {dora: "Coordonnées bancaires", eva: "Bank details"}


def test_without_an_account_it_waits_and_old_news_stays_here(dora) -> None:
    tell()
    assert deliver(NOW) == 0
    assert states() == {"waiting"}
    with smtp.running() as server:
        account(server)
        assert deliver(NOW + timedelta(days=3)) == 0
        assert server.received == []
        assert deliver(NOW + timedelta(days=1)) == 1


def test_refused_for_now_it_is_tried_again_thrice(dora) -> None:
    tell()
    with smtp.running() as server:
        account(server)
        server.behaviour.refuse = {dora.email: "451 come back later"}
        moments = [NOW + timedelta(minutes=m) for m in (0, 1, 10, 11, 20, 60)]
        sent = [deliver(moment) for moment in moments]

    assert sent == [0] * 6
    told = Announcement.objects.get()
    assert (told.mail, told.attempts) == ("failed", 3)
    assert "come back later" in told.answer


def test_refused_for_good_the_page_still_shows_it(dora) -> None:
    tell()
    with smtp.running() as server:
        account(server)
        server.behaviour.refuse = {dora.email: "550 no such user"}
        assert deliver(NOW) == 0

    told = Announcement.objects.get()
    assert (told.mail, told.attempts, told.seen_at) == ("failed", 1, None)


def test_one_reads_only_what_one_was_told(dora, eva) -> None:
    tell()
    mine, other = Announcement.objects.order_by("user__name")

    mark_read(mine, by=eva, now=NOW)
    mark_read(other, by=eva, now=NOW)

    seen = [one.seen_at for one in Announcement.objects.order_by("user__name")]
    assert seen == [None, NOW]
