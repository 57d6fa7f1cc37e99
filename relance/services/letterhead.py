"""What the company prints on all its pages: sender, signatory, legal line."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.gateways.blocks import Box, Paragraph, Span
from relance.models import Company, Signatory


def sender(ours: Company) -> tuple[str, ...]:
    """Return the sender's block, the name first."""
    place = f"{ours.postcode} {ours.city}".strip()
    lines = (ours.name, *ours.address.splitlines(), place, ours.phone, ours.email)
    return tuple(line.strip() for line in lines if line.strip())


def place_and_date(ours: Company, day: str) -> str:
    """Return ``Lyon, le 24 novembre 2026`` in the active language."""
    place = {"city": ours.city, "day": day}
    return _("%(city)s, %(day)s") % place if ours.city else day


def footer(ours: Company) -> str:
    """Return the legal line of a business letter (art. R123-237 and R123-238 of
    the Code de commerce): name, form, capital, SIREN, register, seat."""
    name = f"{ours.name} {ours.legal_form}".strip()
    if ours.capital:
        name = f"{name} au capital de {ours.capital}"
    siren = ours.siren
    if len(siren) == 9:
        siren = f"{siren[:3]} {siren[3:6]} {siren[6:]}".replace(" ", wording.NO_BREAK)
    register = f"{siren} R.C.S. {ours.registry_city}" if ours.registry_city else siren
    vat = f"TVA {ours.vat_number}" if ours.vat_number else ""
    seat = ", ".join(
        [*ours.address.splitlines(), f"{ours.postcode} {ours.city}".strip()]
    )
    return " · ".join(part for part in (name, register, vat, seat) if part.strip())


def signatory(signs: Signatory | None, *, language: str) -> tuple[str, ...]:
    """Return the lines under which somebody signs, the name first."""
    if signs is None:
        return ()
    return tuple(filter(None, (signs.name, signs.position_in(language))))


def bank_note(ours: Company, *, day: date) -> tuple[Paragraph, ...]:
    """Return what letters of a day say about a new account, if anything."""
    until = ours.bank_note_until
    if not ours.bank_note or (until is not None and day > until):
        return ()
    return (Paragraph(spans=(Span(text=ours.bank_note),)),)


def bank_box(ours: Company, *, reference: str, language: str) -> Box:
    """Return the bank details and the reference to quote."""
    label = "Reference" if language == "en" else "Référence"
    lines = [("IBAN", wording.iban(ours.iban))]
    if ours.bic:
        lines.append(("BIC", ours.bic))
    lines.append((label, reference))
    return Box(lines=tuple(lines))
