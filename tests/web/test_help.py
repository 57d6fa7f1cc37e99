"""Each screen has its help, in both languages, true to the words on the screen."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages import mofile
from django.urls import get_resolver, reverse
from markdown_it import MarkdownIt

from relance.gateways import manual
from relance.models import Level
from relance.web.help_pages import PAGES, page_of
from tests import make

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("fr", "en")
NAMES = [manual.INDEX, *(page.name for page in PAGES)]
EACH = [(language, name) for language in LANGUAGES for name in NAMES]
# What is not explained: what is no screen, or leads nowhere one could be puzzled.
NO_SCREENS = {"home", "help", "help-page", "help-picture", "set_language"}
CLOSED = re.compile(
    "account_(signup|login|logout|email|reset|confirm|inactive|request)|usersessions"
)


def names() -> set[str]:
    """Return the name of each URL, allauth's own included."""
    found: set[str] = set()
    waiting = [get_resolver()]
    while waiting:
        for entry in waiting.pop().url_patterns:
            if hasattr(entry, "url_patterns"):
                waiting.append(entry)
            elif entry.name:
                found.add(entry.name)
    return found


def test_each_screen_has_a_help_page():
    screens = {name for name in names() if not CLOSED.match(name)} - NO_SCREENS

    assert {name for name in screens if not page_of(name)} == set()


def test_a_screen_that_nobody_explains_would_be_found():
    assert page_of("planted") == ""
    assert page_of("configuration-planted") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_is_there_and_none_is_forgotten(language):
    kept = {path.stem for path in (manual.FOLDER / language).glob("*.md")}

    assert kept == set(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_lists_each_page(language):
    links = addresses(language, manual.INDEX)

    assert links == [f"{page}.md" for page in sorted(NAMES[1:], key=in_index(links))]


def in_index(links):
    return lambda name: links.index(f"{name}.md") if f"{name}.md" in links else 99


@pytest.mark.parametrize(("language", "name"), EACH)
def test_no_link_and_no_picture_is_dead(language, name):
    folder = manual.FOLDER / language
    for address in addresses(language, name):
        target, _, place = address.partition("#")
        assert (folder / target).is_file(), address
        if place:
            assert place in headings(language, Path(target).stem), address


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_picture_is_left_over(language):
    used = {address for name in NAMES for address in addresses(language, name)}
    kept = (manual.FOLDER / language / manual.PICTURES).glob("*")

    assert {f"{manual.PICTURES}/{path.name}" for path in kept} <= used


def test_the_pictures_stay_light():
    kept = [path.stat().st_size for path in manual.FOLDER.rglob("*.webp")]

    assert max(kept) < 150_000
    assert sum(kept) < 4_000_000


@pytest.mark.parametrize("name", NAMES)
def test_twins_say_the_same_things_in_the_same_order(name):
    shapes = [
        [(token.type, token.tag) for token in tokens(language, name)]
        for language in LANGUAGES
    ]

    assert shapes[0] == shapes[1]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "name"), EACH)
def test_words_in_bold_are_words_of_the_screens(language, name):
    known = interface(language)

    unknown = [words for words in bold(language, name) if not known(words)]

    assert unknown == []


@pytest.mark.parametrize("name", NAMES)
def test_french_pages_keep_to_french_typography(name):
    text = manual.read(name, language="fr")
    words = re.sub(r"\]\([^)]*\)|\|[-|]+\|", "", text)

    assert re.findall(r".{0,20}'.{0,20}", words) == []
    assert re.findall(r".{0,20}[^\u00a0\u202f\s?!][;:?!»](?=\s|$)", words) == []
    assert re.findall(r".{0,20} [;:?!»%€](?=\W|$).{0,20}|« .{0,20}", words) == []


def tokens(language, name):
    text = manual.read(name, language=language)
    return MarkdownIt("commonmark").enable("table").parse(text)


def inlines(language, name):
    for token in tokens(language, name):
        yield from token.children or []


def addresses(language, name):
    """Return what the page refers to, except what is elsewhere on the Internet."""
    found = [
        str(token.attrs.get("href") or token.attrs.get("src"))
        for token in inlines(language, name)
        if token.type in ("link_open", "image")
    ]
    return [address for address in found if not address.startswith("https://")]


def headings(language, name):
    shown = manual.page(manual.read(name, language=language), address=str)
    return re.findall(r'<h\d id="([^"]*)"', shown.html)


def bold(language, name):
    inside = False
    for token in inlines(language, name):
        if token.type == "strong_open":
            inside, said = True, ""
        elif token.type == "strong_close":
            inside = False
            yield said
        elif inside:
            said += token.content


@cache
def patterns(language):
    """Return the interface's words as patterns: a placeholder stands for anything."""
    folder = ROOT / "relance" / "locale" / "fr" / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        messages = list(mofile.read_mo(file))
    said: set[str] = set()
    for message in messages:
        words = message.string if language == "fr" else message.id
        said |= set(words) if isinstance(words, (list, tuple)) else {str(words)}
    fixed = {words for words in said if "%" not in words}
    loose = {
        re.sub(r"%\\?\(\w+\\?\)[sd]", ".+", re.escape(words))
        for words in said - fixed
        if re.sub(r"%\(\w+\)[sd]|\W", "", words)
    }
    return fixed, re.compile("|".join(f"(?:{words})" for words in sorted(loose)))


def interface(language):
    """Return what says whether words are on a screen, or the name of a level."""
    fixed, loose = patterns(language)
    levels = set(Level.objects.values_list("name", flat=True))

    def known(words):
        return (
            words in fixed or words in levels or words in "?" or loose.fullmatch(words)
        )

    return known


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_whoever_has_a_role_reads_each_page(client, bob, language, name):
    client.force_login(bob)
    client.cookies["django_language"] = language

    page = client.get(reverse("help-page", args=[name]))

    assert page.status_code == 200
    title = tokens(language, name)[1].content
    assert f"<title>{title} · Relance</title>" in page.content.decode()


@pytest.mark.django_db
def test_a_screen_leads_to_its_page_and_back(client, bob):
    make.company()
    client.force_login(bob)
    screen = client.get("/factures/?q=Girerd&page=1").content.decode()

    [link] = re.findall(r'class="ask-help"\s+href="([^"]+)"', screen)
    page = client.get(link).content.decode()

    assert link.startswith("/aide/factures/")
    assert 'aria-label="Aide"' in screen
    assert 'href="/factures/?q=Girerd&amp;page=1"' in page
    # The way back survives a look at another page.
    assert re.search(r'href="/aide/\?from=%2Ffactures%2F%3Fq%3DGirerd', page)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""],
)
def test_the_way_back_leads_nowhere_else(client, bob, elsewhere):
    client.force_login(bob)

    page = client.get("/aide/relance-massive/", {"from": elsewhere}).content.decode()

    assert "Retour à l’écran" not in page
    assert "elsewhere.example" not in page.split("<main")[1]


@pytest.mark.django_db
def test_pictures_are_shown_to_whoever_has_a_role(client, bob, charlie):
    url = reverse("help-picture", args=["fr", "relance-massive"])
    assert client.get(url).status_code == 302

    client.force_login(charlie)
    assert client.get(url).status_code == 403

    client.force_login(bob)
    answer = client.get(url)
    assert answer["Content-Type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["fr/nothing", "xx/relance-massive", "fr/README", "fr/..%2F..%2Fsettings"],
)
def test_a_picture_that_is_not_there_is_not_found(client, bob, path):
    client.force_login(bob)

    assert client.get(f"/aide/{path}.webp").status_code == 404


@pytest.mark.django_db
def test_an_unknown_page_is_not_found(client, bob):
    client.force_login(bob)

    assert client.get("/aide/nothing/").status_code == 404
    assert client.get("/aide/README/").status_code == 404


@pytest.mark.parametrize("name", ["../../settings", "a/b", "", "A"])
def test_only_pages_of_the_folder_are_read(name):
    with pytest.raises(manual.MissingPage):
        manual.read(name, language="fr")
    with pytest.raises(manual.MissingPage):
        manual.read("relance-massive", language="../fr")


def test_what_a_page_holds_is_text():
    shown = manual.page(
        "# Title <b>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))",
        address=str,
    )

    assert shown.title == "Title <b>"
    assert "<script" not in shown.html
    assert "<a" not in shown.html


def test_headings_have_the_addresses_of_code_hosts():
    assert manual.anchor("Pourquoi une facture est retenue") == (
        "pourquoi-une-facture-est-retenue"
    )
    assert manual.anchor("L’échéance : quand ?") == "léchéance--quand-"


@pytest.mark.parametrize("path", ["README.md", "docs/README.md"])
def test_the_first_pages_of_the_repository_refer_to_what_is_there(path):
    text = (ROOT / path).read_text("utf-8")
    for address in re.findall(r"\]\(([^)]+)\)", text):
        if not address.startswith("https://"):
            assert ((ROOT / path).parent / address.partition("#")[0]).exists(), address


@pytest.mark.django_db
def test_whoever_installs_reads_the_help_before_anybody_can_log_in(client):
    screen = client.get("/installation/").content.decode()
    page = client.get("/installation/aide/").content.decode()

    assert 'href="/installation/aide/"' in screen
    assert "<h1>Installation</h1>" in page
    # Pictures need a role, which nobody has yet: this one is in the page.
    assert 'src="data:image/webp;base64,' in page
    assert 'href="/installation/"' in page
