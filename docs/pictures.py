"""Take the pictures of the help and of README.md: python docs/pictures.py [NAME …]

From a fresh demonstration, in both languages, into relance/help/LANGUAGE/pictures.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fec
from PIL import Image
from playwright.sync_api import (
    Browser,
    FilePayload,
    FloatRect,
    Locator,
    Page,
    ViewportSize,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parents[1]
HELP = ROOT / "relance" / "help"
LANGUAGES = ("fr", "en")
SIZE: ViewportSize = {"width": 1280, "height": 800}
# Few colours, all exact: screens stay sharper than in a photograph's compression,
# and weigh half.
COLOURS = 64
# Debian's Chromium speaks English only; a French one shows days like this.
FRENCH_DAYS = """
for (const field of document.querySelectorAll("input[type=date]")) {
  const day = field.value.split("-").reverse().join("/");
  field.type = "text";
  field.value = day;
}
"""
# The end of what a part holds, where nothing lies over it.
LAST_LINE = """
part => {
  const last = (part.lastElementChild ?? part).getBoundingClientRect().bottom;
  const bar = document.querySelector(".action-bar")?.getBoundingClientRect().top;
  return Math.min(last + 24, bar && bar < last ? bar : innerHeight, innerHeight);
}
"""
RELANCE = [sys.executable, "-c", "from relance.cli import main; main()"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]


def main() -> None:
    names = sys.argv[1:] or [*SCENES, *BEFORE_SETUP]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory(prefix="relance-pictures-") as folder,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if scenes := {name: SCENES[name] for name in names if name in SCENES}:
            with demonstration(Path(folder) / "demo") as (address, login, password):
                for page, target in pages(browser, address):
                    log_in(page, login, password)
                    take(scenes, page, target)
        if scenes := {n: BEFORE_SETUP[n] for n in names if n in BEFORE_SETUP}:
            with served(Path(folder) / "empty") as address:
                for page, target in pages(browser, address):
                    take(scenes, page, target)
        browser.close()


def pages(browser: Browser, address: str) -> Iterator[tuple[Page, Path]]:
    """Yield a page that speaks each language, and where its pictures go."""
    for language in LANGUAGES:
        context = browser.new_context(
            base_url=address, viewport=SIZE, locale="fr-FR", color_scheme="light"
        )
        chosen = {"name": "django_language", "value": language, "url": address}
        context.add_cookies([chosen])
        yield context.new_page(), HELP / language / "pictures"
        context.close()


def take(scenes: dict[str, Scene], page: Page, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, show in scenes.items():
        part = show(page)
        page.wait_for_load_state("networkidle")
        page.evaluate(FRENCH_DAYS)
        path = target / f"{name}.webp"
        shot = page.screenshot(clip=None if part is None else seen_of(part))
        picture = Image.open(io.BytesIO(shot)).convert("RGB")
        few = picture.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")
        few.save(path, "WEBP", lossless=True, quality=100, method=6)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


def seen_of(part: Locator) -> FloatRect:
    """Return what the window shows of a part of the page, down to its last line."""
    part.evaluate("part => part.scrollIntoView({ block: 'start' })")
    box = part.bounding_box()
    assert box is not None
    bottom = part.evaluate(LAST_LINE)
    return {
        "x": box["x"],
        "y": max(box["y"], 0),
        "width": box["width"],
        "height": bottom - max(box["y"], 0),
    }


@contextmanager
def demonstration(data: Path) -> Iterator[tuple[str, str, str]]:
    """Build the made-up company, serve it; give its address, login and password."""
    environment = os.environ | {"RELANCE_DATA": str(data), "NO_COLOR": "1"}
    build = [*RELANCE, "demo", "--no-serve"]
    said = subprocess.run(
        build, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    login = re.findall(r"\S+@\S+\.\w+", said)[-1]
    password = said.split()[-1]
    with served(data) as address:
        yield address, login, password


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve the data of a folder, and give the address."""
    environment = os.environ | {"RELANCE_DATA": str(data), "NO_COLOR": "1"}
    port = free_port()
    serve = [*RELANCE, "serve", "--port", str(port), "--no-worker"]
    server = subprocess.Popen(serve, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()  # said once it listens
        address = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(address).close()
        yield address
    finally:
        server.terminate()
        server.wait(30)


def log_in(page: Page, login: str, password: str) -> None:
    page.goto("/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("form.form [type=submit]").click()
    page.wait_for_url("**/tableau-de-bord/")


def screen(path: str) -> Scene:
    """Show a screen without the menu beside it."""

    def show(page: Page) -> Locator:
        page.goto(path)
        return page.locator("main")

    return show


def whole(path: str) -> Scene:
    """Show a screen with its menu."""

    def show(page: Page) -> None:
        page.goto(path)

    return show


def open_line(page: Page) -> Locator:
    page.goto("/relances/massive/")
    line = page.locator("tbody[id^=row-]").first
    line.locator("[aria-expanded]").click()
    line.locator(".opened").wait_for()
    return line


def new_reminder(page: Page) -> None:
    """The most telling case: nothing stands against it, and penalties run."""
    page.goto("/relances/nouvelle/")
    choices = page.locator("a[href*='?invoice=']")
    for url in [str(link.get_attribute("href")) for link in choices.all()]:
        page.goto(url)
        warned = page.locator("#draft .notice:is(.warn, .bad)").count()
        if not warned and page.locator("#draft").get_by_text("40,00").count():
            break
    for picture in page.locator(".preview img").all():
        picture.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")


def credit_note(page: Page) -> Locator:
    page.goto("/factures/?which=credits")
    page.locator("td.main-cell a, tbody td a").first.click()
    return page.locator("main")


def first_of(path: str) -> Scene:
    """Show the first card of a list."""

    def show(page: Page) -> Locator:
        page.goto(path)
        page.locator("tbody td a").first.click()
        return page.locator("main")

    return show


def calculation(page: Page) -> Locator:
    page.goto("/penalites/?regime=B2B&amount=3600&due=2026-05-15&until=2026-06-30")
    return page.locator("main")


def text_editor(page: Page) -> None:
    """The letter of a formal notice to a business: levels stand in their order."""
    page.goto("/configuration/textes/")
    page.locator("a.case[href$='/courrier/fr/une/B2B/']").last.click()
    page.locator(".preview img").first.wait_for()


def simulation(page: Page) -> Locator:
    page.goto("/relances/simulateur/")
    page.locator("form:has([name=amount]) [type=submit]").click()
    return page.locator("main")


def dolibarr(page: Page) -> Locator:
    """A connection that was just tried, on the Dolibarr of the tests."""
    serve = [sys.executable, "-m", "tests.dolibarr_demo"]
    pipe = subprocess.PIPE
    with subprocess.Popen(serve, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as there:
        assert there.stdout is not None
        address, key = there.stdout.readline().split()
        page.goto("/imports/dolibarr/")
        page.locator("[name=address]").fill(address)
        page.locator("[name=key]").fill(key)
        page.locator("form:has([name=address]) [type=submit]").click()
        page.locator("#findings").wait_for()
        there.communicate()
    return page.locator("main")


SPREADSHEET = """N° facture;Code client;Client;Date facture;Échéance;TTC;Déjà réglé
FV-2026-101;411DUR;Durand Menuiserie;05/09/2026;05/10/2026;1 240,00;240,00
FV-2026-102;411DUR;Durand Menuiserie;31/09/2026;15/10/2026;300,00;
FV-2026-103;411LEM;Lemaire & Fils;20/09/2026;;1 890,00;90,00
AV-2026-012;411OLI;Atelier Olivier;23/09/2026;;-50,00;
"""


def spreadsheet(page: Page) -> None:
    page.goto("/imports/tableur/")
    page.set_input_files(
        "[name=upload]",
        {
            "name": "factures.csv",
            "mimeType": "text/csv",
            "buffer": SPREADSHEET.encode(),
        },
    )
    page.locator("main form [type=submit]").first.click()
    page.locator("form:has(table) [type=submit]").last.click()
    page.locator(".action-bar").wait_for()


def ledger(page: Page) -> None:
    """A ledger that was just read, with what its payments would settle."""
    page.goto("/imports/fec/")
    file: FilePayload = {
        "name": fec.NAME,
        "mimeType": "text/plain",
        "buffer": fec.ledger(),
    }
    page.locator("[type=file]").set_input_files(file)
    page.locator("form:has([type=file]) [type=submit]").click()
    page.locator("a.chip[href*=payments]").click()
    page.evaluate("scrollTo(0, 0)")


type Scene = Callable[[Page], Locator | None]

SCENES: dict[str, Scene] = {
    "tableau-de-bord": whole("/tableau-de-bord/"),
    "relance-massive": whole("/relances/massive/"),
    "relance-massive-ligne": open_line,
    "lots": whole("/relances/massive/1/"),
    "relances": screen("/relances/"),
    "nouvelle-relance": new_reminder,
    "envois-postaux": screen("/envois-postaux/"),
    "boite-d-envoi": screen("/envois/"),
    "factures": screen("/factures/"),
    "factures-fiche": first_of("/factures/"),
    "reglements": screen("/reglements/"),
    "avoirs": credit_note,
    "clients": screen("/clients/"),
    "clients-fiche": first_of("/clients/"),
    "imports": screen("/imports/"),
    "banque": whole("/banque/"),
    "tableur": spreadsheet,
    "fec": ledger,
    "reprise": whole("/imports/reprise/"),
    "doublons": whole("/imports/doublons/"),
    "dolibarr": dolibarr,
    "penalites": calculation,
    "accords": screen("/relances/accords/"),
    "simulateur": simulation,
    "societe": screen("/configuration/"),
    "coordonnees-bancaires": screen("/configuration/banque/"),
    "messagerie": screen("/configuration/messagerie/"),
    "taux": screen("/configuration/taux/"),
    "regles": screen("/configuration/regles/"),
    "textes": text_editor,
    "papier-a-lettres": screen("/configuration/papier-a-lettres/"),
    "niveaux": screen("/configuration/niveaux/"),
    "utilisateurs": screen("/utilisateurs/"),
    "mon-compte": screen("/account/"),
}
BEFORE_SETUP: dict[str, Scene] = {"installation": screen("/installation/")}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
