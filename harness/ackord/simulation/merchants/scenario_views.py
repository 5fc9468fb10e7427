"""Shows a simulated exchange to the faults of the edge, as the gateway shows them a real one."""

from __future__ import annotations

from functools import partial

from ...chaos.faults.edge_views import AnswerView, KeyedRandom, PastResponse, RequestView
from ...chaos.gateway.response_history import ResponseHistory
from ...core.operation import Observation, OperationKind
from ...core.payment_state import PaymentState
from ...core.seed import Seed
from .scenario_provider import ModelAnswer

__all__ = ["BODIES", "HTTP_STATUS", "answer_view", "request_view"]

HTTP_STATUS = {
    Observation.ACK: 202,
    Observation.STATUS: 200,
    Observation.NOT_FOUND: 404,
    Observation.DUPLICATE: 409,
    Observation.REJECTED: 400,
    Observation.RETRYABLE: 503,
}
BODIES = {
    ModelAnswer(observation, state): f'{{"status":"{state.name}"}}'.encode()
    for observation in HTTP_STATUS
    for state in PaymentState
}
"""What a fault that looks at an answer sees of it."""


def request_view(kind: OperationKind) -> RequestView:
    """Faults see the method; a simulated request has no headers and no body, so a rule about these hits nothing."""
    return RequestView("GET" if kind is OperationKind.QUERY else "POST", "/", list, lambda: None)


def answer_view(
    answer: ModelAnswer, history: ResponseHistory | None, ordinal: int, now_ns: int, seed: Seed
) -> AnswerView:
    """``history``: the provider's earlier answers, if a fault asks for them. ``seed`` is the rules'.

    The provider is busy: at any instant somebody's order is acknowledged.
    """
    status, body = HTTP_STATUS[answer.observation], BODIES[answer]
    if history is None:
        return AnswerView(status, body, len(body), now_ns, _no_past, _nothing_hidden)
    return AnswerView(
        status,
        body,
        len(body),
        now_ns,
        partial(history.earlier, ordinal, now_ns),
        partial(history.hides, ordinal, ordinal, now_ns),
        partial(history.acknowledged_ns, ordinal, ordinal),
        partial(_said, Observation.NOT_FOUND, PaymentState.NOT_FOUND, now_ns),
        partial(_said, Observation.IN_PROGRESS, PaymentState.UNKNOWN, now_ns),
        KeyedRandom(seed, ordinal, "", 0).of_order,
        lambda since_ns: since_ns if since_ns <= now_ns else None,
    )


def _said(observation: Observation, state: PaymentState, now_ns: int) -> PastResponse:
    """What the provider says, by its meaning."""
    return PastResponse(now_ns, HTTP_STATUS.get(observation, 409), b"", ModelAnswer(observation, state))


def _no_past(behind: int | None, lag_ns: int | None) -> None:
    return None


def _nothing_hidden(lag_ns: int) -> bool:
    return False
