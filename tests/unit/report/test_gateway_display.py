"""A live view on a terminal, a line for each event elsewhere; nothing that a provider sends is obeyed."""

from __future__ import annotations

import io

from rich.console import Console

from ackord.contract.loading.loader import load_contract
from ackord.report.gateway_display import GatewayDisplay
from ackord.report.gateway_tally import GatewayTally

from .test_gateway_tally import QUERY, fired


def display(*, terminal: bool) -> tuple[GatewayDisplay, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=200, color_system=None)
    return GatewayDisplay(console, GatewayTally(load_contract("reference")), "acme under none", lambda: 0), out


def test_elsewhere_each_event_is_a_line() -> None:
    shown, out = display(terminal=False)
    with shown:
        shown.take({**QUERY, "complete_ns": 1_500_000_000})
        shown.take(fired("order-0001", status=404))
        shown.take({"event": "proxy-refused", "target": "x:443", "problem": "no"})
    assert out.getvalue().splitlines() == [
        "    1.500 query order-0001: GET /v1/orders/order-0001 -> 404 NOT_FOUND  under stale-reads",
        "    0.000   stale-reads hit query order-0001: status 404",
        "refused x:443: no",
    ]


def test_a_terminal_shows_counts_orders_and_the_last_exchanges() -> None:
    shown, out = display(terminal=True)
    shown.take(QUERY)
    shown.take(fired("order-0001"))
    Console(file=out, width=200, color_system=None).print(shown.render())
    text = out.getvalue()
    for wanted in ("acme under none", "1 request", "1 x 404 NOT_FOUND", "faults: 1 x stale-reads", "order-0001"):
        assert wanted in text, wanted
    assert shown.summary() == "1 request; 1 x stale-reads"


def test_a_terminal_does_not_obey_what_is_shown() -> None:
    shown, out = display(terminal=True)
    shown.take({**QUERY, "request": {**QUERY["request"], "target": "/v1/orders/\x1b[2Jx"}})
    Console(file=out, width=200, color_system=None).print(shown.render())
    assert "\x1b[2J" not in out.getvalue()
