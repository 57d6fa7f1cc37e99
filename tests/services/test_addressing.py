"""To whom a formal notice speaks, by post and by e-mail."""

from __future__ import annotations

import io
import uuid

import pytest
from pypdf import PdfReader

from relance.models import Channel, Customer, Document, Level, Reminder
from relance.rules.escalation import Code
from relance.services import reminders
from relance.services.documents import read
from relance.services.drafts import Wish
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def notice(customer: Customer, channel: Channel) -> Reminder:
    wish = Wish(
        invoice=make.invoice(customer),
        channel=channel,
        level=Level.objects.get(rank=3),
        overrides={Code.LEVEL_ABOVE: "dernier délai"},
    )
    return reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)


def first_page(document: Document | None) -> str:
    assert document is not None
    return PdfReader(io.BytesIO(read(document))).pages[0].extract_text()


@pytest.mark.parametrize("channel", [Channel.REGISTERED, Channel.EMAIL])
def test_a_company_is_named_exactly_with_its_seat(channel: Channel) -> None:
    make.company()
    customer = make.customer(name="Garage du Pont", legal_form="SAS")
    page = first_page(notice(customer, channel).document)
    for words in (
        "Garage du Pont SAS",
        "À l’attention du représentant légal",
        "4 quai de la Fosse",
        "44000 NANTES",
    ):
        assert words in page


def test_a_private_person_has_no_registered_office() -> None:
    make.company(mediator_name="M. Dupuis", mediator_contact="mediation.example")
    customer = make.customer(name="Inès Moreau", legal_form="", regime="B2C")
    made = notice(customer, Channel.REGISTERED)
    assert made.recipient["why"] == "customer"
    assert "représentant" not in first_page(made.document)
