"""The simulated provider states its movements as the reference does."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from ackord.core.clock import SECOND
from ackord.simulation.simulated_standby import SimulatedMovement
from ackord.simulation.simulated_statements import SIMULATED_UNIX_S, SimulatedStatements

BEGIN = SIMULATED_UNIX_S


def statements(count: int) -> SimulatedStatements:
    ledger = [
        SimulatedMovement(f"m{n}", "main", f"N-{n}", n, "payout", "EUR", "", n * SECOND) for n in range(1, count + 1)
    ]
    books: Any = SimpleNamespace(ledger=ledger, standby=None)
    return SimulatedStatements(books)


def asked(book: SimulatedStatements, cursor: str = "", to_s: int = BEGIN + 100) -> tuple[int, dict[str, Any]]:
    answer = book.answer("main", f"/v1/statement?from={BEGIN}&to={to_s}{cursor and f'&cursor={cursor}'}")
    return answer.status, json.loads(answer.body)


def test_pages() -> None:
    book = statements(4)
    status, first = asked(book)
    assert (status, [line["line_id"] for line in first["lines"]]) == (200, ["ln_m1", "ln_m2", "ln_m3"])
    _, last = asked(book, first["next"])
    assert ([line["amount"] for line in last["lines"]], "next" in last) == ([4], False)
    assert last["totals"] == {"lines": 4, "paid_out": 10, "came_back": 0}


def test_the_end_is_left_out() -> None:
    _, page = asked(statements(4), to_s=BEGIN + 2)
    assert [line["booked_at"] for line in page["lines"]] == [BEGIN + 1]


def test_what_was_never_given_is_refused() -> None:
    assert asked(statements(4), "x")[0] == 422
    assert statements(4).answer("main", "/v1/statement").status == 422
