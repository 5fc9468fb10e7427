"""What a contract says about a sandbox's triggers, and what it may not say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ackord.contract.spec.sandbox import SandboxTrigger, trigger_promises, without_triggers
from ackord.core.amount_range import AmountRange
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState

LATE = {"about": "Late.", "amount_minor": 999, "passes": ["SUCCEEDED"], "leads_to": "FAILED", "within": "2s"}


def test_a_trigger_is_what_the_judge_needs() -> None:
    (made,) = trigger_promises({"late": SandboxTrigger.model_validate(LATE)})
    assert (made.name, made.amount_minor, made.within_ns) == ("late", 999, 2_000_000_000)
    assert (made.passes, made.leads_to) == ((PaymentState.SUCCEEDED,), PaymentState.FAILED)
    busy = SandboxTrigger.model_validate({"about": "Busy.", "headers": {"X-Mock": "429"}, "answers": "RETRYABLE"})
    assert busy.to_core("busy").by_headers
    assert busy.to_core("busy").answers is Observation.RETRYABLE


def test_ordinary_orders_have_other_amounts() -> None:
    triggers = {"late": SandboxTrigger.model_validate(LATE)}
    assert without_triggers(AmountRange(998, 1001), triggers).at(1) == 1000
    assert without_triggers(AmountRange(1, 5), triggers) == AmountRange(1, 5)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"amount_minor": None}, "nothing pulls it"),
        ({"leads_to": None}, "leads nowhere"),
        ({"answers": "REJECTED", "passes": [], "leads_to": "SUCCEEDED"}, "refused does not become"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        SandboxTrigger.model_validate(LATE | changes)
