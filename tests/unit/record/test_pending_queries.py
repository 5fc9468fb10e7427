"""Which callback ends which query: never one that could have been the answer to an earlier question."""

from __future__ import annotations

from ackord.contract.codec.codec import HttpResponse, Interpretation
from ackord.core.operation import Observation, Outcome
from ackord.core.payment_state import PaymentState
from ackord.record.pending_queries import ArrivedCallback, PendingQueries, PendingQuery

ORDER = ("main", "A")
S = PaymentState


def shows(state: PaymentState, at_ns: int) -> ArrivedCallback:
    missing = state is S.NOT_FOUND
    observation = Observation.NOT_FOUND if missing else Observation.STATUS
    reading = Interpretation(Outcome.OK, observation, state, None, None, "")
    return ArrivedCallback(at_ns, reading, HttpResponse(200, {}, b""))


def two_wait(announced: bool = False) -> PendingQueries:
    deferrals = PendingQueries(announced)
    assert deferrals.wait(ORDER, PendingQuery(1, 0, 10)) is None
    assert deferrals.wait(ORDER, PendingQuery(2, 0, 20)) is None
    return deferrals


def ended(pair: tuple[PendingQuery, ArrivedCallback] | None) -> int | None:
    return None if pair is None else pair[0].op


def test_what_shows_the_order_is_given_to_the_newest_and_not_found_to_the_oldest() -> None:
    deferrals = two_wait()
    assert ended(deferrals.arrive(ORDER, shows(S.PROCESSING, 30))) == 2
    assert ended(deferrals.arrive(ORDER, shows(S.NOT_FOUND, 31))) == 1
    assert ended(two_wait().arrive(ORDER, shows(S.NOT_FOUND, 30))) == 1


def test_another_order_s_callback_ends_nothing() -> None:
    assert two_wait().arrive(("other", "A"), shows(S.PROCESSING, 30)) is None


def test_a_callback_waits_for_a_query_whose_record_is_late_but_not_for_one_that_began_after_it() -> None:
    deferrals = PendingQueries()
    assert deferrals.arrive(ORDER, shows(S.PROCESSING, 15)) is None
    assert deferrals.wait(ORDER, PendingQuery(2, 0, 20)) is None
    assert ended(deferrals.wait(ORDER, PendingQuery(1, 0, 10))) == 1


def test_a_query_that_was_given_up_is_ended_by_nothing() -> None:
    deferrals = two_wait()
    deferrals.give_up(ORDER, 2)
    assert ended(deferrals.arrive(ORDER, shows(S.PROCESSING, 30))) == 1


def test_old_news_is_no_answer_where_changes_are_announced() -> None:
    """An announcement ends the first query; that query's own result comes when the second one waits."""
    deferrals = PendingQueries(announced=True)
    deferrals.wait(ORDER, PendingQuery(1, 0, 10))
    assert ended(deferrals.arrive(ORDER, shows(S.SUCCEEDED, 30))) == 1
    deferrals.wait(ORDER, PendingQuery(2, 0, 40))
    assert deferrals.arrive(ORDER, shows(S.PROCESSING, 50)) is None
    assert ended(deferrals.arrive(ORDER, shows(S.SUCCEEDED, 60))) == 2


def test_where_nothing_is_announced_a_status_that_falls_back_is_an_answer() -> None:
    deferrals = PendingQueries()
    deferrals.wait(ORDER, PendingQuery(1, 0, 10))
    assert ended(deferrals.arrive(ORDER, shows(S.SUCCEEDED, 30))) == 1
    deferrals.wait(ORDER, PendingQuery(2, 0, 40))
    assert ended(deferrals.arrive(ORDER, shows(S.PROCESSING, 50))) == 2


def test_announcements_that_no_query_waits_for_are_bounded() -> None:
    deferrals = PendingQueries(announced=True)
    for at_ns in range(1000):
        deferrals.arrive(ORDER, shows(S.PROCESSING, at_ns))
    given = 0
    while ended(deferrals.wait(ORDER, PendingQuery(given, 0, 0))) is not None:
        given += 1
    assert given == 16


def test_nothing_is_kept_of_a_query_that_ended() -> None:
    deferrals = two_wait()
    deferrals.give_up(ORDER, 2)
    deferrals.arrive(ORDER, shows(S.PROCESSING, 30))
    assert not deferrals._waiting
