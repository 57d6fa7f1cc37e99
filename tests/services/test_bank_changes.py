"""The account that customers pay to: two people, a day, everybody told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from relance.models import (
    Announcement,
    BankChange,
    Channel,
    Company,
    HistoryEntry,
    Invoice,
    Proposal,
    User,
)
from relance.queries.company import company_on
from relance.services import drafts, proposals
from relance.services.bank_changes import (
    BankChangeData,
    agree,
    apply_due,
    ask_change,
    give_up,
    refuse,
)
from relance.services.company import BankData
from relance.services.contents import content_of
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

OLD, NEW = "FR7630006000011234567890189", "FR1420041010050500013M02606"
LATER = TODAY + timedelta(days=10)
NOTE = "Notre compte a changé : merci d’utiliser celui-ci."
DATA = BankChangeData(bank=BankData(iban=NEW, bic="psstfrpplil"), starts_on=TODAY)


def administrator(name: str = "Dora Blanc") -> User:
    return make.user(role="administration", name=name)


def ask(by: User, *, now=NOW, today=TODAY, **values) -> BankChange:
    data = replace(DATA, **values)
    return ask_change(data, password_given=True, by=by, now=now, today=today)


def yes(change: BankChange, by: User, *, today=TODAY) -> BankChange:
    return agree(change, password_given=True, by=by, now=NOW, today=today)


# --- one administrator ----------------------------------------------------------


def test_a_single_administrator_decides_and_it_is_written() -> None:
    make.company()
    dora = administrator()
    make.user()

    change = ask(dora)

    ours = Company.objects.get()
    assert (ours.iban, ours.bic) == (NEW, "PSSTFRPPLIL")
    assert (change.state, change.former_iban) == ("applied", OLD)
    entry = HistoryEntry.objects.get(action="company.bank_changed")
    assert entry.user == dora
    assert "FR76 3000 6000 0112 3456 7890 189" in entry.words
    assert "FR14 2004 1010 0505 0001 3M02 606" in entry.words
    assert [told.user for told in Announcement.objects.all()] == [dora]


def test_it_waits_for_its_day() -> None:
    make.company()
    ask(administrator(), starts_on=LATER)

    assert Company.objects.get().iban == OLD
    for day, iban in ((TODAY, OLD), (LATER - timedelta(days=1), OLD), (LATER, NEW)):
        found = company_on(day)
        assert found is not None
        assert found.iban == iban
    assert apply_due(now=NOW, today=LATER - timedelta(days=1)) is None

    applied = apply_due(now=NOW, today=LATER)

    assert applied is not None
    assert Company.objects.get().iban == NEW
    assert apply_due(now=NOW, today=LATER) is None
    assert HistoryEntry.objects.filter(action="company.bank_changed").count() == 1


def test_proposals_are_decided_again() -> None:
    make.company()
    make.invoice()
    proposals.refresh(today=TODAY)
    assert not Proposal.objects.filter(stale=True).exists()

    ask(administrator())

    assert Proposal.objects.filter(stale=True).exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"bank": BankData(iban="FR15 2004 1010 0505 0001 3M02 606")}, "iban"),
        ({"bank": BankData(iban="")}, "iban"),
        ({"bank": BankData(iban=OLD, bic="AGRIFRPP839")}, "iban"),
        ({"bank": BankData(iban=NEW, bic="ABC")}, "bic"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"starts_on": TODAY + timedelta(days=367)}, "starts_on"),
        ({"note": NOTE}, "note_until"),
        ({"note": NOTE, "note_until": TODAY - timedelta(days=1)}, "note_until"),
        ({"note": "x" * 301, "note_until": LATER}, "note"),
    ],
)
def test_what_is_wrong_is_refused_on_its_field(values, field) -> None:
    make.company()
    with pytest.raises(Refused) as caught:
        ask(administrator(), **values)
    assert caught.value.field == field
    assert Company.objects.get().iban == OLD
    assert not BankChange.objects.exists()
    assert not HistoryEntry.objects.exists()


def test_without_the_password_nothing_changes() -> None:
    make.company()
    with pytest.raises(Refused) as caught:
        ask_change(DATA, password_given=False, by=administrator(), now=NOW, today=TODAY)
    assert caught.value.field == "password"
    assert not BankChange.objects.exists()


# --- two administrators ------------------------------------------------------


@pytest.fixture
def dora() -> User:
    make.company()
    return administrator()


@pytest.fixture
def eva() -> User:
    return administrator("Eva Morel")


def test_the_second_must_agree(dora, eva) -> None:
    change = ask(dora)

    assert change.state == "waiting"
    assert Company.objects.get().iban == OLD
    assert apply_due(now=NOW, today=TODAY) is None
    told = Announcement.objects.order_by("user__name")
    assert [one.user for one in told] == [dora, eva]

    agreed = yes(change, eva)

    assert (agreed.state, agreed.decided_by) == ("applied", eva)
    assert Company.objects.get().iban == NEW
    words = HistoryEntry.objects.get(action="company.bank_agreed").words
    assert "Eva Morel" in words
    assert "Dora Blanc" in words


def test_never_the_same_person(dora, eva) -> None:
    change = ask(dora)

    with pytest.raises(Refused, match="autre administrateur"):
        yes(change, dora)
    with pytest.raises(Refused, match="abandonnez"):
        refuse(change, "non", by=dora, now=NOW)

    change.refresh_from_db()
    assert change.state == "waiting"
    # The table says so too, whoever writes it.
    with pytest.raises(IntegrityError), transaction.atomic():
        BankChange.objects.filter(pk=change.pk).update(state="agreed", decided_by=dora)


def test_the_second_gives_their_password_too(dora, eva) -> None:
    change = ask(dora)
    with pytest.raises(Refused) as caught:
        agree(change, password_given=False, by=eva, now=NOW, today=TODAY)
    assert caught.value.field == "password"
    assert Company.objects.get().iban == OLD


def test_agreed_to_late_it_starts_that_day(dora, eva) -> None:
    change = ask(dora)

    agreed = yes(change, eva, today=LATER)

    assert (agreed.starts_on, agreed.state) == (LATER, "applied")


def test_agreed_to_early_it_waits_for_its_day(dora, eva) -> None:
    change = yes(ask(dora, starts_on=LATER), eva)

    assert change.state == "agreed"
    assert Company.objects.get().iban == OLD
    on_its_day = company_on(LATER)
    assert on_its_day is not None
    assert on_its_day.iban == NEW


def test_refused_the_account_stays_and_everybody_knows_why(dora, eva) -> None:
    change = refuse(ask(dora), " inconnu ", by=eva, now=NOW)

    assert (change.state, change.why) == ("refused", "inconnu")
    assert Company.objects.get().iban == OLD
    told = Announcement.objects.filter(user=dora).first()
    assert told is not None
    assert "inconnu" in told.words


def test_a_refusal_says_why(dora, eva) -> None:
    with pytest.raises(Refused) as caught:
        refuse(ask(dora), " ", by=eva, now=NOW)
    assert caught.value.field == "why"


@pytest.mark.parametrize("agreed", [False, True])
def test_given_up_before_its_day_nothing_changes(dora, eva, agreed) -> None:
    change = ask(dora, starts_on=LATER)
    if agreed:
        change = yes(change, eva)

    give_up(change, by=dora, now=NOW)

    assert apply_due(now=NOW, today=LATER) is None
    found = company_on(LATER)
    assert found is not None
    assert (found.iban, found.next_bank_on) == (OLD, None)
    assert ask(dora).state == "waiting"


def test_one_change_at_a_time(dora, eva) -> None:
    ask(dora)
    with pytest.raises(Refused, match="attend"):
        ask(eva)
    assert BankChange.objects.count() == 1


def test_somebody_deactivated_is_no_second_person(dora, eva) -> None:
    eva.is_active = False
    eva.save()
    assert ask(dora).state == "applied"


# --- letters ---------------------------------------------------------------


def page(invoice: Invoice, day: date, *, text: str = "") -> tuple[str, str]:
    """Return the body in words and the IBAN that it has on a day."""
    wish = drafts.Wish(invoice=invoice, channel=Channel.LETTER)
    made = drafts.draft(wish, today=day)
    if text and made.text is not None:
        made.text.body = text
    content = content_of(made, number=1)
    assert content.letter is not None
    return content.plain, str(content.letter.body)


def test_each_day_has_its_account_and_the_sentence_its_time() -> None:
    make.company()
    invoice = make.invoice()
    until = LATER + timedelta(days=30)
    ask(administrator(), starts_on=LATER, note=NOTE, note_until=until)

    before, _body = page(invoice, LATER - timedelta(days=1))
    on_its_day, _body = page(invoice, LATER)
    apply_due(now=NOW, today=LATER)
    written, _body = page(invoice, LATER)
    last, _body = page(invoice, until)
    after, body = page(invoice, until + timedelta(days=1))

    old, new = "FR76 3000 6000", "FR14 2004 1010"
    said = [one.replace("\xa0", " ") for one in (before, on_its_day, written)]
    assert [old in one for one in said] == [True, False, False]
    assert [new in one for one in said] == [False, True, True]
    assert [NOTE in one for one in (*said, last, after)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert NOTE not in body


def test_a_text_with_the_account_in_its_own_words_ends_with_it() -> None:
    make.company(bank_note=NOTE, bank_note_until=LATER)
    invoice = make.invoice()

    said, _body = page(invoice, TODAY, text="Payez sur {societe.iban}. Merci.")

    assert said.rstrip().endswith(NOTE)


def test_it_is_text_whatever_it_holds() -> None:
    make.company(bank_note="*Gras* # titre <b>", bank_note_until=LATER)
    invoice = make.invoice()

    said, _body = page(invoice, TODAY)

    assert "*Gras* # titre <b>" in said
