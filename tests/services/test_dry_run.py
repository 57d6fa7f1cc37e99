"""What would be made: the same groups as the run's, each trouble said, none shared."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import io
from typing import Any

import pikepdf
import pytest

from relance.models import Company, Customer, Invoice, Level, Proposal
from relance.services import dry_run, holds, proposals
from relance.services.dry_run import Planned
from relance.services.holds import HoldData
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def rows(*invoices: Invoice, **chosen: Any) -> list[Proposal]:
    proposals.refresh(today=TODAY)
    found = Proposal.objects.filter(invoice__in=invoices)
    if chosen:
        found.update(chosen_at=NOW, **chosen)
    return list(
        found.order_by("pk").select_related(
            "invoice__customer",
            "invoice__document",
            "customer",
            "level",
            "chosen_level",
        )
    )


def planned(found: list[Proposal], *, grouped: bool = False) -> list[Planned]:
    reminders = dry_run.planned(found, grouped=grouped, today=TODAY)
    dry_run.compose(reminders)
    return reminders


def messages(found: list[Planned]) -> list[Any]:
    return [
        email.message_from_bytes(data, policy=email.policy.default)
        for _name, data in dry_run.messages(found, now=NOW)
    ]


@pytest.mark.parametrize(
    ("values", "channel"),
    [
        ({"preferred_channel": "letter"}, "letter"),
        ({"preferred_channel": "email"}, "email"),
        ({}, "email"),
        ({"email": ""}, "letter"),
        ({"preferred_channel": "letter", "city": ""}, "email"),
        ({"email": "", "city": ""}, "email"),
    ],
)
def test_an_unticked_row_is_taken_as_the_customer_prefers(
    values: dict[str, str], channel: str
) -> None:
    invoice = make.invoice(make.customer(**values))
    [one] = planned(rows(invoice, channel=""))
    assert one.draft.wish.channel == channel


def test_an_unticked_formal_notice_is_registered() -> None:
    level = Level.objects.get(kind="formal_notice")
    [one] = planned(rows(make.invoice(), channel="", chosen_level=level))
    assert one.draft.wish.channel == "registered"


def test_invoices_of_a_customer_are_one_reminder_when_grouped() -> None:
    customer = make.customer()
    found = rows(make.invoice(customer), make.invoice(customer), channel="letter")
    assert len(planned(found, grouped=True)) == 1
    assert len(planned(found, grouped=False)) == 2


def test_what_stands_against_it_leaves_it_out_with_its_reason() -> None:
    invoice = make.invoice()
    found = rows(invoice, channel="letter")
    data = HoldData(reason="dispute", starts_on=TODAY)
    holds.hold(invoice, data, by=None, now=NOW)
    [one] = planned(found)
    assert one.trouble
    out = io.BytesIO()
    assert not dry_run.write_letters([one], out, name="letters.pdf")
    assert one.file == ""


def test_a_page_that_cannot_be_set_says_why_and_the_others_are_shown() -> None:
    found = planned(rows(make.invoice(), make.invoice(), channel="letter"))
    bad, good = found
    assert bad.content is not None
    assert bad.content.letter is not None
    letter = dataclasses.replace(bad.content.letter, body=({"kind": "paragraph"},))
    bad.content = dataclasses.replace(bad.content, letter=letter)
    out = io.BytesIO()
    assert dry_run.write_letters(found, out, name="letters.pdf")
    assert bad.trouble
    assert (bad.file, good.file, good.trouble) == ("", "letters.pdf", "")
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 2


def test_an_impossible_address_says_so_and_the_others_are_shown() -> None:
    customer = make.customer()
    found = rows(make.invoice(customer), make.invoice(), channel="email")
    Customer.objects.filter(pk=customer.pk).update(email="compta chez eux")
    found = rows(*[row.invoice for row in found])
    reminders = planned(found)
    assert len(messages(reminders)) == 1
    assert reminders[0].trouble
    assert reminders[0].file == ""
    assert reminders[1].file.endswith(".eml")


def test_a_formal_notice_by_email_carries_its_letter_marked() -> None:
    level = Level.objects.get(kind="formal_notice")
    found = rows(
        make.invoice(),
        channel="email",
        chosen_level=level,
        overrides={"level_above": "asked"},
    )
    Company.objects.update(attach_stamped_copy=True)
    make.mail_account()
    [message] = messages(planned(found))
    assert "comptabilite@ateliers-vauban.example" in message["From"]
    files = {part.get_filename(): part for part in message.iter_attachments()}
    assert len(files) == 2
    assert all(part.get_content_type() == "application/pdf" for part in files.values())


def test_a_letter_by_email_that_cannot_be_set_says_why() -> None:
    level = Level.objects.get(kind="formal_notice")
    [one] = planned(
        rows(
            make.invoice(),
            channel="email",
            chosen_level=level,
            overrides={"level_above": "asked"},
        )
    )
    assert one.content is not None
    assert one.content.letter is not None
    letter = dataclasses.replace(one.content.letter, body=({"kind": "paragraph"},))
    one.content = dataclasses.replace(one.content, letter=letter)
    assert messages([one]) == []
    assert one.trouble


def test_a_customer_without_a_procedure_is_passed_over() -> None:
    found = rows(make.invoice(), channel="letter")
    Level.objects.update(active=False)
    assert planned(found) == []
