"""The dry run: a file with all that the button would make, and nothing made."""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.utils import timezone

from relance.models import Document, OutboxMessage, Proposal, Reminder, User
from relance.services import dry_run
from tests import make
from tests.web._proposals import URL, late, noticed, row_of, text

pytestmark = pytest.mark.django_db

FILE = f"{URL}apercu.zip"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def unpacked(response: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_letters_and_emails_are_shown_and_nothing_is_made(claire: Client) -> None:
    by_post = late(make.customer(name="=Garage", preferred_channel="letter"))
    by_email = late(make.customer(email="compta@client.example"))
    documents = Document.objects.count()

    response = claire.get(FILE)

    assert ".zip" in response["Content-Disposition"]
    files = unpacked(response)
    [letters] = [data for name, data in files.items() if name.endswith(".pdf")]
    [message] = [data for name, data in files.items() if name.endswith(".eml")]
    [table] = [data for name, data in files.items() if name.endswith(".csv")]
    with pikepdf.open(io.BytesIO(letters)) as pdf:
        assert len(pdf.pages) == 2
    read = email.message_from_bytes(message, policy=email.policy.default)
    assert read["To"] == "compta@client.example"
    assert read["Subject"].startswith("[")
    assert [part.get_filename() for part in read.iter_attachments()]
    lines = table.decode().splitlines()
    assert by_post.number in lines[1] + lines[2]
    assert by_email.number in lines[1] + lines[2]
    assert "'=Garage" in table.decode()
    assert Document.objects.count() == documents
    assert not Reminder.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert row_of(by_post).channel == "letter"


def test_each_page_is_crossed(claire: Client) -> None:
    noticed()
    [letters] = [
        data for name, data in unpacked(claire.get(FILE)).items() if "pdf" in name
    ]
    with pikepdf.open(io.BytesIO(letters)) as pdf:
        assert len(pdf.pages) >= 3
        for page in pdf.pages:
            assert page.obj.Contents.read_bytes().count(b" Do") >= 1


def test_a_file_that_is_gone_says_so_and_the_rest_goes_on(claire: Client) -> None:
    customer = make.customer(preferred_channel="letter")
    whole, broken = late(customer), late(customer)
    claire.post(f"{URL}regrouper/", {})
    broken.document = Document.objects.create(
        sha256="0" * 64,
        kind=Document.Kind.INVOICE,
        size=10,
        pages=1,
        created_at=make.NOW,
    )
    broken.save()
    files = unpacked(claire.get(FILE))
    [letters] = [data for name, data in files.items() if name.endswith(".pdf")]
    with pikepdf.open(io.BytesIO(letters)) as pdf:
        assert len(pdf.pages) == 2
    [table] = [data for name, data in files.items() if name.endswith(".csv")]
    lines = {line.split(";")[1]: line for line in table.decode().splitlines()}
    assert lines[whole.number].endswith(";")
    assert not lines[broken.number].endswith(";")


def test_a_group_is_one_letter(claire: Client) -> None:
    customer = make.customer(preferred_channel="letter")
    late(customer)
    late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    [letters] = [
        data for name, data in unpacked(claire.get(FILE)).items() if "pdf" in name
    ]
    with pikepdf.open(io.BytesIO(letters)) as pdf:
        assert len(pdf.pages) == 3


def test_a_group_says_the_level_that_speaks_for_it(claire: Client) -> None:
    customer = make.customer(preferred_channel="letter")
    reminded, new = late(customer), late(customer)
    make.reminder(reminded, made_on=timezone.localdate() - timedelta(days=30))
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    claire.get(URL)
    files = unpacked(claire.get(FILE))
    [table] = [data for name, data in files.items() if name.endswith(".csv")]
    lines = {line.split(";")[1]: line for line in table.decode().splitlines()}
    assert lines[reminded.number].split(";")[5] == "Rappel"
    level = lines[new.number].split(";")[5].replace("\u00a0", " ")
    assert level == "Relance simple, dans une relance groupée « Rappel »"


def test_past_the_most_lines_the_file_says_how_many_are_left(
    claire: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "MOST", 2)
    for _index in range(3):
        late()
    files = unpacked(claire.get(FILE))
    assert len([name for name in files if name.endswith(".eml")]) == 2
    [table] = [data for name, data in files.items() if name.endswith(".csv")]
    assert "1" in table.decode().splitlines()[-1]


def test_with_nothing_ticked_there_is_nothing_to_show(claire: Client) -> None:
    response = claire.get(FILE, follow=True)
    assert response.redirect_chain[0][0] == URL
    assert 'class="notice toast bad"' in text(response)
    assert not Proposal.objects.exists()
