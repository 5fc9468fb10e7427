"""What faults of the edge see of a simulated exchange."""

from __future__ import annotations

from ackord.chaos.faults.edge_views import KeyedRandom
from ackord.chaos.gateway.response_history import ResponseHistory
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed
from ackord.simulation.merchants.scenario_provider import ModelAnswer
from ackord.simulation.merchants.scenario_views import BODIES, HTTP_STATUS, answer_view, request_view

RANDOM = KeyedRandom(Seed(1), 1, "query", 1)
PAID = ModelAnswer(Observation.STATUS, PaymentState.SUCCEEDED)
OPEN = ModelAnswer(Observation.STATUS, PaymentState.PROCESSING)


def test_queries_are_told_by_their_method() -> None:
    assert request_view(OperationKind.QUERY).method == "GET"
    assert {request_view(kind).method for kind in (OperationKind.SUBMIT, OperationKind.RESUBMIT)} == {"POST"}


def test_answers_that_mean_something_else_look_otherwise() -> None:
    assert BODIES[PAID] != BODIES[OPEN]
    assert HTTP_STATUS[Observation.NOT_FOUND] == 404
    assert answer_view(PAID, None, RANDOM, 5, 0).earlier(1, None) is None
    assert not answer_view(PAID, None, RANDOM, 5, 0).is_hidden(10**9)


def test_the_past_is_the_order_s_own() -> None:
    history = ResponseHistory()
    for at_ns, answer in ((1, OPEN), (2, PAID)):
        history.remember(7, at_ns, 200, BODIES[answer], answer)
    past = answer_view(PAID, history, RANDOM._replace(ordinal=7), 3, 0).earlier(1, None)
    assert past is not None
    assert past.original == OPEN
    assert answer_view(PAID, history, RANDOM._replace(ordinal=8), 3, 0).earlier(1, None) is None
