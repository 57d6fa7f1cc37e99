"""What a colleague chooses reaches a page left open."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from relance.models import Channel, User
from relance.services import proposals
from relance.services.proposals import Choice
from tests import make
from tests.web._proposals import URL, choose, late, line, row_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_what_a_colleague_chooses_reaches_a_page_left_open(
    claire: Client, dora: User
) -> None:
    ours, theirs, opened = late(), late(), late()
    page = claire.get(URL, {"which": "unpaid"})
    [watch] = re.findall(r'<div id="colleagues".*?</div>', text(page))
    asked = json.loads(re.findall(r"hx-vals='(.*?)'", watch)[0])
    news = f"{URL}nouvelles/"
    asked["which"] = "unpaid"

    choose(claire, ours, channel="letter")
    assert claire.get(news, asked, headers={"HX-Request": "true"}).status_code == 204

    for invoice in (theirs, opened):
        choice = Choice(channel=Channel.LETTER)
        proposals.choose(
            row_of(invoice).pk,
            choice,
            by=dora,
            now=timezone.now(),
            today=timezone.localdate(),
        )
    asked[f"open-{row_of(opened).pk}"] = "1"
    answer = claire.get(news, asked, headers={"HX-Request": "true"})
    assert dora.get_short_name() in line(answer, theirs)
    assert "since" not in line(answer, theirs)
    assert 'hx-swap-oob="true"' in line(answer, theirs)
    assert f'id="row-{row_of(ours).pk}"' not in text(answer)
    # Something may be being typed on an open line.
    assert f'id="row-{row_of(opened).pk}"' not in text(answer)
    assert "Lancer 3 relances" in text(answer)
    [watch] = re.findall(r'<div id="colleagues".*?</div>', text(answer))
    again = asked | json.loads(re.findall(r"hx-vals='(.*?)'", watch)[0])
    assert claire.get(news, again, headers={"HX-Request": "true"}).status_code == 204


@pytest.mark.parametrize("since", ["", "hier", "2026-13-45T00:00", "2026-01-01T00:00"])
def test_news_since_nonsense_are_none(claire: Client, since: str) -> None:
    late()
    asked = {"since": since, "rows": "1,x,,99999999999999999999"}
    answer = claire.get(f"{URL}nouvelles/", asked, headers={"HX-Request": "true"})
    assert answer.status_code == 204
