"""The settings of a policy, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ackord.contract.base.field_types import Duration
from ackord.core.clock import SECOND
from ackord.errors import UsageError
from ackord.merchant.policy import MerchantPolicy


def test_a_policy_of_one_field_is_a_careful_merchant() -> None:
    policy = MerchantPolicy(name="mine")
    assert (policy.on_not_found, policy.merge, policy.on_timeout, policy.on_duplicate, policy.callbacks) == (
        "resubmit", "order", "resubmit-same", "pointer", "verify",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"give_up_after": "0s"}, "leaves no time"),
        ({"buffer": "2h"}, "no shorter than give_up_after"),
        ({"on_not_fond": "fail"}, "on_not_found"),
        ({"on_timeout": "retry"}, "resubmit-same"),
        ({"poll": {"kind": "fixed", "every": "10"}}, "unit"),
    ],
)
def test_a_policy_that_means_nothing_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MerchantPolicy.model_validate({"name": "mine", **given})


def test_a_buffer_is_taken_from_a_measured_landing_window() -> None:
    policy = MerchantPolicy(name="mine", buffer="landing-window")
    assert policy.resolved(1500).buffer_ns == 1500 * SECOND // 1000
    with pytest.raises(UsageError, match="no landing window was measured"):
        policy.resolved(None)
    with pytest.raises(ValueError, match="not measured"):
        _ = policy.buffer_ns


def test_a_buffer_of_ones_own_stays() -> None:
    policy = MerchantPolicy(name="mine", buffer=Duration("3s"))
    assert policy.resolved(99) is policy
