"""Shows a simulated exchange to the faults of the edge, as the gateway shows them a real one."""

from __future__ import annotations

from functools import partial

from ...chaos.faults.edge_views import AnswerView, KeyedRandom, RequestView, SyntheticResponse
from ...chaos.gateway.response_history import ResponseHistory
from ...chaos.gateway.synthetic_responses import IN_PROGRESS, NOT_FOUND
from ...core.operation import Observation, OperationKind
from ...core.payment_state import PaymentState
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
    answer: ModelAnswer, history: ResponseHistory | None, random: KeyedRandom, now_ns: int, began_ns: int
) -> AnswerView:
    """``history``: the provider's earlier answers, if a fault asks for them; ``began_ns``: when the fault came into
    force.
    """
    status, body = HTTP_STATUS[answer.observation], BODIES[answer]
    if history is None:
        return AnswerView(
            status, body, len(body), now_ns, _no_past, _nothing_hidden, _unknown, _not_found, _in_progress,
            random.of_order, began_ns,
        )  # fmt: skip
    order = random.ordinal
    return AnswerView(
        status,
        body,
        len(body),
        now_ns,
        partial(history.earlier, order, now_ns),
        partial(history.hides, order, order, now_ns),
        partial(history.acknowledged_ns, order, order),
        _not_found,
        _in_progress,
        random.of_order,
        began_ns,
    )


def _not_found() -> SyntheticResponse:
    return NOT_FOUND


def _in_progress() -> SyntheticResponse:
    return IN_PROGRESS


def _unknown() -> None:
    return None


def _no_past(behind: int | None, lag_ns: int | None) -> None:
    return None


def _nothing_hidden(lag_ns: int) -> bool:
    return False
