"""Promises survive the journal's header, and are strict by default."""

from __future__ import annotations

import json

import pytest

from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import NotFound, OtherPayloadAnswer, Promises, SamePayloadAnswer

LOOSE = Promises(
    not_found=NotFound.TOLERATED,
    not_found_tolerated_ns=5,
    lands_within_ns=6,
    settles_within_ns=7,
    later_edges=(
        LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 8),
        LaterEdge(PaymentState.FAILED, PaymentState.PROCESSING),
    ),
    on_same_payload=SamePayloadAnswer.REJECT_PLAIN,
    on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT,
    caches_transient_errors=True,
    key_retention_ns=9,
    key_scoped_by_account=False,
    has_ledger=False,
    cancels=True,
    refunds=True,
    on_same_refund=SamePayloadAnswer.NEW_MOVEMENT,
    refund_kind="return",
)


@pytest.mark.parametrize("promises", [Promises(), LOOSE], ids=["strict", "loose"])
def test_there_and_back(promises: Promises) -> None:
    again = Promises.from_json(json.loads(json.dumps(promises.to_json())))
    assert again == promises
    assert type(again.not_found) is NotFound


def test_a_header_from_before_cancels_and_refunds_is_read_and_written_as_it_was() -> None:
    data = Promises().to_json()
    assert not {"cancels", "refunds", "on_same_refund", "refund_kind"} & data.keys()
    assert Promises.from_json(data) == Promises()


def test_the_default_is_strict() -> None:
    strict = Promises()
    assert (strict.not_found, strict.on_other_payload, strict.later_edges) == (
        NotFound.FORBIDDEN,
        OtherPayloadAnswer.REJECT,
        (),
    )
    assert strict.key_scoped_by_account and not strict.caches_transient_errors


def test_what_is_no_promise_is_refused() -> None:
    with pytest.raises(TypeError):
        Promises.from_json({**Promises().to_json(), "more": 1})
    with pytest.raises(ValueError, match="sometimes"):
        Promises.from_json({**Promises().to_json(), "not_found": "sometimes"})
