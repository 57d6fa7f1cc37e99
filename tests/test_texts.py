"""The default texts: right for each customer type, in both languages, on samples."""

import itertools
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import relance
from relance.gateways import wording
from relance.gateways.markup import (
    Box,
    TableBlock,
    fill,
    fill_line,
    to_html,
    to_json,
    to_plain,
)
from relance.rules.fields import FIELDS, Kind, check, fields_used, resolve
from relance.rules.formal_notice import missing_elements
from relance.rules.regimes import Regime

TEXTS = Path(relance.__file__).parent / "seeds" / "texts"
LANGUAGES = ("fr", "en")
PENALISED = (Regime.B2B, Regime.PUBLIC)
# What may be absent from a real case, each a case of its own.
GAPS = {
    "everything": (),
    "nothing paid": ("facture.deja_regle", "lot.deja_regle"),
    "first reminder": ("relance.precedentes", "relance.precedente_date"),
    "no contact": ("societe.telephone", "societe.email", "societe.lien_paiement"),
    "no optional": (
        "facture.objet",
        "facture.reference_client",
        "interets.taux_legal",
        "mediateur.nom",
        "mediateur.coordonnees",
        "signataire.fonction",
        "penalites.arretees",
        "envoi.recommande",
        "envoi.courrier_joint",
    ),
}


def texts_for(language, *, level, channel, grouped, regime):
    count = "grouped" if grouped else "single"
    name = f"{level}-{channel}-{count}"
    path = TEXTS / language / f"{name}-{regime}.md"
    if not path.exists():
        path = TEXTS / language / f"{name}.md"
    subject, _newline, body = path.read_text(encoding="utf-8").partition("\n")
    return subject.removeprefix("# "), body.strip()


def sample_values(language, *, regime, grouped):
    french = language == "fr"

    def money(amount):
        return wording.money(Decimal(amount), currency="EUR", language=language)

    def day(*parts, weekday=False):
        return wording.long_date(date(*parts), language=language, weekday=weekday)

    values = {
        name: "" for name, field in FIELDS.items() if field.kind != Kind.BLOCK
    } | {
        "societe.nom": "Ateliers Vauban",
        "societe.adresse": "12 rue Vauban, 69006 Lyon",
        "societe.siren": "812 345 676",
        "societe.iban": "FR76 1390 6000 1234 5678 9012 322",
        "societe.bic": "AGRIFRPP839",
        "societe.telephone": "04 78 00 00 00",
        "societe.email": "comptabilite@ateliers-vauban.example",
        "societe.lien_paiement": "https://payer.example/1",
        "signataire.nom": "Claire Vasseur",
        "signataire.fonction": "Responsable comptable",
        "client.nom": "Éts Lefèvre & Fils SAS",
        "client.code": "C00214",
        "client.adresse_bloc": "4 quai de la Fosse\n44000 NANTES",
        "client.civilite": "Madame, Monsieur," if french else "Dear Sir or Madam,",
        "client.code_service": "SERV-12" if regime == Regime.PUBLIC else "",
        "delai_jours": "8",
        "date_limite": day(2026, 12, 9, weekday=True),
        "date_lettre": day(2026, 11, 24),
        "lieu": "Lyon",
        "relance.niveau": "3",
        "relance.reference": "R-00431",
        "relance.precedente_date": day(2026, 11, 4),
        "relance.precedentes": wording.previous_reminders(
            [date(2026, 10, 14), date(2026, 11, 4)], language=language
        ),
        "envoi.mode": "lettre recommandée" if french else "registered letter",
        "envoi.recommande": "oui",
        "envoi.courrier_joint": "oui",
        "total.exigible": money("5440"),
    }
    if grouped:
        values |= {
            "lot.nombre": "3",
            "lot.deja_regle": money("3500"),
            "lot.reste_a_payer": money("5440"),
        }
    else:
        values |= {
            "facture.numero": "FA2609-0151",
            "facture.date": day(2026, 9, 1),
            "facture.echeance": day(2026, 9, 30),
            "facture.total_ttc": money("8940"),
            "facture.deja_regle": money("3500"),
            "facture.reste_a_payer": money("5440"),
            "facture.jours_retard": "55",
            "facture.jours_retard_mots": wording.days(55, language=language),
            "facture.reference_client": "BC-2026-118",
            "facture.objet": "rénovation" if french else "renovation",
        }
    if regime in PENALISED:
        code = "L. 441-10 et D. 441-5" if regime == Regime.B2B else "R. 2192-31"
        values |= {
            "penalites.montant": money("134.94"),
            "penalites.taux": wording.rate(Decimal("12.4"), language=language),
            "penalites.date_calcul": day(2026, 11, 24),
            "penalites.par_jour": money("1.85"),
            "penalites.arretees": day(2026, 6, 30),
            "penalites.base_legale": f"articles {code}",
            "penalites.base_legale_de": f"des articles {code}" if french else code,
            "indemnite.unitaire": money("40"),
            "indemnite.montant": money("120" if grouped else "40"),
            "total.exigible": money("5614.94"),
        }
    else:
        values["interets.taux_legal"] = wording.rate(Decimal("2.62"), language=language)
    if regime == Regime.B2C:
        values |= {
            "mediateur.nom": "Médiation Conso",
            "mediateur.coordonnees": "mediation.example",
        }
    return values


BLOCKS = {
    "tableau.factures": [
        TableBlock(
            header=("Facture", "Reste"),
            rows=(("FA2609-0151", "5 440,00 €"),),
            aligns=("left", "right"),
        )
    ],
    "tableau.sommes": [
        TableBlock(
            header=("", ""),
            rows=(("Principal", "5 440,00 €"),),
            aligns=("left", "right"),
            total=("Total", "5 614,94 €"),
        )
    ],
    "coordonnees_bancaires": [Box(lines=(("IBAN", "FR76 1390 6000"),))],
}
CASES = list(
    itertools.product(
        LANGUAGES, (0, 1, 2, 3), ("letter", "email"), (False, True), Regime
    )
)
EVERY_CASE = pytest.mark.parametrize(
    ("language", "level", "channel", "grouped", "regime"), CASES
)


def _rendered(language, level, channel, grouped, regime, without=()):
    subject, body = texts_for(
        language, level=level, channel=channel, grouped=grouped, regime=regime
    )
    values = sample_values(language, regime=regime, grouped=grouped)
    values |= dict.fromkeys(without, "")
    line = fill_line(resolve(subject, values, regime=regime), values)
    return line, fill(resolve(body, values, regime=regime), values, BLOCKS)


@EVERY_CASE
def test_each_text_passes_the_check(language, level, channel, grouped, regime):
    subject, body = texts_for(
        language, level=level, channel=channel, grouped=grouped, regime=regime
    )
    assert check(subject, regime=regime, grouped=grouped) == ()
    assert check(body, regime=regime, grouped=grouped) == ()


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*/*-*-*.md")), ids=lambda p: p.name)
def test_each_file_is_well_set(path):
    text = path.read_text(encoding="utf-8")
    grouped = "grouped" in path.name
    if path.stem.endswith(("single", "grouped")):
        assert check(text.removeprefix("# "), grouped=grouped) == ()
    assert text == wording.typography(text, language=path.parent.name)
    assert re.match(r"# [^\n]+\n\n\S", text)
    assert text.endswith("\n")
    assert "  " not in text


@pytest.mark.parametrize("without", GAPS.values(), ids=GAPS)
@EVERY_CASE
def test_each_text_reads_well_on_samples(
    language, level, channel, grouped, regime, without
):
    subject, blocks = _rendered(language, level, channel, grouped, regime, without)
    plain = to_plain(blocks)
    everything = f"{subject}\n{plain}"
    assert not re.search(r"[{}\[\]]|__|\*\*", everything)
    assert not re.search(r" {2,}(?=[a-zé])|\(\s*\)| [,.]| \n", to_plain(blocks[:2]))
    assert not re.search(r"\(\s*\)|[^\s] [,.](?!\d)|,,|\.\.", subject)
    for paragraph in to_json(blocks):
        if paragraph["kind"] == "paragraph":
            words = "".join(span["text"] for span in paragraph["spans"])
            assert not re.search(r" {2}|\(\)| [,.)]|\.\.|,,", words), words
            assert words.strip() == words
    assert to_html(blocks).count("<table") == to_json(blocks).__str__().count(
        "'kind': 'table'"
    ) + to_json(blocks).__str__().count("'kind': 'box'")


@pytest.mark.parametrize("without", GAPS.values(), ids=GAPS)
@EVERY_CASE
def test_nobody_is_asked_what_they_do_not_owe(
    language, level, channel, grouped, regime, without
):
    subject, blocks = _rendered(language, level, channel, grouped, regime, without)
    said = f"{subject}\n{to_plain(blocks)}".casefold()
    if regime not in PENALISED:
        # C. com. D441-5 is for professionals; CPCE L111-8 forbids such costs.
        words = r"\b40,00|€40|pénalit|indemnit|compensation|moratoire|441"
        assert not re.search(words, said)
    if regime == Regime.PUBLIC:
        assert "injonction" not in said
        assert "order for payment" not in said
    if regime != Regime.B2C:
        assert not re.search("consommateur|consommation|consumer|mediator", said)


@EVERY_CASE
def test_penalties_are_named_to_those_who_owe_them(
    language, level, channel, grouped, regime
):
    _subject, blocks = _rendered(language, level, channel, grouped, regime)
    said = to_plain(blocks)
    if regime in PENALISED and level == 2:
        assert ("40,00" if language == "fr" else "€40.00") in said
    if regime in PENALISED and level == 3:
        assert ("5\u00a0614,94" if language == "fr" else "5,614.94") in said
        assert ("décompte joint" if language == "fr" else "statement enclosed") in said
        assert ("1,85" if language == "fr" else "1.85") in said
        assert ("L.\u00a0441-10" if regime == Regime.B2B else "2192") in said.replace(
            "L. ", "L.\u00a0"
        )
    if regime == Regime.PUBLIC and level == 3:
        assert re.search(r"mandatement d’office", said)


@pytest.mark.parametrize("without", GAPS.values(), ids=GAPS)
@EVERY_CASE
def test_formal_notices_are_complete(
    language, level, channel, grouped, regime, without
):
    subject, body = texts_for(
        language, level=level, channel=channel, grouped=grouped, regime=regime
    )
    values = sample_values(language, regime=regime, grouped=grouped)
    values |= dict.fromkeys(without, "")
    text = f"{subject}\n\n{body}"
    missing = missing_elements(text, values, regime=regime, grouped=grouped)
    if level == 3:
        assert missing == ()
    else:
        assert {"demand", "legal_effect", "consequence"} <= set(missing)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["letter", "email"])
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("regime", [Regime.B2C, Regime.NON_PRO])
def test_the_sentence_on_interest_stands_without_its_rate(
    language, channel, grouped, regime
):
    _s, known = _rendered(language, 3, channel, grouped, regime)
    _s, unknown = _rendered(
        language, 3, channel, grouped, regime, ("interets.taux_legal",)
    )
    start = "les intérêts au taux légal" if language == "fr" else "statutory rate"
    then = " courent à compter" if language == "fr" else " runs from"
    assert start + then in to_plain(unknown)
    assert start + " (" in to_plain(known)


def test_every_text_shows_the_invoices_and_where_to_pay():
    for language, level, channel, grouped, regime in CASES:
        _subject, body = texts_for(
            language, level=level, channel=channel, grouped=grouped, regime=regime
        )
        used = fields_used(body)
        assert "coordonnees_bancaires" in used
        if channel == "letter" or grouped:
            assert "tableau.factures" in used
        if level == 3 and regime in PENALISED:
            assert body.index("{tableau.factures}") < body.index("{tableau.sommes}")


@pytest.mark.parametrize(
    ("language", "level", "channel", "grouped", "regime"),
    [case for case in CASES if case[1] == 0],
)
def test_before_the_due_date_nobody_is_said_to_be_late(
    language, level, channel, grouped, regime
):
    subject, blocks = _rendered(language, level, channel, grouped, regime)
    said = f"{subject}\n{to_plain(blocks)}".casefold()
    late = r"impay|retard|échue|relance|overdue|outstanding|reminder|was due|fell due"
    demand = r"pénalit|intérêt|\b40,00|indemn|penalt|interest|mise en demeure"
    assert not re.search(f"{late}|{demand}", said)
