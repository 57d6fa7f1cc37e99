"""Take the pictures of README.md from a fresh demonstration: python docs/pictures.py"""

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1280, "height": 800}
LARGEST = 250_000
# Debian's Chromium speaks English only; a French one shows days like this.
FRENCH_DAYS = """
for (const field of document.querySelectorAll("input[type=date]")) {
  const day = field.value.split("-").reverse().join("/");
  field.type = "text";
  field.value = day;
}
"""
RELANCE = [sys.executable, "-c", "from relance.cli import main; main()"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory(prefix="relance-pictures-") as folder,
        demonstration(Path(folder) / "data") as (address, login, password),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(
            base_url=address, viewport=SIZE, locale="fr-FR", color_scheme="light"
        )
        log_in(page, login, password)
        for name, show in SHOWN.items():
            show(page)
            page.wait_for_load_state("networkidle")
            page.evaluate(FRENCH_DAYS)
            path = PICTURES / f"{name}.png"
            path.write_bytes(reduced(page.screenshot()))
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")
        browser.close()


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
    port = free_port()
    serve = [*RELANCE, "serve", "--port", str(port), "--no-worker"]
    server = subprocess.Popen(serve, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()  # said once it listens
        address = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(address).close()
        yield address, login, password
    finally:
        server.terminate()
        server.wait(30)


def log_in(page: Page, login: str, password: str) -> None:
    page.goto("/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("form.form [type=submit]").click()
    page.wait_for_url("**/tableau-de-bord/")


def dashboard(page: Page) -> None:
    page.goto("/tableau-de-bord/")


def mass_reminders(page: Page) -> None:
    page.goto("/relances/massive/")


def run(page: Page) -> None:
    page.goto("/relances/massive/1/")


def new_reminder(page: Page) -> None:
    """The most telling case: nothing stands against it, and penalties run."""
    page.goto("/relances/nouvelle/")
    choices = page.locator("a[href*='?invoice=']")
    for url in [str(link.get_attribute("href")) for link in choices.all()]:
        page.goto(url)
        warned = page.locator("#draft .notice:is(.warn, .bad)").count()
        if not warned and page.get_by_text("Indemnité forfaitaire").count():
            break
    for picture in page.locator(".preview img").all():
        picture.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")


SHOWN = {
    "tableau-de-bord": dashboard,
    "relance-massive": mass_reminders,
    "lancee": run,
    "nouvelle-relance": new_reminder,
}


def reduced(png: bytes) -> bytes:
    """Return the picture in as many colours as keep it under the limit."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        few = picture.quantize(colours, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        if out.tell() < LARGEST:
            break
    return out.getvalue()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
