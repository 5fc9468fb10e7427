"""States the simulated provider's movements page by page, as ``GET /v1/statement`` of the reference does.

``SimulatedStatements`` is the correct one; flaws override its seams, which have the names of
``ackord.providers.service.statement_book``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

from ..contract.codec.codec import HttpResponse
from ..core.clock import SECOND
from .simulated_answers import problem_body
from .simulated_standby import SimulatedMovement, SimulatedStandby

__all__ = ["SIMULATED_UNIX_S", "SimulatedStatements", "SimulatedWindow"]

SIMULATED_UNIX_S = 1_800_000_000
"""The civil time at which the virtual clock begins."""
_JSON = {"content-type": "application/json"}
_encode = json.JSONEncoder(separators=(",", ":")).encode


class SimulatedWindow(NamedTuple):
    """Whose statement of what time is asked for; the end is left out."""

    account: str
    from_s: int
    to_s: int


class Books(Protocol):
    """What statements are made of."""

    ledger: list[SimulatedMovement]
    standby: SimulatedStandby


class SimulatedStatements:
    """The statements of one simulated provider."""

    PAGE: ClassVar = 3
    """Lines of a page: programs are short."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def answer(self, account: str, target: str) -> HttpResponse:
        """Return the page that a request's target asks for."""
        query = parse_qs(urlsplit(target).query)
        try:
            window = SimulatedWindow(account, int(query["from"][0]), int(query["to"][0]))
        except (KeyError, ValueError):
            return problem_body(422, "INVALID_REQUEST")
        page = self.page(window, query.get("cursor", [""])[0])
        return (
            problem_body(422, "INVALID_REQUEST") if page is None else HttpResponse(200, _JSON, _encode(page).encode())
        )

    def page(self, window: SimulatedWindow, cursor: str) -> dict[str, object] | None:
        """Return a page; ``None`` for a cursor that was never given."""
        skip = self.skipped(window, cursor)
        if skip is None:
            return None
        stated = self.stated(window)
        lines = stated[skip : skip + self.PAGE]
        more = {"next": self.following(window, skip + len(lines))} if len(stated) > skip + self.PAGE else {}
        rows = [_row(line) for line in self.shown(window, lines)]
        return {"lines": rows, **more, "totals": self.totals(stated)}

    # The seams.

    def ledger(self) -> Sequence[SimulatedMovement]:
        return self.books.ledger

    def skipped(self, window: SimulatedWindow, cursor: str) -> int | None:
        """Return how many lines stand before a page; ``None`` for a cursor that was never given."""
        if not cursor:
            return 0
        number, _, check = cursor.partition("-")
        return int(number) if number.isdecimal() and check == f"{window.from_s}" else None

    def following(self, window: SimulatedWindow, skip: int) -> str:
        return f"{skip}-{window.from_s}"

    def stated(self, window: SimulatedWindow) -> Sequence[SimulatedMovement]:
        """Return the movements of a time, oldest first: what is booked later stands behind them."""
        account = window.account
        from_ns, to_ns = ((second - SIMULATED_UNIX_S) * SECOND for second in (window.from_s, window.to_s))
        return [m for m in self.ledger() if m.account == account and from_ns <= m.at_ns < to_ns]

    def shown(self, window: SimulatedWindow, lines: Sequence[SimulatedMovement]) -> Sequence[SimulatedMovement]:
        return lines

    def totals(self, stated: Sequence[SimulatedMovement]) -> Mapping[str, int]:
        out = back = 0
        for movement in stated:
            if movement.kind == "payout":
                out += movement.amount
            else:
                back += movement.amount
        return {"lines": len(stated), "paid_out": out, "came_back": back}


def unix_s(movement: SimulatedMovement) -> int:
    """Return when a movement was booked, in seconds since 1970."""
    return SIMULATED_UNIX_S + movement.at_ns // SECOND


def number_of(movement: SimulatedMovement) -> int:
    """Return a movement's number in the ledger, from 1."""
    return int(movement.movement_id.removeprefix("m"))


def _row(line: SimulatedMovement) -> dict[str, object]:
    refund = {"refund_no": line.refund_no} if line.refund_no else {}
    return {
        "line_id": f"ln_{line.movement_id}", "order_no": line.order_no, "amount": line.amount,
        "currency": line.currency, "kind": line.kind, "booked_at": unix_s(line), **refund,
    }  # fmt: skip
