"""What faults of the edge see of a simulated exchange."""

from __future__ import annotations

from ackord.chaos.faults.edge_views import PastResponse
from ackord.chaos.gateway.response_history import ResponseHistory
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed
from ackord.simulation.merchants.scenario_provider import ModelAnswer
from ackord.simulation.merchants.scenario_views import BODIES, HTTP_STATUS, answer_view, request_view

PAID = ModelAnswer(Observation.STATUS, PaymentState.SUCCEEDED)
SEED = Seed(1)
OPEN = ModelAnswer(Observation.STATUS, PaymentState.PROCESSING)


def test_a_fault_that_makes_up_answers_gets_their_meaning() -> None:
    history = ResponseHistory()
    history.acknowledge(7, 2)
    view = answer_view(PAID, history, 7, 3, SEED)
    assert view.acknowledged_ns() == 2
    missing = view.not_found()
    assert isinstance(missing, PastResponse)
    assert missing.original.observation is Observation.NOT_FOUND
    assert (view.next_acknowledgement_ns(3), view.next_acknowledgement_ns(4)) == (3, None), "the provider is busy"
    lags = [answer_view(PAID, history, n, 3, SEED).of_order(0, 9, "lag") for n in (7, 7, 8)]
    assert lags[0] == lags[1] != lags[2]


def test_queries_are_told_by_their_method() -> None:
    assert request_view(OperationKind.QUERY).method == "GET"
    assert {request_view(kind).method for kind in (OperationKind.SUBMIT, OperationKind.RESUBMIT)} == {"POST"}


def test_answers_that_mean_something_else_look_otherwise() -> None:
    assert BODIES[PAID] != BODIES[OPEN]
    assert HTTP_STATUS[Observation.NOT_FOUND] == 404
    assert answer_view(PAID, None, 1, 5, SEED).earlier(1, None) is None
    assert not answer_view(PAID, None, 1, 5, SEED).is_hidden(10**9)


def test_the_past_is_the_order_s_own() -> None:
    history = ResponseHistory()
    for at_ns, answer in ((1, OPEN), (2, PAID)):
        history.remember(7, at_ns, 200, BODIES[answer], answer)
    past = answer_view(PAID, history, 7, 3, SEED).earlier(1, None)
    assert past is not None
    assert past.original == OPEN
    assert answer_view(PAID, history, 8, 3, SEED).earlier(1, None) is None
