"""*Envois postaux* lists what the post has, and marks letters for those who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from relance.models import Customer, HistoryEntry, Posting, Reminder, Run, User
from tests import make
from tests.make import NOW
from tests.web._postings import MADE, URL, A, body, letter, news, notice, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


# --- the list ---------------------------------------------------------------


def test_the_list_says_what_the_post_has(client: Client, alice: User) -> None:
    waiting, posted = notice(), letter(state="posted")
    Posting.objects.create(
        reminder=posted,
        posted_on=MADE,
        registered_number=A,
        returned_on=MADE,
        return_reason="npai",
        recorded_at=NOW,
    )
    Customer.objects.filter(pk=posted.customer_id).update(address_refused_on=MADE)
    client.force_login(alice)

    page = client.get(URL)
    assert waiting.reference in text(page)
    assert posted.reference not in text(page)
    assert "À poster 1" in body(page)
    assert "Retours 1" in body(page)
    assert 'href="/envois-postaux/"' in text(page).split("</nav>")[0]

    page = client.get(URL, {"which": "returned"})
    assert posted.reference in text(page)
    assert waiting.reference not in text(page)
    assert "adresse à corriger" in body(page)
    assert "1A 123 456 7890 1" in body(page)
    assert "https://www.laposte.fr/outils/suivre-vos-envois?code=1A12345678901" in text(
        page
    )
    assert 'rel="noopener noreferrer external"' in text(page)


@pytest.mark.parametrize("which", ["to_post", "silent", "returned", "all"])
def test_an_empty_list_says_so(client: Client, bob: User, which: str) -> None:
    client.force_login(bob)

    assert 'class="empty"' in text(client.get(URL, {"which": which}))
    searched = client.get(URL, {"which": which, "q": "rien"})
    assert "Aucun courrier ne correspond" in body(searched)


def test_a_long_list_has_pages_and_few_queries(
    client: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    for _number in range(51):
        letter()
    client.force_login(alice)
    client.get("/account/")

    with django_assert_max_num_queries(12):
        page = client.get(URL)

    assert text(page).count('name="letter"') == 50
    assert "Les 51 courriers de cette liste" in body(page)
    assert text(client.get(URL, {"page": 2})).count('name="letter"') == 1


# --- posted -----------------------------------------------------------------


def test_the_ticked_letters_are_marked(client: Client, alice: User) -> None:
    first, second, third = letter(), notice(), letter()
    client.force_login(alice)
    ticked = {"letter": [first.pk, second.pk], "posted_on": "03/11/2026"}

    page = client.post(f"{URL}postees/?which=to_post", ticked, follow=True)

    assert "2 courriers sont marqués comme postés" in body(page)
    assert page.redirect_chain == [("/envois-postaux/?which=to_post", 302)]
    assert {posting.reminder for posting in Posting.objects.all()} == {first, second}
    third.refresh_from_db()
    assert third.state == "made"


def test_every_letter_of_the_filter_is_marked_not_only_the_page(
    client: Client, alice: User
) -> None:
    run = Run.objects.create(
        number=1,
        request_key="00000000-0000-0000-0000-000000000001",
        approved_at=NOW,
        made_on=MADE,
    )
    for _number in range(60):
        letter(run=run)
    outside = letter()
    client.force_login(alice)

    page = client.post(
        f"{URL}postees/?run={run.pk}",
        {"every": "on", "posted_on": "2026-11-03"},
        follow=True,
    )

    assert "60 courriers sont marqués" in body(page)
    outside.refresh_from_db()
    assert outside.state == "made"


def test_what_was_left_is_named_with_its_reason(client: Client, alice: User) -> None:
    good, cancelled = letter(), letter(state="cancelled")
    client.force_login(alice)

    page = client.post(
        f"{URL}postees/",
        {"letter": [good.pk, cancelled.pk], "posted_on": "2026-11-03"},
        follow=True,
    )

    assert "1 courrier est marqué comme posté" in body(page)
    said = f"1 courrier est laissé tel quel. {cancelled.reference} : Il a été annulé."
    assert said in body(page)


def test_when_none_could_be_marked_only_that_is_said(
    client: Client, alice: User
) -> None:
    cancelled = letter(state="cancelled")
    client.force_login(alice)
    ticked = {"letter": cancelled.pk, "posted_on": "2026-11-03"}

    page = client.post(f"{URL}postees/", ticked, follow=True)

    assert "1 courrier est laissé tel quel" in body(page)
    assert "marqué comme posté" not in body(page)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"posted_on": "2026-11-03"}, "Cochez au moins un courrier"),
        ({"posted_on": "", "tick": True}, "obligatoire"),
        ({"posted_on": "2999-01-01", "tick": True}, "pas encore venu"),
        (
            {"posted_on": "2026-11-03", "tick": True, "text": A},
            "Des numéros sont saisis",
        ),
    ],
)
def test_a_mistake_keeps_the_ticks_and_what_was_typed(
    client: Client, alice: User, given: dict[str, Any], said: str
) -> None:
    made = letter()
    client.force_login(alice)
    ticked = {"letter": made.pk} if given.pop("tick", False) else {}

    page = client.post(f"{URL}postees/", given | ticked)

    assert page.status_code == 422
    assert said in body(page)
    assert (f'aria-label="{made.reference}" checked' in text(page)) == bool(ticked)
    assert (A in text(page)) == ("text" in given)
    assert not Posting.objects.exists()


def test_nothing_ticked_that_exists_changes_nothing(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    ticked = {"letter": ["999", "x", "-1", "9" * 40], "posted_on": "2026-11-03"}

    page = client.post(f"{URL}postees/", ticked, follow=True)

    assert "Aucun courrier n’attendait" in body(page)


@pytest.mark.parametrize("at_once", ["every", "whole_page"])
@pytest.mark.parametrize("too", [True, False])
def test_registered_letters_are_marked_at_once_only_if_asked(
    client: Client, alice: User, *, at_once: str, too: bool
) -> None:
    plain, registered = letter(), notice()
    client.force_login(alice)
    ticked = {
        "letter": [plain.pk, registered.pk],
        at_once: "on",
        "posted_on": "2026-11-03",
    }

    page = client.post(
        f"{URL}postees/",
        ticked | ({"registered": "on"} if too else {}),
        follow=True,
    )

    left = "1 lettre recommandée n’est pas marquée : cochez « Les lettres recommandées"
    assert (left in body(page)) != too
    assert Posting.objects.filter(reminder=plain).exists()
    assert Posting.objects.filter(reminder=registered).exists() == too


def test_the_list_says_how_many_are_registered(client: Client, alice: User) -> None:
    for _number in range(50):
        letter()
    client.force_login(alice)
    assert "recommandées aussi" not in body(client.get(URL))

    notice()
    paid = notice()
    for line in paid.lines.all():
        make.payment(line.invoice, "1200.00")
    page = body(client.get(URL))

    said = (
        "Les 52 courriers de cette liste, dont 1 en recommandé, sauf 1 à ne pas poster"
    )
    assert said in page
    assert "Cocher toute la page, dont 1 en recommandé" in page
    assert "Les lettres recommandées aussi" in page
    assert "recommandées aussi" not in body(client.get(URL, {"which": "silent"}))


# --- a run's letters --------------------------------------------------------


def test_the_letters_of_a_run_are_marked_together(client: Client, alice: User) -> None:
    run = Run.objects.create(
        number=7,
        request_key="00000000-0000-0000-0000-000000000007",
        approved_at=NOW,
        made_on=MADE,
    )
    plain, registered = letter(run=run), notice(run=run)
    client.force_login(alice)
    url = f"/relances/massive/{run.pk}/postees/"

    assert client.post(url, {"posted_on": ""}).status_code == 422
    refused = client.post(url, {"posted_on": "2999-01-01", "registered": "on"})
    assert refused.status_code == 422
    assert "pas encore venu" in body(refused)
    assert "checked" in text(refused)

    page = client.post(url, {"posted_on": "2026-11-03"})
    assert page["Location"] == run.get_absolute_url()
    assert [posting.reminder for posting in Posting.objects.all()] == [plain]

    client.post(url, {"posted_on": "2026-11-03", "registered": "on"})
    assert Posting.objects.filter(reminder=registered).exists()
    assert HistoryEntry.objects.filter(action="reminder.posted").count() == 2
    assert client.post("/relances/massive/999/postees/").status_code == 404


POSTS = (
    "/envois-postaux/postees/",
    "/envois-postaux/numeros/",
    "/envois-postaux/numeros/enregistrer/",
    "/envois-postaux/{letter}/nouvelles/",
    "/relances/massive/{run}/postees/",
)


# --- who may ----------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
def test_only_who_reminds_records_anything(
    client: Client, bob: User, charlie: User, path: str
) -> None:
    made = letter()
    run = Run.objects.create(
        number=1,
        request_key="00000000-0000-0000-0000-000000000001",
        approved_at=NOW,
        made_on=MADE,
    )
    Reminder.objects.update(run=run)
    url = path.format(letter=made.pk, run=run.pk)
    data = news(letter=made.pk, text=f"{made.reference} {A}")

    assert client.post(url, data)["Location"].startswith("/accounts/login/")
    for person in (bob, charlie):
        client.force_login(person)
        assert client.post(url, data).status_code == 403
    assert client.get(url).status_code == 405
    assert not Posting.objects.exists()


def test_a_reader_looks_and_is_offered_nothing_to_do(
    client: Client, bob: User, charlie: User
) -> None:
    made = notice()
    for url in (URL, f"{URL}{made.pk}/"):
        assert client.get(url)["Location"].startswith("/accounts/login/")
    client.force_login(charlie)
    for url in (URL, f"{URL}{made.pk}/"):
        assert client.get(url).status_code == 403
    client.force_login(bob)
    for url in (URL, f"{URL}{made.pk}/"):
        page = text(client.get(url))
        assert made.reference in page
        main = page.split("<main")[1].split("</main>")[0]
        assert 'method="post"' not in main
        assert "checkbox" not in main
