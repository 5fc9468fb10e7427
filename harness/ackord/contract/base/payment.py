"""Define a payment, the data of one sending, and the template context made from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .amounts import ISO_UNITS, AmountUnits
from .http_messages import TimestampNonce
from .variables import TemplateContext

__all__ = ["PLAIN", "Payment", "Refund", "RequestContext", "template_context_of"]


class Payment(NamedTuple):
    """What the merchant means to pay, under one order number."""

    order_no: str
    account: str
    """A name from the contract's ``accounts``."""
    amount_minor: int
    currency: str
    payee: str
    created_s: int = 0
    """When the order was made, in seconds since 1970; the same in all its requests."""


class Refund(NamedTuple):
    """What the merchant wants to have given back of an order, under a number of its own."""

    number: str
    amount_minor: int


class RequestContext(NamedTuple):
    """What belongs to one sending of a request, and not to what is paid."""

    timestamp_nonce: TimestampNonce = TimestampNonce()
    callback_url: str | None = None
    captured: Mapping[str, str] = {}
    """What prerequisites gave."""


PLAIN = RequestContext()


def template_context_of(
    payment: Payment, account_id: str, request_context: RequestContext, units: AmountUnits = ISO_UNITS
) -> TemplateContext:
    order_no, account, amount_minor, currency, payee, created_s = payment
    timestamp_nonce, callback_url, captured = request_context
    return TemplateContext(
        account, account_id, order_no, amount_minor, currency, payee, created_s,
        None, None, timestamp_nonce, callback_url, captured, 0, 0, units,
    )  # fmt: skip
