"""Read UN/CEFACT Cross Industry invoices: Factur-X, ZUGFeRD 1 and 2, XRechnung."""

from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from relance.gateways.einvoice_content import (
    Buyer,
    Line,
    Note,
    Payment,
    Preceding,
    Seller,
    Syntax,
    Vat,
)
from relance.gateways.einvoice_draft import Draft, note, siret_and_siren
from relance.gateways.einvoice_xml import Node, amount, coded_day, number

# The root of each version; ZUGFeRD 1 named the parts otherwise.
ROOTS: Final = (
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice",
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument",
)
_FAMILIES: Final = (
    "urn:un:unece:uncefact:data:standard:",
    "urn:ferd:CrossIndustryDocument:invoice:1p0",
)


def read(root: etree._Element) -> Draft:
    """Return what the invoice says; raise EInvoiceError for an unreadable value."""
    top = Node(root, families=_FAMILIES)
    document = top.first("ExchangedDocument", "HeaderExchangedDocument")
    trade = top.first(
        "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction"
    )
    agreement = trade.first(
        "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement"
    )
    settlement = trade.first(
        "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement"
    )
    sums = settlement.first(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    currency = settlement.first("InvoiceCurrencyCode").text
    return Draft(
        syntax=Syntax.CII,
        guideline=_guideline(top),
        number=document.first("ID").text,
        type_code=document.first("TypeCode").text,
        issued_on=coded_day(document.first("IssueDateTime"), month_allowed=False),
        due_dates=_due_dates(settlement),
        service_date=_service_date(trade, settlement),
        currency=currency,
        grand_total=_sum(sums, "GrandTotalAmount", currency),
        rounding=_sum(sums, "RoundingAmount", currency),
        prepaid=_sum(sums, "TotalPrepaidAmount", currency),
        payable=_sum(sums, "DuePayableAmount", currency),
        total_net=_sum(sums, "TaxBasisTotalAmount", currency),
        total_tax=_sum(sums, "TaxTotalAmount", currency),
        terms="\n".join(
            terms.first("Description").raw
            for terms in settlement.all("SpecifiedTradePaymentTerms")
            if terms.first("Description").raw
        ),
        seller=_seller(agreement.first("SellerTradeParty")),
        buyer=_buyer(agreement.first("BuyerTradeParty")),
        payment=_payment(settlement),
        buyer_reference=agreement.first("BuyerReference").text,
        order_reference=_reference(agreement.first("BuyerOrderReferencedDocument")),
        contract_reference=_reference(agreement.first("ContractReferencedDocument")),
        preceding=_preceding(settlement),
        notes=_notes(document),
        lines=tuple(map(_line, trade.all("IncludedSupplyChainTradeLineItem"))),
        vat=tuple(map(_vat, settlement.all("ApplicableTradeTax"))),
    )


def _guideline(top: Node) -> str:
    context = top.first("ExchangedDocumentContext", "SpecifiedExchangedDocumentContext")
    return context.at("GuidelineSpecifiedDocumentContextParameter/ID").text


def _sum(sums: Node, name: str, currency: str) -> Decimal | None:
    """Return the sum in the invoice's currency: VAT is also told in another one."""
    for node in sums.all(name):
        if node.attribute("currencyID") in ("", currency):
            return amount(node)
    return None


def _due_dates(settlement: Node) -> tuple[date, ...]:
    found = (
        coded_day(terms.first("DueDateDateTime"))
        for terms in settlement.all("SpecifiedTradePaymentTerms")
    )
    return tuple(day for day in found if day is not None)


def _service_date(trade: Node, settlement: Node) -> date | None:
    delivery = trade.first(
        "ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery"
    )
    return coded_day(
        delivery.at("ActualDeliverySupplyChainEvent/OccurrenceDateTime")
    ) or coded_day(settlement.at("BillingSpecifiedPeriod/EndDateTime"))


def _identifiers(party: Node) -> list[tuple[str, str]]:
    found = [
        party.at("SpecifiedLegalOrganization/ID"),
        *party.all("GlobalID"),
        *party.all("ID"),
    ]
    return [(node.attribute("schemeID"), node.text) for node in found]


def _vat_number(party: Node) -> str:
    for registration in party.all("SpecifiedTaxRegistration"):
        identifier = registration.first("ID")
        if identifier.attribute("schemeID") in ("VA", "VAT"):
            return identifier.text.replace(" ", "")
    return ""


def _seller(party: Node) -> Seller:
    return Seller(
        name=party.first("Name").text,
        siren=siret_and_siren(_identifiers(party))[1],
        vat=_vat_number(party),
    )


def _buyer(party: Node) -> Buyer:
    siret, siren = siret_and_siren(_identifiers(party))
    address = party.first("PostalTradeAddress")
    contact = party.first("DefinedTradeContact")
    lines = (address.first(name).text for name in ("LineOne", "LineTwo", "LineThree"))
    return Buyer(
        name=party.first("Name").text,
        lines=tuple(line for line in lines if line),
        postcode=address.first("PostcodeCode").text,
        city=address.first("CityName").text,
        country=address.first("CountryID").text,
        siren=siren,
        siret=siret,
        vat=_vat_number(party),
        email=_email(party, contact),
        phone=contact.at("TelephoneUniversalCommunication/CompleteNumber").text,
        contact=(
            contact.first("PersonName").text or contact.first("DepartmentName").text
        ),
        code=next(
            (node.text for node in party.all("ID") if not node.attribute("schemeID")),
            "",
        ),
    )


def _email(party: Node, contact: Node) -> str:
    written = contact.first("EmailURIUniversalCommunication")
    found = written.first("URIID").text or written.first("CompleteNumber").text
    if found:
        return found
    address = party.at("URIUniversalCommunication/URIID")
    return address.text if address.attribute("schemeID") == "EM" else ""


def _payment(settlement: Node) -> Payment:
    means = list(settlement.all("SpecifiedTradeSettlementPaymentMeans"))
    ibans = (
        node.at("PayeePartyCreditorFinancialAccount/IBANID").text for node in means
    )
    bics = (
        node.at("PayeeSpecifiedCreditorFinancialInstitution/BICID").text
        for node in means
    )
    return Payment(
        means=next((node.first("TypeCode").text for node in means), ""),
        iban=next((iban.replace(" ", "").upper() for iban in ibans if iban), ""),
        bic=next((bic for bic in bics if bic), ""),
    )


def _reference(document: Node) -> str:
    return document.first("IssuerAssignedID", "ID").text


def _preceding(settlement: Node) -> tuple[Preceding, ...]:
    return tuple(
        Preceding(
            number=_reference(document),
            issued_on=coded_day(
                document.first("FormattedIssueDateTime", "IssueDateTime")
            ),
        )
        for document in settlement.all("InvoiceReferencedDocument")
        if _reference(document)
    )


def _notes(document: Node) -> tuple[Note, ...]:
    return tuple(
        note(content.raw, code=included.first("SubjectCode").text)
        for included in document.all("IncludedNote")
        for content in included.all("Content")
        if content.raw
    )


def _line(item: Node) -> Line:
    price = item.first(
        "SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement"
    ).first("NetPriceProductTradePrice")
    base = number(price.first("BasisQuantity"))
    unit_price = number(price.first("ChargeAmount"))
    if unit_price is not None and base:  # a price for a hundred, for instance
        unit_price = unit_price / base
    delivery = item.first(
        "SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery"
    )
    settlement = item.first(
        "SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement"
    )
    sums = settlement.first(
        "SpecifiedTradeSettlementLineMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    product = item.first("SpecifiedTradeProduct")
    return Line(
        description=product.first("Name").text or product.first("Description").text,
        quantity=number(delivery.first("BilledQuantity")),
        unit_price=unit_price,
        net=number(sums.first("LineTotalAmount")),
    )


def _vat(tax: Node) -> Vat:
    return Vat(
        rate=number(tax.first("RateApplicablePercent", "ApplicablePercent")),
        net=number(tax.first("BasisAmount")),
        tax=number(tax.first("CalculatedAmount")),
    )
