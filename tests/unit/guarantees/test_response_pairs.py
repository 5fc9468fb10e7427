"""The search for two answers in real-time order that cannot both be true."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees import JudgeContext
from ackord.guarantees.response_pairs import first_sights, is_replay, unexplained

from .build import history, order

S = PaymentState


def test_first_sights_are_the_earliest_completions() -> None:
    [one] = history(order().query(0, 9).query(1, 3).query(4, 5, "FAILED")).orders
    assert first_sights(one) == {S.PROCESSING: 3 * MS, S.FAILED: 5 * MS}


def test_the_stalest_pair_is_found() -> None:
    case = order().query(0, 9, "SUCCEEDED").query(1, 3, "SUCCEEDED").query(4, 5).query(6, 7).query(8, 9, "SUCCEEDED")
    [one] = history(case).orders
    pair = unexplained(one, JudgeContext(Promises()), S.SUCCEEDED, S.PROCESSING, first_sights(one))
    assert pair is not None
    assert [x.begin_ns // MS for x in pair] == [1, 6]
    assert unexplained(one, JudgeContext(Promises()), S.PROCESSING, S.FAILED, first_sights(one)) is None


def test_only_resubmissions_replay_and_only_where_it_is_declared() -> None:
    [one] = history(order().submit(0, 1, state="RECEIVED").query(2, 3)).orders
    write, query = one.exchanges
    replays = JudgeContext(Promises(on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL))
    assert is_replay(write, replays)
    assert not is_replay(query, replays)
    assert not is_replay(write, JudgeContext(Promises()))
