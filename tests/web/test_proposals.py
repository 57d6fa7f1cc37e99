"""*Relance massive* in the browser: what a line says, what is chosen, who may."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from relance.models import (
    Channel,
    Company,
    Customer,
    Hold,
    Invoice,
    Level,
    Proposal,
    Reminder,
    Tag,
    User,
)
from relance.services import proposals
from relance.services.proposals import Choice
from relance.services.touching import touch, touch_all
from relance.web import local_time
from tests import make

pytestmark = pytest.mark.django_db

URL = "/relances/massive/"
CHOOSE = f"{URL}choix/"
TICK = f"{URL}cocher/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def late(of: Customer | None = None, *, days: int = 50, **values: Any) -> Invoice:
    due = timezone.localdate() - timedelta(days=days)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(of, **(dates | values))


def text(response: Any) -> str:
    content = html.unescape(response.content.decode())
    return re.sub(r"\s+", " ", content.replace("\u00a0", " "))


def row_of(invoice: Invoice) -> Proposal:
    proposals.refresh(today=timezone.localdate())
    return Proposal.objects.select_related("chosen_by").get(invoice=invoice)


def line(response: Any, invoice: Invoice) -> str:
    """The markup of one line of the list."""
    pk = row_of(invoice).pk
    found = re.search(rf'<tbody id="row-{pk}".*?</tbody>', text(response))
    assert found, f"{invoice} is not in the list"
    return found[0]


def shown(response: Any, invoice: Invoice) -> dict[str, str]:
    """What a line says that it showed."""
    found = re.search(r'name="shown-\d+" value="(\{.*?\})"', line(response, invoice))
    assert found
    values: dict[str, str] = json.loads(found[1])
    return values


def form_of(client: Client, invoice: Invoice, **changed: str) -> dict[str, str]:
    """What the browser posts of one open line, after these changes."""
    row = row_of(invoice)
    before = shown(client.get(URL, {"which": "unpaid", "open": str(row.pk)}), invoice)
    posted = {f"shown-{row.pk}": json.dumps(before), f"open-{row.pk}": "1"}
    for name, value in (before | changed).items():
        if value and (name != "paper" or value == "registered"):
            posted[f"{name}-{row.pk}"] = value
    return posted


def choose(client: Client, invoice: Invoice, **changed: str) -> Any:
    return client.post(CHOOSE, form_of(client, invoice, **changed))


HTMX = {"HX-Request": "true"}


# What a line says


def test_a_line_says_what_is_owed_and_why_it_is_in(claire: Client) -> None:
    customer = make.customer(name="Boulangerie Œuvrard")
    invoice = late(customer, total=Decimal("1284.00"))
    make.payment(invoice, "284.00")

    found = line(claire.get(URL), invoice)

    for words in (
        "Boulangerie Œuvrard",
        invoice.get_absolute_url(),
        "1 000,00 €",
        "1 284,00 €",
        "50 jours",
    ):
        assert words in found
    assert "data-held" not in found


def test_what_the_rules_propose_is_ticked(claire: Client) -> None:
    by_post = late(make.customer(preferred_channel="letter"))
    by_email = late()
    page = claire.get(URL)
    assert shown(page, by_post)["channel"] == "letter"
    assert shown(page, by_email)["channel"] == "email"
    assert line(page, by_email).count("checked") == 1


def test_a_symbol_with_its_reason_stands_where_there_is_no_email(
    claire: Client,
) -> None:
    invoice = late(make.customer(email=""))
    found = line(claire.get(URL), invoice)
    assert 'value="email"' not in found
    assert re.search(r'class="no-way" title="[^"]+"', found)
    assert re.search(r'no-way.*?class="visually-hidden">[^<]+<', found)


def test_a_held_line_is_shown_unticked_with_its_reason(claire: Client) -> None:
    invoice = late()
    make.hold(invoice, "dispute")
    page = claire.get(URL, {"which": "late"})
    found = line(page, invoice)
    assert "data-held" in found
    assert "01/11/2026" in found
    assert shown(page, invoice)["channel"] == ""
    assert "checked" not in found
    assert invoice.number not in text(claire.get(URL))


def test_a_level_is_chosen_among_those_not_yet_reached(claire: Client) -> None:
    invoice = late()
    found = line(claire.get(URL), invoice)
    for level in Level.objects.filter(active=True, kind__in=("reminder",)):
        assert f'<option value="{level.pk}"' in found


# Choosing


def test_another_channel_unticks_the_first(claire: Client, alice: User) -> None:
    invoice = late()
    form = form_of(claire, invoice)
    pk = row_of(invoice).pk
    # The browser posts both boxes: the one ticked before, and the one ticked now.
    claire.post(CHOOSE, form | {f"channel-{pk}": ["email", "letter"]})
    row = row_of(invoice)
    assert row.channel == Channel.LETTER
    assert row.chosen_by == alice


def test_a_level_a_note_and_a_date_are_kept(claire: Client) -> None:
    invoice = late()
    level = Level.objects.get(rank=2)
    day = timezone.localdate() + timedelta(days=20)
    row = row_of(invoice)
    proposals.choose(
        row.pk,
        Choice(overrides={"level_above": "the director asked"}),
        by=None,
        now=timezone.now(),
        today=timezone.localdate(),
    )
    choose(
        claire, invoice, level=str(level.pk), note="Rappelée", next_on=day.isoformat()
    )
    row = row_of(invoice)
    assert (row.chosen_level, row.note, row.next_on) == (level, "Rappelée", day)


def test_choices_outlive_the_browser(claire: Client, alice: User) -> None:
    invoice = late()
    choose(claire, invoice, channel="letter")
    other = Client()
    other.force_login(alice)
    assert shown(other.get(URL), invoice)["channel"] == "letter"


def test_another_person_sees_who_chose(claire: Client, dora: User) -> None:
    invoice = late()
    choose(claire, invoice, channel="letter")
    assert "A. Martin" not in line(claire.get(URL), invoice)
    other = Client()
    other.force_login(dora)
    assert "A. Martin" in line(other.get(URL), invoice)


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


def test_a_page_left_open_takes_back_nobody_elses_choice(
    claire: Client, dora: User
) -> None:
    one, two = late(), late()
    stale = form_of(claire, one) | form_of(claire, two, note="Rappeler lundi")
    proposals.choose(
        row_of(one).pk,
        Choice(channel="letter"),
        by=dora,
        now=timezone.now(),
        today=timezone.localdate(),
    )
    claire.post(CHOOSE, stale)
    assert row_of(one).channel == Channel.LETTER
    assert row_of(one).chosen_by == dora
    assert row_of(two).note == "Rappeler lundi"


def test_one_refused_line_costs_no_other(claire: Client) -> None:
    bad, good = late(), late()
    form = form_of(claire, bad, channel="letter") | form_of(
        claire, good, channel="letter"
    )
    form[f"next_on-{row_of(bad).pk}"] = "bientôt"
    response = claire.post(CHOOSE, form)
    assert response.status_code == 422
    assert "bientôt" in line(response, bad)
    assert "notice bad" in line(response, bad)
    assert row_of(good).channel == Channel.LETTER
    assert row_of(bad).channel == Channel.EMAIL


def test_htmx_gets_the_line_and_the_bar(claire: Client) -> None:
    invoice = late()
    late()
    response = claire.post(
        CHOOSE, form_of(claire, invoice, channel="letter"), headers=HTMX
    )
    page = text(response)
    assert page.count("<tbody id=") == 1
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page


def test_a_line_paid_meanwhile_asks_for_the_list_again(claire: Client) -> None:
    invoice = late()
    form = form_of(claire, invoice, channel="letter")
    make.payment(invoice, "1200.00")
    response = claire.post(CHOOSE, form, headers=HTMX)
    assert response["HX-Refresh"] == "true"


def test_without_htmx_a_line_paid_meanwhile_is_told_above(claire: Client) -> None:
    invoice = late()
    form = form_of(claire, invoice, channel="letter")
    make.payment(invoice, "1200.00")
    response = claire.post(CHOOSE, form)
    assert response.status_code == 422
    assert "notice toast bad" in text(response)


def test_nonsense_changes_nothing(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    claire.post(CHOOSE, {"shown-x": "{}", f"shown-{pk}": "[", "shown-999999": "{}"})
    claire.post(CHOOSE, {f"shown-{pk}": '{"level": "1"}', f"level-{pk}": "abc"})
    assert row_of(invoice).chosen_by is None


def test_both_boxes_at_once_are_refused(claire: Client) -> None:
    invoice = late()
    choose(claire, invoice, channel="")
    form = form_of(claire, invoice)
    pk = row_of(invoice).pk
    response = claire.post(CHOOSE, form | {f"channel-{pk}": ["letter", "email"]})
    assert response.status_code == 422
    assert row_of(invoice).channel == ""


# Overriding


def test_a_soft_reason_is_overridden_with_why(claire: Client) -> None:
    invoice = late()
    make.hold(invoice, "manual")
    choose(claire, invoice, despite_manual_hold="Le directeur le demande")
    row = row_of(invoice)
    assert row.overrides == {"manual_hold": "Le directeur le demande"}
    found = line(claire.get(URL, {"which": "unpaid"}), invoice)
    assert "data-held" not in found
    choose(claire, invoice, channel="letter")
    assert row_of(invoice).channel == Channel.LETTER


def test_a_dispute_is_overridden_by_an_administrator_only(
    claire: Client, dora: User
) -> None:
    invoice = late()
    make.hold(invoice, "dispute")
    pk = row_of(invoice).pk
    page = claire.get(URL, {"which": "unpaid", "open": str(pk)})
    assert f"despite_dispute-{pk}" not in line(page, invoice)
    boss = Client()
    boss.force_login(dora)
    page = boss.get(URL, {"which": "unpaid", "open": str(pk)})
    assert f"despite_dispute-{pk}" in line(page, invoice)


def test_a_formal_notice_is_registered_unless_one_says_otherwise(
    claire: Client,
) -> None:
    invoice = noticed()
    assert row_of(invoice).channel == Channel.REGISTERED
    choose(claire, invoice, paper="plain")
    assert row_of(invoice).channel == Channel.LETTER
    choose(claire, invoice, paper="registered")
    assert row_of(invoice).channel == Channel.REGISTERED


# All at once


def test_all_letters_acts_on_the_whole_filter_and_says_how_many(
    claire: Client,
) -> None:
    found = [late(total=Decimal(100 + index)) for index in range(53)]
    held = late()
    make.hold(held, "dispute")
    response = claire.post(f"{TICK}?which=late", {"how": "letters"}, follow=True)
    assert response.redirect_chain[0][0] == f"{URL}?which=late"
    for invoice in found:
        assert row_of(invoice).channel == Channel.LETTER
    assert row_of(held).channel == ""
    assert re.search(r"\b53\b.*\b1\b", text(response).split('id="toasts"')[1][:600])


def test_untick_all_keeps_to_the_filter(claire: Client) -> None:
    one = late(make.customer(name="Boulangerie"))
    two = late(make.customer(name="Garage"))
    claire.get(URL)
    claire.post(f"{TICK}?which=late&q=garage", {"how": "none"})
    assert row_of(one).channel != ""
    assert row_of(two).channel == ""


# From a line


def test_a_promise_is_noted_in_one_form_and_leads_back(
    claire: Client, alice: User
) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    day = timezone.localdate() + timedelta(days=7)
    response = claire.post(
        f"{URL}lignes/{pk}/promise/?which=late", {"until": day.isoformat()}
    )
    assert response["Location"] == f"{URL}?which=late#row-{pk}"
    hold = Hold.objects.get(invoice=invoice)
    assert (hold.reason, hold.until, hold.made_by) == ("promise", day, alice)
    assert row_of(invoice).channel == ""


@pytest.mark.parametrize(("what", "reason"), [("pause", "manual"), ("dispute",) * 2])
def test_a_pause_and_a_dispute_are_made_from_the_line(
    claire: Client, what: str, reason: str
) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    response = claire.post(
        f"{URL}lignes/{pk}/{what}/", {"note": "Vu avec eux"}, headers=HTMX
    )
    assert "data-held" in line(response, invoice)
    assert "notice good" in line(response, invoice)
    assert Hold.objects.get(invoice=invoice).reason == reason


def test_what_was_suspended_from_the_line_is_taken_back_there(claire: Client) -> None:
    invoice, other = late(), late()
    pk = row_of(invoice).pk
    asked = claire.post(f"{URL}lignes/{pk}/dispute/?which=late", {}, headers=HTMX)
    hold = Hold.objects.get()
    address = f"{URL}lignes/{pk}/suspension/{hold.pk}/"
    assert f'hx-post="{address}?which=late"' in line(asked, invoice)
    elsewhere = f"{URL}lignes/{row_of(other).pk}/suspension/{hold.pk}/"
    assert claire.post(elsewhere).status_code == 404

    response = claire.post(f"{address}?which=late", headers=HTMX)
    assert "data-held" not in line(response, invoice)
    assert "notice good" in line(response, invoice)
    hold.refresh_from_db()
    assert hold.ended_at is not None
    # Twice: it is said, and nothing more is recorded.
    assert "notice bad" in line(claire.post(address, headers=HTMX), invoice)
    back = claire.post(address)
    assert back["Location"].endswith(f"#row-{pk}")


def test_a_call_is_noted_once(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    page = claire.get(URL, {"open": str(pk)})
    key = re.search(r'name="key" value="([^"]+)"', line(page, invoice))
    assert key
    for _click in range(2):
        claire.post(f"{URL}lignes/{pk}/appel/", {"key": key[1], "note": "Paiera lundi"})
    made = Reminder.objects.get()
    assert (made.channel, made.note) == (Channel.NONE, "Paiera lundi")


def test_a_call_with_a_day_leaves_the_list_of_today(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    day = timezone.localdate() + timedelta(days=5)
    data = {"key": str(uuid.uuid4()), "note": "x", "next_on": day.isoformat()}
    response = claire.post(f"{URL}lignes/{pk}/appel/", data, headers=HTMX)
    said = line(response, invoice)
    assert f"rien n’est proposé avant le {day:%d/%m/%Y}" in said
    assert invoice.number not in claire.get(URL).text


def test_what_the_service_refuses_comes_back_on_the_form(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    key = str(uuid.uuid4())
    past = (timezone.localdate() - timedelta(days=3)).isoformat()
    response = claire.post(
        f"{URL}lignes/{pk}/appel/", {"key": key, "note": "x", "next_on": past}
    )
    assert response.status_code == 422
    assert "errorlist" in line(response, invoice)
    done = claire.post(f"{URL}lignes/{pk}/appel/", {"key": key, "note": "x"})
    assert done["Location"].endswith(f"#row-{pk}")


def test_a_refused_form_comes_back_on_its_line(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    for headers in (HTMX, {}):
        response = claire.post(
            f"{URL}lignes/{pk}/promise/", {"until": ""}, headers=headers
        )
        assert response.status_code == 422
        assert "errorlist" in line(response, invoice)
    assert not Hold.objects.exists()


def test_an_unknown_action_is_not_found(claire: Client) -> None:
    pk = row_of(late()).pk
    assert claire.post(f"{URL}lignes/{pk}/abandon/").status_code == 404
    assert claire.post(f"{URL}lignes/999999/promise/").status_code == 404


# The list


def test_fifty_lines_a_page_and_few_queries(
    claire: Client,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _index in range(60):
        late()
    # One page a minute reads the company's time zone too: not the second one here.
    monkeypatch.setattr(local_time, "SECONDS", 10**9)
    claire.get(URL)
    with django_assert_max_num_queries(12):
        page = claire.get(URL)
    assert text(page).count("<tbody id=") == 50
    assert text(claire.get(URL, {"page": "2"})).count("<tbody id=") == 10


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("min_amount", "abc", "Ce n’est pas un montant"),
        ("max_amount", "1.234,56", "Cette valeur n’est pas lisible"),
        ("min_days", "trente", "nombre entier"),
        ("max_days", "-5", "supérieure ou égale à 0"),
    ],
)
def test_a_filter_that_cannot_be_read_is_said_and_keeps_no_line(
    claire: Client, name: str, typed: str, said: str
) -> None:
    invoice = late()
    address = f"{URL}?which=late&{name}={typed}"
    page = text(claire.get(address))
    field = page.split(f'name="{name}"')[1].split('<div class="field"')[0]
    assert said in field
    assert f'value="{typed}"' in field
    assert invoice.number not in page
    assert "Un filtre n’est pas lisible" in page
    assert f'href="{URL}?which=late"' in page.split('class="empty"')[1]

    claire.post(f"{TICK}?which=late&{name}={typed}", {"how": "none"})
    assert row_of(invoice).channel != ""
    lazily = claire.get(f"{URL}filtres/?{name}={typed}", headers=HTMX)
    assert said in text(lazily)


def test_the_list_is_searched_and_narrowed(claire: Client) -> None:
    one = late(make.customer(name="Boulangerie"), total=Decimal("90.00"))
    two = late(make.customer(name="Garage"), days=90)
    # A consumer's: two years, less than a month of them left.
    old = late(make.customer(name="Vieux", regime="B2C"), days=680)
    assert "Prescription le" in line(claire.get(URL, {"which": "late"}), old)
    for query, found in (
        ({"q": "boulangerie"}, one),
        ({"min_amount": "100", "q": "garage"}, two),
        ({"max_amount": "1 000,00 €"}, one),
        ({"min_days": "60", "max_days": "200"}, two),
        ({"customer": str(one.customer_id)}, one),
        ({"limitation": "1"}, old),
    ):
        page = text(claire.get(URL, query))
        other = two if found is one else one
        assert found.number in page, query
        assert other.number not in page, query


def test_the_other_filters_come_when_they_are_opened(claire: Client) -> None:
    late()
    late(currency="GBP")
    Tag.objects.create(name="export")
    panel = text(claire.get(f"{URL}filtres/", {"which": "late"}, headers=HTMX))
    assert "<html" not in panel
    for name in ("level", "currency", "tag", "min_amount", "max_days"):
        assert f'name="{name}"' in panel
    assert 'name="which" value="late"' in panel
    # Without htmx they are part of the page.
    whole = claire.get(f"{URL}filtres/", {"which": "late"}, follow=True)
    assert 'name="min_amount"' in text(whole)
    assert 'name="min_amount"' not in text(claire.get(URL))


def test_filters_in_use_are_counted_and_kept(claire: Client) -> None:
    invoice = late(currency="GBP")
    tag = Tag.objects.create(name="export")
    invoice.customer.tags.add(tag)
    query = {"tag": str(tag.pk), "currency": "GBP", "customer": invoice.customer_id}
    page = text(claire.get(URL, query | {"filters": "1"}))
    assert re.search(r"<summary.*?<span>2</span>", page)
    assert invoice.customer.name in page.split("<details")[0]
    assert f'<option value="{tag.pk}" selected' in page


@pytest.mark.parametrize("which", ["ticked", "reminded"])
def test_an_empty_list_leads_to_one_that_is_not(claire: Client, which: str) -> None:
    make.hold(late(), "dispute")
    page = text(claire.get(URL, {"which": which}))
    assert f"{URL}?which=held" in page.split('class="empty"')[1]


def test_with_nothing_unpaid_nothing_is_planned(claire: Client) -> None:
    page = text(claire.get(URL)).split('class="empty"')[1].split("</section>")[0]
    assert not re.search(r"\d{2}/\d{2}/\d{4}", page)


def test_before_the_set_up_it_leads_there(claire: Client) -> None:
    Company.objects.all().delete()
    assert claire.get(URL)["Location"] == "/installation/"


def test_a_line_without_htmx_is_shown_in_the_list(claire: Client) -> None:
    pk = row_of(late()).pk
    response = claire.get(f"{URL}lignes/{pk}/")
    assert response["Location"] == f"{URL}?which=unpaid&open={pk}#row-{pk}"


def test_the_export_has_every_line_of_the_filter(claire: Client) -> None:
    customer = make.customer(name="=1+1")
    for _index in range(60):
        late(customer)
    response = claire.get(f"{URL}relance-massive.csv")
    content = b"".join(response.streaming_content).decode()
    assert len(content.splitlines()) == 61
    assert "'=1+1" in content


def test_nothing_to_remind_says_when_and_where_to_look(claire: Client) -> None:
    late(days=2)
    page = text(claire.get(URL))
    assert re.search(r"\d{2}/\d{2}/\d{4}", page.split('class="empty"')[1])
    assert "?which=unpaid" in page.split('class="empty"')[1]


def test_without_any_match_the_filters_are_offered_to_be_dropped(
    claire: Client,
) -> None:
    late()
    page = text(claire.get(URL, {"q": "zzz", "which": "late"}))
    assert f'href="{URL}?which=late"' in page.split('class="empty"')[1]


def test_grouping_is_remembered(claire: Client) -> None:
    customer = make.customer()
    late(customer)
    late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    assert 'name="grouped" checked' in text(claire.get(URL))
    bar = text(claire.post(f"{URL}regrouper/", {}, headers=HTMX))
    assert 'id="bar"' in bar
    assert 'name="grouped" checked' not in text(claire.get(URL))


def test_grouped_invoices_count_as_one_reminder(claire: Client) -> None:
    customer = make.customer()
    late(customer)
    late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    assert button(claire) == 1
    claire.post(f"{URL}regrouper/", {})
    assert button(claire) == 2


def button(client: Client) -> int:
    """How many reminders the button says that it makes."""
    bar = text(client.get(URL)).split('id="bar"')[1]
    found = re.search(r"/lancer/.*?</svg>\D*(\d+)", bar)
    assert found
    return int(found[1])


# Who may


def test_a_reader_sees_and_changes_nothing(client: Client, bob: User) -> None:
    invoice = late()
    client.force_login(bob)
    page = client.get(URL)
    found = line(page, invoice)
    assert found.count("disabled") >= 2
    assert "/lancer/" not in text(page)
    pk = row_of(invoice).pk
    for address in (CHOOSE, TICK, f"{URL}lancer/", f"{URL}lignes/{pk}/promise/"):
        assert client.post(address).status_code == 403
    assert client.get(f"{URL}lignes/{pk}/?open=1", headers=HTMX).status_code == 200


# The preview of a line


def test_a_line_shows_its_letter_and_leads_to_the_next(claire: Client) -> None:
    first = late(make.customer(preferred_channel="letter"), days=60)
    second = late(days=50)
    pk, after = row_of(first).pk, row_of(second).pk
    page = text(claire.get(f"{URL}lignes/{pk}/apercu/", {"which": "late"}))
    assert f"lignes/{after}/apercu/?which=late" in page
    picture = claire.get(f"{URL}lignes/{pk}/apercu-1.png")
    assert picture["Content-Type"] == "image/png"
    behind = claire.get(f"{URL}lignes/{pk}/apercu-1.png", {"show": "invoice"})
    assert behind["Content-Type"] == "image/png"
    assert claire.get(f"{URL}lignes/{pk}/apercu-9.png").status_code == 404
    assert Reminder.objects.count() == 0


def test_a_line_by_email_shows_its_message(claire: Client) -> None:
    invoice = late(make.customer(name="Garage", email="compta@garage.example"))
    pk = row_of(invoice).pk
    page = text(claire.get(f"{URL}lignes/{pk}/apercu/", headers=HTMX))
    assert "compta@garage.example" in page
    assert 'class="mail"' in page
    assert "<html" not in page


def test_past_the_last_level_it_is_shown_again(claire: Client) -> None:
    invoice = noticed(kinds=("reminder", "formal_notice"))
    page = text(claire.get(f"{URL}lignes/{row_of(invoice).pk}/apercu/", headers=HTMX))
    assert "notice warn" in page
    assert "apercu-1.png" in page


def test_what_cannot_be_written_is_said_instead_of_shown(claire: Client) -> None:
    invoice = late(make.customer(email="", city="", address=""))
    address = f"{URL}lignes/{row_of(invoice).pk}/"
    page = text(claire.get(f"{address}apercu/", headers=HTMX))
    assert "notice warn" in page
    assert "<img" not in page
    assert claire.get(f"{address}apercu-1.png").status_code == 404


def test_without_a_level_there_is_nothing_to_show(claire: Client) -> None:
    invoice = late()
    Level.objects.update(active=False)
    touch_all()
    address = f"{URL}lignes/{row_of(invoice).pk}/"
    assert "notice warn" in text(claire.get(f"{address}apercu/"))
    assert claire.get(f"{address}apercu-1.png").status_code == 404
    behind = claire.get(f"{address}apercu-1.png", {"show": "invoice"})
    assert behind.status_code == 404
    assert line(claire.get(URL, {"which": "unpaid"}), invoice)


def test_a_line_that_left_the_list_is_still_shown(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    page = text(claire.get(f"{URL}lignes/{pk}/apercu/", {"which": "held"}))
    assert invoice.number in page
    assert 'rel="next"' not in page


def test_the_preview_of_a_group_covers_all_its_invoices(claire: Client) -> None:
    customer = make.customer()
    one, two = late(customer), late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    page = text(claire.get(f"{URL}lignes/{row_of(one).pk}/apercu/", headers=HTMX))
    assert (
        f"{one.number}, {two.number}" in page or f"{two.number}, {one.number}" in page
    )


def noticed(*, kinds: Sequence[str] = ("reminder",)) -> Invoice:
    """An invoice reminded long ago at every level of these kinds: by default all
    below the formal notice."""
    invoice, today = late(days=200), timezone.localdate()
    for level in Level.objects.filter(active=True, kind__in=kinds):
        make.reminder(
            invoice,
            level=level,
            level_rank=level.rank,
            level_name=level.name,
            level_kind=level.kind,
            made_on=today - timedelta(days=100 - level.rank),
            next_on=today - timedelta(days=50),
        )
    touch([invoice.customer_id])
    return invoice
