"""What people have written in a Dolibarr, and what they do there.

Rows look as the API shows them: numbers are strings of eight decimals, days are
instants of midnight in Paris, and a partial payment leaves ``tms`` as it was.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pikepdf

Row = dict[str, Any]
PARIS = ZoneInfo("Europe/Paris")


def stamp(on: date) -> int:
    """Return a day as Dolibarr gives it: the instant at which it begins in Paris."""
    return int(datetime.combine(on, time(0), PARIS).timestamp())


def eight(amount: Decimal | str) -> str:
    return f"{Decimal(amount):.8f}"


def short(amount: Decimal) -> str:
    """Return an amount as ``remaintopay`` is: without zeros at its end."""
    return f"{amount.quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".") or "0"


def _blank_pdf() -> bytes:
    pdf, file = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.save(file)
    return file.getvalue()


@dataclass
class Books:
    customers: dict[int, Row] = field(default_factory=dict)
    contacts: dict[int, Row] = field(default_factory=dict)
    invoices: dict[int, Row] = field(default_factory=dict)
    # By invoice: rows as /invoices/{id}/payments gives them.
    payments: dict[int, list[Row]] = field(default_factory=dict)
    # By invoice: the credit notes used on it, with how much of each.
    credits: dict[int, list[tuple[int, Decimal]]] = field(default_factory=dict)
    # Credit notes turned into a credit that the customer may use.
    converted: set[int] = field(default_factory=set)
    # By invoice: its external contacts, all of them for billing.
    attached: dict[int, list[int]] = field(default_factory=dict)
    # By number of invoice: its files.
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    uploaded: set[tuple[str, str]] = field(default_factory=set)
    events: dict[int, Row] = field(default_factory=dict)
    # The moment of the next change, as the database writes it.
    moment: str = "2026-11-24 09:00:00"
    blank_pdf: bytes = field(default_factory=_blank_pdf)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def add_customer(self, name: str = "Établissements Dupré", **values: Any) -> int:
        id = len(self.customers) + 1
        self.customers[id] = {
            "id": str(id),
            "name": name,
            "client": "1",
            "code_client": f"CU2611-{id:05d}",
            "address": "3 quai de la Fosse",
            "zip": "44000",
            "town": "Nantes",
            "country_code": "FR",
            "default_lang": "fr_FR",
            "email": f"compta{id}@client.example",
            "phone": "0210203040",
            "idprof1": "",
            "idprof2": "",
            "tva_intra": None,
            "array_options": [],
            "_tms": self.moment,
            **values,
        }
        return id

    def change_customer(self, id: int, **values: Any) -> None:
        self.customers[id] |= {**values, "_tms": self.moment}

    def add_contact(
        self, customer: int, lastname: str = "Bréchet", **values: Any
    ) -> int:
        id = len(self.contacts) + 1
        self.contacts[id] = {
            "id": str(id),
            "socid": str(customer),
            "lastname": lastname,
            "firstname": "Hélène",
            "email": f"contact{id}@client.example",
            "statut": "1",
            "statut_commercial": "Jamais contact&eacute;",
            "_tms": self.moment,
            **values,
        }
        return id

    def attach(self, contact: int, invoice: int) -> None:
        self.attached.setdefault(invoice, []).append(contact)

    def contacts_of(self, invoice: int) -> list[Row]:
        return [
            {**self.contacts[id], "code": "BILLING", "source": "external"}
            for id in self.attached.get(invoice, [])
        ]

    def add_invoice(
        self,
        customer: int,
        total: str = "1200",
        *,
        issued: date = date(2026, 9, 1),
        due: date | None = date(2026, 10, 1),
        kind: int = 0,
        status: int = 1,
        **values: Any,
    ) -> int:
        id = len(self.invoices) + 1
        letters = {2: "AV", 3: "AC"}.get(kind, "FA")
        self.invoices[id] = {
            "id": str(id),
            "ref": f"{letters}{issued:%y%m}-{id:04d}" if status else f"(PROV{id})",
            "type": str(kind),
            "socid": str(customer),
            "status": str(status),
            "statut": str(status),
            "paye": "0",
            "close_code": None,
            "close_note": None,
            "date": stamp(issued),
            "date_lim_reglement": stamp(due) if due else "",
            "total_ttc": eight(total),
            "multicurrency_code": "EUR",
            "multicurrency_total_ttc": eight(total),
            "ref_client": f"BC-{id}",
            "ref_customer": f"BC-{id}",
            "mode_reglement_code": "VIR",
            "fk_facture_source": None,
            "last_main_doc": None,
            "array_options": [],
            "_tms": self.moment,
            **values,
        }
        return id

    def change_invoice(self, id: int, **values: Any) -> None:
        self.invoices[id] |= {**values, "_tms": self.moment}

    def invoice_row(self, id: int) -> Row:
        """Return an invoice as it is now, with what remains to pay."""
        row = self.invoices[id]
        paid = sum(Decimal(one["amount"]) for one in self.payments.get(id, []))
        credited = sum(amount for _credit, amount in self.credits.get(id, []))
        return {
            **row,
            "totalpaid": float(paid),
            "totalcreditnotes": eight(credited) if credited else None,
            "remaintopay": short(Decimal(row["total_ttc"]) - paid - credited),
        }

    def remaining(self, id: int) -> Decimal:
        return Decimal(self.invoice_row(id)["remaintopay"])

    def pay(
        self, invoice: int, amount: str, *, on: date = date(2026, 10, 30), **values: Any
    ) -> str:
        """Record money: the invoice is closed once nothing remains, and only then
        does its ``tms`` move."""
        ref = f"PAY{on:%y%m}-{next(self._numbers):04d}"
        self.payments.setdefault(invoice, []).append(
            {
                "amount": eight(amount),
                "type": "VIR",
                "typeline": "payment",
                "date": f"{on} 00:00:00",
                "num": f"VIR-{ref}",
                "ref": ref,
                **values,
            }
        )
        if self.remaining(invoice) <= 0:
            self.close(invoice, paid=True)
        return ref

    def unpay(self, invoice: int, ref: str) -> None:
        self.payments[invoice] = [
            one for one in self.payments[invoice] if one["ref"] != ref
        ]
        if self.invoices[invoice]["status"] == "2":
            self.change_invoice(invoice, status="1", statut="1", paye="0")

    def distribute(self, body: Row) -> int:
        """What ``POST /invoices/paymentsdistributed`` does."""
        on = datetime.fromtimestamp(int(body["datepaye"]), PARIS).date()
        for invoice, told in body["arrayofamounts"].items():
            number = str(body.get("num_payment", ""))
            self.pay(int(invoice), str(told["amount"]), on=on, num=number)
        return len(self.payments)

    def close(
        self, invoice: int, *, paid: bool = False, code: str | None = None
    ) -> None:
        self.change_invoice(
            invoice,
            status="2",
            statut="2",
            paye="1" if paid else "0",
            close_code=code,
        )

    def abandon(self, invoice: int, code: str = "abandon") -> None:
        self.change_invoice(invoice, status="3", statut="3", close_code=code)

    def convert(self, credit: int) -> None:
        """Turn a credit note into a credit that the customer may use."""
        self.converted.add(credit)
        self.close(credit, paid=True)

    def use(self, credit: int, invoice: int, amount: str) -> None:
        """Set a credit note against an invoice, whose ``tms`` does not move."""
        self.convert(credit)
        self.credits.setdefault(invoice, []).append((credit, Decimal(amount)))
        if self.remaining(invoice) <= 0:
            self.close(invoice, paid=True)

    def payments_of(self, invoice: int) -> list[Row]:
        used = [
            {
                "amount": eight(amount),
                "type": "(CREDIT_NOTE)",
                "typeline": "discount",
                "date": self.moment,
                "num": "",
                "ref": self.invoices[credit]["ref"],
            }
            for credit, amount in self.credits.get(invoice, [])
        ]
        return [*self.payments.get(invoice, []), *used]

    def add_event(self, body: Row) -> int:
        id = len(self.events) + 1
        self.events[id] = {**body, "id": str(id)}
        return id

    def keep_pdf(self, invoice: int) -> None:
        ref = self.invoices[invoice]["ref"]
        self.files.setdefault(ref, {})[f"{ref}.pdf"] = self.blank_pdf
