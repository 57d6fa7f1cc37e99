"""Dolibarr's REST API, versions 16 to 24: what Relance reads there.

Of the amounts of an invoice only what remains to pay is present and right in every
version: nothing is computed from the others.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from relance.gateways import dolibarr_content as content
from relance.gateways.dolibarr_client import PAGE, Client, Row, identity
from relance.gateways.dolibarr_content import (
    Contact,
    Customer,
    Document,
    Invoice,
    Payment,
    Person,
)
from relance.gateways.dolibarr_errors import DolibarrError, Kind

__all__ = ["Client", "Dolibarr", "DolibarrError", "Kind", "ServerStatus"]

# Ids of one request: an address has a length.
TOGETHER: Final = 200
# Ids alone are small.
IDS: Final = 5000
_INVOICE: Final = (
    "id,ref,type,socid,status,statut,paye,close_code,close_note,date,"
    "date_lim_reglement,total_ttc,remaintopay,multicurrency_code,"
    "multicurrency_total_ttc,ref_client,ref_customer,mode_reglement_code,"
    "fk_facture_source,contacts_ids,last_main_doc,array_options"
)
_CUSTOMER: Final = (
    "id,name,code_client,address,zip,town,country_code,default_lang,email,phone,"
    "idprof1,idprof2,tva_intra,typent_code,client,array_options"
)
_CONTACT: Final = (
    "id,socid,fk_soc,lastname,firstname,email,mail,phone_pro,phone_mobile,address,"
    "zip,town,country_code,statut"
)


@dataclass(frozen=True, kw_only=True)
class ServerStatus:
    """``zone`` is empty where Dolibarr hides it (production mode)."""

    version: str
    zone: str = ""

    @property
    def major(self) -> int:
        first = self.version.split(".")[0]
        return int(first) if first.isdigit() else 0


class Dolibarr:
    """What is read, noun by noun, through one client."""

    def __init__(
        self, client: Client, *, zone: ZoneInfo, currency: str = "EUR"
    ) -> None:
        self.client, self.zone, self._currency = client, zone, currency
        # What lists held that cannot be read, each with its reason: one bad record
        # keeps no other away.
        self.unreadable: list[tuple[str, DolibarrError]] = []

    def status(self) -> ServerStatus:
        """Return version and time zone; this answers to every key that is right."""
        found = self.client.row("status")
        told = found.get("success")
        if not isinstance(told, dict) or not told.get("dolibarr_version"):
            raise DolibarrError(Kind.NOT_DOLIBARR, "200")
        return ServerStatus(
            version=content.text(told, "dolibarr_version"),
            zone=content.text(told, "timestamp_php_tz"),
        )

    def person(self) -> Person:
        """Return the user behind the key; needs "créer/modifier ses informations"."""
        return content.person(self.client.row("users/info"))

    # --- customers and contacts -------------------------------------------------

    def customers(
        self, *, after: int = 0, since: str = "", size: int = PAGE
    ) -> Iterator[list[Customer]]:
        """Read the customers by pages, those changed since an instant if one is given
        (``2026-11-24 00:00:00``, in the zone of the database)."""
        params: dict[str, str | int] = {"mode": 1, "properties": _CUSTOMER}
        params |= _changed(since)
        for page in self.client.pages("thirdparties", params, after=after, size=size):
            yield [content.customer(row) for row in page]

    def customer(self, id: int) -> Customer:
        return content.customer(self.client.row(f"thirdparties/{id}"))

    def contacts(
        self, *, after: int = 0, since: str = "", size: int = PAGE
    ) -> Iterator[list[Contact]]:
        params = {"properties": _CONTACT} | _changed(since)
        for page in self.client.pages("contacts", params, after=after, size=size):
            yield [content.contact(row) for row in page]

    def contact(self, id: int) -> Contact:
        return content.contact(self.client.row(f"contacts/{id}"))

    def billing_contacts(self, invoice: Invoice, *, major: int) -> tuple[int, ...]:
        """Return the ids of an invoice's billing contacts.

        Each version has its own way: to 21 the invoice itself, from 24 a path of its
        own; between them only the list of invoices names its contacts, without their
        type.
        """
        if major >= 24:
            return _billing(self.client.rows(f"invoices/{invoice.id}/contacts"))
        if 0 < major < 22:
            row = self.client.row(f"invoices/{invoice.id}", {"contact_list": 0})
            found = row.get("contacts_ids")
            return _billing(found if isinstance(found, list) else [])
        return invoice.contacts

    # --- invoices ---------------------------------------------------------------

    def unpaid(self, *, after: int = 0, size: int = PAGE) -> Iterator[list[Invoice]]:
        """Read what is validated and not closed, by pages: credit notes not used,
        deposits, and what is not due yet, too."""
        params = {"status": "unpaid", "properties": _INVOICE}
        for page in self.client.pages("invoices", params, after=after, size=size):
            yield self._all(page)

    def unpaid_ids(self) -> set[int]:
        """Return the ids of what is validated and not closed, and nothing else."""
        params = {"status": "unpaid", "properties": "id"}
        pages = self.client.pages("invoices", params, size=IDS)
        return {identity(row) for page in pages for row in page}

    def contact_ids(self) -> set[int]:
        pages = self.client.pages("contacts", {"properties": "id"}, size=IDS)
        return {identity(row) for page in pages for row in page}

    def used_credits(
        self, *, after: int = 0, since: str = "", size: int = PAGE
    ) -> Iterator[list[Invoice]]:
        """Read the credit notes that are closed: used, or turned into a credit that
        the customer still has."""
        wanted = "(t.type:=:2) and (t.fk_statut:=:2)"
        if since:
            wanted += f" and (t.tms:>=:'{since}')"
        params = {"properties": _INVOICE, "sqlfilters": wanted}
        for page in self.client.pages("invoices", params, after=after, size=size):
            yield self._all(page)

    def count_unpaid(self) -> int | None:
        """Return how many there are; nothing where the version does not count."""
        found = self.client.get(
            "invoices",
            {
                "status": "unpaid",
                "limit": 1,
                "page": 0,
                "properties": "id",
                "pagination_data": "true",
            },
        )
        told = found.get("pagination") if isinstance(found, dict) else None
        if isinstance(told, dict):
            return content.number(told, "total")
        return 0 if found == [] else None

    def invoices(self, ids: Sequence[int]) -> list[Invoice]:
        """Return these invoices as they are now, in as few requests as may be; one
        that is not there any more, or hidden, is not in the answer."""
        found: dict[int, Invoice] = {}
        for start in range(0, len(ids), TOGETHER):
            wanted = ",".join(str(id) for id in ids[start : start + TOGETHER])
            rows = self.client.rows(
                "invoices",
                {
                    "sqlfilters": f"(t.rowid:in:{wanted})",
                    "properties": _INVOICE,
                    "limit": TOGETHER,
                    "page": 0,
                    "sortfield": "t.rowid",
                    "sortorder": "ASC",
                },
            )
            found |= {read.id: read for read in self._all(rows)}
        return list(found.values())

    def invoice(self, id: int) -> Invoice:
        """Return one invoice; raise with ``NOT_FOUND`` when it was deleted."""
        return self._invoice(self.client.row(f"invoices/{id}"))

    def invoice_called(self, ref: str) -> Invoice:
        return self._invoice(self.client.row(f"invoices/ref/{ref}"))

    def payments(self, invoice: int) -> list[Payment]:
        """Return what was paid or credited on an invoice, in the company's currency."""
        rows = self.client.rows(f"invoices/{invoice}/payments")
        return [content.payment(row, zone=self.zone) for row in rows]

    def has_credit(self, credit_note: int) -> bool:
        """Say whether a closed credit note is still the customer's to use."""
        try:
            row = self.client.row(f"invoices/{credit_note}/discount")
        except DolibarrError as error:
            if error.kind == Kind.NOT_FOUND:
                return False
            raise
        used = ("fk_facture", "fk_facture_line")
        return not any(content.number(row, name) for name in used)

    def _all(self, rows: Iterable[Row]) -> list[Invoice]:
        read = []
        for row in rows:
            try:
                read.append(self._invoice(row))
            except DolibarrError as error:
                self.unreadable.append((content.text(row, "ref"), error))
        return read

    def _invoice(self, row: Row) -> Invoice:
        return content.invoice(row, zone=self.zone, currency=self._currency)

    # --- files ------------------------------------------------------------------

    def documents(self, invoice: int) -> list[Document]:
        rows = self.client.rows("documents", {"modulepart": "invoice", "id": invoice})
        return [content.document(row) for row in rows]

    def download(self, path: str) -> bytes:
        """Return a file of an invoice; the path is what ``documents`` gave."""
        params = {"modulepart": "facture", "original_file": path}
        return _file(self.client.row("documents/download", params))

    def build(self, ref: str, *, language: str = "fr_FR") -> bytes:
        """Have the PDF of an invoice made, and return it; needs "créer/modifier les
        factures"."""
        body = {
            "modulepart": "invoice",
            "original_file": f"{ref}/{ref}.pdf",
            "doctemplate": "",
            "langcode": language,
        }
        made = self.client.send("PUT", "documents/builddoc", body)
        return _file(made if isinstance(made, dict) else {})

    def pdf(self, invoice: Invoice, *, build: bool) -> bytes | None:
        """Return the PDF of an invoice: the one named after it, else the newest that
        Dolibarr made; made now if there is none and that is allowed."""
        found = [
            one
            for one in self.documents(invoice.id)
            if one.name.lower().endswith(".pdf")
        ]
        named = [one for one in found if one.name == f"{invoice.ref}.pdf"]
        made = [one for one in found if one.generated]
        for one in [*named, *sorted(made, key=lambda one: -one.made_at)][:1]:
            with suppress(DolibarrError):
                return self.download(one.path)
        return self.build(invoice.ref) if build else None


def _billing(rows: Iterable[object]) -> tuple[int, ...]:
    return tuple(
        content.number(row, "id")
        for row in rows
        if isinstance(row, dict)
        and row.get("code") == "BILLING"
        and row.get("source", "external") == "external"
    )


def _changed(since: str) -> dict[str, str]:
    return {"sqlfilters": f"(t.tms:>=:'{since}')"} if since else {}


def _file(row: Row) -> bytes:
    try:
        return base64.b64decode(str(row.get("content") or ""), validate=True)
    except binascii.Error as error:
        raise DolibarrError(Kind.UNREADABLE, content.text(row, "filename")) from error
