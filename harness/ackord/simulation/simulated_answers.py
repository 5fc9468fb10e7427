"""Read what merchants send to a simulated provider, and write its answers, as ``contracts/reference.yaml`` has them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from ..contract.codec.codec import HttpResponse
from .simulated_standby import SimulatedSubmission, StoredOrder

__all__ = ["SimulatedRefund", "order_body", "problem_body", "read_refund", "read_submission", "refund_body"]

_JSON = {"content-type": "application/json"}
_REPLAYED = {"content-type": "application/json", "idempotent-replayed": "true"}
_DECODE = json.JSONDecoder().decode
_text = json.encoder.encode_basestring_ascii
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def problem_body(status: int, code: str, **more: str | int) -> HttpResponse:
    return HttpResponse(status, _JSON, _ENCODE({"code": code, **more}).encode())


@lru_cache(maxsize=4096)
def order_body(payout: StoredOrder, status: int, replayed: bool = False) -> HttpResponse:
    """The order as merchants see it; the same object for the same order in the same status."""
    order_no, amount, currency, payee = payout.submission
    # As the encoder writes it, in a third of the time: most of what a simulated provider says are orders.
    body = (
        f'{{"provider_id":{_text(payout.provider_id)},"order_no":{_text(order_no)},"status":{_text(payout.status)},'
        f'"amount":{amount},"currency":{_text(currency)},"payee":{_text(payee)}}}'
    )
    return HttpResponse(status, _REPLAYED if replayed else _JSON, body.encode())


class SimulatedRefund(NamedTuple):
    """A refund that was taken."""

    refund_no: str
    provider_id: str
    amount: int


@lru_cache(maxsize=4096)
def refund_body(refund: SimulatedRefund, payout: StoredOrder, status: int) -> HttpResponse:
    """A refund as merchants see it; the same object for the same one."""
    body = {
        "refund_id": f"re_{payout.provider_id}_{refund.refund_no}",
        "refund_no": refund.refund_no,
        "order_no": payout.submission.order_no,
        "amount": refund.amount,
        "currency": payout.submission.currency,
    }
    return HttpResponse(status, _REPLAYED if status == 200 else _JSON, _ENCODE(body).encode())


@lru_cache(maxsize=256)
def read_submission(body: bytes) -> SimulatedSubmission | None:
    """``None`` for what is not an order."""
    try:
        data = _DECODE(body.decode())
        submission = SimulatedSubmission(data["order_no"], data["amount"], data["currency"], data["payee"])
    except (ValueError, TypeError, KeyError):
        return None
    return submission if tuple(map(type, submission)) == (str, int, str, str) else None


def read_refund(body: bytes, provider_id: str) -> SimulatedRefund | None:
    """``None`` for what is no refund; ``provider_id``: the order's, empty if there is none."""
    try:
        data = _DECODE(body.decode())
        return SimulatedRefund(data["refund_no"], provider_id, int(data["amount"]))
    except (ValueError, TypeError, KeyError):
        return None
