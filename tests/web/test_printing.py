"""The print room on screen, for each role: the file, its options, the window test."""

from __future__ import annotations

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from relance.models import Channel, Run, User
from relance.services import printing, reminders
from relance.services.drafts import Wish
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(db: None) -> Run:
    """Three letters and a registered one, made for real, and their print file."""
    make.company()
    channels = [Channel.LETTER] * 3 + [Channel.REGISTERED]
    made = [
        reminders.remind(
            Wish(
                invoice=make.invoice(make.customer(name=f"Client {number}")),
                channel=channel,
            ),
            key=uuid.uuid4(),
            by=None,
            now=NOW,
            today=TODAY,
        )
        for number, channel in enumerate(channels, start=1)
    ]
    run = make.run_of(*made, number=12)
    printing.build_print_file(run.pk, now=NOW)
    run.refresh_from_db()
    return run


def get(client: Client, name: str, *args: object, **query: str) -> Any:
    return client.get(reverse(name, args=args), query)


def pages(response: Any) -> list[str]:
    data = io.BytesIO(b"".join(response.streaming_content))
    return [page.extract_text() for page in pypdf.PdfReader(data, strict=True).pages]


def test_the_print_file_opens_in_the_browser(
    client: Client, bob: User, run: Run
) -> None:
    client.force_login(bob)
    response = get(client, "run-print", run.pk)

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        'inline; filename="Relances_RM-0012_2026-11-24.pdf"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    cover, *letters = pages(response)
    assert "RM-0012" in cover
    assert len(letters) == 6


def test_a_letter_paid_since_is_told_beside_the_print_file(
    client: Client, bob: User, run: Run
) -> None:
    client.force_login(bob)
    told = "n’est plus à poster"
    page = reverse("run", args=[run.pk])
    assert told not in client.get(page).text
    letter = run.reminders.filter(channel=Channel.LETTER).first()
    assert letter is not None
    line = letter.lines.get()
    make.payment(line.invoice, str(line.invoice.balance))
    assert told in client.get(page).text


def test_printed_again_from_a_letter_on(client: Client, bob: User, run: Run) -> None:
    client.force_login(bob)
    response = get(client, "run-print", run.pk, **{"from": "3"})
    assert "RM-0012_" in response["Content-Disposition"]
    first, _copy = pages(response)
    assert "Client 3" in first


def test_a_letter_that_is_not_there_is_explained(
    client: Client, bob: User, run: Run
) -> None:
    client.force_login(bob)
    response = client.get(
        reverse("run-print", args=[run.pk]), {"from": "99<b>"}, follow=True
    )
    assert response.redirect_chain == [(reverse("run", args=[run.pk]), 302)]
    shown = response.content.decode()
    assert "99&lt;b&gt;" in shown
    assert "99<b>" not in shown


def test_a_file_that_is_not_ready_is_explained(
    client: Client, bob: User, run: Run
) -> None:
    client.force_login(bob)
    printing.forget_print(run.pk)
    response = get(client, "run-print", run.pk)
    assert response["Location"] == reverse("run", args=[run.pk])
    assert get(client, "run-print", 999_999).status_code == 404


def test_a_path_in_the_row_leads_nowhere_else(
    client: Client, bob: User, run: Run
) -> None:
    """The names are ours; should one not be, nothing outside the folder is shown."""
    (Path(settings.DATA) / "secret.pdf").write_bytes(b"secret")
    Run.objects.filter(pk=run.pk).update(print_file="../secret.pdf")
    client.force_login(bob)
    assert get(client, "run-print", run.pk).status_code == 302


def test_options_are_kept_and_the_file_made_again(
    client: Client, alice: User, run: Run
) -> None:
    client.force_login(alice)
    options = {"order": "postcode", "duplex": "on"}

    response = client.post(reverse("run-print-options", args=[run.pk]), options)

    assert response["Location"] == reverse("run", args=[run.pk])
    run.refresh_from_db()
    assert (run.print_order, run.print_duplex, run.print_cover) == (
        "postcode", True, False,
    )  # fmt: skip
    assert run.print_file == ""


def test_an_order_that_is_none_changes_nothing(
    client: Client, alice: User, run: Run
) -> None:
    client.force_login(alice)
    client.post(reverse("run-print-options", args=[run.pk]), {"order": "colour"})
    kept = run.print_file
    run.refresh_from_db()
    assert (run.print_order, run.print_file) == ("customer", kept)


def test_the_registered_letters_are_downloaded_together(
    client: Client, bob: User, run: Run
) -> None:
    client.force_login(bob)
    response = get(client, "run-registered", run.pk)
    assert response["Content-Disposition"].startswith("attachment;")
    assert "RM-0012" in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        [name] = archive.namelist()
        assert pypdf.PdfReader(archive.open(name)).pages


def test_no_registered_letter_is_explained(client: Client, bob: User, run: Run) -> None:
    run.reminders.filter(channel=Channel.REGISTERED).update(run=None)
    client.force_login(bob)
    response = get(client, "run-registered", run.pk)
    assert response["Location"] == reverse("run", args=[run.pk])


def test_the_window_test_is_a_page(client: Client, bob: User, run: Run) -> None:
    client.force_login(bob)
    response = get(client, "window-test")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline;")
    assert len(pypdf.PdfReader(io.BytesIO(response.content)).pages) == 1


NAMES = [("run-print", True), ("run-registered", True), ("window-test", False)]


@pytest.mark.parametrize(("name", "of_run"), NAMES)
def test_who_may_not_see_it(
    client: Client, charlie: User, run: Run, name: str, of_run: bool
) -> None:
    args = [run.pk] if of_run else []
    assert reverse("account_login") in get(client, name, *args)["Location"]
    client.force_login(charlie)
    assert get(client, name, *args).status_code == 403


def test_who_only_reads_chooses_nothing(client: Client, bob: User, run: Run) -> None:
    client.force_login(bob)
    where = reverse("run-print-options", args=[run.pk])
    assert client.post(where, {"order": "postcode"}).status_code == 403
    run.refresh_from_db()
    assert run.print_order == "customer"
    assert client.get(where).status_code == 405


def test_the_run_page_shows_the_room(
    client: Client, alice: User, bob: User, run: Run
) -> None:
    client.force_login(alice)
    shown = get(client, "run", run.pk).content.decode()
    for name in ("run-print", "run-print-options", "run-registered", "run-posted"):
        assert reverse(name, args=[run.pk]) in shown
    assert reverse("window-test") in shown
    assert 'name="registered"' in shown

    client.force_login(bob)
    shown = get(client, "run", run.pk).content.decode()
    assert reverse("run-print", args=[run.pk]) in shown
    assert reverse("run-print-options", args=[run.pk]) not in shown
    assert reverse("run-posted", args=[run.pk]) not in shown


def test_the_run_page_says_what_is_wrong(client: Client, bob: User, run: Run) -> None:
    words = "Le disque est plein <pour l’instant>."
    Run.objects.filter(pk=run.pk).update(print_file="", print_trouble=words)
    client.force_login(bob)
    shown = get(client, "run", run.pk).content.decode()
    assert "Le disque est plein &lt;pour" in shown
    assert reverse("run-print", args=[run.pk]) + '"' not in shown


def test_registered_letters_alone_have_a_room_too(
    client: Client, bob: User, run: Run
) -> None:
    run.reminders.filter(channel=Channel.LETTER).update(run=None)
    client.force_login(bob)
    shown = get(client, "run", run.pk).content.decode()
    assert reverse("run-registered", args=[run.pk]) in shown
    assert reverse("run-print", args=[run.pk]) + '"' not in shown
