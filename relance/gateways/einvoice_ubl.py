"""Read OASIS UBL 2 invoices and credit notes (EN 16931, Peppol)."""

from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from relance.gateways.einvoice_content import (
    Buyer,
    Line,
    Payment,
    Preceding,
    Seller,
    Syntax,
    Vat,
)
from relance.gateways.einvoice_draft import Draft, note, siret_and_siren
from relance.gateways.einvoice_xml import Node, amount, iso_day, number

_SCHEMA: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CREDIT_NOTE: Final = f"{{{_SCHEMA}CreditNote-2}}CreditNote"
ROOTS: Final = (f"{{{_SCHEMA}Invoice-2}}Invoice", _CREDIT_NOTE)
_FAMILIES: Final = (
    f"{_SCHEMA}CommonAggregateComponents-2",
    f"{_SCHEMA}CommonBasicComponents-2",
)


def read(root: etree._Element) -> Draft:
    """Return what the invoice says; raise EInvoiceError for an unreadable value."""
    top = Node(root, families=_FAMILIES)
    credit_note = root.tag == _CREDIT_NOTE
    sums = top.first("LegalMonetaryTotal")
    currency = top.first("DocumentCurrencyCode").text
    tax_totals = [
        tax
        for tax in top.all("TaxTotal")
        if tax.first("TaxAmount").attribute("currencyID") in ("", currency)
    ]
    return Draft(
        syntax=Syntax.UBL,
        guideline=top.first("CustomizationID").text,
        number=top.first("ID").text,
        type_code=_type_code(top, credit_note=credit_note),
        issued_on=iso_day(top.first("IssueDate")),
        due_dates=_due_dates(top),
        service_date=(
            iso_day(top.at("Delivery/ActualDeliveryDate"))
            or iso_day(top.at("InvoicePeriod/EndDate"))
        ),
        currency=currency,
        grand_total=_sum(sums, "TaxInclusiveAmount", currency),
        rounding=_sum(sums, "PayableRoundingAmount", currency),
        prepaid=_sum(sums, "PrepaidAmount", currency),
        payable=_sum(sums, "PayableAmount", currency),
        total_net=_sum(sums, "TaxExclusiveAmount", currency),
        total_tax=next((amount(tax.first("TaxAmount")) for tax in tax_totals), None),
        terms="\n".join(
            terms.first("Note").raw
            for terms in top.all("PaymentTerms")
            if terms.first("Note").raw
        ),
        seller=_seller(top.at("AccountingSupplierParty/Party")),
        buyer=_buyer(top.at("AccountingCustomerParty/Party")),
        payment=_payment(top),
        buyer_reference=top.first("BuyerReference").text,
        order_reference=top.at("OrderReference/ID").text,
        contract_reference=top.at("ContractDocumentReference/ID").text,
        preceding=_preceding(top),
        notes=tuple(note(node.raw) for node in top.all("Note") if node.raw),
        lines=tuple(map(_line, top.all("InvoiceLine", "CreditNoteLine"))),
        vat=tuple(_vat(part) for tax in tax_totals for part in tax.all("TaxSubtotal")),
    )


def _type_code(top: Node, *, credit_note: bool) -> str:
    written = top.first("InvoiceTypeCode", "CreditNoteTypeCode").text
    return written or ("381" if credit_note else "380")


def _sum(sums: Node, name: str, currency: str) -> Decimal | None:
    for node in sums.all(name):
        if node.attribute("currencyID") in ("", currency):
            return amount(node)
    return None


def _due_dates(top: Node) -> tuple[date, ...]:
    """The invoice's own date; a credit note has it among the means of payment."""
    nodes = [
        top.first("DueDate"),
        *(means.first("PaymentDueDate") for means in top.all("PaymentMeans")),
        *(terms.first("PaymentDueDate") for terms in top.all("PaymentTerms")),
    ]
    return tuple(day for day in map(iso_day, nodes) if day is not None)


def _name(party: Node) -> str:
    return (
        party.at("PartyLegalEntity/RegistrationName").text
        or party.at("PartyName/Name").text
    )


def _identifiers(party: Node) -> list[tuple[str, str]]:
    found = [
        party.at("PartyLegalEntity/CompanyID"),
        *(entry.first("ID") for entry in party.all("PartyIdentification")),
        party.first("EndpointID"),
    ]
    return [(node.attribute("schemeID"), node.text) for node in found]


def _vat_number(party: Node) -> str:
    for scheme in party.all("PartyTaxScheme"):
        if scheme.at("TaxScheme/ID").text == "VAT":
            return scheme.first("CompanyID").text.replace(" ", "")
    return ""


def _seller(party: Node) -> Seller:
    return Seller(
        name=_name(party),
        siren=siret_and_siren(_identifiers(party))[1],
        vat=_vat_number(party),
    )


def _buyer(party: Node) -> Buyer:
    siret, siren = siret_and_siren(_identifiers(party))
    address = party.first("PostalAddress")
    contact = party.first("Contact")
    endpoint = party.first("EndpointID")
    lines = (
        address.first("StreetName").text,
        address.first("AdditionalStreetName").text,
        *(line.first("Line").text for line in address.all("AddressLine")),
    )
    codes = (
        entry.first("ID").text
        for entry in party.all("PartyIdentification")
        if not entry.first("ID").attribute("schemeID")
    )
    return Buyer(
        name=_name(party),
        lines=tuple(line for line in lines if line),
        postcode=address.first("PostalZone").text,
        city=address.first("CityName").text,
        country=address.at("Country/IdentificationCode").text,
        siren=siren,
        siret=siret,
        vat=_vat_number(party),
        email=contact.first("ElectronicMail").text
        or (endpoint.text if endpoint.attribute("schemeID") == "EM" else ""),
        phone=contact.first("Telephone").text,
        contact=contact.first("Name").text,
        code=next(codes, ""),
    )


def _payment(top: Node) -> Payment:
    means = list(top.all("PaymentMeans"))
    accounts = [
        node.first("PayeeFinancialAccount")
        for node in means
        if node.at("PayeeFinancialAccount/ID").text
    ]
    account = accounts[0] if accounts else top.first("no account")
    return Payment(
        means=next((node.first("PaymentMeansCode").text for node in means), ""),
        iban=account.first("ID").text.replace(" ", "").upper(),
        bic=account.at("FinancialInstitutionBranch/ID").text,
    )


def _preceding(top: Node) -> tuple[Preceding, ...]:
    documents = (
        reference.first("InvoiceDocumentReference", "CreditNoteDocumentReference")
        for reference in top.all("BillingReference")
    )
    return tuple(
        Preceding(
            number=document.first("ID").text,
            issued_on=iso_day(document.first("IssueDate")),
        )
        for document in documents
        if document.first("ID").text
    )


def _line(item: Node) -> Line:
    price = item.first("Price")
    unit_price = number(price.first("PriceAmount"))
    base = number(price.first("BaseQuantity"))
    if unit_price is not None and base:  # a price for a hundred, for instance
        unit_price = unit_price / base
    return Line(
        description=item.at("Item/Name").text or item.at("Item/Description").text,
        quantity=number(item.first("InvoicedQuantity", "CreditedQuantity")),
        unit_price=unit_price,
        net=number(item.first("LineExtensionAmount")),
    )


def _vat(part: Node) -> Vat:
    return Vat(
        rate=number(part.at("TaxCategory/Percent")),
        net=number(part.first("TaxableAmount")),
        tax=number(part.first("TaxAmount")),
    )
