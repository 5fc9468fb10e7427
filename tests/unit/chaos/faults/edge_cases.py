"""Asks one fault of the edge what it does, without a gateway."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ackord.chaos.faults.edge import edge_fault
from ackord.chaos.faults.edge_actions import EdgeAction
from ackord.chaos.faults.edge_views import AnswerView, KeyedRandom, PastResponse, RequestView
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
    **params: Any,
) -> EdgeAction | None:
    """``answered``: the status of the provider's answer; ``past``: the earlier answer, whichever is asked for; ``hidden_ms``: the lag over which the order is hidden."""
    answer = AnswerView(
        answered, content, len(content), 100 * MS, lambda behind, lag_ns: past, lambda lag_ns: lag_ns > hidden_ms * MS
    )
    return edge_fault(fault, params).on_answer(answer)
