"""A run at work: each line becomes part of one reminder, or says why not."""

from __future__ import annotations

import io
import uuid
from datetime import date, datetime
from decimal import Decimal

import pypdf
import pytest

from relance.gateways import typesetter
from relance.models import (
    Channel,
    Document,
    Invoice,
    Level,
    OutboxMessage,
    Reminder,
    ReminderLine,
    Run,
    RunLine,
)
from relance.services import documents, invoices, payments, run_work
from relance.services.copies import invoice_copy
from relance.services.payments import PaymentData, Share
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours():
    return make.company()


def run_of(
    groups: list[list[Invoice]],
    *,
    channel: Channel = Channel.LETTER,
    level: int = 1,
    overrides: dict[str, str] | None = None,
) -> Run:
    """A run just approved, with these invoices, grouped."""
    run = Run.objects.create(
        number=1, request_key=uuid.uuid4(), approved_at=NOW, made_on=TODAY
    )
    position = 0
    for number, group in enumerate(groups):
        for invoice in group:
            RunLine.objects.create(
                run=run,
                position=position,
                group=number,
                invoice=invoice,
                customer=invoice.customer,
                level=Level.objects.get(rank=level),
                channel=channel,
                overrides=overrides or {},
            )
            position += 1
    return run


def work(run: Run, *, now: datetime = NOW, today: date = TODAY) -> None:
    while run_work.work(run.pk, now=now, today=today):
        pass


def states(run: Run) -> list[str]:
    return list(run.lines.values_list("state", flat=True))


def pages(document: Document) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(documents.read(document)))
    return [page.extract_text() for page in reader.pages]


def test_every_line_becomes_one_letter_with_its_invoice_behind():
    found = [make.invoice() for _ in range(3)]
    run = run_of([[invoice] for invoice in found])

    work(run)

    assert states(run) == ["made"] * 3
    for invoice in found:
        [line] = ReminderLine.objects.filter(invoice=invoice)
        assert line.run_line.run == run
        assert line.reminder.state == Reminder.State.MADE
        assert line.reminder.run == run
        letter, copy = pages(line.reminder.document)
        assert invoice.number in letter
        assert invoice.number in copy
    numbers = Reminder.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


def test_emails_of_a_run_wait_for_no_pause():
    run = run_of([[make.invoice()]], channel=Channel.EMAIL)

    work(run)

    message = OutboxMessage.objects.get()
    assert message.not_before == NOW
    assert message.attachments.count() == 1


def test_what_was_paid_meanwhile_is_left_out_and_the_rest_goes_on():
    paid, late = make.invoice(), make.invoice()
    run = run_of([[paid], [late]])
    make.payment(paid, "1200.00")

    work(run)

    assert states(run) == ["left_out", "made"]
    line = run.lines.get(invoice=paid)
    assert line.cause == "settled"
    assert line.why
    assert not ReminderLine.objects.filter(invoice=paid).exists()


def test_a_customer_without_email_is_set_apart():
    nobody = make.invoice(make.customer(email=""))
    run = run_of([[nobody], [make.invoice()]], channel=Channel.EMAIL)

    work(run)

    assert states(run) == ["set_apart", "made"]
    assert run.lines.get(invoice=nobody).cause == "no_email"


def test_an_invoice_whose_file_is_damaged_is_set_apart_and_raises_no_level():
    bad, good = make.invoice(), make.invoice()
    page = typesetter.invoice_pdf(invoice_copy(bad, make.Company.objects.get()))
    document = invoices.attach_pdf(bad, page, "bad.pdf", by=None, now=NOW)
    path = documents.storage().path(document.sha256)
    path.write_bytes(b"%PDF-1.7 damaged")
    run = run_of([[bad], [good]])

    work(run)

    assert states(run) == ["set_apart", "made"]
    line = run.lines.get(invoice=bad)
    assert line.cause == "page"
    assert line.reminder_line.reminder.state == Reminder.State.CANCELLED
    assert not Reminder.objects.reaching().filter(lines__invoice=bad).exists()


def test_a_stopped_run_makes_nothing():
    run = run_of([[make.invoice()]])
    Run.objects.filter(pk=run.pk).update(state=Run.State.STOPPED)

    assert not run_work.work(run.pk, now=NOW, today=TODAY)

    assert states(run) == ["waiting"]


def test_what_a_crash_left_half_made_is_made_once():
    invoice = make.invoice()
    run = run_of([[invoice]])
    # The worker dies between the claim and the record.
    [claimed] = run_work._claim(run.pk, now=NOW, today=TODAY)

    assert run_work.left_being_made(run.pk, older_than=NOW) == []
    later = NOW.replace(minute=40)
    left = run_work.left_being_made(run.pk, older_than=later)
    assert left == [claimed]
    run_work.make(run.pk, left, now=later, today=TODAY)
    run_work.make(run.pk, left, now=later, today=TODAY)
    work(run)

    assert states(run) == ["made"]
    assert Reminder.objects.count() == 1
    assert Document.objects.filter(kind=Document.Kind.LETTER).count() == 1


def test_invoices_of_one_customer_are_one_letter_with_every_copy_behind():
    owner = make.customer()
    first = make.invoice(owner)
    second = make.invoice(owner, total=Decimal("300.50"))
    run = run_of([[first, second]])

    work(run)

    reminder = Reminder.objects.get()
    assert [line.invoice for line in reminder.lines.all()] == [first, second]
    letter, *copies = pages(reminder.document)
    assert first.number in letter
    assert second.number in letter
    assert "1 500,50" in letter.replace("\u202f", " ").replace("\u00a0", " ")
    assert len(copies) == 2


def test_a_grouped_letter_loses_the_invoice_that_was_paid_meanwhile():
    owner = make.customer()
    paid, late, other = (make.invoice(owner) for _ in range(3))
    run = run_of([[paid, late, other]])
    make.payment(paid, "1200.00")

    work(run)

    assert states(run) == ["left_out", "made", "made"]
    assert [line.invoice for line in Reminder.objects.get().lines.all()] == [
        late,
        other,
    ]


def test_the_highest_level_speaks_and_all_reach_it():
    owner = make.customer()
    first, second = make.invoice(owner), make.invoice(owner)
    run = run_of([[first]])
    work(run)
    again = Run.objects.create(
        number=2, request_key=uuid.uuid4(), approved_at=NOW, made_on=TODAY
    )
    later = date(2026, 12, 15)
    for position, (invoice, rank) in enumerate([(first, 2), (second, 1)]):
        RunLine.objects.create(
            run=again,
            position=position,
            group=0,
            invoice=invoice,
            customer=owner,
            level=Level.objects.get(rank=rank),
            channel=Channel.LETTER,
        )

    work(again, today=later)

    reminder = Reminder.objects.get(run=again)
    assert reminder.level_rank == 2
    assert reminder.lines.count() == 2


def test_no_invoice_that_is_not_due_is_in_a_formal_notice():
    owner = make.customer()
    late = make.invoice(owner)
    early = make.invoice(owner, issued_on=TODAY, due_date=date(2026, 12, 31))
    why = {"level_above": "dernier rappel", "not_due": "tout ensemble"}
    run = run_of([[late, early]], level=3, channel=Channel.REGISTERED, overrides=why)

    work(run)

    assert states(run) == ["made", "left_out"]
    assert run.lines.get(invoice=early).cause == "not_due"


def test_what_the_customer_paid_without_saying_for_what_comes_off_the_sum():
    owner = make.customer()
    run = run_of(
        [[make.invoice(owner), make.invoice(owner)]],
        overrides={"unallocated": "vu avec le client"},
    )
    data = PaymentData(
        customer=owner, received_on=date(2026, 11, 20), amount=Decimal("400.00")
    )
    shares: list[Share] = []
    payments.record_payment(data, shares, key=uuid.uuid4(), by=None, now=NOW)

    work(run)

    letter = pages(Reminder.objects.get().document)[0]
    plain = letter.replace("\u202f", " ").replace("\u00a0", " ")
    assert "2 000,00" in plain
    assert "400,00" in plain


@pytest.mark.parametrize("chunk", [100, 1])
def test_a_credit_comes_off_one_letter_only(chunk, monkeypatch):
    monkeypatch.setattr(run_work, "CHUNK", chunk)
    owner = make.customer()
    make.payment(of=owner, amount="100.00")
    run = run_of(
        [[make.invoice(owner) for _ in range(2)] for _ in range(2)],
        overrides={"unallocated": "vu avec le client"},
    )

    work(run)

    asked = [made.amounts["balance"] for made in Reminder.objects.order_by("number")]
    assert asked == ["2300.00", "2400.00"]


@pytest.mark.parametrize("loser", [0, 1])
def test_a_credit_comes_off_one_letter_when_another_loses_an_invoice(loser):
    owner = make.customer()
    letters = [[make.invoice(owner) for _ in range(3)] for _ in range(2)]
    run = run_of(letters, overrides={"unallocated": "vu avec le client"})
    make.payment(of=owner, amount="100.00")
    make.payment(letters[loser][0], "1200.00")

    work(run)

    asked = [made.amounts["balance"] for made in Reminder.objects.order_by("number")]
    assert asked == (["2300.00", "3600.00"] if loser == 0 else ["3500.00", "2400.00"])


def test_the_credit_of_a_letter_that_is_left_out_comes_off_another():
    owner = make.customer()
    letters = [[make.invoice(owner) for _ in range(2)] for _ in range(2)]
    run = run_of(letters, overrides={"unallocated": "vu avec le client"})
    make.payment(of=owner, amount="100.00")
    for invoice in letters[0]:
        make.payment(invoice, "1200.00")

    work(run)

    assert Reminder.objects.get().amounts["balance"] == "2300.00"


@pytest.mark.parametrize(
    ("state", "asked"),
    [("failed", "2300.00"), ("cancelled", "2300.00"), ("uncertain", "2400.00")],
)
def test_a_credit_comes_off_again_where_the_e_mail_did_not_leave(state, asked):
    owner = make.customer()
    make.payment(of=owner, amount="100.00")
    amounts = {"credits": "100.00"}
    make.reminder(make.invoice(owner), channel="email", state=state, amounts=amounts)
    run = run_of(
        [[make.invoice(owner) for _ in range(2)]],
        overrides={"unallocated": "vu avec le client"},
    )

    work(run)

    assert Reminder.objects.get(run=run).amounts["balance"] == asked


def test_nothing_is_asked_when_credits_cover_all():
    owner = make.customer()
    run = run_of(
        [[make.invoice(owner), make.invoice(owner)]],
        overrides={"unallocated": "vu avec le client"},
    )
    make.payment(of=owner, amount="2400.00")

    work(run)

    assert states(run) == ["left_out", "left_out"]
    assert not Reminder.objects.exists()


def test_a_disk_that_keeps_nothing_leaves_all_to_be_made_later(settings, tmp_path):
    run = run_of([[make.invoice()]])
    kept = settings.DATA
    settings.DATA = tmp_path
    (tmp_path / "documents").write_bytes(b"")  # where a folder was expected

    with pytest.raises(OSError, match="documents"):
        run_work.work(run.pk, now=NOW, today=TODAY)
    run.refresh_from_db()
    assert "disque" in run.trouble
    assert states(run) == ["waiting"]

    settings.DATA = kept
    left = run_work.left_being_made(run.pk, older_than=NOW.replace(minute=59))
    run_work.make(run.pk, left, now=NOW, today=TODAY)
    run.refresh_from_db()
    assert run.trouble == ""
    assert states(run) == ["made"]
