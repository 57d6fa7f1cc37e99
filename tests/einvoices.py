"""Make e-invoice files for tests: syntax × profile × version × kind."""

import warnings
from dataclasses import dataclass
from io import BytesIO

import facturx
import pikepdf

PROFILES = ("minimum", "basicwl", "basic", "en16931", "extended")

_EN16931 = "urn:cen.eu:en16931:2017"
GUIDELINES = {
    "factur-x": {
        "minimum": "urn:factur-x.eu:1p0:minimum",
        "basicwl": "urn:factur-x.eu:1p0:basicwl",
        "basic": f"{_EN16931}#compliant#urn:factur-x.eu:1p0:basic",
        "en16931": _EN16931,
        "extended": f"{_EN16931}#conformant#urn:factur-x.eu:1p0:extended",
    },
    "zugferd-2": {
        "minimum": "urn:zugferd.de:2p0:minimum",
        "basicwl": "urn:zugferd.de:2p0:basicwl",
        "basic": f"{_EN16931}#compliant#urn:zugferd.de:2p0:basic",
        "en16931": _EN16931,
        "extended": f"{_EN16931}#conformant#urn:zugferd.de:2p0:extended",
    },
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The values written into every file; a field that is empty is left out."""

    number: str = "FA-2026-0042"
    type_code: str = "380"
    issued_on: str = "20260915"
    due_date: str = "20261015"
    service_date: str = "20260914"
    currency: str = "EUR"
    total: str = "120.00"
    net: str = "100.00"
    tax: str = "20.00"
    rounding: str = ""
    prepaid: str = "20.00"
    payable: str = "100.00"
    means: str = "30"
    corrects: str = "FA-2026-0041"
    buyer: str = "Boulangerie de l’Étoile & Fils"
    guideline: str = ""


def iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else day


def _tag(name: str, content: str, attributes: str = "") -> str:
    """Return the element, or nothing when it has no content."""
    return f"<{name}{attributes}>{content}</{name.split()[0]}>" if content else ""


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;")


def _date(name: str, day: str, prefix: str = "udt") -> str:
    written = _tag(f"{prefix}:DateTimeString", day, ' format="102"')
    return _tag(name, written)


def cii(sample: Sample, profile: str, version: str = "factur-x") -> bytes:
    """Return the XML, valid against the profile's schema for the default sample."""
    rank = PROFILES.index(profile)
    guideline = sample.guideline or GUIDELINES[version][profile]
    document = (
        _tag("ram:ID", _text(sample.number))
        + _tag("ram:TypeCode", sample.type_code)
        + _date("ram:IssueDateTime", sample.issued_on)
        + (_cii_note() if rank >= 1 else "")
    )
    trade = (
        (_cii_line(sample) if rank >= 2 else "")
        + _tag("ram:ApplicableHeaderTradeAgreement", _cii_agreement(sample, rank))
        + _cii_delivery(sample, rank)
        + _tag("ram:ApplicableHeaderTradeSettlement", _cii_settlement(sample, rank))
    )
    standard = "urn:un:unece:uncefact:data:standard"
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{standard}:CrossIndustryInvoice:100"'
        f' xmlns:ram="{standard}:ReusableAggregateBusinessInformationEntity:100"'
        f' xmlns:qdt="{standard}:QualifiedDataType:100"'
        f' xmlns:udt="{standard}:UnqualifiedDataType:100">'
        "<rsm:ExchangedDocumentContext>"
        "<ram:GuidelineSpecifiedDocumentContextParameter>"
        f"<ram:ID>{guideline}</ram:ID>"
        "</ram:GuidelineSpecifiedDocumentContextParameter>"
        "</rsm:ExchangedDocumentContext>"
        f"<rsm:ExchangedDocument>{document}</rsm:ExchangedDocument>"
        f"<rsm:SupplyChainTradeTransaction>{trade}</rsm:SupplyChainTradeTransaction>"
        "</rsm:CrossIndustryInvoice>"
    ).encode()


def _cii_note() -> str:
    return (
        "<ram:IncludedNote><ram:Content>Indemnité forfaitaire : 40 €</ram:Content>"
        "<ram:SubjectCode>PMT</ram:SubjectCode></ram:IncludedNote>"
    )


def _cii_line(sample: Sample) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem>"
        "<ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID>"
        "</ram:AssociatedDocumentLineDocument>"
        "<ram:SpecifiedTradeProduct><ram:Name>Farine T65</ram:Name>"
        "</ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        "<ram:ChargeAmount>12.5000</ram:ChargeAmount>"
        "</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>"
        "<ram:SpecifiedLineTradeDelivery>"
        '<ram:BilledQuantity unitCode="KGM">8.0000</ram:BilledQuantity>'
        "</ram:SpecifiedLineTradeDelivery>"
        "<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax>"
        "<ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>"
        "<ram:RateApplicablePercent>20.00</ram:RateApplicablePercent>"
        "</ram:ApplicableTradeTax>"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{sample.net}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation>"
        "</ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
    )


def _cii_agreement(sample: Sample, rank: int) -> str:
    address = (
        "<ram:PostcodeCode>69001</ram:PostcodeCode>"
        "<ram:LineOne>35 rue de la République</ram:LineOne>"
        "<ram:LineTwo>Bâtiment C</ram:LineTwo><ram:CityName>Lyon</ram:CityName>"
    )
    contact = (
        "<ram:DefinedTradeContact><ram:PersonName>Zoé Martin</ram:PersonName>"
        "<ram:TelephoneUniversalCommunication><ram:CompleteNumber>+33 4 72 00 00 00"
        "</ram:CompleteNumber></ram:TelephoneUniversalCommunication>"
        "<ram:EmailURIUniversalCommunication><ram:URIID>compta@etoile.example"
        "</ram:URIID></ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>"
    )
    return (
        "<ram:BuyerReference>SERVICE-7</ram:BuyerReference>"
        "<ram:SellerTradeParty><ram:Name>Au bon moulin</ram:Name>"
        '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">732829320</ram:ID>'
        "</ram:SpecifiedLegalOrganization><ram:PostalTradeAddress>"
        "<ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>"
        '<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR44732829320</ram:ID>'
        "</ram:SpecifiedTaxRegistration></ram:SellerTradeParty>"
        "<ram:BuyerTradeParty>"
        + ("<ram:ID>C-0012</ram:ID>" if rank >= 1 else "")
        + _tag("ram:Name", _text(sample.buyer))
        + '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">552100554'
        "</ram:ID></ram:SpecifiedLegalOrganization>"
        + (contact if rank >= 3 else "")
        + (
            f"<ram:PostalTradeAddress>{address}<ram:CountryID>FR</ram:CountryID>"
            "</ram:PostalTradeAddress>"
            '<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR96552100554'
            "</ram:ID></ram:SpecifiedTaxRegistration>"
            if rank >= 1
            else ""
        )
        + "</ram:BuyerTradeParty><ram:BuyerOrderReferencedDocument>"
        "<ram:IssuerAssignedID>BC-77</ram:IssuerAssignedID>"
        "</ram:BuyerOrderReferencedDocument>"
    )


def _cii_delivery(sample: Sample, rank: int) -> str:
    event = _date("ram:OccurrenceDateTime", sample.service_date) if rank >= 1 else ""
    content = _tag("ram:ActualDeliverySupplyChainEvent", event)
    name = "ram:ApplicableHeaderTradeDelivery"
    return _tag(name, content) or f"<{name}/>"


def _cii_settlement(sample: Sample, rank: int) -> str:
    means = (
        _tag("ram:TypeCode", sample.means)
        + "<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>"
        "FR76 3000 6000 0112 3456 7890 189</ram:IBANID>"
        "</ram:PayeePartyCreditorFinancialAccount>"
        + (
            "<ram:PayeeSpecifiedCreditorFinancialInstitution>"
            "<ram:BICID>AGRIFRPP</ram:BICID>"
            "</ram:PayeeSpecifiedCreditorFinancialInstitution>"
            if rank >= 3
            else ""
        )
    )
    tax = (
        f"<ram:CalculatedAmount>{sample.tax}</ram:CalculatedAmount>"
        "<ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:BasisAmount>{sample.net}</ram:BasisAmount>"
        "<ram:CategoryCode>S</ram:CategoryCode>"
        "<ram:RateApplicablePercent>20.00</ram:RateApplicablePercent>"
    )
    terms = "<ram:Description>30 jours net</ram:Description>" + _date(
        "ram:DueDateDateTime", sample.due_date
    )
    currency = f' currencyID="{sample.currency}"'
    sums = (
        (_tag("ram:LineTotalAmount", sample.net) if rank >= 1 else "")
        + _tag("ram:TaxBasisTotalAmount", sample.net)
        + _tag("ram:TaxTotalAmount", sample.tax, currency)
        + (_tag("ram:RoundingAmount", sample.rounding) if rank >= 3 else "")
        + _tag("ram:GrandTotalAmount", sample.total)
        + (_tag("ram:TotalPrepaidAmount", sample.prepaid) if rank >= 1 else "")
        + _tag("ram:DuePayableAmount", sample.payable)
    )
    corrects = _tag("ram:IssuerAssignedID", _text(sample.corrects)) + _date(
        "ram:FormattedIssueDateTime", "20260801", "qdt"
    )
    return (
        _tag("ram:InvoiceCurrencyCode", sample.currency)
        + (
            _tag("ram:SpecifiedTradeSettlementPaymentMeans", means)
            + _tag("ram:ApplicableTradeTax", tax)
            + _tag("ram:SpecifiedTradePaymentTerms", terms)
            if rank >= 1
            else ""
        )
        + _tag("ram:SpecifiedTradeSettlementHeaderMonetarySummation", sums)
        + (
            _tag("ram:InvoiceReferencedDocument", corrects)
            if rank >= 1 and sample.corrects
            else ""
        )
    )


_ZUGFERD_1_NAMES = (
    ("rsm:CrossIndustryInvoice", "rsm:CrossIndustryDocument"),
    ("rsm:ExchangedDocumentContext", "rsm:SpecifiedExchangedDocumentContext"),
    ("rsm:ExchangedDocument>", "rsm:HeaderExchangedDocument>"),
    ("rsm:SupplyChainTrade", "rsm:SpecifiedSupplyChainTrade"),
    ("ram:ApplicableHeaderTrade", "ram:ApplicableSupplyChainTrade"),
    ("ram:SpecifiedLineTrade", "ram:SpecifiedSupplyChainTrade"),
    ("SettlementHeaderMonetary", "SettlementMonetary"),
    ("SettlementLineMonetary", "SettlementMonetary"),
    ("ram:RateApplicablePercent", "ram:ApplicablePercent"),
    (
        "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
        "urn:ferd:CrossIndustryDocument:invoice:1p0",
    ),
    ("InformationEntity:100", "InformationEntity:12"),
    ("UnqualifiedDataType:100", "UnqualifiedDataType:15"),
)


def zugferd_1(sample: Sample, profile: str) -> bytes:
    """Return the same invoice with the names that ZUGFeRD 1.0 gave its parts."""
    written = cii(sample, "en16931" if profile == "comfort" else profile).decode()
    guideline = GUIDELINES["factur-x"]["en16931" if profile == "comfort" else profile]
    written = written.replace(
        f">{guideline}<", f">urn:ferd:CrossIndustryDocument:invoice:1p0:{profile}<"
    )
    for later, first in _ZUGFERD_1_NAMES:
        written = written.replace(later, first)
    return written.encode()


def ubl(sample: Sample, root: str = "Invoice") -> bytes:
    """Return a UBL Invoice or CreditNote with the same values."""
    schema = "urn:oasis:names:specification:ubl:schema:xsd"
    line = "Invoiced" if root == "Invoice" else "Credited"
    currency = f' currencyID="{sample.currency}"'
    due = _tag("b:DueDate", iso(sample.due_date))
    payment_due = _tag("b:PaymentDueDate", iso(sample.due_date))
    corrects = (
        _tag("b:ID", _text(sample.corrects)) + "<b:IssueDate>2026-08-01</b:IssueDate>"
    )
    content = (
        _tag("b:CustomizationID", sample.guideline or _EN16931)
        + _tag("b:ID", _text(sample.number))
        + _tag("b:IssueDate", iso(sample.issued_on))
        + (due if root == "Invoice" else "")
        + _tag(f"b:{root}TypeCode", sample.type_code)
        + "<b:Note>#PMT#Indemnité forfaitaire : 40 €</b:Note>"
        + _tag("b:DocumentCurrencyCode", sample.currency)
        + "<b:BuyerReference>SERVICE-7</b:BuyerReference>"
        "<a:OrderReference><b:ID>BC-77</b:ID></a:OrderReference>"
        + (
            "<a:BillingReference>"
            + _tag("a:InvoiceDocumentReference", corrects)
            + "</a:BillingReference>"
            if sample.corrects
            else ""
        )
        + _ubl_parties(sample)
        + _tag("a:Delivery", _tag("b:ActualDeliveryDate", iso(sample.service_date)))
        + "<a:PaymentMeans>"
        + _tag("b:PaymentMeansCode", sample.means)
        + (payment_due if root == "CreditNote" else "")
        + "<a:PayeeFinancialAccount><b:ID>FR76 3000 6000 0112 3456 7890 189</b:ID>"
        "<a:FinancialInstitutionBranch><b:ID>AGRIFRPP</b:ID>"
        "</a:FinancialInstitutionBranch></a:PayeeFinancialAccount></a:PaymentMeans>"
        "<a:PaymentTerms><b:Note>30 jours net</b:Note></a:PaymentTerms><a:TaxTotal>"
        + _tag("b:TaxAmount", sample.tax, currency)
        + "<a:TaxSubtotal>"
        + _tag("b:TaxableAmount", sample.net, currency)
        + _tag("b:TaxAmount", sample.tax, currency)
        + "<a:TaxCategory><b:ID>S</b:ID><b:Percent>20.00</b:Percent></a:TaxCategory>"
        "</a:TaxSubtotal></a:TaxTotal><a:LegalMonetaryTotal>"
        + _tag("b:TaxExclusiveAmount", sample.net, currency)
        + _tag("b:TaxInclusiveAmount", sample.total, currency)
        + _tag("b:PrepaidAmount", sample.prepaid, currency)
        + _tag("b:PayableRoundingAmount", sample.rounding, currency)
        + _tag("b:PayableAmount", sample.payable, currency)
        + f"</a:LegalMonetaryTotal><a:{root}Line><b:ID>1</b:ID>"
        f"<b:{line}Quantity>8.0000</b:{line}Quantity>"
        + _tag("b:LineExtensionAmount", sample.net, currency)
        + "<a:Item><b:Name>Farine T65</b:Name></a:Item>"
        "<a:Price><b:PriceAmount>12.5000</b:PriceAmount></a:Price>"
        f"</a:{root}Line>"
    )
    return (
        f'<{root} xmlns="{schema}:{root}-2"'
        f' xmlns:a="{schema}:CommonAggregateComponents-2"'
        f' xmlns:b="{schema}:CommonBasicComponents-2">{content}</{root}>'
    ).encode()


def _ubl_parties(sample: Sample) -> str:
    vat = "<a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme>"
    return (
        "<a:AccountingSupplierParty><a:Party><a:PartyTaxScheme>"
        f"<b:CompanyID>FR44732829320</b:CompanyID>{vat}"
        "<a:PartyLegalEntity><b:RegistrationName>Au bon moulin</b:RegistrationName>"
        '<b:CompanyID schemeID="0002">732829320</b:CompanyID></a:PartyLegalEntity>'
        "</a:Party></a:AccountingSupplierParty>"
        "<a:AccountingCustomerParty><a:Party>"
        "<a:PartyIdentification><b:ID>C-0012</b:ID></a:PartyIdentification>"
        "<a:PostalAddress><b:StreetName>35 rue de la République</b:StreetName>"
        "<b:AdditionalStreetName>Bâtiment C</b:AdditionalStreetName>"
        "<b:CityName>Lyon</b:CityName><b:PostalZone>69001</b:PostalZone>"
        "<a:Country><b:IdentificationCode>FR</b:IdentificationCode></a:Country>"
        "</a:PostalAddress><a:PartyTaxScheme>"
        f"<b:CompanyID>FR96552100554</b:CompanyID>{vat}<a:PartyLegalEntity>"
        + _tag("b:RegistrationName", _text(sample.buyer))
        + '<b:CompanyID schemeID="0002">552100554</b:CompanyID></a:PartyLegalEntity>'
        "<a:Contact><b:Name>Zoé Martin</b:Name>"
        "<b:Telephone>+33 4 72 00 00 00</b:Telephone>"
        "<b:ElectronicMail>compta@etoile.example</b:ElectronicMail></a:Contact>"
        "</a:Party></a:AccountingCustomerParty>"
    )


def blank_pdf() -> bytes:
    target = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(target)
    return target.getvalue()


def factur_x_pdf(xml: bytes) -> bytes:
    """Return a PDF made by the factur-x library, which checks the XML's schema."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: bytes = facturx.generate_from_binary(
            blank_pdf(), xml, check_xsd=True, check_schematron=False
        )
    return made


def pdf_with(
    xml: bytes, name: str = "factur-x.xml", *, password: str | None = None
) -> bytes:
    """Return a PDF with this attachment, whatever it is."""
    target = BytesIO()
    with pikepdf.open(BytesIO(blank_pdf())) as pdf:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, xml, filename=name)
        if password is None:
            pdf.save(target)
        else:
            locks = pikepdf.Encryption(owner="owner", user=password)
            pdf.save(target, encryption=locks)
    return target.getvalue()
