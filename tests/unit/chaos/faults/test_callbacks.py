"""What the faults of the callback seam order to be done."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.faults import CallbackFault, Seam, load_faults
from ackord.chaos.faults.callbacks import (
    CallbackAction,
    CallbackView,
    CopyCallback,
    DelayCallback,
    ForgeCallback,
    HoldCallback,
    LoseCallback,
)
from ackord.chaos.faults.edge_views import KeyedRandom
from ackord.core.clock import MS
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed

S = PaymentState


def ordered(fault: str, *, number: int = 1, state: PaymentState = S.SUCCEEDED, **params: Any) -> CallbackAction | None:
    made = load_faults().get(fault).model_validate({"fault": fault, **params})
    assert isinstance(made, CallbackFault) and made.seam is Seam.CALLBACK and made.subject == "integration"
    return made.on_callback(CallbackView("event", number, state), KeyedRandom(Seed(1), 1, "callback", number))


@pytest.mark.parametrize(
    ("fault", "params", "action"),
    [
        ("callback-lost", {}, LoseCallback()),
        ("callback-late", {"ms": 250}, DelayCallback(250 * MS)),
        ("callback-duplicate", {"copies": 2, "delay_ms": 5}, CopyCallback(2, 5 * MS)),
        ("callback-reordered", {"most_ms": 300}, HoldCallback(300 * MS)),
    ],
)
def test_one_action_each(fault: str, params: dict[str, Any], action: CallbackAction) -> None:
    assert ordered(fault, **params) == action


@pytest.mark.parametrize(
    ("claims", "state", "claim"),
    [
        ("opposite", S.SUCCEEDED, S.FAILED), ("opposite", S.PROCESSING, S.FAILED), ("opposite", S.DECLINED, S.SUCCEEDED),
        ("succeeded", S.SUCCEEDED, S.SUCCEEDED), ("failed", S.FAILED, S.FAILED),
    ],
)  # fmt: skip
def test_what_a_forged_one_claims(claims: str, state: PaymentState, claim: PaymentState) -> None:
    said = ordered("callback-forged", state=state, claims=claims, signature="wrong")
    assert said == ForgeCallback(claim, "wrong")


def test_one_forged_callback_an_order_with_a_defect_that_the_seed_draws() -> None:
    assert ordered("callback-forged", number=2) is None
    drawn = ordered("callback-forged")
    assert isinstance(drawn, ForgeCallback) and drawn.defect in ("missing", "wrong", "other-key")
    assert drawn == ordered("callback-forged")
