"""Which account an invoice says to pay to, as far as its PDF can be read."""

from __future__ import annotations

from relance.gateways.pdf_ibans import ibans_in
from relance.models import BankChange, Company


def pdf_account(data: bytes) -> str:
    """Return the account that the PDF names: ours when it is there, or one that was
    or will be ours, else the first; empty when there is none."""
    found = ibans_in(data)
    if not found:
        return ""
    ours = Company.objects.values_list("iban", flat=True).first()
    known = [ours, *_others_of_ours()]
    return next((iban for iban in known if iban in found), found[0])


def _others_of_ours() -> list[str]:
    changes = BankChange.objects.exclude(state=BankChange.State.REFUSED)
    return [
        iban for pair in changes.values_list("iban", "former_iban") for iban in pair
    ]
