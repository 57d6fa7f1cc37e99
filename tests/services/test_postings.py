"""Letters marked as posted, and what is heard of them afterwards."""

from __future__ import annotations

import io
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image

from relance.gateways.blocks import TableBlock
from relance.gateways.wording import parse_amount
from relance.models import (
    Channel,
    Contact,
    Customer,
    Document,
    HistoryEntry,
    Invoice,
    Posting,
    PostingProof,
    Rate,
    Reminder,
    ReminderLine,
)
from relance.queries.claims import claims_on
from relance.queries.company import company
from relance.queries.situations import situation
from relance.rules.escalation import Code
from relance.rules.fields import NO_PENALTIES
from relance.rules.regimes import Regime
from relance.services import (
    customers,
    documents,
    postings,
    proofs,
    reminders,
)
from relance.services.drafts import Wish, draft
from relance.services.field_values import FieldValues
from relance.services.posting_changes import News
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

MADE, POSTED = date(2026, 11, 2), date(2026, 11, 3)
NUMBER = "1A 123 456 7890 1"
WINDOW = ["Client SARL", "4 quai de la Fosse", "44000 NANTES"]


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def letter(on: Invoice | None = None, **values: Any) -> Reminder:
    defaults = {
        "made_on": MADE,
        "recipient": {"name": "", "why": "customer", "address": WINDOW},
    }
    return make.reminder(on or make.invoice(), **(defaults | values))


def notice(on: Invoice | None = None, **values: Any) -> Reminder:
    return letter(
        on,
        channel=Channel.REGISTERED,
        level_rank=3,
        level_kind="formal_notice",
        **values,
    )


def mark(*made: Reminder, posted_on: date = POSTED) -> postings.Marked:
    return postings.mark_many_posted(
        [reminder.pk for reminder in made], posted_on=posted_on, by=None, now=NOW
    )


def hear(reminder: Reminder, **known: Any) -> postings.Recorded:
    news = News(**({"posted_on": POSTED} | known))
    return postings.record_news(reminder, news, by=None, now=NOW)


def prove(reminder: Reminder, data: bytes, name: str) -> None:
    news, file = News(posted_on=POSTED), proofs.checked(data, name)
    postings.record_news(reminder, news, [file], by=None, now=NOW)


def refused(reminder: Reminder, **known: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        hear(reminder, **known)
    return caught.value.message, caught.value.field


def words() -> list[str]:
    entries = HistoryEntry.objects.filter(reminder__isnull=False).order_by("pk")
    return [entry.words.replace("\u00a0", " ") for entry in entries]


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return out.getvalue()


# --- posted -----------------------------------------------------------------


def many(count: int) -> list[int]:
    """Letters as rows, of twenty customers."""
    invoices = [make.invoice() for _number in range(20)]
    made = Reminder.objects.bulk_create(
        Reminder(
            number=5000 + place,
            customer=invoices[place % 20].customer,
            level_name="Relance simple",
            channel=Channel.LETTER,
            language="fr",
            made_on=MADE,
            made_at=NOW,
            state=Reminder.State.MADE,
            request_key=uuid.uuid4(),
        )
        for place in range(count)
    )
    ReminderLine.objects.bulk_create(
        ReminderLine(
            reminder=reminder,
            invoice=invoices[place % 20],
            balance=Decimal("1200.00"),
        )
        for place, reminder in enumerate(made)
    )
    return [reminder.pk for reminder in made]


def test_three_hundred_letters_are_marked_at_once(
    alice, django_assert_max_num_queries
) -> None:
    pks = many(300)

    with django_assert_max_num_queries(16):
        marked = postings.mark_many_posted(pks, posted_on=POSTED, by=alice, now=NOW)

    assert marked == postings.Marked(done=300, left=[])
    assert Reminder.objects.filter(state="posted").count() == 300
    assert {(p.posted_on, p.recorded_by) for p in Posting.objects.all()} == {
        (POSTED, alice)
    }
    entries = HistoryEntry.objects.filter(action="reminder.posted", user=alice)
    assert entries.count() == 300
    # Each names its letter, its customer and its only invoice.
    assert set(entries.values_list("reminder", flat=True)) == set(pks)
    assert not entries.filter(invoice=None).exists()
    assert not entries.filter(customer=None).exists()
    assert "posté le 03/11/2026" in entries[0].words


def test_more_letters_than_one_statement_names_are_marked() -> None:
    marked = postings.mark_many_posted(many(1001), posted_on=POSTED, by=None, now=NOW)

    assert marked.done == 1001
    assert not Reminder.objects.filter(state="made").exists()


def test_what_cannot_be_posted_is_left_with_its_reason() -> None:
    good, late = letter(), letter(made_on=date(2026, 11, 4))
    cancelled = letter(state=Reminder.State.CANCELLED)
    making = letter(state=Reminder.State.BEING_MADE)
    email = letter(channel=Channel.EMAIL, state=Reminder.State.SENT)
    posted = letter()
    mark(posted)

    marked = mark(good, late, cancelled, making, email, posted, good)

    assert marked.done == 1
    assert [(ref, why.replace("\u00a0", " ")) for ref, why in marked.left] == [
        (late.reference, "Il a été fait après, le 04/11/2026."),
        (cancelled.reference, "Il a été annulé."),
        (making.reference, "Il est encore en cours de création."),
        (email.reference, "Ce n’est pas un courrier."),
        (posted.reference, "Il est déjà marqué comme posté, le 03/11/2026."),
    ]
    assert Posting.objects.count() == 2
    assert mark() == postings.Marked(done=0, left=[])


def test_nothing_is_posted_tomorrow() -> None:
    made = letter()

    with pytest.raises(Refused) as caught:
        mark(made, posted_on=TODAY + timedelta(days=1))

    assert caught.value.field == "posted_on"
    assert not Posting.objects.exists()


def test_a_posted_letter_is_no_longer_cancelled() -> None:
    made = letter()
    mark(made)

    with pytest.raises(Refused, match="partie"):
        reminders.cancel_letter(made, "trop tard", by=None, now=NOW)
    assert Reminder.objects.get().state == "posted"


def test_a_formal_notice_waits_to_be_posted_and_then_no_more() -> None:
    invoice = make.invoice()
    made = notice(invoice)
    assert not situation(invoice, today=TODAY).last.posted
    refusal = Wish(invoice=invoice, channel=Channel.LETTER)
    with pytest.raises(reminders.ReminderRefused) as caught:
        reminders.remind(refusal, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    assert Code.NOT_POSTED in [reason.code for reason in caught.value.reasons]

    mark(made)

    assert situation(invoice, today=TODAY).last.posted


# --- news -------------------------------------------------------------------


def test_the_whole_journey_is_kept_and_told(alice) -> None:
    made = notice()
    postings.mark_posted(
        made, posted_on=POSTED, registered_number=NUMBER, by=alice, now=NOW
    )
    news = News(
        registered_number="1A12345678901",
        presented_on=date(2026, 11, 4),
        delivered_on=date(2026, 11, 6),
    )
    done = postings.record_news(made, news, by=alice, now=NOW)

    posting = Posting.objects.get()
    assert done.posting == posting
    assert done.effect == ""
    assert News.of(posting) == News(
        posted_on=POSTED,
        registered_number="1A12345678901",
        presented_on=date(2026, 11, 4),
        delivered_on=date(2026, 11, 6),
    )
    assert words() == [
        f"Courrier {made.reference} : posté le 03/11/2026, numéro 1A 123 456 7890 1.",
        f"Courrier {made.reference} : présenté le 04/11/2026, distribué le 06/11/2026.",
    ]
    assert {entry.user for entry in HistoryEntry.objects.exclude(reminder=None)} == {
        alice
    }


def test_news_of_a_letter_not_posted_yet_post_it() -> None:
    made = notice()

    hear(made, registered_number=NUMBER)

    assert Reminder.objects.get().state == "posted"
    assert refused(notice(), posted_on=None)[1] == "posted_on"


def test_a_mistake_is_corrected_and_both_are_told() -> None:
    made = notice()
    hear(made, registered_number=NUMBER, presented_on=date(2026, 11, 4))
    hear(
        made,
        posted_on=MADE,
        registered_number="2C12345678902",
        presented_on=None,
    )
    hear(made, posted_on=MADE)

    assert words()[1:] == [
        f"Courrier {made.reference} : posté le 02/11/2026 (avant : 03/11/2026), "
        "numéro 2C 123 456 7890 2 (avant : 1A 123 456 7890 1), "
        "présentation du 04/11/2026 retirée.",
        f"Courrier {made.reference} : numéro 2C 123 456 7890 2 retiré.",
    ]


def test_a_letter_posted_by_mistake_waits_again() -> None:
    invoice = make.invoice()
    made = notice(invoice)
    mark(made)
    postings.take_back(made, by=None, now=NOW)

    made.refresh_from_db()
    assert made.state == Reminder.State.MADE
    assert not Posting.objects.exists()
    assert words()[-1].endswith("pas posté le 03/11/2026, finalement.")
    assert mark(made).done == 1


def test_what_did_leave_stays_posted() -> None:
    invoice = make.invoice()
    heard, kept, followed, never = letter(), letter(), letter(invoice), letter()
    mark(heard, kept, followed)
    hear(heard, delivered_on=POSTED)
    prove(kept, png(), "depot.png")
    later = letter(invoice)

    for made, why in (
        (heard, "La Poste en a donné des nouvelles"),
        (kept, "Une preuve"),
        (followed, later.reference),
        (never, "pas marqué"),
    ):
        with pytest.raises(Refused, match=why):
            postings.take_back(made, by=None, now=NOW)
    assert Posting.objects.count() == 3


def test_the_same_news_again_leave_no_trace() -> None:
    made = notice()
    hear(made, registered_number=NUMBER)
    before = words()

    hear(made, registered_number=NUMBER)

    assert words() == before


@pytest.mark.parametrize(
    ("known", "field", "said"),
    [
        ({"posted_on": date(2026, 11, 1)}, "posted_on", "avant d’avoir été fait"),
        ({"posted_on": date(2026, 11, 25)}, "posted_on", "pas encore venu"),
        ({"presented_on": MADE}, "presented_on", "pas encore posté"),
        ({"presented_on": date(2026, 11, 25)}, "presented_on", "pas encore venu"),
        ({"returned_on": POSTED}, "return_reason", "motif"),
        ({"return_reason": "npai"}, "returned_on", "jour du retour"),
        ({"registered_number": "1A12345"}, "registered_number", "incomplet"),
        ({"registered_number": "RK123456784FR"}, "registered_number", "clé"),
    ],
)
def test_what_cannot_be_true_is_refused_where_it_stands(
    known: dict[str, Any], field: str, said: str
) -> None:
    made = notice()

    message, at = refused(made, **known)

    assert at == field
    assert said in message
    assert not Posting.objects.exists()
    assert Reminder.objects.get().state == "made"


def test_a_number_belongs_to_one_letter() -> None:
    first, second = notice(), notice()
    hear(first, registered_number=NUMBER)

    message, field = refused(second, registered_number="1a12345678901")

    assert first.reference in message
    assert field == "registered_number"


@pytest.mark.parametrize(
    "values",
    [
        {"channel": Channel.EMAIL, "state": Reminder.State.SENT},
        {"channel": Channel.NONE},
        {"state": Reminder.State.CANCELLED},
        {"state": Reminder.State.BEING_MADE},
    ],
)
def test_only_letters_that_were_made_have_a_journey(values: dict[str, Any]) -> None:
    made = letter(**values)

    assert refused(made)[0]
    with pytest.raises(Refused):
        postings.mark_posted(made, posted_on=POSTED, by=None, now=NOW)
    assert not Posting.objects.exists()


# --- returns ----------------------------------------------------------------


def test_a_wrong_address_stops_letters_until_it_is_corrected() -> None:
    invoice = make.invoice()
    made = letter(invoice)

    done = hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    customer = Customer.objects.get()
    assert customer.address_refused_on == date(2026, 11, 6)
    assert "tant que l’adresse n’est pas corrigée" in done.effect
    wish = Wish(invoice=Invoice.objects.get(), channel=Channel.LETTER)
    with pytest.raises(reminders.ReminderRefused) as caught:
        reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    assert Code.NO_ADDRESS in [reason.code for reason in caught.value.reasons]
    assert HistoryEntry.objects.filter(action="customer.address_refused").count() == 1
    assert "retourné le 06/11/2026, motif : " in words()[0]
    assert "(NPAI)" in words()[0]

    data = customers.CustomerData(
        name=customer.name, address="1 rue Neuve", city="Nantes"
    )
    customers.edit_customer(customer, data, by=None, now=NOW)

    assert Customer.objects.get().address_refused_on is None


def test_an_address_corrected_meanwhile_stays_usable() -> None:
    customer = make.customer(address="12 rue Neuve")
    made = letter(make.invoice(customer))

    done = hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    assert Customer.objects.get().address_refused_on is None
    assert "autre adresse" in done.effect


def test_a_contact_s_own_address_is_refused_and_corrected_apart() -> None:
    customer = make.customer()
    rault = make.contact(
        customer, name="Mme Rault", role="dunning", postcode="35000", city="Rennes"
    )
    made = letter(
        make.invoice(customer),
        recipient={"why": "dunning_contact", "address": ["X", "35000 RENNES"]},
    )
    returned = {"returned_on": date(2026, 11, 6), "return_reason": "npai"}

    done = hear(made, **returned)

    rault.refresh_from_db()
    assert rault.address_refused_on == date(2026, 11, 6)
    assert Customer.objects.get().address_refused_on is None
    assert "Mme Rault" in done.effect
    wish = Wish(invoice=Invoice.objects.get(), channel=Channel.LETTER)
    with pytest.raises(reminders.ReminderRefused) as caught:
        reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    assert Code.NO_ADDRESS in [reason.code for reason in caught.value.reasons]

    hear(made)
    rault.refresh_from_db()
    assert rault.address_refused_on is None

    hear(made, **returned)
    data = customers.ContactData(
        name="Mme Rault", role="dunning", address="1 quai Neuf", city="Rennes"
    )
    rault.refresh_from_db()
    customers.save_contact(customer, data, contact=rault, by=None, now=NOW)
    rault.refresh_from_db()
    assert rault.address_refused_on is None


def test_the_return_of_a_contact_s_letter_leaves_the_customer_s_address() -> None:
    customer = make.customer()
    Contact.objects.create(customer=customer, name="Mme Rault", city="Rennes")
    made = letter(
        make.invoice(customer),
        recipient={"why": "dunning_contact", "address": ["X", "35000 RENNES"]},
    )

    hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    assert Customer.objects.get().address_refused_on is None


def test_a_long_address_is_known_however_its_lines_were_cut() -> None:
    street = "Bâtiment C, escalier 4, troisième étage, porte gauche\nZone d’activité"
    customer = make.customer(address=street, country="BE", city="Bruxelles")
    invoice = make.invoice(customer)
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    made = reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)

    hear(made, posted_on=TODAY, returned_on=TODAY, return_reason="npai")

    assert Customer.objects.get().address_refused_on == TODAY


def test_a_return_recorded_by_mistake_is_taken_back_with_its_effect() -> None:
    made = letter()
    hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    done = hear(made)

    assert Customer.objects.get().address_refused_on is None
    assert "de nouveau utilisable" in done.effect
    assert HistoryEntry.objects.filter(action="customer.address_accepted").exists()


def test_another_return_keeps_the_address_refused() -> None:
    customer = make.customer()
    first, second = (letter(make.invoice(customer)) for _number in range(2))
    for made in (first, second):
        hear(made, returned_on=date(2026, 11, 6), return_reason="npai")
    assert HistoryEntry.objects.filter(action="customer.address_refused").count() == 1

    done = hear(first)

    assert done.effect == ""
    assert Customer.objects.get().address_refused_on == date(2026, 11, 6)


@pytest.mark.parametrize("reason", ["unclaimed", "refused"])
def test_a_notice_that_was_not_collected_stays_valid(reason: str) -> None:
    made = notice()

    done = hear(
        made,
        presented_on=date(2026, 11, 4),
        returned_on=date(2026, 11, 20),
        return_reason=reason,
    )

    assert "reste valable" in done.effect
    assert Customer.objects.get().address_refused_on is None
    # A plain reminder has nothing to stay valid.
    plain = letter()
    assert hear(plain, returned_on=POSTED, return_reason=reason).effect == ""


# --- what is claimed --------------------------------------------------------


def claimed(invoice: Invoice) -> Decimal:
    [claim] = claims_on([invoice], company(), today=TODAY).values()
    assert claim.total == claim.balance
    return claim.statement.penalties


def test_interest_of_a_consumer_runs_from_the_presentation() -> None:
    """Art. 1231-6 and 1344-1 C. civ.: from the formal notice on."""
    Rate.objects.create(
        kind=Rate.Kind.LEGAL, half_year="2026-S2", percent=Decimal("2.50"), source="x"
    )
    invoice = make.invoice(make.customer(regime="B2C"))
    made = notice(invoice)
    hear(made)
    assert claimed(invoice) == 0

    hear(made, presented_on=date(2026, 11, 4))
    first = claimed(invoice)
    assert first > 0

    hear(made, presented_on=date(2026, 11, 14))
    assert 0 < claimed(invoice) < first

    hear(made, presented_on=None)
    assert claimed(invoice) == 0

    hear(
        made,
        presented_on=date(2026, 11, 4),
        returned_on=date(2026, 11, 20),
        return_reason="unclaimed",
    )
    assert claimed(invoice) == first


@pytest.mark.parametrize("regime", list(Regime))
def test_the_sums_of_a_letter_add_up_to_what_it_claims(regime: Regime) -> None:
    Rate.objects.create(
        kind=Rate.Kind.LEGAL, half_year="2026-S2", percent=Decimal("2.50"), source="x"
    )
    invoice = make.invoice(make.customer(regime=regime.value))
    hear(notice(invoice), presented_on=date(2026, 11, 4))
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    fields = FieldValues(draft(wish, today=TODAY), number=1, letter_joined=False)
    [table] = fields.blocks()["tableau.sommes"]
    assert isinstance(table, TableBlock)

    def read(words: str) -> Decimal:
        return parse_amount(words.removesuffix("€").strip())

    rows = [read(amount) for _label, amount in table.rows]
    assert sum(rows) == read(table.total[1])
    assert read(fields.values()["total.exigible"]) == sum(rows)
    assert (len(rows) > 1) is (regime not in NO_PENALTIES)


def test_a_notice_to_a_wrong_address_starts_nothing() -> None:
    invoice = make.invoice(make.customer(regime="B2C"))

    hear(notice(invoice), returned_on=POSTED, return_reason="npai")

    assert claimed(invoice) == 0


# --- proofs -----------------------------------------------------------------


def test_proofs_are_kept_beside_the_letter(alice) -> None:
    made = notice()
    files = [
        proofs.checked(png(), "C:\\scans\\avis de réception.PNG"),
        proofs.checked(make_pdf(), "depot.pdf"),
    ]
    news = News(posted_on=POSTED)
    done = postings.record_news(made, news, files, by=alice, now=NOW)

    kept = [proof.document for proof in done.posting.proofs.all()]
    assert [(one.name, one.kind, one.media_type, one.pages) for one in kept] == [
        ("avis de réception.png", Document.Kind.PROOF, "image/png", 1),
        ("depot.pdf", Document.Kind.PROOF, "application/pdf", 1),
    ]
    assert documents.read(kept[0]) == png()
    assert words()[-1] == (
        f"Courrier {made.reference} : preuves conservées, "
        "avis de réception.png, depot.pdf."
    )
    assert PostingProof.objects.first().added_by == alice


def test_the_same_proof_again_adds_nothing() -> None:
    made = notice()
    prove(made, png(), "a.png")
    prove(made, png(), "b.png")

    assert PostingProof.objects.count() == 1
    assert words()[-1].endswith("preuve conservée, a.png.")


def test_what_is_no_scan_is_refused_and_nothing_kept() -> None:
    made = notice()

    with pytest.raises(
        Refused, match=r"virus\.exe ne peut pas être conservé"
    ) as caught:
        prove(made, b"MZ", "../../virus.exe")

    assert caught.value.field == "proofs"
    assert not PostingProof.objects.exists()
    assert not Document.objects.filter(kind="proof").exists()


def test_a_file_without_a_name_gets_one() -> None:
    assert proofs.checked(png(), "").name == "preuve.png"
    assert proofs.checked(png(), "x" * 400 + ".gif").name == "x" * 150 + ".png"


def make_pdf() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PDF")
    return out.getvalue()


def test_what_is_paid_is_left_unless_chosen_by_itself() -> None:
    good, paid = letter(), letter()
    for line in paid.lines.all():
        make.payment(line.invoice, str(line.invoice.balance))
    pks = [good.pk, paid.pk]

    marked = postings.mark_many_posted(
        pks, posted_on=POSTED, one_by_one=False, by=None, now=NOW
    )

    assert marked == postings.Marked(done=1, left=[], needless=[paid.reference])
    paid.refresh_from_db()
    assert paid.state == Reminder.State.MADE
    assert mark(paid) == postings.Marked(done=1, left=[])
