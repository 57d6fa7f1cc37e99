"""Devices are listed and logged out; a session ends by itself after a while."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone, translation

from tests.web._account_page import FIREFOX, log_in, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language():
    # A request leaves its language to the thread, here to the next test.
    with translation.override("fr"):
        yield


# --- devices ----------------------------------------------------------------


def test_devices_are_listed_and_logged_out_one_by_one(bob):
    here = log_in(bob)
    elsewhere = log_in(
        bob, agent=FIREFOX.replace("X11; Linux x86_64", "Windows NT 10.0")
    )
    page = said(here.get("/account/"))
    assert "Firefox sur Linux" in page
    assert "Firefox sur Windows" in page
    other = UserSession.objects.get(user_agent__contains="Windows")

    here.post(reverse("account-device", args=[other.pk]))

    assert elsewhere.get("/account/").status_code == 302
    assert "Firefox sur Windows" not in said(here.get("/account/"))


def test_all_the_others_are_logged_out_at_once(bob):
    here, *others = (log_in(bob) for _ in range(3))
    here.post(reverse("account-devices"))

    assert here.get("/account/").status_code == 200
    assert [one.get("/account/").status_code for one in others] == [302, 302]


def test_nobody_ends_the_sessions_of_another(bob, alice):
    log_in(alice)
    theirs = UserSession.objects.get()
    answer = log_in(bob).post(reverse("account-device", args=[theirs.pk]))

    assert answer.status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def test_what_is_over_is_not_listed(bob):
    here = log_in(bob)
    log_in(bob, agent="Chrome/142.0")
    UserSession.objects.filter(user_agent="Chrome/142.0").get()
    Session.objects.exclude(session_key=here.session.session_key).update(
        expire_date=timezone.now()
    )

    assert "Chrome" not in said(here.get("/account/"))


def set_back(client, **hours) -> None:
    session = client.session
    for name, ago in hours.items():
        session[name] = time.time() - ago * 3600
    session.save()


def test_a_session_ends_after_a_day_of_work(bob):
    client = log_in(bob)
    client.get("/account/")
    set_back(client, began=13.9)
    assert client.get("/account/").status_code == 200

    set_back(client, began=14.1)
    assert client.get("/account/").status_code == 302
    assert "journée entière" in said(client.get("/accounts/login/"))


def test_a_session_ends_after_four_hours_without_a_click(bob):
    client = log_in(bob)
    client.get("/account/")
    left = Session.objects.get().expire_date - timezone.now()

    assert timedelta(hours=3, minutes=59) < left <= timedelta(hours=4)


def test_use_is_noted_now_and_then_and_moves_the_end_away(bob):
    client = log_in(bob)
    client.get("/account/")
    long_ago = timezone.now() - timedelta(hours=3)
    UserSession.objects.update(last_seen_at=long_ago)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    client.get("/account/")
    assert UserSession.objects.get().last_seen_at == long_ago

    set_back(client, seen=1)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    client.get("/account/")

    assert timezone.now() - UserSession.objects.get().last_seen_at < timedelta(
        minutes=1
    )
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=3)
