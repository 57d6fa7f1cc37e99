"""Picture every default text: ``.venv/bin/python docs/texts.py``.

Each text × language × customer type × channel is set on a sample and kept as
``docs/texts/LANGUAGE/….png`` (pages one under the other): one invoice, partly paid,
with a reminder before it, or three invoices for the grouped texts. E-mails need a
Chromium; where there is none they are left as they are.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["RELANCE_DATA"] = tempfile.mkdtemp(prefix="relance-texts-")
os.environ["DJANGO_SETTINGS_MODULE"] = "relance.settings"

import django  # noqa: E402

django.setup()

from PIL import Image  # noqa: E402

from relance.gateways import typesetter  # noqa: E402
from relance.gateways.markup import MarkupError  # noqa: E402
from relance.models import Channel, Invoice, Text  # noqa: E402
from relance.rules.regimes import Regime  # noqa: E402
from relance.services import contents, drafts  # noqa: E402
from relance.services.look import current_look  # noqa: E402
from relance.services.preparing import prepare  # noqa: E402
from tests import make  # noqa: E402

FOLDER = ROOT / "docs" / "texts"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
# Before the first invoice is due: a courtesy letter.
EARLY = date(2026, 9, 24)
PPI = 66


def main() -> None:
    prepare(now=NOW)
    make.company(
        mediator_name="Médiation Artisanat",
        mediator_contact="www.mediation-artisanat.example",
    )
    bills: list[tuple[str, str]] = []
    for text, regime in cases():
        name = f"{text.level.rank}-{text.channel}-{_count(text)}-{regime.value}"
        target = FOLDER / text.language / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            made = content(text, regime)
        except (MarkupError, KeyError, ValueError) as missing:
            print(f"{target.relative_to(ROOT)}: {missing}")
            continue
        if made.letter is None:
            bills.append((str(target), made.html))
        else:
            save([*pages(made.letter)], target)
    emails(bills)
    print(f"{len(list(FOLDER.rglob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}")


def cases() -> Iterator[tuple[Text, Regime]]:
    """Yield each text with every customer type that it serves."""
    texts = list(Text.objects.filter(current=True).select_related("level"))
    own = {(_key(text), text.regime) for text in texts if text.regime}
    for text in texts:
        for regime in Regime:
            served = text.regime == regime.value or (
                not text.regime and (_key(text), regime.value) not in own
            )
            if served:
                yield text, regime


def _key(text: Text) -> tuple[int, str, str, bool]:
    return text.level.rank, text.channel, text.language, text.grouped


def _count(text: Text) -> str:
    return "grouped" if text.grouped else "single"


_NAMES = {
    Regime.B2B: "Transports Girerd",
    Regime.B2C: "Mme Hélène Guichard",
    Regime.PUBLIC: "Commune de Saint-Aubin",
    Regime.NON_PRO: "Association Les Amis du Vieux Pont",
}


def content(text: Text, regime: Regime) -> contents.Content:
    """Return the text on a sample: due 54 days ago, a quarter of it paid; a courtesy
    letter, a week before."""
    channel = Channel.EMAIL if text.channel == "email" else Channel.LETTER
    if channel == Channel.LETTER and text.level.is_formal_notice:
        channel = Channel.REGISTERED
    first, *others = sample(text.language, regime)
    wish = drafts.Wish(
        invoice=first,
        channel=channel,
        level=text.level,
        others=tuple(
            drafts.Part(invoice=bill, level=text.level)
            for bill in (others if text.grouped else [])
        ),
    )
    days = (date(2026, 10, 12), date(2026, 11, 2))[: max(text.level.rank - 1, 0)]
    today = TODAY if text.level.rank else EARLY
    draft = replace(drafts.draft(wish, today=today), text=text, previous_dates=days)
    made = contents.content_of(draft, number=431)
    return replace(made, letter=None) if text.channel == "email" else made


def sample(language: str, regime: Regime) -> list[Invoice]:
    """Return three invoices of one customer, the first partly paid."""
    known = Invoice.objects.filter(
        customer__regime=regime.value, customer__language=language
    ).select_related("customer", "document")
    if not known.exists():
        owner = make.customer(
            name=_NAMES[regime],
            legal_form="SAS" if regime == Regime.B2B else "",
            regime=regime.value,
            language=language,
        )
        bill = make.invoice(owner, subject="Agencement de la salle d’accueil")
        make.payment(bill, "300.00")
        make.invoice(owner, total=Decimal("845.50"), due_date=date(2026, 10, 8))
        make.invoice(owner, total=Decimal("2360.00"), due_date=date(2026, 10, 15))
    return list(known.order_by("pk"))


def pages(letter: typesetter.Letter) -> Iterator[Image.Image]:
    [pdf] = typesetter.letters_pdf([letter], current_look([letter]))
    if isinstance(pdf, typesetter.TypesettingError):
        raise pdf
    import pypdfium2

    for page in pypdfium2.PdfDocument(pdf):
        yield page.render(scale=PPI / 72).to_pil()


def save(images: list[Image.Image], target: Path) -> None:
    """Write the pages one under the other, in few colours."""
    height = sum(image.height for image in images) + 6 * (len(images) - 1)
    sheet = Image.new("RGB", (max(image.width for image in images), height), "#888")
    top = 0
    for image in images:
        sheet.paste(image, (0, top))
        top += image.height + 6
    sheet.quantize(24).save(target, optimize=True)


def emails(bills: list[tuple[str, str]]) -> None:
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if found is None:
        print("No Chromium: the e-mails keep the pictures that they had.")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 640, "height": 200})
        for target, html in bills:
            page.set_content(html)
            shot = page.screenshot(full_page=True)
            save([Image.open(io.BytesIO(shot)).convert("RGB")], Path(target))
        browser.close()


if __name__ == "__main__":
    main()
