"""Asks one fault of the edge what it does, without a gateway."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ackord.chaos.faults.edge import edge_fault
from ackord.chaos.faults.edge_actions import EdgeAction
from ackord.chaos.faults.edge_views import AnswerView, KeyedRandom, PastResponse, RequestView, SyntheticResponse
from ackord.chaos.gateway.synthetic_responses import IN_PROGRESS, NOT_FOUND
from ackord.core.clock import MS
from ackord.core.seed import Seed

__all__ = ["on_answer", "on_request"]


def on_request(fault: str, target: str = "/p", /, *, ordinal: int = 1, **params: Any) -> Collection[EdgeAction] | None:
    request = RequestView("POST", target, list, lambda: b"{}")
    return edge_fault(fault, params).on_request(request, KeyedRandom(Seed(5), ordinal, "submit", 1))


def on_answer(
    fault: str,
    content: bytes = b"now",
    /,
    *,
    answered: int = 200,
    past: PastResponse | None = None,
    hidden_ms: float = 0,
    acknowledged_ms: float | None = None,
    acknowledgements_ms: Sequence[float] = (),
    missing: SyntheticResponse | None = NOT_FOUND,
    busy: SyntheticResponse | None = IN_PROGRESS,
    asked: list[int | None] | None = None,
    **params: Any,
) -> EdgeAction | None:
    """It is 100 ms now. ``answered``: the status of the provider's answer; ``past``: the earlier answer, whichever is asked for; ``hidden_ms``: the lag over which the order is hidden; ``acknowledged_ms``, ``acknowledgements_ms``: instants, of its order and of all; ``missing``, ``busy``: the provider's words; ``asked`` takes the age of the answer that was asked for. A draw for an order gives the upper bound."""

    def earlier(behind: int | None, lag_ns: int | None) -> PastResponse | None:
        if asked is not None:
            asked.append(lag_ns)
        return past

    answer = AnswerView(
        answered,
        content,
        len(content),
        100 * MS,
        earlier,
        lambda lag_ns: lag_ns > hidden_ms * MS,
        lambda: None if acknowledged_ms is None else round(acknowledged_ms * MS),
        lambda: missing,
        lambda: busy,
        lambda low, high, label: high,
        lambda since_ns: next((n for ms in acknowledgements_ms if (n := round(ms * MS)) >= since_ns), None),
    )
    return edge_fault(fault, params).on_answer(answer)
