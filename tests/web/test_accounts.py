"""Logging in, one's own account, and the doors of allauth that stay shut."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from relance.models import User

PASSWORD = "bleu-cheval-agrafe"

pytestmark = pytest.mark.django_db


@pytest.fixture
def claire():
    return User.objects.create_user(
        "claire@vauban.example", PASSWORD, name="Claire Vasseur", role="relance"
    )


def log_in(client, **answers):
    fields = {"login": "claire@vauban.example", "password": PASSWORD}
    return client.post("/accounts/login/", fields | answers)


def test_the_address_and_the_password_open_the_door(client, claire):
    response = log_in(client, login="Claire@Vauban.example")

    assert response.status_code == 302
    assert response["Location"] == "/"
    page = client.get("/account/")
    assert page.status_code == 200
    # Arriving needs no congratulation; it would hide the messages that matter.
    assert not list(page.context["messages"])


def test_a_wrong_password_and_an_unknown_address_read_the_same(client, claire):
    wrong = log_in(client, password="no").content.decode()
    unknown = log_in(client, login="nobody@vauban.example").content.decode()

    said = re.compile(r'class="notice bad".*?<p>(.*?)</p>', re.DOTALL)
    assert said.search(wrong)[1] == said.search(unknown)[1]


def test_guessing_is_slowed_down(client, claire):
    for _attempt in range(12):
        response = log_in(client, password="no")

    assert response.status_code in {200, 429}
    assert log_in(client).status_code != 302


def test_a_deactivated_person_does_not_come_in(client, claire):
    User.objects.update(is_active=False)
    log_in(client)

    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "confirm-email/abc:def/",
        "login/code/x/",
        "password/change/",
        "password/set/",
        "sessions/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up_or_changes_their_address_alone(
    client, claire, address, method
):
    client.force_login(claire)

    assert getattr(client, method)(f"/accounts/{address}").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/accounts/login/", "/account/", "/accounts/password/reset/"],
)
def test_no_page_has_code_or_style_that_the_policy_refuses(client, claire, address):
    if address == "/account/":
        client.force_login(claire)
    response = client.get(address)
    html = response.content.decode()

    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "<!DOCTYPE html>" in html
    assert not re.search(r"<style| style=| on[a-z]+=|<script(?![^>]* src=)", html)


def test_the_account_page_says_who_one_is(client, claire):
    client.force_login(claire)
    page = client.get("/account/").content.decode()

    assert "Claire Vasseur" in page
    assert "claire@vauban.example" in page
    assert "Relances" in page


def test_the_menu_hides_what_a_role_may_not_do(client, claire):
    client.force_login(claire)
    assert 'href="/relances/nouvelle/"' in client.get("/account/").content.decode()
    assert 'href="/configuration/"' not in client.get("/account/").content.decode()

    User.objects.update(role="lecture")
    assert 'href="/relances/nouvelle/"' not in client.get("/account/").content.decode()

    User.objects.update(role="administration")
    assert 'href="/configuration/"' in client.get("/account/").content.decode()


def test_the_other_language_is_one_click_away(client, claire):
    client.force_login(claire)
    # A request leaves its language to the thread, here to the next test.
    with translation.override("fr"):
        client.post("/language/", {"language": "en", "next": "/account/"})
        page = client.get("/account/").content.decode()

    assert '<html lang="en">' in page
    assert "My account" in page
    assert 'value="fr"' in page


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("400.html", "n’a pas pu être lue"),
        ("403.html", "Votre rôle ne le permet pas"),
        ("403_csrf.html", "restée ouverte trop longtemps"),
        ("404.html", "n’existe pas"),
        ("500.html", "Une erreur s’est produite"),
    ],
)
def test_error_pages_need_neither_request_nor_database(
    name, says, django_assert_num_queries
):
    with django_assert_num_queries(0):
        page = render_to_string(name)

    assert says in page
    assert f"{settings.STATIC_URL}relance/relance.css" in page
