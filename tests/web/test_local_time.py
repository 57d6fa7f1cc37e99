"""A day begins for the company when its own clock says so."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from relance import jobs
from relance.management.terminal import Exit, in_words
from relance.models import Company
from relance.queries.local_time import company_zone
from relance.web.local_time import forget_zone
from tests import make
from tests.web.posted import posted_from

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afresh():
    forget_zone()
    yield
    forget_zone()
    timezone.deactivate()


def test_the_zone_is_the_company_s_and_usual_before_the_set_up():
    assert company_zone().key == "Europe/Paris"
    make.company(time_zone="Pacific/Noumea")
    assert company_zone().key == "Pacific/Noumea"


@pytest.mark.parametrize("unknown", ["Atlantis/Centre", "", "/etc/passwd"])
def test_a_zone_this_machine_does_not_know_is_the_usual_one(unknown):
    make.company(time_zone=unknown)
    assert company_zone().key == "Europe/Paris"


# 24 November 2026, 22:30 UTC: still the 24th in Cayenne, the 25th in Noumea.
LATE = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Cayenne", date(2026, 11, 24)),
        ("Europe/Paris", date(2026, 11, 24)),
        ("Pacific/Noumea", date(2026, 11, 25)),
    ],
)
def test_screens_commands_and_jobs_have_its_day(client, dora, zone, day):
    make.company(time_zone=zone)
    client.force_login(dora)

    shown = client.get(reverse("dashboard"))
    assert shown.status_code == 200
    # What a request, a command and a task each leave the clock set to.
    seen = []

    def work() -> Exit:
        seen.append(timezone.localdate(LATE))
        return Exit.DONE

    in_words(work)
    jobs.in_company_time(None)
    seen.append(timezone.localdate(LATE))

    assert seen == [day, day]


def test_a_page_shows_the_hours_of_the_company(client, dora):
    """The history of the account: 9:30 UTC is 20:30 in Noumea."""
    make.company(time_zone="Pacific/Noumea")
    client.force_login(dora)
    invoice = make.invoice()

    shown = client.get(reverse("invoice-history", args=[invoice.pk])).content.decode()

    assert "20:30" in shown


def test_saved_on_the_page_it_counts_at_once(client, dora):
    make.company()
    client.force_login(dora)
    invoice = make.invoice()
    page = reverse("invoice-history", args=[invoice.pk])
    assert "10:30" in client.get(page).content.decode()

    values = posted_from(client, "configuration")
    answer = client.post(
        reverse("configuration"), values | {"time_zone": "Pacific/Noumea"}
    )

    assert answer.status_code == 302
    assert Company.objects.get().time_zone == "Pacific/Noumea"
    assert "20:30" in client.get(page).content.decode()


@pytest.mark.parametrize("said", ["", "Paris", "Europe/Lutece"])
def test_a_zone_that_is_none_is_refused(client, dora, said):
    make.company()
    client.force_login(dora)
    values = posted_from(client, "configuration")

    answer = client.post(reverse("configuration"), values | {"time_zone": said})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"time_zone"}
    assert Company.objects.get().time_zone == "Europe/Paris"
