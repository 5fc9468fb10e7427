"""Statements as banks and providers lay them out, with invented data: the contract's section, the file, what is in it."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import NamedTuple

from ackord.contract.base.http_messages import HttpResponse

__all__ = ["LAYOUTS", "Layout"]


class Layout(NamedTuple):
    name: str
    statement: str
    answer: HttpResponse
    lines: list[tuple[object, ...]]
    """``line_id, order_no, kind, direction, amount_minor, currency, fee_minor, status, booked_at`` as text."""


def _file(content: bytes, content_type: str = "text/csv") -> HttpResponse:
    return HttpResponse(200, {"content-type": content_type}, content)


_REQUEST = 'request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d|Europe/Berlin}"}}\n'
_BERLIN = "2026-11-27 23:00:00"
"""Midnight of 2026-11-28 in Berlin."""

SAVINGS_BANK = Layout(
    "savings-bank-csv-camt",
    _REQUEST
    + """\
csv: {encoding: cp1252, delimiter: ";", decimal: ","}
money: major
sign: negative_out
columns:
  order_no: Kundenreferenz (End-to-End)
  amount: Betrag
  currency: Waehrung
  status: Info
  at: Buchungstag
time_form: "%d.%m.%y|Europe/Berlin"
""",
    _file(
        (
            '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Glaeubiger ID";'
            '"Mandatsreferenz";"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";'
            '"Auslagenersatz Ruecklastschrift";"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";'
            '"Betrag";"Waehrung";"Info"\n'
            '"DE11500000000000000001";"28.11.26";"28.11.26";"ONLINE-UEBERWEISUNG";"Auszahlung; Teil 1";"";"";"N-1";"";"";"";'
            '"Jörg Müller";"DE22500000000000000002";"TESTDEFFXXX";"-1234,56";"EUR";"Umsatz gebucht"\n'
            '"DE11500000000000000001";"28.11.26";"28.11.26";"GUTSCHR. UEBERWEISUNG";"Rücküberweisung";"";"";"";"";"";"";'
            '"Anna ""Anni"" Beck";"DE22500000000000000003";"TESTDEFFXXX";"20,00";"EUR";"Umsatz vorgemerkt"\n'
        ).encode("cp1252")
    ),
    [
        (None, "", "return", "in", 2000, "EUR", None, "Umsatz vorgemerkt", _BERLIN),
        (None, "N-1", "payout", "out", 123456, "EUR", None, "Umsatz gebucht", _BERLIN),
    ],
)
COMMERZBANK = Layout(
    "commerzbank",
    _REQUEST
    + """\
csv: {delimiter: ";", decimal: ","}
money: major
sign: negative_out
columns: {order_no: Buchungstext, amount: Betrag, currency: Währung, at: Buchungstag}
order_no_part: "End-to-End-Ref[.]: ([A-Z]-[0-9]{1,12})"
time_form: "%d.%m.%Y|Europe/Berlin"
""",
    _file(
        (
            "\ufeffBuchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung;IBAN Kontoinhaber;Kategorie\r\n"
            '28.11.2026;28.11.2026;Überweisung;"Max Muster Auszahlung End-to-End-Ref.: N-77 CORE";-20,00;EUR;DE11;Sonstiges\r\n'
            '28.11.2026;28.11.2026;Gebühren;"Kontoführung November";-9,90;EUR;DE11;Gebühren\r\n'
        ).encode()
    ),
    [
        (None, "", "payout", "out", 990, "EUR", None, "", _BERLIN),
        (None, "N-77", "payout", "out", 2000, "EUR", None, "", _BERLIN),
    ],
)
ING = Layout(
    "ing",
    _REQUEST
    + """\
csv: {encoding: cp1252, delimiter: ";", decimal: ",", thousands: ".", head_rows: 10}
money: major
sign: negative_out
columns: {order_no: Verwendungszweck, amount: Betrag, at: Buchung}
order_no_part: "N-[0-9]{1,12}"
time_form: "%d.%m.%Y|Europe/Berlin"
""",
    _file(
        (
            "Umsatzanzeige;Datei erstellt am: 29.11.2026 08:12\n\n"
            "IBAN;DE11 5001 0517 0000 0000 01\nKontoname;Girokonto\nBank;ING\nKunde;Erika Muster\n"
            "Zeitraum;28.11.2026 - 28.11.2026\nSaldo;12.345,67;EUR\n\nSortierung;Datum absteigend\n\n"
            "In der CSV-Datei finden Sie alle bereits gebuchten Umsätze.\n\n"
            "Buchung;Wertstellungsdatum;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung\n"
            "28.11.2026;28.11.2026;Jörg Müller;Überweisung;Auszahlung N-5 vom 28.;12.345,67;EUR;-1.234,56;EUR\n"
            "28.11.2026;28.11.2026;Firma;Gutschrift;;13.580,23;EUR;0,05;EUR\n"
        ).encode("cp1252")
    ),
    [
        (None, "", "return", "in", 5, "EUR", None, "", _BERLIN),
        (None, "N-5", "payout", "out", 123456, "EUR", None, "", _BERLIN),
    ],
)
DKB = Layout(
    "dkb",
    _REQUEST
    + """\
csv: {delimiter: ";", decimal: ",", thousands: ".", head_rows: 4}
money: major
sign: negative_out
columns: {order_no: Kundenreferenz, amount: Betrag (€), direction: Umsatztyp, status: Status, at: Buchungsdatum}
directions: {Ausgang: out, Eingang: in}
time_form: "%d.%m.%y|Europe/Berlin"
""",
    _file(
        (
            '"Girokonto";"DE11120300000000000001"\n"Zeitraum:";"28.11.2026 - 28.11.2026"\n'
            '"Kontostand vom 28.11.2026:";"1.234,56 €"\n""\n'
            '"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";'
            '"Umsatztyp";"IBAN";"Betrag (€)";"Gläubiger-ID";"Mandatsreferenz";"Kundenreferenz"\n'
            '"28.11.26";"28.11.26";"Gebucht";"Wir GmbH";"Max";"Auszahlung";"Ausgang";"DE22";"-1.020,5";"";"";"N-9"\n'
            '"28.11.26";"";"Vorgemerkt";"Max";"Wir GmbH";"";"Eingang";"DE22";"7";"";"";""\n'
        ).encode()
    ),
    [
        (None, "", "return", "in", 700, "EUR", None, "Vorgemerkt", _BERLIN),
        (None, "N-9", "payout", "out", 102050, "EUR", None, "Gebucht", _BERLIN),
    ],
)
PAYPAL = Layout(
    "paypal",
    _REQUEST
    + """\
csv: {thousands: ","}
money: major
sign: negative_out
fee_sign: negative_out
columns: {movement_id: Transaction ID, order_no: Invoice Number, amount: Gross, fee: Fee, currency: Currency, kind: Type, status: Status, at: [Date, Time, TimeZone]}
kinds: {Mass Pay Payment: payout, Payment Refund: return, General Currency Conversion: neither}
time_form: "%d/%m/%Y %H:%M:%S %Z"
""",
    _file(
        (
            '\ufeff"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","Transaction ID",'
            '"Invoice Number"\r\n'
            '"28/11/2026","00:00:00","Europe/Berlin","Max","Mass Pay Payment","Completed","EUR","-1,234.50","-0.35",'
            '"-1,234.85","1AB","N-1"\r\n'
            '"28/11/2026","22:59:59","Europe/Berlin","Max","Payment Refund","Completed","USD","20.00","0.30","20.30","2AB",'
            '"N-2"\r\n'
            '"28/11/2026","05:00:00","PST","","General Currency Conversion","Completed","JPY","-1500","0.00","-1500","3AB",'
            '""\r\n'
        ).encode()
    ),
    [
        ("1AB", "N-1", "payout", "out", 123450, "EUR", 35, "Completed", _BERLIN),
        ("2AB", "N-2", "return", "in", 2000, "USD", -30, "Completed", "2026-11-28 21:59:59"),
        ("3AB", "", "General Currency Conversion", "out", 1500, "JPY", 0, "Completed", "2026-11-28 13:00:00"),
    ],
)
STRIPE = Layout(
    "stripe",
    """\
request: {method: GET, path: /bill, query: {from: "${period.from.unix}", to: "${period.to.unix}"}}
window: half_open
csv: {}
money: major
sign: negative_out
columns: {movement_id: id, order_no: order_no (metadata), provider_id: Source, amount: Amount, fee: Fee, currency: Currency, kind: Type, at: Created (UTC)}
kinds: {payout: payout, payout_failure: return, stripe_fee: neither}
time_form: "%Y-%m-%d %H:%M"
""",
    _file(
        b"id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,order_no (metadata)\n"
        b"txn_1,payout,po_1,-20.00,0.25,-20.25,eur,2026-11-28 00:00,2026-11-30 00:00,PAYOUT,N-1\n"
        b"txn_2,payout_failure,po_1,20.00,0.00,20.00,eur,2026-11-28 23:59,2026-11-30 00:00,PAYOUT FAILED,N-1\n"
        b"txn_3,stripe_fee,,-0.10,0.00,-0.10,eur,2026-11-28 10:01,2026-11-30 00:00,Billing,\n"
    ),
    [
        ("txn_1", "N-1", "payout", "out", 2000, "EUR", 25, "", "2026-11-28 00:00:00"),
        ("txn_2", "N-1", "return", "in", 2000, "EUR", 0, "", "2026-11-28 23:59:00"),
        ("txn_3", "", "stripe_fee", "out", 10, "EUR", 0, "", "2026-11-28 10:01:00"),
    ],
)
_WECHAT = (
    "\ufeff记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
    "`2026-11-28 00:00:00,`4200001,`500001,`商家转账,`转账,`支出,`20.00,`980.00,`API,`付款,`N-1\r\n"
    "`2026-11-28 23:59:59,`4200002,`500002,`商家转账,`退回,`收入,`5.30,`985.30,`system,`退回,`N-2\r\n"
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`2,`1,`5.30,`1,`20.00\r\n"
)
WECHAT = Layout(
    "wechat",
    """\
request: {method: GET, path: /bill, query: {bill_date: "${period.from:%Y-%m-%d|+08:00}"}}
compressed: gzip
csv: {cell_prefix: "`", summary_rows: 2}
columns: {movement_id: 资金流水单号, order_no: 业务凭证号, provider_id: 微信支付业务单号, amount: 收支金额(元), kind: 收支类型, at: 记账时间}
kinds: {支出: payout, 收入: return}
totals: {rows: 资金流水总笔数, rows_in: 收入笔数, amount_in: 收入金额, rows_out: 支出笔数, amount_out: 支出金额}
time_form: "%Y-%m-%d %H:%M:%S|+08:00"
money: major
""",
    _file(gzip.compress(_WECHAT.encode()), "application/gzip"),
    [
        ("500001", "N-1", "payout", "out", 2000, "EUR", None, "", "2026-11-27 16:00:00"),
        ("500002", "N-2", "return", "in", 530, "EUR", None, "", "2026-11-28 15:59:59"),
    ],
)
_ALIPAY = (
    "#支付宝账务明细查询\r\n#账号：[20880000000000000156]\r\n#起始日期：[2026年11月28日 00:00:00]   终止日期：[2026年11月29日 00:00:00]\r\n"
    "#-----------------------------------------账务明细列表----------------------------------------\r\n"
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注\r\n"
    "3001\t,2026112801\t,N-1\t,转账,2026-11-28 00:00:01,a***@b.cn, ,-20.00,980.00,支付宝,转账,\r\n"
    "3002\t,2026112802\t,N-2\t,退回,2026-11-28 12:30:00,a***@b.cn,5.30, ,985.30,支付宝,退款,\r\n"
    "#-----------------------------------------账务明细列表结束------------------------------------\r\n"
    "#支出合计：1笔，共-20.00元\r\n#收入合计：1笔，共5.30元\r\n#导出时间：[2026年11月29日 11:00:00]\r\n"
)


def _alipay_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2088_20261128_账务明细.csv", _ALIPAY.encode("gb18030"))
        archive.writestr("2088_20261128_账务明细(汇总).csv", "汇总\r\n".encode("gb18030"))
    return packed.getvalue()


ALIPAY = Layout(
    "alipay",
    """\
request: {method: GET, path: /bill, query: {bill_date: "${period.from:%Y-%m-%d|+08:00}"}}
compressed: zip
zip_entry: 账务明细.csv
csv: {encoding: gb18030, head_rows: 5, summary_rows: 4}
columns: {movement_id: 账务流水号, order_no: 商户订单号, provider_id: 业务流水号, amount_back: 收入金额（+元）, amount: 支出金额（-元）, at: 发生时间}
totals: {rows_out: {regex: "支出合计：(\\\\d+)笔"}, amount_out: {regex: "支出合计：\\\\d{1,12}笔，共(-?[0-9.]{1,20})元"}, amount_in: {regex: "收入合计：\\\\d{1,12}笔，共(-?[0-9.]{1,20})元"}}
time_form: "%Y-%m-%d %H:%M:%S|+08:00"
money: major
sign: negative_out
""",
    _file(_alipay_zip(), "application/zip"),
    [
        ("3001", "N-1", "payout", "out", 2000, "EUR", None, "", "2026-11-27 16:00:01"),
        ("3002", "N-2", "return", "in", 530, "EUR", None, "", "2026-11-28 04:30:00"),
    ],
)


def _camt(version: int, entries: str, closing: str) -> bytes:
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-29T06:00:00+01:00</CreDtTm></GrpHdr><Stmt><Id>S</Id>
<Acct><Id><IBAN>DE11500000000000000001</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
{entries}</Stmt></BkToCstmrStmt></Document>
""".encode()


CAMT_DETAILS = Layout(
    "camt053-details",
    _REQUEST + 'standard: camt053\ntime_form: "%Y-%m-%d|Europe/Berlin"\n',
    _file(
        _camt(
            8,
            '<Ntry><Amt Ccy="EUR">70.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-28</Dt>'
            "</BookgDt><AcctSvcrRef>R1</AcctSvcrRef><NtryDtls>"
            '<TxDtls><Refs><EndToEndId>N-1</EndToEndId></Refs><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>'
            '<TxDtls><Refs><EndToEndId>N-2</EndToEndId></Refs><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>'
            "</NtryDtls></Ntry>"
            '<Ntry><Amt Ccy="EUR">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry>',
            "930.00",
        ),
        "application/xml",
    ),
    [
        (None, "N-1", "payout", "out", 2000, "EUR", None, "", _BERLIN),
        (None, "N-2", "payout", "out", 5000, "EUR", None, "", _BERLIN),
    ],
)
CAMT_PLAIN = Layout(
    "camt053-plain",
    _REQUEST
    + """\
standard: camt053
columns: {movement_id: bank_reference, order_no: purpose}
order_no_part: "N-[0-9]{1,12}"
time_form: "%Y-%m-%d|Europe/Berlin"
""",
    _file(
        _camt(
            2,
            '<Ntry><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-28</Dt></BookgDt>'
            "<AcctSvcrRef>R1</AcctSvcrRef><AddtlNtryInf>Überweisung N-1 an Max</AddtlNtryInf></Ntry>"
            '<Ntry><Amt Ccy="EUR">0.05</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts><BookgDt>'
            "<DtTm>2026-11-28T10:00:00</DtTm></BookgDt><AcctSvcrRef>R2</AcctSvcrRef></Ntry>",
            "980.05",
        ),
        "application/xml",
    ),
    [
        ("R1", "N-1", "payout", "out", 2000, "EUR", None, "", _BERLIN),
        ("R2", "", "return", "in", 5, "EUR", None, "", _BERLIN),
    ],
)
MT940 = Layout(
    "mt940",
    _REQUEST
    + """\
standard: mt940
columns: {movement_id: bank_reference}
time_form: "%Y-%m-%d|Europe/Berlin"
""",
    _file(
        (
            ":20:STARTUMS\r\n:25:50000000/0000000001\r\n:28C:00331/001\r\n:60F:C261127EUR1000,\r\n"
            ":61:2611281128D20,NTRFNONREF//B1\r\n:86:166?00UEBERWEISUNG?20EREF+N-1?21SVWZ+Auszahlung?32MAX MUSTER\r\n"
            ":61:2611281128CR5,5NTRFN-2//B2\r\n:86:166?00GUTSCHRIFT?20SVWZ+zurück?32MAX MUSTER\r\n"
            ":61:2611281128RD7,NRTINONREF//B3\r\n:86:159?00RETOURE?20EREF+N-3\r\n"
            ":61:2611281128RC1,25NMSCNONREF//B4\r\n:86:177?00STORNO?20EREF+NOTPROVIDED\r\n"
            ":62F:C261128EUR991,25\r\n-\r\n"
        ).encode("cp1252"),
        "text/plain",
    ),
    [
        ("B1", "N-1", "payout", "out", 2000, "EUR", None, "", _BERLIN),
        ("B2", "N-2", "return", "in", 550, "EUR", None, "", _BERLIN),
        ("B3", "N-3", "return", "in", 700, "EUR", None, "", _BERLIN),
        ("B4", "", "payout", "out", 125, "EUR", None, "", _BERLIN),
    ],
)
LAYOUTS = [SAVINGS_BANK, COMMERZBANK, ING, DKB, PAYPAL, STRIPE, WECHAT, ALIPAY, CAMT_DETAILS, CAMT_PLAIN, MT940]
