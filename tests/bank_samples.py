"""Bank statements written by hand, one of each format, of the same three movements."""

from __future__ import annotations

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
 <BkToCstmrStmt>
  <GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-10-06T06:00:00</CreDtTm></GrpHdr>
  <Stmt>
   <Id>42</Id>
   <Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>
   <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt>
    <CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
   <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1054.90</Amt>
    <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-05</Dt></Dt></Bal>
   <Ntry>
    <Amt Ccy="EUR">1200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
    <Sts>{booked}</Sts><BookgDt><Dt>2026-10-02</Dt></BookgDt>
    <AcctSvcrRef>B-1</AcctSvcrRef>
    <NtryDtls><TxDtls>
     <Refs><EndToEndId>FA2609-001</EndToEndId></Refs>
     <AmtDtls><InstdAmt><Amt Ccy="CHF">1130.00</Amt></InstdAmt></AmtDtls>
     <RltdPties><Dbtr>{debtor}</Dbtr>
      <DbtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></DbtrAcct></RltdPties>
     <RmtInf><Ustrd>VIREMENT FACTURE</Ustrd><Ustrd>FA2609-001</Ustrd></RmtInf>
    </TxDtls></NtryDtls>
   </Ntry>
   <Ntry>
    <Amt Ccy="EUR">45.10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{booked}</Sts>
    <BookgDt><DtTm>2026-10-03T00:00:00+02:00</DtTm></BookgDt>
    <AddtlNtryInf>FRAIS</AddtlNtryInf>
   </Ntry>
  </Stmt>
 </BkToCstmrStmt>
</Document>
"""

OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING
</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261005
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261002120000[+1:CET]<TRNAMT>+1200,00<FITID>F1
<NAME>VIR DUPONT &amp; FILS<MEMO>FACTURE FA2609-001 éàç
</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261003<TRNAMT>-45.10<FITID>F2<NAME>FRAIS
</STMTTRN>
</BANKTRANLIST>
<LEDGERBAL><BALAMT>1054,90<DTASOF>20261005</LEDGERBAL>
<AVAILBAL><BALAMT>999,99<DTASOF>20261005</AVAILBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""

MT940 = """:20:R1
:25:30006/12345678901
:28C:00042/001
:60F:D261001EUR100,00
:61:2610021002CR1200,00NTRFNONREF//B-1
:86:166?00VIREMENT?20EREF+FA2609-001?21SVWZ+FACTURE FA2609?22-001?30AGRIFRPP\
?31FR1420041010050500013M02606?32DUPONT SARL
:61:2610031003DR45,10NMSCNONREF
:86:FRAIS
:62F:C261005EUR1054,90
-
"""


def camt(*, version: str = "02", booked: str = "BOOK") -> bytes:
    """Version 08 names the debtor one level further down, and codes the status."""
    recent = version == "08"
    debtor = "<Nm>DUPONT SARL</Nm>"
    text = CAMT.format(
        version=version,
        booked=f"<Cd>{booked}</Cd>" if recent else booked,
        debtor=f"<Pty>{debtor}</Pty>" if recent else debtor,
    )
    return text.encode()


def cfonb(*, breaks: str = "\r\n") -> bytes:
    """An account in debit, a transfer with its details, bank charges."""
    head = "30006    00001EUR2 12345678901"
    records = [
        f"01{head}  011026{' ':50}0000000001000}}",
        (
            f"04{head}B1021026  021026{'VIR DUPONT SARL':31}  0000001  "
            f"0000000012000{{FA2609-001"
        ),
        f"05{head}B1021026     NPYDUPONT SARL",
        f"05{head}B1021026     LCCFACTURE FA2609-001",
        f"04{head}62031026  031026{'FRAIS':31}  0000002  0000000000451}}",
        f"07{head}  051026{' ':50}0000000010549{{",
    ]
    return breaks.join(record.ljust(120) for record in records).encode("iso-8859-15")
