"""Messages of the life cycle of e-invoices, as platforms send them (CDAR D22B)."""

from __future__ import annotations

_NS = "urn:un:unece:uncefact:data:standard:"


def reference(
    code: str,
    number: str = "FA-1",
    *,
    seller: str = "812345676",
    reason: str = "",
    reason_code: str = "",
    amount: str = "",
    kind: str = "MEN",
    issued: str = "20260901",
) -> str:
    """Return what a message says of one invoice."""
    characteristic = (
        f"<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>{kind}</ram:TypeCode>"
        f'<ram:ValueAmount currencyID="EUR">{amount}</ram:ValueAmount>'
        "</ram:SpecifiedDocumentCharacteristic>"
        if amount
        else ""
    )
    return f"""
    <ram:ReferenceReferencedDocument>
      <ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>
      <ram:TypeCode>380</ram:TypeCode>
      <ram:FormattedIssueDateTime>
        <qdt:DateTimeString format="102">{issued}</qdt:DateTimeString>
      </ram:FormattedIssueDateTime>
      <ram:ProcessConditionCode>{code}</ram:ProcessConditionCode>
      <ram:IssuerTradeParty>
        <ram:GlobalID schemeID="0009">{seller}00017</ram:GlobalID>
        <ram:GlobalID schemeID="0002">{seller}</ram:GlobalID>
        <ram:RoleCode>SE</ram:RoleCode>
      </ram:IssuerTradeParty>
      <ram:SpecifiedDocumentStatus>
        <ram:ReasonCode>{reason_code}</ram:ReasonCode>
        <ram:Reason>{reason}</ram:Reason>
        {characteristic}
      </ram:SpecifiedDocumentStatus>
    </ram:ReferenceReferencedDocument>"""


def cdar(*references: str, at: str = "20261012143000") -> bytes:
    """Return a message."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossDomainAcknowledgementAndResponse
    xmlns:rsm="{_NS}CrossDomainAcknowledgementAndResponse:100"
    xmlns:ram="{_NS}ReusableAggregateBusinessInformationEntity:100"
    xmlns:qdt="{_NS}QualifiedDataType:100" xmlns:udt="{_NS}UnqualifiedDataType:100">
  <rsm:ExchangedDocument>
    <ram:IssueDateTime>
      <udt:DateTimeString format="204">{at}</udt:DateTimeString>
    </ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:AcknowledgementDocument>
    <ram:MultipleReferencesIndicator>false</ram:MultipleReferencesIndicator>
    <ram:TypeCode>23</ram:TypeCode>
    <ram:IssueDateTime>
      <udt:DateTimeString format="204">{at}</udt:DateTimeString>
    </ram:IssueDateTime>{"".join(references)}
  </rsm:AcknowledgementDocument>
</rsm:CrossDomainAcknowledgementAndResponse>
""".encode()


def status(
    code: str, number: str = "FA-1", *, day: str = "20261012", **said: str
) -> bytes:
    return cdar(reference(code, number, **said), at=f"{day}143000")


TABLE = """N° facture;Statut;Date;Motif;Montant
FA-1;207;12/10/2026 14:30;Prix contesté;
FA-2;212 Encaissée;2026-10-13;;1 200,00
"""
