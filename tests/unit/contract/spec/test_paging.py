"""Pages that are counted: asked for by number, read on by what came, and served as they are asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.codec.codec import Codec, Period, compile_contract
from ackord.contract.emulate.domain_requests import InvalidRequest, LedgerRequest, StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from tests.statement_reading import read_statement

from ..support import SMALL, codec, document

BY_ROW = {"by": "row"}
BY_PAGE = {"by": "page", "first": 1}
ROW = {"id": "m1", "no": "n-1", "account": "acc_1", "amount": 5, "kind": "payout"}
PERIOD = Period(1_789_862_400, 1_789_948_800)
SKIPPING = {"method": "GET", "path": "/bills", "query": {"day": "${period.from:%Y-%m-%d}", "skip": "${cursor}"}}
PLACES = {"movement_id": "$.id", "order_no": "$.no", "account": "$.account", "amount": "$.amount", "kind": "$.kind"}


def counting(how: dict[str, Any], ledger: str = 'query: {after: "${cursor}"}') -> Codec:
    """The small contract, its ledger's pages counted."""
    return codec(
        'query: {after: "${cursor}"}}\n  rows: $.rows\n  next: $.next', f"{ledger}}}\n  rows: $.rows\n  counted: {how}"
    )


def stating(how: dict[str, Any]) -> Codec:
    """The small contract with a statement whose pages are counted."""
    statement = {"request": SKIPPING, "rows": "$.rows", "counted": how, "columns": PLACES}
    return compile_contract(Contract.model_validate({**document(SMALL).data, "statement": statement}))


def answer(*rows: Any) -> HttpResponse:
    return HttpResponse(200, {}, json.dumps({"rows": rows}).encode())


@pytest.mark.parametrize(
    ("how", "first", "second"), [(BY_ROW, "0", "2"), ({"by": "row", "first": 1}, "1", "3"), (BY_PAGE, "1", "2"), ({"by": "page"}, "0", "1")]
)  # fmt: skip
def test_the_next_page_is_behind_the_rows_that_came(how: dict[str, Any], first: str, second: str) -> None:
    c = counting(how)
    assert c.ledger_page().target == f"/moves?after={first}"
    assert c.ledger_start == first
    found = c.read_ledger_page(answer(ROW, ROW | {"id": "m2", "no": None}))
    assert found.next_cursor == second
    assert c.ledger_page(cursor=second).target == f"/moves?after={second}"
    assert c.read_ledger_page(answer(ROW), cursor=first).next_cursor == str(int(first) + 1)
    assert c.read_ledger_page(answer(), cursor=second).next_cursor is None


def test_rows_that_are_left_out_are_counted_and_named_all_the_same() -> None:
    c = counting(BY_ROW, ledger='query: {after: "${cursor}"}')
    kinds = c.contract.ledger and c.contract.ledger.model_copy(update={"kinds": {"payout": "payout", "fee": "neither"}})
    c = Codec(c.contract.model_copy(update={"ledger": kinds}))
    found = c.read_ledger_page(answer(ROW | {"id": "m1", "kind": "fee"}, ROW | {"id": "m2"}), cursor="7")
    assert [row.movement_id for row in found.rows] == ["m2"]
    assert (found.next_cursor, found.ids) == ("9", {"m1", "m2"})
    assert codec().read_ledger_page(answer(ROW)).ids == frozenset(), "cursors keep their place"


def test_a_body_in_json_carries_a_number() -> None:
    c = counting(BY_ROW, ledger='json: {offset: "${cursor}", from: "at ${cursor}"}')
    assert json.loads(c.ledger_page().body) == {"offset": 0, "from": "at 0"}
    assert json.loads(c.ledger_page(cursor="25").body) == {"offset": 25, "from": "at 25"}


@pytest.mark.parametrize("cursor", ["", "x", "1.5", "9" * 5000])
def test_a_recorded_page_without_a_number_cannot_be_read_on(cursor: str) -> None:
    assert "has no number" in counting(BY_ROW).read_ledger_page(answer(ROW), cursor=cursor).problem
    assert counting(BY_ROW).read_ledger_page(answer(), cursor=cursor).problem == ""


@pytest.mark.parametrize(
    ("how", "size"), [(BY_ROW, 1), ({"by": "row", "first": 1}, 1), (BY_PAGE, 100), ({"by": "page"}, 100)]
)
def test_an_emulator_serves_the_page_that_is_meant(how: dict[str, Any], size: int) -> None:
    c, first = counting(how), how.get("first", 0)
    emulation = ContractEmulation(c)
    for ahead in (0, 3):
        asked = emulation.understand(c.ledger_page(cursor=str(first + ahead)))
        assert isinstance(asked, LedgerRequest) and (asked.after, asked.skip, asked.limit) == (0, ahead * size, 100)
    unsaid = emulation.understand(c.ledger_page()._replace(target="/moves"))
    assert isinstance(unsaid, LedgerRequest) and unsaid.skip == 0


@pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 20])
def test_an_emulator_refuses_a_page_that_cannot_be(number: str) -> None:
    c = counting(BY_PAGE)
    asked = ContractEmulation(c).understand(c.ledger_page()._replace(target=f"/moves?after={number}"))
    assert isinstance(asked, InvalidRequest) and "there is no page" in asked.refusal.message


def test_a_statement_s_pages_are_counted_too() -> None:
    c = stating(BY_ROW)
    emulation = ContractEmulation(c)
    movements = tuple(ProviderMovement(i, "main", f"N-{i}", f"po_{i}", 5, "payout", PERIOD.from_s) for i in (4, 5))
    cursor: str | None = None
    found = []
    for skip, shown in ((0, movements), (2, ())):
        request: HttpRequest = c.statement_page(PERIOD, cursor=cursor)
        asked = emulation.understand(request)
        assert isinstance(asked, StatementRequest) and (asked.after, asked.skip, asked.limit) == (0, skip, 100)
        page = read_statement(c, emulation.answer(asked, MovementsResponse(shown, 0), request), cursor=cursor)
        found += [row.movement_id for row in page.rows]
        assert page.ids == {str(movement.id) for movement in shown}
        cursor = page.next_cursor
    assert found == ["4", "5"] and cursor is None
