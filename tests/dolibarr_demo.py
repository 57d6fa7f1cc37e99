"""A Dolibarr to try things on: ``python -m tests.dolibarr_demo`` prints its
address and key, and listens until its input ends."""

from __future__ import annotations

import sys
from datetime import date, timedelta

from tests.dolibarr_server import DolibarrServer

NAMES = (
    ("Établissements Dupré & Cie", "Nantes", "44000"),
    ("Boulangerie Le Goff", "Quimper", "29000"),
    ("Menuiserie Kerbrat", "Vannes", "56000"),
    ("Cabinet d’architecture Ôméga", "Rennes", "35000"),
    ("Œuvrard Traiteur", "Angers", "49000"),
    ("Hôtel des Îles", "Saint-Malo", "35400"),
)


def fill(server: DolibarrServer, *, today: date) -> None:
    """A few customers with invoices that are late, partly paid, credited, not due."""
    for name, town, postcode in NAMES:
        customer = server.add_customer(name, town=town, zip=postcode)
        contact = server.add_contact(customer)
        for late, total in ((75, "1284.50"), (32, "640"), (9, "2310.20"), (-20, "450")):
            due = today - timedelta(days=late)
            issued = due - timedelta(days=30)
            id = server.add_invoice(customer, total, issued=issued, due=due)
            server.attach(contact, id)
            server.keep_pdf(id)
    server.pay(1, "500", on=today - timedelta(days=12))
    server.use(server.add_invoice(customer, "-120", kind=2), id, "120")


def main() -> None:
    with DolibarrServer() as server:
        fill(server, today=date.today())  # noqa: DTZ011
        sys.stdout.write(f"{server.address} {server.key}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
