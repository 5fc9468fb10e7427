"""What is gathered from an order's answers."""

from __future__ import annotations

from typing import Any

from ackord.core.history import Exchange
from ackord.core.operation import Observation as Seen
from ackord.core.operation import OperationKind as Kind
from ackord.core.payment_state import PaymentState as S
from ackord.core.status_index import StatusIndex


def exchange(
    begin: int, end: int | None, kind: Kind, observation: Seen | None, state: S = S.UNKNOWN, **more: Any
) -> Exchange:
    payload = "" if kind is Kind.QUERY else "p"
    plain = Exchange(
        begin, 0, kind, "ours", "A", 1, begin, end, observation, state, None, None, None, payload, True, "", ""
    )
    return plain._replace(**more)


def gather(*exchanges: Exchange) -> StatusIndex:
    return StatusIndex(list(exchanges), "p")


def test_nothing_is_known_of_an_order_that_nobody_answered_about() -> None:
    answers = gather(exchange(1, None, Kind.SUBMIT, None), exchange(2, None, Kind.QUERY, None))
    assert (answers.states, answers.acks, answers.acked_ns, answers.read_begins) == ([], [], None, [])
    assert (answers.first_seen_ns, answers.first_state_ns, answers.first_terminal_ns) == (None, None, None)
    assert answers.monotone and not answers.no_money and len(answers.submits) == 1


def test_queries_cancels_and_acknowledgements_of_the_payload_carry_states() -> None:
    answers = gather(
        exchange(1, 9, Kind.SUBMIT, Seen.ACK, S.RECEIVED),
        exchange(2, 8, Kind.RESUBMIT, Seen.ACK, S.SUCCEEDED, fingerprint="other"),
        exchange(3, 7, Kind.CANCEL, Seen.ACK, S.CANCELLED),
        exchange(3, 6, Kind.REFUND, Seen.ACK, S.SUCCEEDED),
        exchange(4, 6, Kind.QUERY, Seen.STATUS, S.PROCESSING),
        exchange(5, 8, Kind.QUERY, Seen.STATUS, S.UNKNOWN),
        exchange(6, 8, Kind.QUERY, Seen.NOT_FOUND),
        exchange(7, 8, Kind.QUERY, Seen.RETRYABLE),
    )
    assert [x.begin_ns for x in answers.states] == answers.state_begins == [1, 3, 4]
    assert answers.read_begins == [4, 5, 6]
    assert [x.begin_ns for x in answers.missing] == [6]
    assert (answers.acked_ns, answers.first_seen_ns, answers.first_state_ns) == (9, 6, 6)


def test_acknowledgements_are_sorted_by_completion() -> None:
    answers = gather(exchange(1, 9, Kind.SUBMIT, Seen.ACK), exchange(2, 3, Kind.RESUBMIT, Seen.ACK))
    assert [x.complete_ns for x in answers.acks] == [3, 9]


def test_a_falling_rank_is_noticed_wherever_it_falls() -> None:
    def monotone(*states: S) -> bool:
        return gather(*(exchange(i, i, Kind.QUERY, Seen.STATUS, s) for i, s in enumerate(states))).monotone

    assert monotone(S.RECEIVED, S.PROCESSING, S.UNKNOWN, S.PROCESSING, S.FAILED, S.SUCCEEDED, S.RETURNED)
    assert not monotone(S.SUCCEEDED, S.PROCESSING, S.SUCCEEDED)
    assert not monotone(S.RECEIVED, S.RETURNED, S.SUCCEEDED)


def test_terminal_states_and_refusals() -> None:
    answers = gather(
        exchange(1, 5, Kind.SUBMIT, Seen.REJECTED),
        exchange(2, 9, Kind.QUERY, Seen.STATUS, S.SUCCEEDED),
        exchange(3, 4, Kind.QUERY, Seen.STATUS, S.FAILED),
        exchange(6, 7, Kind.RESUBMIT, Seen.REJECTED, fingerprint="other"),
    )
    assert answers.terminals == {S.SUCCEEDED, S.FAILED}
    assert answers.first_terminal_ns == 4
    assert answers.no_money
    assert [x.begin_ns for x in answers.refusals] == [1]


def test_an_order_is_known_from_the_first_answer_that_says_so() -> None:
    plain = gather(exchange(1, 9, Kind.SUBMIT, Seen.ACK), exchange(10, 11, Kind.RESUBMIT, Seen.DUPLICATE))
    assert (plain.known_ns, plain.acked_ns) == (9, 9)
    told = gather(
        exchange(1, 2, Kind.SUBMIT, Seen.RETRYABLE),
        exchange(3, 4, Kind.RESUBMIT, Seen.IN_PROGRESS),
        exchange(5, 6, Kind.RESUBMIT, Seen.DUPLICATE),
    )
    assert (told.known_ns, told.acked_ns) == (4, None)
    assert told.known is not None and told.known.observation is Seen.IN_PROGRESS
    assert gather(exchange(1, 2, Kind.QUERY, Seen.IN_PROGRESS)).known_ns == 2


def test_another_payload_s_duplicate_is_no_knowledge_of_this_one() -> None:
    answers = gather(
        exchange(1, 2, Kind.SUBMIT, Seen.RETRYABLE),
        exchange(3, 4, Kind.RESUBMIT, Seen.DUPLICATE, fingerprint="other"),
    )
    assert answers.known is None


def test_in_progress_binds_unless_what_was_in_progress_may_have_failed() -> None:
    def known(*others: Exchange) -> int | None:
        return gather(*sorted([exchange(5, 7, Kind.RESUBMIT, Seen.IN_PROGRESS), *others])).known_ns

    assert known(exchange(1, 4, Kind.SUBMIT, Seen.RETRYABLE)) == 7
    assert known(exchange(1, 6, Kind.SUBMIT, Seen.RETRYABLE)) is None, "it was in flight, and failed"
    assert known(exchange(1, None, Kind.SUBMIT, None)) is None, "nobody knows what became of it"
    assert known(exchange(1, 9, Kind.SUBMIT, Seen.IN_PROGRESS)) == 7
    assert known(exchange(1, 4, Kind.SUBMIT, Seen.REJECTED)) == 7
    assert known(exchange(1, 4, Kind.SUBMIT, Seen.RETRYABLE), exchange(8, 9, Kind.RESUBMIT, Seen.REJECTED)) is None
    assert known(exchange(1, 6, Kind.SUBMIT, Seen.RETRYABLE, fingerprint="other")) == 7


def test_answers_to_copies_count_for_money_alone() -> None:
    answers = gather(
        exchange(1, 5, Kind.SUBMIT, Seen.ACK, S.RECEIVED),
        exchange(1, 4, Kind.SUBMIT, Seen.REJECTED, copy=1),
        exchange(6, 8, Kind.QUERY, Seen.NOT_FOUND, copy=1),
        exchange(9, 10, Kind.RESUBMIT, Seen.DUPLICATE, copy=1),
    )
    assert [x.copy for x in answers.submits] == [0, 1, 1]
    assert [x.begin_ns for x in answers.attempts] == [1]
    assert (answers.refusals, answers.missing, answers.read_begins) == ([], [], [])
    assert answers.known_ns == 5


def test_an_original_that_its_copy_overtook_may_be_refused_as_a_replay() -> None:
    copy = exchange(1, 4, Kind.SUBMIT, Seen.ACK, copy=1)
    refused = gather(exchange(1, 5, Kind.SUBMIT, Seen.REJECTED), copy)
    assert (refused.attempts, refused.refusals, refused.acks) == ([], [], [])
    later = gather(exchange(1, 5, Kind.SUBMIT, Seen.REJECTED), exchange(6, 7, Kind.SUBMIT, Seen.ACK, copy=1, op=1))
    assert len(later.refusals) == 1, "the copy was sent after the answer"
    accepted = gather(exchange(1, 5, Kind.SUBMIT, Seen.ACK), copy)
    assert len(accepted.acks) == len(accepted.attempts) == 1


def test_answers_to_the_original_payload_and_whether_they_leave_a_doubt() -> None:
    first, second = exchange(1, 2, Kind.SUBMIT, Seen.ACK), exchange(3, 4, Kind.RESUBMIT, Seen.STATUS)
    silent, other = (
        exchange(5, None, Kind.RESUBMIT, None),
        exchange(7, 8, Kind.RESUBMIT, Seen.CONFLICT, fingerprint="q"),
    )
    answers = gather(first, second)
    assert (answers.own, answers.doubted, answers.altered) == ([first, second], False, False)
    answers = gather(first, silent)
    assert (answers.own, answers.doubted, answers.altered) == ([first], True, False)
    answers = gather(first, other)
    assert (answers.own, answers.doubted, answers.altered) == ([first], False, True)


def test_an_answer_that_may_be_about_a_copy_is_no_answer_to_the_original() -> None:
    first, copy = exchange(1, 9, Kind.SUBMIT, Seen.DUPLICATE), exchange(1, 5, Kind.SUBMIT, Seen.ACK, copy=1)
    assert gather(first, copy).own == [] == gather(first, copy).attempts
    assert gather(first, copy._replace(op=7)).own == [first]
