"""The page of levels and procedures: built, changed, refused on the field at fault."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from relance.models import Company, Level, Procedure, Tag
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _logged_in(client, dora) -> None:
    make.company()
    client.force_login(dora)


def level(rank: int) -> Level:
    return Level.objects.get(rank=rank)


def new_level(**values: str) -> dict[str, str]:
    after = str(level(2).pk)
    return {
        "name": "Dernier rappel",
        "kind": "reminder",
        "after": after,
        "texts_of": after,
        "stamp": "Dernier rappel",
    } | values


def new_procedure(**values: str) -> dict[str, str]:
    found = {"name": "Grands comptes", "amount_of": "balance"}
    for rank, days in ((1, "10"), (2, "20"), (3, "40")):
        pk = level(rank).pk
        found |= {
            f"on-{pk}": "on",
            f"days_after_due-{pk}": days,
            f"days_to_pay-{pk}": "8",
            f"next_delay-{pk}": "",
        }
    return found | values


def test_the_page_shows_levels_procedures_and_their_order(client) -> None:
    page = client.get(reverse("levels")).content.decode()
    for words in ("Relance simple", "Mise en demeure", "Secteur public", "J+30"):
        assert words in page
    assert "désactivé" in page


def test_a_level_is_added_after_another(client) -> None:
    answer = client.post(reverse("level-new"), new_level(), follow=True)

    assert "Dernier rappel" in answer.content.decode()
    added = level(3)
    assert (added.name, added.stamp) == ("Dernier rappel", "Dernier rappel")
    assert level(4).name == "Mise en demeure"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 61}, "name"),
        ({"name": "rappel"}, "name"),
        ({"stamp": "s" * 31}, "stamp"),
        ({"kind": "threat"}, "kind"),
        ({"kind": "courtesy"}, "kind"),
        ({"after": "99999"}, "after"),
        ({"texts_of": "x"}, "texts_of"),
        # Before the level that is before the due date.
        ({"after": ""}, "after"),
    ],
)
def test_a_bad_level_is_refused_under_its_field(client, values, field) -> None:
    answer = client.post(reverse("level-new"), new_level(**values))

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    # What was typed stays.
    typed = values.get("stamp", "Dernier rappel")
    assert typed in answer.content.decode()
    assert Level.objects.count() == 4


def test_a_level_is_changed_moved_and_switched(client) -> None:
    rappel = level(2)
    values = {"name": "Second rappel", "kind": "reminder", "stamp": "2e rappel"}

    client.post(reverse("level-edit", args=[rappel.pk]), values)
    client.post(reverse("level-move", args=[rappel.pk]), {"to": "up"})
    client.post(reverse("level-switch", args=[rappel.pk]), {"active": "no"})

    rappel.refresh_from_db()
    assert (rappel.name, rappel.rank, rappel.active) == ("Second rappel", 1, False)


def test_the_first_level_does_not_go_before_the_due_date(client) -> None:
    answer = client.post(
        reverse("level-move", args=[level(1).pk]), {"to": "up"}, follow=True
    )
    assert "avant tous les autres" in answer.content.decode()


def test_a_level_in_a_procedure_is_not_deleted(client) -> None:
    found = level(2)
    answer = client.post(reverse("level-delete", args=[found.pk]), follow=True)
    assert "désactivez-le plutôt" in answer.content.decode()
    assert level(2) == found


def test_a_procedure_is_built_and_changed(client) -> None:
    tag = Tag.objects.create(name="VIP")
    values = new_procedure(tag=str(tag.pk), amount_from="10 000", amount_of="total")

    assert client.post(reverse("procedure-new"), values).status_code == 302

    made = Procedure.objects.get(name="Grands comptes")
    assert (made.tag, made.amount_from, made.amount_of) == (
        tag,
        Decimal(10000),
        "total",
    )
    shown = client.get(reverse("procedure-edit", args=[made.pk])).context["form"]
    assert shown.initial["amount_from"] == "10000,00"
    page = client.get(reverse("levels")).content.decode()
    page = page.replace("\xa0", " ").replace("\u202f", " ")
    assert "clients étiquetés « VIP »" in page
    assert "total atteint 10 000,00" in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Particuliers"}, "name"),
        ({"regime": "x"}, "regime"),
        ({"tag": "99999"}, "tag"),
        ({"amount_from": "beaucoup"}, "amount_from"),
        ({"amount_from": "0"}, "amount_from"),
        ({"amount_of": "age"}, "amount_of"),
        ({"amount_regime": "x"}, "amount_regime"),
    ],
)
def test_a_bad_procedure_is_refused_under_its_field(client, values, field) -> None:
    answer = client.post(reverse("procedure-new"), new_procedure(**values))
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert Procedure.objects.count() == 4


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("days_after_due", ""),
        ("days_after_due", "0"),
        ("days_after_due", "dix"),
        ("days_after_due", "1,5"),
        ("days_after_due", "9"),
        ("days_to_pay", "-1"),
        ("days_to_pay", "91"),
        ("next_delay", "bientôt"),
    ],
)
def test_bad_days_are_refused_beside_their_level(client, name, said) -> None:
    field = f"{name}-{level(2).pk}"
    answer = client.post(reverse("procedure-new"), new_procedure(**{field: said}))
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert "errorlist" in answer.content.decode()


def test_a_procedure_without_a_level_is_refused_above_the_form(client) -> None:
    values = {"name": "Vide", "amount_of": "balance"}
    answer = client.post(reverse("procedure-new"), values)
    assert "Cochez au moins un niveau" in answer.content.decode()


def test_days_before_the_due_date_are_typed_as_people_say_them(client) -> None:
    pk = level(0).pk
    days = {f"on-{pk}": "on", f"days_after_due-{pk}": "3", f"days_to_pay-{pk}": "0"}
    client.post(reverse("procedure-new"), new_procedure(**days))

    made = Procedure.objects.get(name="Grands comptes")
    assert made.steps.get(level=pk).days_after_due == -3
    shown = client.get(reverse("procedure-edit", args=[made.pk])).context["form"]
    assert shown.initial[f"days_after_due-{pk}"] == 3


def test_a_procedure_is_copied_then_deleted(client) -> None:
    pro = Procedure.objects.get(regime="B2B")

    answer = client.post(reverse("procedure-copy", args=[pro.pk]), follow=True)
    copy = answer.context["procedure"]
    assert "pour personne" in answer.content.decode()

    client.post(reverse("procedure-delete", args=[copy.pk]))
    refused = client.post(reverse("procedure-delete", args=[pro.pk]), follow=True)
    assert "type de client" in refused.content.decode()
    assert list(Procedure.objects.filter(name__startswith="Prof")) == [pro]


def thresholds(**values: str) -> dict[str, str]:
    return {
        "general_delay": "+ 15 days",
        "minimum_interval": "7",
        "minimum_amount": "0",
        "approval_from": "",
    } | values


def test_the_thresholds_are_saved(client) -> None:
    values = thresholds(
        general_delay="3 semaines",
        minimum_interval="10",
        minimum_amount="15,50",
        approval_from="5 000",
    )
    answer = client.post(reverse("levels-thresholds"), values)

    assert answer.status_code == 302
    saved = Company.objects.get()
    assert saved.general_delay == "+ 3 weeks"
    assert saved.minimum_interval == 10
    assert (saved.minimum_amount, saved.approval_from) == (
        Decimal("15.50"),
        Decimal(5000),
    )
    # What the other pages keep is kept.
    assert saved.name == "Ateliers Vauban"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("general_delay", ""),
        ("general_delay", "bientôt"),
        ("minimum_interval", ""),
        ("minimum_interval", "-1"),
        ("minimum_interval", "91"),
        ("minimum_amount", "peu"),
        ("minimum_amount", "-1"),
        ("approval_from", "1,234"),
        ("approval_from", "-1"),
    ],
)
def test_a_bad_threshold_is_refused_under_its_field(client, field, said) -> None:
    answer = client.post(reverse("levels-thresholds"), thresholds(**{field: said}))
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_administrators_change_them(client, request, who) -> None:
    client.force_login(request.getfixturevalue(who))
    pages = [
        reverse("levels"),
        reverse("level-new"),
        reverse("procedure-edit", args=[Procedure.objects.get(regime="B2B").pk]),
    ]
    assert {client.get(page).status_code for page in pages} == {403}
    answer = client.post(reverse("level-switch", args=[level(1).pk]), {"active": "no"})
    assert answer.status_code == 403
    assert level(1).active
