"""Define the types that travel over HTTP; the OpenAPI document is made of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "AccountBalance",
    "ClockStepModel",
    "MovementModel",
    "MovementPage",
    "OrderModel",
    "Problem",
    "RefundModel",
    "StatementModel",
    "SubmitOrder",
    "SubmitRefund",
    "problem_answers",
]

ORDER_NO_PATTERN = r"^[0-9A-Za-z-]{8,40}$"

OrderNo = Annotated[
    str,
    Field(pattern=ORDER_NO_PATTERN, description="The merchant's own number.", examples=["M-20240601-000001"]),
]


def _number(value: object) -> object:
    """Accept 6.0, which JSON Schema calls an integer; refuse text and booleans, which pydantic would convert."""
    if isinstance(value, bool | str):
        raise ValueError("Input should be a valid integer")
    return value


SubmittedNo = Annotated[
    str,
    Field(
        json_schema_extra={"pattern": ORDER_NO_PATTERN},  # what a number is, the service says
        description="The merchant's own number.",
        examples=["M-20240601-000001"],
    ),
]


Amount = Annotated[
    int,
    Field(strict=False, ge=1, le=10**15, description="In minor units, such as cents.", examples=[12500]),
    BeforeValidator(_number),
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])]
Payee = Annotated[
    str,
    Field(
        pattern=r"^[^\x00-\x1f\x7f]{1,140}$",
        description='Who is paid. The bank declines every payee whose name begins with "declined-".',
        examples=["payee-1"],
    ),
]
Status = Literal["ACCEPTED", "PROCESSING", "PAID", "FAILED", "DECLINED", "CANCELLED", "RETURNED"]


class SubmitOrder(BaseModel):
    """A payout order."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"order_no": "M-20240601-000001", "amount": 12500, "currency": "EUR", "payee": "payee-1"}]
        },
    )

    order_no: SubmittedNo
    amount: Amount
    currency: Currency
    payee: Payee


class OrderModel(BaseModel):
    """An order and its status at the moment."""

    model_config = ConfigDict(extra="forbid")

    provider_id: str = Field(description="The provider's own number.", examples=["po_00f3a9c1d2e4b586"])
    order_no: OrderNo
    status: Status = Field(
        description="ACCEPTED (stored), PROCESSING (given to the bank), then PAID, DECLINED, FAILED or CANCELLED; "
        "PAID may become RETURNED."
    )
    amount: Amount
    currency: Currency
    payee: Payee


class SubmitRefund(BaseModel):
    """A refund of an order."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"refund_no": "R-20240601-000001", "amount": 500}]}
    )

    refund_no: OrderNo
    amount: Amount


class RefundModel(BaseModel):
    """A refund that was accepted."""

    model_config = ConfigDict(extra="forbid")

    refund_id: str = Field(description="The provider's own number.", examples=["re_00f3a9c1d2e4b586"])
    refund_no: OrderNo
    order_no: OrderNo
    amount: Amount
    currency: Currency


class MovementModel(BaseModel):
    """One movement of money."""

    model_config = ConfigDict(extra="forbid")

    id: int
    account: str
    order_no: OrderNo
    provider_id: str
    amount: Amount
    kind: Literal["payout", "return", "refund"]
    refund_no: str | None = Field(default=None, description="The refund's number; only where the kind is refund.")


class MovementPage(BaseModel):
    """Movements by id; ``next`` is the cursor to give as ``after``, and stays the same when there is nothing new."""

    model_config = ConfigDict(extra="forbid")

    movements: list[MovementModel]
    next: int


class StatementLineModel(BaseModel):
    """One line of a statement."""

    model_config = ConfigDict(extra="forbid")

    line_id: str
    order_no: OrderNo
    provider_id: str
    amount: Amount
    currency: Currency
    kind: Literal["payout", "return", "refund"]
    booked_at: int = Field(description="When the money moved, in seconds since 1970.")
    refund_no: str | None = Field(default=None, description="The refund's number; only where the kind is refund.")


class StatementTotalsModel(BaseModel):
    """What all lines of the time add up to, in minor units."""

    model_config = ConfigDict(extra="forbid")

    lines: int
    paid_out: int
    came_back: int


class StatementModel(BaseModel):
    """A page of an account's statement; ``next`` is the cursor of the next page, and missing on the last."""

    model_config = ConfigDict(extra="forbid")

    lines: list[StatementLineModel]
    next: str | None = None
    totals: StatementTotalsModel


class AccountBalance(BaseModel):
    """What left an account and what came back, over all currencies, in minor units."""

    model_config = ConfigDict(extra="forbid")

    account: str
    paid_out: int
    returned: int
    balance: int = Field(description="returned - paid_out: an account starts at nothing and may be overdrawn.")


class ClockStepModel(BaseModel):
    """How far the sandbox's clock is moved on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    seconds: int = Field(ge=1, le=10 * 366 * 86_400)


class Problem(BaseModel):
    """Why a request was not done."""

    code: str = Field(examples=["INVALID_REQUEST"])
    message: str


_PROBLEMS: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("The request cannot be read, or not done for good.", ("INVALID_REQUEST", "NOT_REFUNDABLE")),
    401: ("The key is missing or unknown.", ("UNAUTHORIZED",)),
    403: ("The key is not for this.", ("FORBIDDEN",)),
    404: ("There is no such order.", ("ORDER_NOT_FOUND", "NOTHING_TO_CANCEL")),
    409: (
        "The number is taken by an order of another content, or is in work; or it is too late.",
        ("ORDER_CONFLICT", "IN_PROGRESS", "TOO_LATE_TO_CANCEL"),
    ),
    422: ("The request is not what is described here.", ("INVALID_REQUEST",)),
    503: ("Too busy, or out of order; the same request may be sent again.", ("BUSY", "UNAVAILABLE")),
}


def problem_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's ``responses`` for these statuses."""
    return {
        status: {
            "model": Problem,
            "description": _PROBLEMS[status][0],
            "content": {
                "application/json": {
                    "examples": {code: {"value": {"code": code, "message": _PROBLEMS[status][0]}} for code in codes}
                }
            },
        }
        for status, (_, codes) in ((status, _PROBLEMS[status]) for status in statuses)
    }
