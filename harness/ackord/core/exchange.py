"""Defines an exchange: one request and its response, as one vantage saw them."""

from __future__ import annotations

from typing import NamedTuple

from .operation import Observation, OperationKind
from .payment_state import PaymentState

__all__ = ["Exchange"]


class Exchange(NamedTuple):
    """One request and its answer, at the judged vantage."""

    op: int
    copy: int
    kind: OperationKind
    account: str
    order: str
    attempt: int
    begin_ns: int
    complete_ns: int | None
    """``None``: no complete answer was seen here, so it is indeterminate."""
    observation: Observation | None
    """``None`` exactly when there was no answer."""
    state: PaymentState
    provider_id: str | None
    amount_minor: int | None
    """The order's amount as the answer states it."""
    sent_amount_minor: int | None
    fingerprint: str
    delivered: bool
    """Whether the merchant received this response and could read it. At the merchant's own vantage: true if there is a
    response.
    """
    detail: str
    node: str
    definite: bool = False
    """Whether the answer proves that this request had no effect (``Outcome.FAIL``)."""
    sent_currency: str = ""
    sent_payee: str = ""
    currency: str | None = None
    """As the answer states it."""
    payee: str | None = None
    """As the answer states it."""
    refund_no: str = ""
    """The refund's own number; empty for what is no refund."""
    variation: str = ""
    """As in ``Begin``."""
