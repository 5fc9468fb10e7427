"""Statements: what an emulator states is what the codec reads, in every form; what is wrong in one is said in words; a
file is fetched from the provider alone.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import (
    Codec,
    LedgerPage,
    LedgerRow,
    Period,
    RequestContext,
    RequestRenderError,
    ResponseContext,
    compile_contract,
)
from ackord.contract.codec.compression import compress_file, decompress_file
from ackord.contract.emulate.domain_requests import InvalidRequest, StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.contract.spec.model import Contract
from ackord.errors import UsageError

from ..support import SMALL, document

DAY_S = 86_400
MIDNIGHT_S = 1_789_862_400
"""In UTC."""
PERIOD = Period(MIDNIGHT_S, MIDNIGHT_S + DAY_S)
MOMENT = TimestampNonce(MIDNIGHT_S + 2 * DAY_S, "9f8e7d6c")
ORIGIN = "http://127.0.0.1:8080"
REQUEST = {
    "method": "GET",
    "path": "/bills",
    "query": {"from": "${period.from:%Y-%m-%dT%H:%M:%S}", "to": "${period.to:%Y-%m-%dT%H:%M:%S}", "after": "${cursor}"},
}
NAMES = {"movement_id": "Id", "order_no": "Order", "account": "Account", "amount": "Amount", "kind": "Kind"}
PLACES = {"movement_id": "$.id", "order_no": "$.of.no", "account": "$.acc", "amount": "$.amount", "kind": "$.kind"}
JSON = {"request": REQUEST, "rows": "$.data.rows", "columns": PLACES, "window": "half_open"}
CSV = {"request": REQUEST, "csv": {}, "columns": NAMES, "window": "half_open"}


def small(statement: dict[str, Any], **more: Any) -> Codec:
    """The small contract with a statement."""
    data = dict(document(SMALL).data)
    return compile_contract(Contract.model_validate({**data, **more, "statement": statement}))


def problem_with(statement: dict[str, Any]) -> str:
    with pytest.raises(ValueError) as failure:
        small(statement)
    return str(failure.value)


def sent(request: HttpRequest) -> HttpRequest:
    """As a client sends it."""
    return request._replace(headers=(*request.headers, ("host", ORIGIN.removeprefix("http://"))))


def movements_of(codec: Codec, count: int = 3) -> tuple[ProviderMovement, ...]:
    kinds = ["payout", "return"]
    return tuple(
        ProviderMovement(
            i + 1, codec.contract.owner, f"N-{i:08}", f"po_{i}", 100 * i + 5, kinds[i % 2], PERIOD.from_s + i
        )
        for i in range(count)
    )


def expected(movements: tuple[ProviderMovement, ...], *kinds: str) -> list[LedgerRow]:
    return [LedgerRow(str(m.id), m.order_no, m.account, m.amount, m.kind) for m in movements if m.kind in kinds]


def timed(movements: tuple[ProviderMovement, ...], *kinds: str) -> list[LedgerRow]:
    """The same where a column says when it was."""
    times = {str(m.id): m.at_s for m in movements}
    return [row._replace(at_s=times[row.movement_id]) for row in expected(movements, *kinds)]


def read(
    codec: Codec, emulation: ContractEmulation, movements: tuple[ProviderMovement, ...], cursor: str | None = None
) -> LedgerPage:
    """The statement as a client gets it, step by step."""
    request_context = RequestContext(MOMENT)
    request = sent(codec.statement_page(PERIOD, cursor=cursor, request_context=request_context))
    asked = emulation.understand(request, MOMENT)
    assert isinstance(asked, StatementRequest), asked
    assert (asked.from_s, asked.to_s) == PERIOD
    page = MovementsResponse(movements, movements[-1].id if movements else 0)
    answer = emulation.answer(asked, page, request, MOMENT)
    file = codec.statement_file(answer, ORIGIN, request_context=request_context)
    if file is not None:
        assert file.request is not None, file.problem
        again = emulation.understand(file.request, MOMENT)
        assert (
            again == asked._replace(file=True, after=0, limit=again.limit)
            if isinstance(again, StatementRequest)
            else again
        )
        answer = emulation.answer(again, page, file.request, MOMENT)
    numbers = {m.provider_id: m.order_no for m in movements}
    return codec.read_statement(answer, numbers=numbers)


STATING = [name for name in contract_names("contracts") if load_contract(name, env=PlaceholderEnv()).contract.statement]


@pytest.mark.parametrize("name", STATING)
def test_what_a_shipped_contract_s_emulator_states_is_read_back(name: str) -> None:
    codec = load_contract(name, env=PlaceholderEnv()).codec
    movements = movements_of(codec, 4)
    start = PERIOD.from_s
    offset_s = 8 * 3600 if "+08:00" in str(codec.contract.statement) else 0
    request = codec.statement_page(
        Period(start - offset_s, start - offset_s + DAY_S), request_context=RequestContext(MOMENT)
    )
    emulation = ContractEmulation(codec)
    asked = emulation.understand(sent(request), MOMENT)
    assert isinstance(asked, StatementRequest), asked
    assert (asked.from_s, asked.to_s - asked.from_s) == (start - offset_s, DAY_S)
    answer = emulation.answer(asked, MovementsResponse(movements, 4), sent(request), MOMENT)
    response_context = ResponseContext(account=codec.contract.owner, request=request, at=MOMENT)
    file = codec.statement_file(
        answer, ORIGIN, request_context=RequestContext(MOMENT), response_context=response_context
    )
    if file is not None:
        assert file.request is not None, file.problem
        again = emulation.understand(file.request, MOMENT)
        answer = emulation.answer(again, MovementsResponse(movements, 4), file.request, MOMENT)
    page = codec.read_statement(
        answer, numbers={m.provider_id: m.order_no for m in movements}, response_context=response_context
    )
    assert not page.problem
    statement = codec.contract.statement
    stated = timed if statement is not None and "at" in statement.columns else expected
    rows = stated(movements, "payout", "return")
    if statement is not None and "currency" in statement.columns:
        rows = [row._replace(currency="EUR") for row in rows]
    assert list(page.rows) == rows


def test_some_shipped_contract_states() -> None:
    assert len(STATING) >= 2


# Forms.

CELLS = st.text(st.sampled_from("abcXYZ019-_"), min_size=1, max_size=20)
AWKWARD = st.text(st.sampled_from("ab01,;|\"'`-é单号"), min_size=1, max_size=12).map(lambda text: f"n{text}n")


@st.composite
def forms(draw: st.DrawFn) -> tuple[dict[str, Any], st.SearchStrategy[str]]:
    """A statement's form, and the order numbers that have room in it."""
    part: dict[str, Any] = {"request": REQUEST, "window": draw(st.sampled_from(["half_open", "closed"]))}
    numbers = CELLS
    columns = dict(PLACES)
    if draw(st.booleans()):
        part["rows"] = draw(st.sampled_from(["$", "$.rows", "$.a.b"]))
    else:
        delimiter, quote = draw(st.sampled_from([",", ";", "\t", "|"])), draw(st.sampled_from(['"', "'", ""]))
        encoding = draw(st.sampled_from(["utf-8", "gbk", "latin-1"]))
        if quote and encoding == "gbk":
            numbers = AWKWARD
        part["csv"] = {
            "delimiter": delimiter, "quote": quote, "encoding": encoding,
            "cell_prefix": draw(st.sampled_from(["", "`", "#'"])),
            "head_rows": draw(st.integers(0, 4)), "summary_rows": draw(st.integers(0, 3)),
        }  # fmt: skip
        order = draw(st.permutations(list(NAMES)))
        named = part["csv"]["head_rows"] > 0
        columns = {fact: NAMES[fact] if named else str(2 * n + 1) for n, fact in enumerate(order)}
    part["money"] = draw(st.sampled_from(["minor", "major"]))
    part["sign"] = draw(st.sampled_from(["plain", "negative_out"]))
    if draw(st.booleans()):
        columns["amount_back"] = "$.back" if "rows" in part else "Back" if part["csv"]["head_rows"] else "20"
        del columns["kind"]
    part["columns"] = columns
    part["compressed"] = draw(st.sampled_from([None, "gzip", "zip"]))
    if part["compressed"] == "zip" and draw(st.booleans()):
        part["zip_entry"] = "明细.csv"
    place = {"from": "header.x-file", "regex": "^file=(.+)$"}
    part["download"] = draw(st.sampled_from([None, "$.url", "/answer/url", place]))
    if part["download"]:
        part["download_signed"] = draw(st.booleans())
    return part, numbers


@settings(deadline=None)
@given(st.data())
def test_what_an_emulator_states_is_read_back_in_every_form(data: st.DataObject) -> None:
    part, numbers = data.draw(forms())
    codec = small(part, currency=data.draw(st.sampled_from(["EUR", "JPY", "KWD"])))
    moved = data.draw(
        st.lists(st.tuples(numbers, st.integers(1, 10**12), st.sampled_from(["payout", "return"])), max_size=5)
    )
    account = codec.contract.owner
    movements = tuple(
        ProviderMovement(n + 1, account, number, f"po_{n}", amount, kind)
        for n, (number, amount, kind) in enumerate(moved)
    )
    request_context, emulation = RequestContext(MOMENT), ContractEmulation(codec)
    end_s = PERIOD.to_s - (1 if part["window"] == "closed" else 0)
    request = sent(codec.statement_page(Period(PERIOD.from_s, end_s), request_context=request_context))
    asked = emulation.understand(request, MOMENT)
    assert isinstance(asked, StatementRequest) and (asked.from_s, asked.to_s) == PERIOD
    answer = emulation.answer(asked, MovementsResponse(movements, 9), request, MOMENT)
    file = codec.statement_file(answer, ORIGIN, request_context=request_context)
    assert (file is None) is (part["download"] is None)
    if file is not None:
        assert file.request is not None, file.problem
        answer = emulation.answer(
            emulation.understand(file.request, MOMENT), MovementsResponse(movements, 9), file.request, MOMENT
        )
    page = codec.read_statement(answer)
    assert not page.problem
    assert list(page.rows) == expected(movements, "payout", "return")


@pytest.mark.parametrize(
    "way", [{"next": "$.next"}, {"next": {"from": "$.links.next", "regex": "after=([^&]+)"}}, {"next_row": "$.id"}]
)
def test_pages_of_a_statement(way: dict[str, Any]) -> None:
    codec = small({**JSON, **way})
    emulation = ContractEmulation(codec)
    movements = movements_of(codec)
    page = read(codec, emulation, movements)
    assert page.next_cursor == "3" and len(page.rows) == 3
    following = emulation.understand(codec.statement_page(PERIOD, cursor="3"))
    assert isinstance(following, StatementRequest) and following.after == 3 and following.limit < 1000
    assert read(codec, emulation, ()).next_cursor is None


def test_pages_of_a_statement_are_found_in_one_way_and_only_in_json() -> None:
    counted = {"by": "row"}
    assert "found by next already" in problem_with({**JSON, "next": "$.next", "counted": counted})
    assert "a file has no pages" in problem_with({**CSV, "counted": counted})
    unsaid = {"method": "GET", "path": "/bills", "query": {"day": "${period.from:%Y%m%d}"}}
    assert "does not say which page" in problem_with({**JSON, "request": unsaid, "counted": counted})


def test_what_a_contract_has_no_words_for_is_not_stated() -> None:
    columns = {name: place for name, place in PLACES.items() if name != "kind"}
    codec = small({**JSON, "columns": columns})
    movements = movements_of(codec)
    assert list(read(codec, ContractEmulation(codec), movements).rows) == expected(movements, "payout")


@pytest.mark.parametrize(
    ("window", "query", "period"),
    [
        ("day", {"day": "${period.from:%Y%m%d}"}, (MIDNIGHT_S, MIDNIGHT_S + DAY_S)),
        ("day", {"day": "${period.from:%Y%m%d|+08:00}"}, (MIDNIGHT_S - 8 * 3600, MIDNIGHT_S + 16 * 3600)),
        (
            "closed",
            {"a": "${period.from:%Y-%m-%d}", "b": "${period.to:%Y-%m-%d}"},
            (MIDNIGHT_S, MIDNIGHT_S + 2 * DAY_S),
        ),
        ("closed", {"a": "${period.from.unix}", "b": "${period.to.unix}"}, (MIDNIGHT_S, MIDNIGHT_S + DAY_S + 1)),
        ("half_open", {"a": "${period.from.unix}", "b": "${period.to.unix}"}, (MIDNIGHT_S, MIDNIGHT_S + DAY_S)),
        ("closed", {"b": "${period.to:%Y-%m-%d %H:%M}"}, (0, MIDNIGHT_S + DAY_S + 60)),
    ],
)
def test_the_period_of_a_request(window: str, query: dict[str, str], period: tuple[int, int]) -> None:
    codec = small({**JSON, "window": window, "request": {"method": "GET", "path": "/bills", "query": query}})
    asked = ContractEmulation(codec).understand(codec.statement_page(PERIOD))
    assert isinstance(asked, StatementRequest) and (asked.from_s, asked.to_s) == period


@pytest.mark.parametrize(
    "target", ["/bills?from=x&to=y", "/bills?from=2026-09-21T00:00:00&to=2026-09-20T00:00:00", "/bills?from=&to="]
)
def test_a_period_that_is_none_is_refused(target: str) -> None:
    codec = small(JSON)
    request = codec.statement_page(PERIOD)._replace(target=target)
    assert isinstance(ContractEmulation(codec).understand(request), InvalidRequest)


# When money moved.


def table(*lines: str, encoding: str = "utf-8") -> HttpResponse:
    return HttpResponse(200, {}, "\r\n".join(lines).encode(encoding))


HEAD = "Id,Order,Account,Amount,Kind"


@pytest.mark.parametrize(
    "form", ["iso8601", "unix", "unix_ms", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S|+08:00", "%c %z|-03:30"]
)
@pytest.mark.parametrize("statement", [JSON, CSV], ids=["json", "csv"])
def test_when_money_moved_is_read_as_it_is_written(statement: dict[str, Any], form: str) -> None:
    columns = {**statement["columns"], "at": "$.when" if "rows" in statement else "When"}
    codec = small({**statement, "columns": columns, "time_form": form})
    movements = movements_of(codec)
    assert list(read(codec, ContractEmulation(codec), movements).rows) == timed(movements, "payout", "return")


@pytest.mark.parametrize(
    ("form", "text", "at_s"),
    [
        ("iso8601", "2026-09-20T08:00:00.9+08:00", MIDNIGHT_S),
        ("iso8601", "2026-09-20T00:00:00Z", MIDNIGHT_S),
        ("unix_ms", str(MIDNIGHT_S * 1000 + 999), MIDNIGHT_S),
        ("%Y-%m-%d %H:%M:%S|+08:00", "2026-09-20 08:00:00", MIDNIGHT_S),
        ("%d/%m/%y %H:%M %z|+08:00", "20/09/26 02:00 +0200", MIDNIGHT_S),
        ("%Y-%m-%d|-02:00", "2026-09-19", MIDNIGHT_S - DAY_S + 7200),
    ],
)
def test_a_time_as_others_write_it(form: str, text: str, at_s: int) -> None:
    codec = small({**CSV, "columns": {**NAMES, "at": "When"}, "time_form": form})
    page = codec.read_statement(table(f"{HEAD},When", f"1,N-1,acc_1,5,payout,{text}"))
    assert [row.at_s for row in page.rows] == [at_s], page.problem


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("iso8601", "", "the time of the movement 1 is missing"),
        ("iso8601", "2026-09-20T08:00:00", "does not say its zone"),
        ("iso8601", "yesterday", "cannot be read: yesterday"),
        ("unix", "1.5", "expected a whole number"),
        ("%Y-%m-%d|+08:00", "2026-09-31", "cannot be read: 2026-09-31"),
        ("%Y-%m-%d", "2026-09-20 08:00", "cannot be read"),
    ],
)
def test_a_time_that_cannot_be_read_makes_the_statement_unreadable(form: str, text: str, words: str) -> None:
    codec = small({**CSV, "columns": {**NAMES, "at": "When"}, "time_form": form})
    page = codec.read_statement(table(f"{HEAD},When", f"1,N-1,acc_1,5,payout,{text}"))
    assert page.rows == () and words in page.problem


@pytest.mark.parametrize("form", ["iso8601", "unix", "unix_ms", "%Y-%m-%d"])
@pytest.mark.parametrize("value", [None, True, 1.5, [1], {}, 1 << 80, "9" * 40])
def test_a_time_that_is_none_is_unreadable_whatever_it_is(form: str, value: Any) -> None:
    codec = small({**JSON, "columns": {**PLACES, "at": "$.when"}, "time_form": form})
    row = {"id": 1, "of": {"no": "N-1"}, "acc": "acc_1", "amount": 5, "kind": "payout", "when": value}
    page = codec.read_statement(HttpResponse(200, {}, json.dumps({"data": {"rows": [row]}}).encode()))
    assert page.rows == () and "the time of the movement 1" in page.problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time_form": "unix"}, "no column says when money moved"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "%H:%M"}, "is no format of strptime that tells the day"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "%Y-%m-%d %"}, "is no format of strptime"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "seconds"}, "is no format of strptime"),
        ({"columns": {**NAMES, "at": "When"}, "time_form": "%Y-%m-%d|CET"}, "'CET' is no zone"),
    ],
)
def test_a_time_s_form_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in problem_with({**CSV, **change})


# The second step.

TWO_STEPS = {**CSV, "download": "$.url", "link_expires": "5m"}


def where(url: Any) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps({"url": url}).encode())


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        (f"{ORIGIN}/f/1?token=a%20b#part", ORIGIN, "/f/1?token=a%20b"),
        ("/f/1?x=1", ORIGIN, "/f/1?x=1"),
        ("https://Pay.example/f", "https://pay.example", "/f"),
        ("https://pay.example:443/f", "https://pay.example", "/f"),
        (ORIGIN, ORIGIN, "/"),
        ("//127.0.0.1:8080/f", ORIGIN, "/f"),
    ],
)
def test_a_file_of_the_provider_is_fetched(url: str, origin: str, target: str) -> None:
    file = small(TWO_STEPS).statement_file(where(url), origin)
    assert file is not None and file.request is not None
    assert (file.request.method, file.request.target, file.request.body) == ("GET", target, b"")
    assert ("authorization", "Bearer sk_main") in file.request.headers
    unsigned = small({**TWO_STEPS, "download_signed": False}).statement_file(where(url), origin)
    assert unsigned is not None and unsigned.request is not None
    assert [name for name, _ in unsigned.request.headers] == ["accept"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8081/f", "https://127.0.0.1:8080/f", "http://localhost:8080/f", "http://10.0.0.1:8080/f",
        "//evil.example/f", "http://127.0.0.1:8080@evil.example/f", "http://me@127.0.0.1:8080/f", "ftp://127.0.0.1:8080/f",
        "file:///etc/passwd", "http://127.0.0.1:99999/f", "http://[::1", "javascript:1", "/a b", "/a\r\nx: y", "/é",
        "/" + "x" * 5000, "", None, 7, ["/f"],
    ],
)  # fmt: skip
def test_a_file_anywhere_else_is_not(url: Any) -> None:
    file = small(TWO_STEPS).statement_file(where(url), ORIGIN)
    assert file is not None and file.request is None
    assert file.problem.startswith("the statement's file cannot be fetched: ")


ELSEWHERE = {**TWO_STEPS, "download_hosts": ["https://files.example", "http://127.0.0.1:9090"]}


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://files.example/f?x=1", "https://files.example", "/f?x=1"),
        ("https://FILES.example:443/f", "https://files.example", "/f"),
        ("http://127.0.0.1:9090/f", "http://127.0.0.1:9090", "/f"),
        ("/f", "", "/f"),
    ],
)
def test_a_file_at_a_declared_host_is_fetched_and_that_is_not_signed(url: str, origin: str, target: str) -> None:
    for signed in (False, True):
        file = small({**ELSEWHERE, "download_hosts_signed": signed}).statement_file(where(url), ORIGIN)
        assert file is not None and file.request is not None
        assert (file.origin, file.request.target) == (origin, target)
        shown = ("authorization", "Bearer sk_main") in file.request.headers
        assert shown is (signed or not origin), "credentials go where the contract sends them, and nowhere else"


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/f", "https://files.example:8443/f", "https://www.files.example/f", "https://files.example.evil/f",
        "https://me@files.example/f", "http://127.0.0.1:9091/f", "https://evil.example/https://files.example",
    ],
)  # fmt: skip
def test_a_file_near_a_declared_host_is_not(url: str) -> None:
    file = small(ELSEWHERE).statement_file(where(url), ORIGIN)
    assert file is not None and file.request is None
    assert "on another machine" in file.problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"download_hosts": ["http://files.example"]}, "https, or http on this machine"),
        ({"download_hosts": ["https://files.example/"]}, "an origin without user and path"),
        ({"download_hosts": ["https://me@files.example"]}, "an origin without user and path"),
        ({"download_hosts": ["https://files.example?x"]}, "an origin without user and path"),
        ({"download_hosts": ["files.example"]}, "an origin without user and path"),
        ({"download_hosts": ["https://files.example:99999"]}, "Port out of range"),
        ({"download_hosts": ["https://files.example"], "download": None, "link_expires": None}, "nothing is fetched there"),
        ({"download_hosts_signed": True}, "nothing is fetched there"),
    ],
)  # fmt: skip
def test_hosts_of_files_that_make_no_sense_are_refused(change: dict[str, Any], words: str) -> None:
    assert words in problem_with({**TWO_STEPS, **change})


def test_a_file_s_request_that_cannot_be_signed_is_the_contract_s_mistake() -> None:
    accounts = {"main": {"auth": {"wechat_v2": {"key": "emulated-key"}}}}
    with pytest.raises(
        RequestRenderError, match="a request for a file cannot be signed: only a flat XML body"
    ) as failure:
        small(TWO_STEPS, accounts=accounts).statement_file(where("/f"), ORIGIN)
    assert failure.value.path == ("statement", "download_signed")


@pytest.mark.parametrize(
    "answer", [HttpResponse(404, {}, b""), HttpResponse(200, {}, b"<html>"), HttpResponse(200, {}, b"")]
)
def test_an_answer_that_names_no_file(answer: HttpResponse) -> None:
    file = small(TWO_STEPS).statement_file(answer, ORIGIN)
    assert file is not None and file.request is None and file.problem


def test_an_emulator_s_address_works_for_a_while_and_for_who_it_is_for() -> None:
    codec = small(TWO_STEPS)
    emulation = ContractEmulation(codec)
    request = sent(codec.statement_page(PERIOD))
    asked = emulation.understand(request, MOMENT)
    answer = emulation.answer(asked, MovementsResponse((), 0), request, MOMENT)
    assert json.loads(answer.body)["url"].startswith(f"{ORIGIN}/")
    file = codec.statement_file(answer, ORIGIN)
    assert file is not None and file.request is not None
    assert isinstance(emulation.understand(file.request, MOMENT._replace(unix_s=MOMENT.unix_s + 299)), StatementRequest)
    late = emulation.understand(file.request, MOMENT._replace(unix_s=MOMENT.unix_s + 300))
    assert isinstance(late, InvalidRequest)
    assert emulation.answer(late, late.refusal, file.request).status == 404
    stranger = emulation.understand(file.request._replace(headers=()), MOMENT)
    assert isinstance(stranger, InvalidRequest)
    other = codec.statement_page(PERIOD, "other")
    assert isinstance(emulation.understand(file.request._replace(headers=other.headers), MOMENT), InvalidRequest)


# What is wrong.


def test_a_table_as_others_write_it() -> None:
    codec = small({**CSV, "csv": {"cell_prefix": "`", "head_rows": 3, "summary_rows": 2}, "money": "major"})
    answer = table(
        "\ufeffBill of 2026-09-20", "", "#---,,,", "Id,Order,Extra,Account,Amount,Kind", "`1\t,`N-1\t,`,`acc_1,`12.50,`payout",
        '"`2","`N,2",`,`acc_9,`3,`return,', "", "Sum,Count", "`15.50,`2", ",,",
    )  # fmt: skip
    page = codec.read_statement(answer)
    assert not page.problem
    assert page.rows == (LedgerRow("1", "N-1", "main", 1250, "payout"), LedgerRow("2", "N,2", "acc_9", 300, "return"))


@pytest.mark.parametrize(
    ("statement", "answer", "words"),
    [
        (CSV, HttpResponse(503, {}, b""), "status 503"),
        (CSV, HttpResponse(200, {}, b"Id", truncated=True), "cut off after 2 bytes"),
        (CSV, HttpResponse(200, {}, b""), "has 0 rows, and head and summary alone are 1"),
        (CSV, table("<html>"), "no column called"),
        (CSV, table(f"{HEAD},Id"), "several columns called Id"),
        (CSV, table(HEAD, "1,2"), "line 2: the row has 2 cells, expected 5 or more"),
        (CSV, table(HEAD, '1,"2"x,acc_1,5,payout'), "line 2: it cannot be read as cells"),
        (CSV, table(HEAD, '1,"2'), "cannot be read"),
        (CSV, table(HEAD, "1," + "9" * 200_000), "line 2: it cannot be read as cells: field larger"),
        (CSV, table(HEAD, "1,N-1,acc_1,5,rebate"), "unknown kind 'rebate'"),
        (CSV, table(HEAD, ",N-1,acc_1,5,payout"), "a movement has no id"),
        (CSV, table(HEAD, "1,N-1,,5,payout"), "the movement 1 has no account"),
        (CSV, table(HEAD, "1,N-1,acc_1,,payout"), "the movement 1 has no amount"),
        (CSV, table(HEAD, "1,N-1,acc_1,5.00,payout"), "expected a whole number"),
        (CSV, table(HEAD, "1,N-1,acc_1,--5,payout"), "expected a whole number"),
        (CSV, table(HEAD, "1,N-1,acc_1,-5,payout"), "is negative"),
        ({**CSV, "money": "major"}, table(HEAD, "1,N-1,acc_1,0.001,payout"), "is no amount of EUR"),
        ({**CSV, "money": "major"}, table(HEAD, "1,N-1,acc_1,1_0,payout"), "expected an amount"),
        ({**CSV, "sign": "negative_out"}, table(HEAD, "1,N-1,acc_1,5,payout"), "a payout by its kind and a return "
            "by its amount"),
        ({**CSV, "csv": {"encoding": "gbk"}}, HttpResponse(200, {}, b"\xff\xff"), "no text in gbk"),
        (CSV, HttpResponse(200, {}, b"\xff\xff"), "no text in utf-8"),
        ({**CSV, "compressed": "gzip"}, table(HEAD), "no gzip"),
        ({**CSV, "compressed": "zip"}, table(HEAD), "no zip"),
        (JSON, HttpResponse(200, {}, b'{"data": {}}'), "the list of movements is missing"),
        (JSON, HttpResponse(200, {}, b'{"data": {"rows": [5]}}'), "a movement has no id"),
        (JSON, HttpResponse(200, {}, b'{"data": {"rows": [{"id": 1, "acc": "a", "kind": "payout", "amount": '
            b'"5"}]}}'), "is text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_read(statement: dict[str, Any], answer: HttpResponse, words: str) -> None:
    page = small(statement).read_statement(answer)
    assert page.rows == () and page.next_cursor is None
    assert page.problem.startswith("the statement cannot be read: ")
    assert words in page.problem


@pytest.mark.parametrize(
    ("cells", "words"),
    [("5,5", "two amounts"), (",", "no amounts"), ("0,0", "no amounts"), ("-5,", "is negative")],
)
def test_one_of_two_columns_holds_the_amount(cells: str, words: str) -> None:
    codec = small({**CSV, "columns": {"movement_id": "Id", "order_no": "Order", "amount": "Out", "amount_back": "In"}})
    assert words in codec.read_statement(table("Id,Order,Out,In", f"1,N-1,{cells}")).problem
    assert codec.read_statement(table("Id,Order,Out,In", "1,N-1,0,7")).rows[0][3:5] == (7, "return")


NUMBERED = {
    **CSV,
    "csv": {"encoding": "gbk", "quote": "'", "head_rows": 0},
    "columns": {"movement_id": "1", "order_no": "2", "amount": "3"},
}
ANY_FORM = [
    small({**form, "compressed": packing, "download": download})
    for form in (JSON, CSV, NUMBERED)
    for packing in (None, "gzip", "zip")
    for download in (None, "$.url", "/answer/url")
]


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text("1,'\r\n<>{}[]:\"x", max_size=60).map(str.encode))
def test_nothing_that_a_provider_sends_makes_it_raise(body: bytes) -> None:
    for content in (body, compress_file(body, "gzip", "x"), compress_file(body, "zip", "x")):
        answer = HttpResponse(200, {}, content)
        for codec in ANY_FORM:
            page = codec.read_statement(answer)
            assert not page.problem or page.rows == ()
            codec.statement_file(answer, ORIGIN)


# Packing.


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "zip"]))
def test_what_is_packed_is_unpacked(content: bytes, packing: str) -> None:
    packed = compress_file(content, packing, "a.csv")
    assert packed == compress_file(content, packing, "a.csv")
    assert decompress_file(packed, packing, 2000) == content


@given(st.binary(min_size=1, max_size=400), st.integers(0, 400), st.integers(0, 255), st.sampled_from(["gzip", "zip"]))
def test_a_damaged_file_is_whole_all_the_same_or_unreadable(content: bytes, at: int, byte: int, packing: str) -> None:
    packed = bytearray(compress_file(content, packing, "a.csv"))
    packed[at % len(packed)] = byte
    try:
        found = decompress_file(bytes(packed), packing, 2000)
    except UnreadableBody:
        return
    assert found == content


def test_a_zip_whose_file_has_no_name_is_damaged() -> None:
    packed = bytearray(compress_file(b"x", "zip", "a.csv"))
    packed[packed.rindex(b"a.csv")] = 0  # a name ends there
    with pytest.raises(UnreadableBody, match="the file is no zip, or damaged"):
        decompress_file(bytes(packed), "zip", 2000)


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_a_bomb_does_not_go_off(packing: str) -> None:
    bomb = compress_file(bytes(1 << 25), packing, "a.csv")
    assert len(bomb) < 1 << 16
    page = small({**CSV, "compressed": packing}).read_statement(HttpResponse(200, {}, bomb))
    assert "more in the file than 16 MiB" in page.problem


def test_a_gzip_that_is_not_whole_or_not_alone() -> None:
    codec = small({**CSV, "compressed": "gzip"})
    packed = gzip.compress(table(HEAD).body)
    assert codec.read_statement(HttpResponse(200, {}, packed)).problem == ""
    assert "cut off" in codec.read_statement(HttpResponse(200, {}, packed[:-3])).problem
    assert "something follows" in codec.read_statement(HttpResponse(200, {}, packed + packed)).problem
    undone = HttpResponse(200, {"content-encoding": "gzip"}, table(HEAD).body)
    assert codec.read_statement(undone).problem == "", "a client that decompresses by itself leaves the header"


def test_a_zip_of_several_files() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bill_sums.csv", b"x")
        archive.writestr("bill_moves.csv", f"{HEAD}\r\n1,N-1,acc_1,5,payout".encode())
        archive.writestr("folder/", b"")
    answer = HttpResponse(200, {}, packed.getvalue())
    page = small({**CSV, "compressed": "zip", "zip_entry": "_moves.csv"}).read_statement(answer)
    assert len(page.rows) == 1 and not page.problem
    for entry, words in (("", "2 files in the zip, expected one"), ("none.csv", "0 files in the zip whose names end")):
        page = small({**CSV, "compressed": "zip", "zip_entry": entry}).read_statement(answer)
        assert words in page.problem


# Contracts.


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rows": "$.a"}, "a statement has one form"),
        ({"next": "$.next"}, "a file has no pages"),
        ({"zip_entry": "x"}, "the file is no zip"),
        ({"columns": {"movement_id": "Id", "order_no": "No"}}, "nothing says where amount stands"),
        ({"columns": {"movement_id": "Id", "amount": "A"}}, "nothing says where order_no or provider_id stands"),
        ({"csv": {"head_rows": 0}}, "head_rows: 0 says that there is none"),
        ({"csv": {"delimiter": '"'}}, "it is the delimiter too"),
        ({"csv": {"delimiter": "\n"}}, "pattern"),
        ({"csv": None, "rows": "$.a"}, "is not a place in a JSON answer"),
    ],
)
def test_a_statement_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in problem_with({**CSV, **change})


def test_a_statement_goes_to_a_plane_that_exists() -> None:
    assert 'there is no host "bills"' in problem_with({**CSV, "request": {**REQUEST, "host": "bills"}})


def test_a_statement_that_cannot_be_written_is_not_emulated() -> None:
    with pytest.raises(UsageError, match="its statement cannot be written"):
        ContractEmulation(small({**TWO_STEPS, "download": {"from": "$.url", "regex": "^[a-f]+$"}}))


def test_a_contract_without_a_statement_says_so() -> None:
    codec = compile_contract(Contract.model_validate(document(SMALL).data))
    with pytest.raises(LookupError, match="has no statement"):
        codec.statement_page(PERIOD)


@pytest.mark.parametrize("standard", ["mt940", "camt053"])
def test_a_bank_s_file_is_read_for_money(standard: str) -> None:
    codec = small({"request": REQUEST, "standard": standard, "window": "half_open"})
    movements = movements_of(codec)
    page = read(codec, ContractEmulation(codec), movements)
    assert page.problem == ""
    assert [(row.order_no, row.amount_minor, row.kind) for row in page.rows] == [
        (m.order_no, m.amount, m.kind) for m in movements
    ]
    assert len({row.movement_id for row in page.rows}) == 3


def test_a_number_within_a_purpose_is_found() -> None:
    codec = small(
        {**CSV, "order_no_part": "for (N-[0-9]{1,9})", "columns": {**NAMES, "direction": "Way", "currency": "Cur"}}
    )
    text = "Id,Order,Account,Amount,Kind,Way,Cur\n1,paid for N-7 today,a,5,payout,D,JPY\n2,rent,a,5,return,C,EUR\n"
    page = codec.read_statement(HttpResponse(200, {}, text.encode()))
    assert [(row.order_no, row.kind, row.currency) for row in page.rows] == [
        ("N-7", "payout", "JPY"),
        ("", "return", "EUR"),
    ]
    wrong = codec.read_statement(HttpResponse(200, {}, text.replace(",D,", ",X,").encode()))
    assert "the unknown direction 'X'" in wrong.problem
