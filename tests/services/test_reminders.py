"""Reminders made for real: rows, files, words, and each way of being refused."""

from __future__ import annotations

import io
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pypdf
import pytest

from relance.models import (
    Channel,
    Company,
    HistoryEntry,
    Invoice,
    Level,
    OutboxMessage,
    Rate,
    Reminder,
    Signatory,
    Text,
    User,
)
from relance.rules.escalation import Code
from relance.services import documents, postings, reminders
from relance.services.drafts import Wish
from relance.services.refusal import Refused
from relance.services.reminders import Note, ReminderRefused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def remind(
    invoice: Invoice,
    channel: Channel = Channel.LETTER,
    *,
    rank: int | None = None,
    today: date = TODAY,
    by: User | None = None,
    key: uuid.UUID | None = None,
    overrides: dict[Code, str] | None = None,
) -> Reminder:
    level = Level.objects.get(rank=rank) if rank else None
    wish = Wish(
        invoice=invoice, channel=channel, level=level, overrides=overrides or {}
    )
    return reminders.remind(wish, key=key or uuid.uuid4(), by=by, now=NOW, today=today)


def pages_of(reminder: Reminder) -> list[str]:
    assert reminder.document is not None
    reader = pypdf.PdfReader(io.BytesIO(documents.read(reminder.document)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def refused_codes(caught: pytest.ExceptionInfo[ReminderRefused]) -> list[Code]:
    return [reason.code for reason in caught.value.reasons]


def test_a_letter_is_made_with_its_stamped_invoice_behind() -> None:
    alice = make.user()
    invoice = make.invoice(number="FA-42", total=Decimal("1200.00"))

    reminder = remind(invoice, by=alice)

    assert (reminder.state, reminder.level_name) == ("made", "Relance simple")
    assert (reminder.made_by, reminder.made_on) == (alice, TODAY)
    assert reminder.next_on == TODAY + timedelta(days=15)
    letter, copy = pages_of(reminder)
    assert "FA-42" in letter
    assert "1 200,00 €" in letter.replace("\u00a0", " ")
    assert "4 quai de la Fosse" in letter
    assert "RAPPEL" in copy
    assert "Copie" in copy or "COPIE" in copy
    line = reminder.lines.get()
    assert (line.invoice, line.balance) == (invoice, Decimal("1200.00"))
    entry = HistoryEntry.objects.get(action="reminder.made")
    assert (entry.invoice, entry.reminder, entry.user) == (invoice, reminder, alice)


def test_an_email_waits_in_the_outbox_with_the_invoice_attached() -> None:
    invoice = make.invoice(make.customer(email="compta@client.example"))

    reminder = remind(invoice, Channel.EMAIL)

    assert reminder.state == "queued"
    message = OutboxMessage.objects.get()
    assert (message.reminder, message.recipient) == (reminder, "compta@client.example")
    assert message.not_before == NOW + timedelta(seconds=60)
    [attachment] = message.attachments.all()
    assert attachment.filename == f"Facture_{invoice.number}_copie.pdf"
    assert invoice.number in message.text
    assert "{" not in message.text + message.html + message.subject


def test_levels_follow_each_other_and_the_notice_has_everything() -> None:
    invoice = make.invoice(number="FA-7", total=Decimal("8940.00"))
    make.payment(invoice, "3500.00", received_on=date(2026, 10, 28))

    first = remind(invoice, today=date(2026, 10, 29))
    second = remind(invoice, today=date(2026, 11, 13))
    third = remind(invoice, Channel.REGISTERED, today=date(2026, 11, 28))

    assert [r.level_rank for r in (first, second, third)] == [1, 2, 3]
    assert [r.stamp for r in (first, second, third)] == [
        "Rappel",
        "Rappel",
        "Mise en demeure",
    ]
    letter = pages_of(third)[0].replace("\u00a0", " ")
    assert "LETTRE RECOMMANDÉE AVEC AVIS DE RÉCEPTION" in letter
    assert "nous vous mettons en demeure" in letter
    assert "À l’attention du représentant légal" in letter
    assert "article 1344" in letter
    assert "R.C.S. Lyon" in letter
    # 27 days on 8 940.00 then 31 days on 5 440.00, at 12.40 %.
    assert third.amounts["penalties"] == "139.29"
    assert "139,29 €" in letter
    assert "40,00 €" in letter
    statement = pages_of(third)[1]
    assert "Décompte des pénalités de retard" in statement
    assert "MISE EN DEMEURE" in pages_of(third)[-1]


def test_a_level_counts_once_it_is_made_and_not_when_cancelled() -> None:
    invoice = make.invoice()
    first = remind(invoice)
    reminders.cancel_letter(first, "mauvaise adresse", by=None, now=NOW)

    again = remind(invoice)

    assert again.level_rank == 1
    assert Reminder.objects.get(pk=first.pk).cancel_reason == "mauvaise adresse"


def test_the_same_key_makes_one_reminder() -> None:
    invoice, key = make.invoice(), uuid.uuid4()

    first, second = remind(invoice, key=key), remind(invoice, key=key)

    assert first == second
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda i: make.payment(i, "1200.00"), Code.SETTLED),
        (lambda i: make.hold(i), Code.DISPUTE),
        (lambda i: make.hold(i.customer, "promise", date(2026, 12, 1)), Code.PROMISE),
        (lambda i: make.hold(i.customer, "insolvency"), Code.INSOLVENCY),
        (lambda i: make.payment(of=i.customer), Code.UNALLOCATED),
        (lambda i: remind(i, Channel.EMAIL), Code.UNDER_WAY),
    ],
)
def test_what_stands_against_a_reminder_creates_nothing(prepare, code) -> None:
    invoice = make.invoice()
    prepare(invoice)
    before = Reminder.objects.count(), HistoryEntry.objects.count()

    with pytest.raises(ReminderRefused) as caught:
        remind(invoice)

    assert code in refused_codes(caught)
    assert caught.value.message
    assert (Reminder.objects.count(), HistoryEntry.objects.count()) == before


def test_without_an_email_address_nothing_is_created() -> None:
    invoice = make.invoice(make.customer(email=""))

    with pytest.raises(ReminderRefused, match="Aucune adresse e-mail") as caught:
        remind(invoice, Channel.EMAIL)

    assert refused_codes(caught) == [Code.NO_EMAIL]
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("values", [{"city": ""}, {"address_refused_on": TODAY}])
def test_without_a_usable_address_no_letter_is_made(values) -> None:
    with pytest.raises(ReminderRefused) as caught:
        remind(make.invoice(make.customer(**values)))
    assert refused_codes(caught) == [Code.NO_ADDRESS]


def test_a_soft_reason_is_overridden_with_a_reason_that_is_kept() -> None:
    invoice = make.invoice()
    make.payment(of=invoice.customer)

    reminder = remind(invoice, overrides={Code.UNALLOCATED: "déjà vu avec eux"})

    kept = {"code": "unallocated", "why": "déjà vu avec eux", "invoice": invoice.pk}
    assert reminder.overrides == [kept]


def test_an_override_without_a_reason_is_refused() -> None:
    invoice = make.invoice()
    make.payment(of=invoice.customer)
    with pytest.raises(Refused, match="pourquoi"):
        remind(invoice, overrides={Code.UNALLOCATED: "  "})
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("role", "allowed"), [("relance", False), ("administration", True)]
)
def test_only_an_administrator_breaks_a_promise(role: str, allowed: bool) -> None:
    invoice = make.invoice()
    make.hold(invoice, "promise", date(2026, 12, 1))
    by, why = make.user(role=role), {Code.PROMISE: "promesse non tenue"}
    if allowed:
        assert remind(invoice, by=by, overrides=why).state == "made"
    else:
        with pytest.raises(Refused, match="administrateur"):
            remind(invoice, by=by, overrides=why)


def test_a_hard_reason_cannot_be_overridden() -> None:
    invoice = make.invoice()
    make.payment(invoice, "1200.00")
    with pytest.raises(ReminderRefused):
        remind(invoice, overrides={Code.SETTLED: "si"})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("iban", "votre IBAN"),
        ("siren", "SIREN"),
        ("city", "ville"),
    ],
)
def test_a_formal_notice_without_an_element_is_refused(field: str, words: str) -> None:
    Company.objects.update(**{field: ""})
    invoice = make.invoice()
    with pytest.raises(ReminderRefused, match=words) as caught:
        remind(invoice, rank=3, overrides={Code.LEVEL_ABOVE: "urgent"})
    assert Code.ELEMENT_MISSING in refused_codes(caught)


def test_a_formal_notice_that_nobody_signs_is_refused() -> None:
    Signatory.objects.all().delete()
    with pytest.raises(ReminderRefused, match="signataire") as caught:
        remind(make.invoice(), rank=3, overrides={Code.LEVEL_ABOVE: "urgent"})
    assert Code.ELEMENT_MISSING in refused_codes(caught)


def test_a_missing_rate_stops_what_needs_it_and_says_which() -> None:
    Rate.objects.filter(kind="ECB", half_year="2026-S2").delete()
    invoice = make.invoice()
    assert remind(invoice, today=date(2026, 11, 1)).level_rank == 1
    with pytest.raises(ReminderRefused, match="2e semestre 2026") as caught:
        remind(invoice)
    assert refused_codes(caught) == [Code.RATE_MISSING]


def test_a_missing_text_is_refused_by_name() -> None:
    Text.objects.filter(level__rank=1).update(current=False)
    with pytest.raises(ReminderRefused) as caught:
        remind(make.invoice())
    assert refused_codes(caught) == [Code.TEXT_MISSING]


@pytest.mark.parametrize("regime", ["B2C", "NON_PRO"])
def test_a_consumer_never_reads_penalties_or_the_40_euros(regime: str) -> None:
    invoice = make.invoice(make.customer(regime=regime))
    remind(invoice, today=date(2026, 10, 29))
    remind(invoice, today=date(2026, 11, 13))
    notice = remind(invoice, Channel.REGISTERED, today=date(2026, 11, 30))
    words = " ".join(pages_of(notice)).replace("\u00a0", " ")
    assert "mettons en demeure" in words
    assert "40,00 €" not in words
    assert "énalités" not in words
    assert notice.amounts["total"] == "1200.00"


def test_a_public_body_is_never_threatened_with_an_injunction() -> None:
    invoice = make.invoice(make.customer(regime="PUBLIC"))
    notice = remind(
        invoice, Channel.REGISTERED, rank=3, overrides={Code.LEVEL_ABOVE: "urgent"}
    )
    words = " ".join(pages_of(notice))
    assert "injonction" not in words
    assert "mandatement d’office" in words


def test_an_english_customer_reads_english() -> None:
    reminder = remind(make.invoice(make.customer(language="en", country="GB")))
    words = pages_of(reminder)[0]
    assert "Dear Sir or Madam" in words
    assert "ROYAUME-UNI" in words  # the post office that reads it is French


def test_a_formal_notice_by_email_carries_its_letter() -> None:
    invoice = make.invoice()
    remind(invoice, Channel.EMAIL, rank=3, overrides={Code.LEVEL_ABOVE: "urgent"})
    message = OutboxMessage.objects.get()
    names = [attachment.filename for attachment in message.attachments.all()]
    assert names == [
        "R-00001_Mise-en-demeure.pdf",
        f"Facture_{invoice.number}_copie.pdf",
    ]


def test_a_damaged_pdf_is_replaced_by_a_copy_and_it_is_said() -> None:
    invoice = make.invoice()
    damaged = documents.keep(
        documents.NewFile(data=b"%PDF-1.7 not really", kind="invoice", name="x.pdf"),
        now=NOW,
    )
    Invoice.objects.update(document=damaged)
    invoice.refresh_from_db()

    reminder = remind(invoice)

    [remark] = reminder.content["remarks"]
    assert invoice.number in remark
    assert len(pages_of(reminder)) == 2
    assert remark in HistoryEntry.objects.get(action="reminder.made").words


def test_a_note_raises_no_level_and_leaves_nothing() -> None:
    invoice = make.invoice()
    note = Note(text="Ai appelé la comptable.", next_on=TODAY)
    key = uuid.uuid4()
    made = reminders.take_note(invoice, note, key=key, by=None, now=NOW, today=TODAY)
    same = reminders.take_note(invoice, note, key=key, by=None, now=NOW, today=TODAY)

    assert made == same
    assert (made.channel, made.level, made.document) == ("none", None, None)
    assert remind(invoice).level_rank == 1
    with pytest.raises(Refused):
        reminders.take_note(
            invoice, Note(text=" "), key=uuid.uuid4(), by=None, now=NOW, today=TODAY
        )


@pytest.mark.parametrize(("days", "kept"), [(366, True), (367, False), (36_500, False)])
def test_a_slip_in_the_year_silences_no_invoice(days: int, kept: bool) -> None:
    note = Note(text="Rappeler", next_on=TODAY + timedelta(days=days))
    if kept:
        made = reminders.take_note(
            make.invoice(), note, key=uuid.uuid4(), by=None, now=NOW, today=TODAY
        )
        assert made.next_on == note.next_on
        return
    with pytest.raises(Refused, match="année") as caught:
        reminders.take_note(
            make.invoice(), note, key=uuid.uuid4(), by=None, now=NOW, today=TODAY
        )
    assert caught.value.field == "next_on"
    assert not Reminder.objects.exists()


def test_a_posted_letter_can_no_longer_be_cancelled() -> None:
    reminder = remind(make.invoice())
    posting = postings.mark_posted(
        reminder,
        posted_on=TODAY,
        by=None,
        now=NOW,
        registered_number=" 1A 123 456 7890 1 ",
    )
    assert posting.registered_number == "1A12345678901"
    assert Reminder.objects.get().state == "posted"
    with pytest.raises(Refused, match="partie"):
        reminders.cancel_letter(reminder, "trop tard", by=None, now=NOW)
    with pytest.raises(Refused):
        postings.mark_posted(reminder, posted_on=TODAY, by=None, now=NOW)


def test_posting_before_it_was_made_and_cancelling_without_reason_are_refused() -> None:
    reminder = remind(make.invoice())
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(Refused):
        postings.mark_posted(reminder, posted_on=yesterday, by=None, now=NOW)
    with pytest.raises(Refused):
        reminders.cancel_letter(reminder, " ", by=None, now=NOW)
    assert Reminder.objects.get().state == "made"


@pytest.mark.parametrize(
    "name",
    ["<b>*Gras*</b> #let x", "株式会社テスト", "😀 Émoji", "a\x07b\u202ec", "שלום"],
)
def test_any_name_is_only_a_name(name: str) -> None:
    reminder = remind(make.invoice(make.customer(name=name)))
    assert reminder.state == "made"
    assert len(pages_of(reminder)) == 2
