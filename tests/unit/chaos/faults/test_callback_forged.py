"""A callback that is not the provider's."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.callbacks import ForgeCallback
from ackord.core.payment_state import PaymentState

from .callback_cases import ordered

S = PaymentState


@pytest.mark.parametrize(
    ("claims", "state", "claim"),
    [
        ("opposite", S.SUCCEEDED, S.FAILED), ("opposite", S.PROCESSING, S.FAILED), ("opposite", S.DECLINED, S.SUCCEEDED),
        ("succeeded", S.SUCCEEDED, S.SUCCEEDED), ("failed", S.FAILED, S.FAILED),
    ],
)  # fmt: skip
def test_what_it_claims(claims: str, state: PaymentState, claim: PaymentState) -> None:
    said = ordered("callback-forged", state=state, claims=claims, signature="wrong")
    assert said == ForgeCallback(claim, "wrong")


def test_one_an_order_with_a_defect_that_the_seed_draws() -> None:
    assert ordered("callback-forged", number=2) is None
    drawn = ordered("callback-forged")
    assert isinstance(drawn, ForgeCallback) and drawn.defect in ("missing", "wrong", "other-key")
    assert drawn == ordered("callback-forged")
