"""Each declared role lets in whom it says, and tells the others what to do."""

import pytest
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from relance.models import User
from relance.rules.permissions import Action, Role
from relance.web.access import login_needed, may, public, role_required


def _answer(request):
    return HttpResponse("in")


urlpatterns = [
    path("public/", public(lambda request: HttpResponse("in"))),
    path("login/", login_needed(_answer)),
    path("lecture/", role_required(Role.READER)(_answer)),
    path("relance/", may(Action.REMIND)(_answer)),
    path("administration/", may(Action.CONFIGURE)(_answer)),
    path("", _answer, name="home"),
    path("accounts/", include("allauth.urls")),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def log_in(client, role):
    user = User.objects.create_user(f"{role or 'charlie'}@example.org", role=role)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("role", "let_in"),
    [
        ("", ["public", "login"]),
        ("lecture", ["public", "login", "lecture"]),
        ("relance", ["public", "login", "lecture", "relance"]),
        ("administration", ["public", "login", "lecture", "relance", "administration"]),
    ],
)
def test_doors_open_by_role(client, role, let_in):
    log_in(client, role)

    for door in ("public", "login", "lecture", "relance", "administration"):
        expected = 200 if door in let_in else 403
        assert client.get(f"/{door}/").status_code == expected, door


def test_anonymous_is_sent_to_the_login_and_back(client):
    response = client.get("/lecture/?q=Lef%C3%A8vre")

    assert response.status_code == 302
    assert response["Location"] == (
        "/accounts/login/?next=/lecture/%3Fq%3DLef%25C3%25A8vre"
    )
    assert client.get("/public/").content == b"in"


def test_a_fragment_asked_after_logging_out_loads_the_login_whole(client):
    response = client.get(
        "/lecture/?part=1",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/lecture/",
        },
    )

    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/login/?next=/lecture/"


def test_a_stranger_is_told_whom_to_ask(client):
    log_in(client, "")

    page = client.get("/lecture/").content.decode()

    assert "Pas encore de rôle" in page
    assert "charlie@example.org" in page


def test_a_low_role_is_told_so(client):
    log_in(client, "lecture")

    assert "Votre rôle ne le permet pas" in client.get("/relance/").content.decode()


def test_a_deactivated_account_is_out_at_once(client):
    user = log_in(client, "administration")
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert client.get("/lecture/").status_code == 302


def test_what_was_seen_is_not_kept_by_the_browser(client):
    log_in(client, "lecture")

    assert "no-store" in client.get("/lecture/")["Cache-Control"]


def test_the_declared_role_survives_other_decorators():
    assert require_POST(may(Action.REMIND)(_answer)).required_role == "relance"
    assert public(lambda request: HttpResponse()).required_role == "public"
    assert login_needed(_answer).required_role == "login"
