"""Pulls over HTTP from the emulator's forms: exact, idempotent, versioned; what is bad or late stops only itself."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.statements.outcomes import PartitionState
from tests.statement_provider import Book, Faults, StatementProvider
from tests.tiers import gate
from tests.unit.statements.support import CSV, current, loaded, pulled, stated

DAY = 'day: "${period.from:%Y-%m-%d}"'
PLACES = "{movement_id: $.id, order_no: $.no, amount: $.amount, kind: $.kind, at: $.at}"
NAMES = "{movement_id: Id, order_no: Order, amount: Amount, kind: Kind, at: At}"
FORMS = {
    "json-cursor": f"""
request: {{method: GET, path: /bill, query: {{{DAY}, after: "${{cursor}}"}}}}
rows: $.rows
next: $.next
totals: {{rows: $.total, net: $.net}}
columns: {{movement_id: $.id, order_no: $.no, amount: $.amount, kind: $.kind, at: $.at, currency: $.c, fee: $.f, status: $.s}}
""",
    "json-last-row": f"""
request: {{method: GET, path: /bill, query: {{{DAY}, after: "${{cursor}}"}}}}
rows: $.rows
next_row: $.id
columns: {PLACES}
""",
    "json-page": f"""
request: {{method: GET, path: /bill, query: {{{DAY}, page: "${{cursor}}"}}}}
rows: $.rows
counted: {{by: page, first: 1}}
page_count: $.pages
columns: {PLACES}
""",
    "json-offset-and-windows": f"""
request: {{method: GET, path: /bill, query: {{from: "${{period.from.unix}}", to: "${{period.to.unix}}", skip: "${{cursor}}"}}}}
rows: $.rows
counted: {{by: row}}
window: half_open
slice: 6h
columns: {PLACES}
""",
    "xml": f"""
request: {{method: GET, path: /bill, query: {{{DAY}, after: "${{cursor}}"}}}}
rows: /List/Row
next: /List/Next
columns: {{movement_id: /Row/Id, order_no: /Row/No, amount: /Row/Amt, kind: /Row/Kind, at: /Row/At}}
""",
    "csv-gb18030": f"""
request: {{method: GET, path: /bill, query: {{{DAY}}}}}
csv: {{encoding: gb18030, delimiter: ";", decimal: ",", thousands: ".", cell_prefix: "`", head_rows: 2, summary_rows: 3}}
totals: {{rows: 行数, amount_out: 支出}}
money: major
columns: {{order_no: 订单, amount: 金额, direction: 方向, at: [日期, 时间]}}
time_form: "%Y-%m-%d %H:%M:%S"
compressed: gzip
""",
    "csv-pages": f"""
request: {{method: GET, path: /bill, query: {{{DAY}, page: "${{cursor}}"}}}}
csv: {{head_rows: 2}}
counted: {{by: page, first: 1}}
page_count: {{regex: "Pages: (\\\\d+)"}}
columns: {NAMES}
""",
    "fixed-width": f"""
request: {{method: GET, path: /bill, query: {{{DAY}}}}}
csv: {{widths: [14, 24, 12, 8, 20], head_rows: 0}}
columns: {{movement_id: "1", order_no: "2", amount: "3", kind: "4", at: "5"}}
time_form: "%Y-%m-%dT%H:%M:%S"
""",
    "zip-by-link": f"""
request: {{method: GET, path: /bill, query: {{{DAY}, type: "${{part}}"}}}}
parts: [BASIC, FEES]
download: $.url
checksum: {{at: $.hash, algorithm: sha1, of: content}}
link_expires: 30s
compressed: zip
csv: {{encoding: gbk}}
columns: {NAMES}
""",
    "mt940": f"request: {{method: GET, path: /bill, query: {{{DAY}}}}}\nstandard: mt940\n",
    "camt053": f"request: {{method: GET, path: /bill, query: {{{DAY}}}}}\nstandard: camt053\n",
}


@pytest.mark.parametrize("form", gate(FORMS, ["json-cursor", "json-page", "csv-gb18030", "zip-by-link", "mt940"]))
def test_what_is_stated_lands_exactly_and_once(tmp_path: Path, form: str) -> None:
    faults = Faults(busy_every=3, cut_every=7, gone_links=2)
    with StatementProvider(loaded(tmp_path, FORMS[form]), Book(250), faults) as provider:
        first = pulled(provider, tmp_path / "s")
        assert [outcome.problem for outcome in first.outcomes if outcome.problem] == []
        assert (first.exit_code, first.rows) == (0, 250)
        assert {outcome.state for outcome in pulled(provider, tmp_path / "s").outcomes} == {PartitionState.UNCHANGED}
        assert current(tmp_path / "s") == stated(provider)


def test_late_and_changed_lines_are_versions(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), Book(50, late=3)) as provider:
        assert pulled(provider, tmp_path / "s").rows == 47
        provider.book = Book(50)
        late = pulled(provider, tmp_path / "s").outcomes[0]
        assert (late.version, late.added, late.removed, late.rows) == (2, 3, 0, 50)
        provider.book = Book(50, changed=2)
        again = pulled(provider, tmp_path / "s").outcomes[0]
        assert (again.version, again.added, again.removed, again.rows) == (3, 2, 2, 50)
        assert current(tmp_path / "s") == stated(provider)


def test_lines_that_move_while_pages_are_read_are_read_again(tmp_path: Path) -> None:
    statement = FORMS["json-offset-and-windows"].replace("slice: 6h\n", "")
    with StatementProvider(loaded(tmp_path, statement), Book(250)) as provider:
        provider.faults.inserts = 4
        assert pulled(provider, tmp_path / "s").exit_code == 0
        assert current(tmp_path / "s") == stated(provider)
        provider.faults.inserts = 10_000
        never = pulled(provider, tmp_path / "t")
        assert (never.exit_code, never.outcomes[0].state) == (3, PartitionState.LATE)
        assert "lines move while they are read" in never.outcomes[0].problem


def test_a_provider_that_is_down_is_told(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV)) as provider:
        pass
    result = pulled(provider, tmp_path / "s", ",".join(f"a{n}" for n in range(12)), jobs=1)
    assert result.exit_code == 4
    assert "connection refused, after 6 tries" in result.outcomes[0].problem
    assert "not asked for" in result.outcomes[-1].problem


def test_a_statement_that_is_not_made_yet_is_late_and_one_of_nothing_is_empty(tmp_path: Path) -> None:
    statement = CSV + "not_yet: {status: 404, $.code: NOT_READY}\nnone: {status: 400, $.code: NO_STATEMENT_EXIST}\n"
    answers = {
        "late": HttpResponse(404, {"content-type": "application/json"}, b'{"code": "NOT_READY"}'),
        "empty": HttpResponse(400, {"content-type": "application/json"}, b'{"code": "NO_STATEMENT_EXIST"}'),
        "odd": HttpResponse(404, {"content-type": "application/json"}, b'{"code": "OTHER"}'),
    }
    with StatementProvider(loaded(tmp_path, statement), faults=Faults(answers=answers)) as provider:
        result = pulled(provider, tmp_path / "s", "late,empty,main")
        assert result.exit_code == 3
        assert [o.state.value for o in result.outcomes] == ["late", "landed", "landed"]
        assert [o.rows for o in result.outcomes] == [0, 0, 10]
        odd = pulled(provider, tmp_path / "s", "odd")
        assert odd.exit_code == 1 and "the status 404" in odd.outcomes[0].problem


# What is bad is one clear error, with file, line, value and partition; the other partitions land.

HEAD = "Id,Order,Amount,Kind,At\n"
GOOD = "1,N-1,500,payout,2026-11-28 10:00:00\n"


def table(text: str) -> Callable[[], HttpResponse]:
    return lambda: HttpResponse(200, {"content-type": "text/csv"}, text.encode())


def packed(name: str, text: str = HEAD + GOOD) -> Callable[[], HttpResponse]:
    def made() -> HttpResponse:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, text)
        return HttpResponse(200, {}, content.getvalue())

    return made


def bomb() -> HttpResponse:
    packer = zlib.compressobj(9, wbits=31)
    nothing = b" " * 100_000 + b"\n"
    return HttpResponse(200, {}, b"".join([*(packer.compress(nothing) for _ in range(800)), packer.flush()]))


BAD: dict[str, tuple[str, Callable[[], HttpResponse], tuple[str, ...]]] = {
    "cut-gzip": ("compressed: gzip", lambda: HttpResponse(200, {}, gzip.compress((HEAD + GOOD).encode())[:-12]),
                 ("bill", "cut off")),
    "no-gzip": ("compressed: gzip", table(HEAD + GOOD), ("bill", "no gzip")),
    "encoding": ("", lambda: HttpResponse(200, {}, (HEAD + GOOD).encode() + "2,Nö,1,payout,x\n".encode("latin-1")),
                 ("line 3", "no text in utf-8", "f6")),
    "extra-column": ("", table(HEAD + GOOD + "2,N-2,1,payout,2026-11-28 10:00:00,surplus\n"), ("line 3", "surplus")),
    "few-columns": ("", table(HEAD + "2,N-2\n"), ("line 2", "2 cells")),
    "negative": ("", table(HEAD + GOOD + "2,N-2,-5,payout,2026-11-28 10:00:00\n"), ("line 3", "negative", "'-5'")),
    "formula": ("", table(HEAD + "2,=cmd|' /C calc'!A0,5,payout,2026-11-28 10:00:00\n"), ("line 2", "formula", "=cmd")),
    "amount": ("", table(HEAD + "2,N-2,1O,payout,2026-11-28 10:00:00\n"), ("line 2", "the amount", "'1O'")),
    "kind": ("", table(HEAD + "2,N-2,1,gift,2026-11-28 10:00:00\n"), ("line 2", "the kind is unknown", "gift")),
    "other-day": ("", table(HEAD + "2,N-2,1,payout,2026-11-29 00:00:00\n"), ("line 2", "outside", "2026-11-29T00:00:00Z")),
    "twice": ("", table(HEAD + GOOD + GOOD), ("line 3", "one identifier", "'1'")),
    "long-line": ("", table(HEAD + "1," + "9" * 2_000_000), ("line 2", "longer than")),
    "totals": ("csv: {summary_rows: 2}\ntotals: {rows: Rows, amount: Sum}", table(HEAD + GOOD + "Rows,Sum\n2,500\n"),
               ("rows is 2, and the lines have 1",) ),
    "bomb": ("compressed: gzip", bomb, ("zip bomb",)),
    "path-in-zip": ("compressed: zip", packed("../../etc/cron.d/x.csv"), ("leaves its folder", "../../etc")),
    "mt940-balance": ("standard: mt940", table(":20:X\n:25:1\n:28C:1\n:60F:C261127EUR1,\n:61:261128D2,NTRFN-1//1\n"
                                              ":62F:C261128EUR1,\n-\n"), ("line 7", "closing balance is 1")),
    "camt-cut": ("standard: camt053", table("<Document><Stmt><Ntry>"), ("line 1", "cut off")),
    "camt-entity": ("standard: camt053", table('<!DOCTYPE a [<!ENTITY b "c">]>\n<Document><Stmt><Ntry/></Stmt></Document>'),
                    ("DTD",)),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_told_and_the_others_land(tmp_path: Path, name: str) -> None:
    change, answer, says = BAD[name]
    statement = CSV
    if change.startswith("csv:"):
        statement = CSV.replace("csv: {}\n", change + "\n")
    elif change.startswith("standard"):
        statement = CSV[: CSV.index("csv:")] + change + "\n"
    elif change:
        statement = CSV + change + "\n"
    faults = Faults(answers={"bad": answer()})
    with StatementProvider(loaded(tmp_path, statement), Book(8), faults) as provider:
        result = pulled(provider, tmp_path / "s", "a,bad,b")
        assert [o.state.value for o in result.outcomes] == ["landed", "refused", "landed"]
        assert result.exit_code == 1
        problem = result.outcomes[1].problem
        assert result.outcomes[1].key.account == "bad" and "\n" not in problem
        assert [words for words in says if words not in problem] == [], problem
        assert current(tmp_path / "s") == stated(provider, "a", "b")
        # Once it is mended, it lands.
        provider.faults = replace(faults, answers={})
        assert pulled(provider, tmp_path / "s", "a,bad,b").exit_code == 0
        assert current(tmp_path / "s") == stated(provider, "a", "b", "bad")
