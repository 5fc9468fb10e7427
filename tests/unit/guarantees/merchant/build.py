"""Hand-written drills: orders as in ``tests/unit/guarantees/build.py``, of a merchant that is judged. What happens from
``SETTLE`` (milliseconds) on is the harness's doing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ackord.core.event import (
    CallbackDelivered,
    CallbackReceived,
    Event,
    MerchantReport,
    OrderIntent,
    Phase,
    ReportedOutcome,
)
from ackord.core.history import History
from ackord.core.operation import Observation, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import Finding, Verdict
from ackord.guarantees.merchant.judge import judge_merchant

from ..build import Order, history, ns

__all__ = ["SETTLE", "called", "delivered", "drill", "findings", "intent", "judged", "reported", "result_of"]

SETTLE = 100_000.0


def drill(
    *orders: Order,
    events: Sequence[Event] = (),
    promises: Promises | None = None,
    window_ms: float = 600_000,
    exposes: tuple[str, ...] = ("merchant-pays-once", "merchant-settles"),
    complete: bool = True,
    **header: Any,
) -> History:
    more = [*events, Phase(ns(SETTLE + 1000), "done")]
    return history(
        *orders,
        promises=promises,
        healed=SETTLE,
        events=more,
        complete=complete,
        **{
            "subject": "integration",
            "vantage": Vantage.MERCHANT,
            "exposes": exposes,
            "options": {"drill": {"intent_window_ns": ns(window_ms)}},
            **header,
        },
    )


def called(at: float, state: str, order: str = "A") -> Event:
    """A callback of the provider came to the edge."""
    return CallbackReceived(ns(at), order, "event", Observation.STATUS, PaymentState[state], "")


def delivered(at: float, state: str, order: str = "A", *, forged: str = "", status: int | None = 200) -> Event:
    """A callback was sent on to the merchant; a ``status`` of ``None`` says that it was not there."""
    return CallbackDelivered(
        ns(at) + 1, order, "event", Observation.STATUS, PaymentState[state], ns(at), status=status,
        detail="" if status else "connection refused", forged=forged,
    )  # fmt: skip


def reported(at: float, outcome: str | None, order: str = "", intent: str = "", payments: int | None = None) -> Event:
    said = None if outcome is None else ReportedOutcome(outcome)
    return MerchantReport(ns(at), "output", said, order, intent, payments)


def intent(order: str, name: str) -> Event:
    return OrderIntent(0, order, name)


def judged(*orders: Order, **how: Any) -> Verdict:
    return judge_merchant(drill(*orders, **how))


def result_of(guarantee: str, *orders: Order, **how: Any) -> str:
    """``none`` (no exposure), ``held`` or ``VIOLATED``."""
    verdict = judged(*orders, **how).of(guarantee)
    if verdict.violations:
        assert all(f.summary and "None" not in f.summary for f in verdict.findings)
        return verdict.result.value
    return "held" if verdict.exposures else "none"


def findings(guarantee: str, *orders: Order, **how: Mapping[str, Any] | Any) -> tuple[Finding, ...]:
    return judged(*orders, **how).of(guarantee).findings
