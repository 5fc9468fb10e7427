"""What an emulator states is what is read, in every form; its files work for a while and for who they are for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.codec.codec import Period, RequestContext, ResponseContext
from ackord.contract.emulate.domain_requests import InvalidRequest, StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.errors import UsageError
from tests.statement_reading import read_statement

from ..stating import (
    DAY_S,
    JSON,
    MIDNIGHT_S,
    MOMENT,
    NAMES,
    ORIGIN,
    PERIOD,
    PLACES,
    REQUEST,
    TWO_STEPS,
    expected,
    movements_of,
    read,
    sent,
    small,
    timed,
)

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
    else:
        assert not codec.problem_of(answer, response_context)
    page = read_statement(codec, answer, {m.provider_id: m.order_no for m in movements})
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

CELLS = st.text(st.sampled_from("abcXYZ019-_"), min_size=1, max_size=20).filter(lambda text: text[0] != "-")
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
    page = read_statement(codec, answer)
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


def test_a_statement_that_cannot_be_written_is_not_emulated() -> None:
    with pytest.raises(UsageError, match="its statement cannot be written"):
        ContractEmulation(small({**TWO_STEPS, "download": {"from": "$.url", "regex": "^[a-f]+$"}}))
