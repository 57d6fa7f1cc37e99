"""Whatever a customer is called: words on paper and in e-mails, never anything more."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from relance.gateways.typesetter import letters_pdf
from relance.models import Channel, Level
from relance.services.contents import content_of
from relance.services.drafts import Wish, draft
from tests import make
from tests.gateways.test_any_words import off_the_sheet, words
from tests.gateways.test_typesetter import in_window
from tests.make import TODAY

pytestmark = pytest.mark.django_db
FIELDS = re.compile(r"\{[a-z_]+(\.[a-z_]+)?\}|\[\[")


def written(invoice, *, rank: int, channel: Channel, name: str):
    invoice.customer.name = name
    level = Level.objects.get(rank=rank)
    wish = Wish(invoice=invoice, channel=channel, level=level)
    return content_of(draft(wish, today=TODAY), number=7)


def shape(blocks) -> list[object]:
    """Return what a body is made of, without its words."""
    return [
        (
            block["kind"],
            [
                (span["bold"], span["italic"], span["href"])
                for span in block.get("spans", ())
                if span["text"] != "\n"
            ],
            [len(row) for row in block.get("rows", ())],
        )
        for block in blocks
    ]


def tags(text: str) -> list[object]:
    return [
        (one.tag, sorted(one.attrib.items()))
        for one in html.fromstring(text).iter()
        if one.tag != "br"
    ]


@pytest.mark.parametrize("language", ["fr", "en"])
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=words.filter(lambda name: name.strip("\x00 \r\n\t")),
    rank=st.sampled_from([1, 2, 3]),
)
def test_a_name_is_only_a_name(language, name, rank):
    make.Company.objects.all().delete()
    make.Signatory.objects.all().delete()
    make.company()
    owner = make.customer(language=language, email="x@example.com")
    invoice = make.invoice(owner)
    plain = written(invoice, rank=rank, channel=Channel.REGISTERED, name="Zed")
    named = written(invoice, rank=rank, channel=Channel.REGISTERED, name=name)
    assert shape(named.letter.body) == shape(plain.letter.body)
    if not FIELDS.search(name):
        assert not FIELDS.search(named.plain + named.subject)
    [made] = letters_pdf([named.letter])
    assert off_the_sheet(made) == []
    assert len(in_window(made)) > 5

    message = written(invoice, rank=rank, channel=Channel.EMAIL, name=name)
    other = written(invoice, rank=rank, channel=Channel.EMAIL, name="Zed")
    assert tags(message.html) == tags(other.html)
    assert "\n" not in message.subject
    assert "\r" not in message.subject
