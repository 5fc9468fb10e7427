"""Turns a parsed request into a domain request; ``statement_writer`` parses the requests for statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.money import Money
from ...core.operation import ORDER_OPERATIONS, OperationKind
from ..codec.request_parser import CLOCK, ParsedRequest
from ..spec.ledger import LedgerSpec
from ..spec.model import Contract
from ..spec.paging import PAGE, page_start
from .domain_requests import (
    ClockRequest,
    LedgerRequest,
    OrderActionRequest,
    PrerequisiteRequest,
    ProviderRequest,
    QueryRequest,
    RefundRequest,
    SubmitRequest,
)
from .domain_responses import ReceivedOrder

__all__ = ["cursor_of", "domain_request"]


def domain_request(contract: Contract, parsed: ParsedRequest, account: str) -> ProviderRequest:
    """Return what ``account`` asks for. Raises ``ValueError`` for values that make no order."""
    operation, values = parsed
    order_no = _text(values, "order_no") or _text(values, "order_no.uuid")
    provider_id, callback_url = _text(values, "provider_id"), _text(values, "callback_url")
    if operation == OperationKind.SUBMIT:
        return SubmitRequest(account, _received_order(contract, values, order_no), callback_url)
    if operation == OperationKind.QUERY:
        return QueryRequest(account, order_no, provider_id, callback_url)
    if operation == OperationKind.REFUND:
        refund_no = _text(values, "refund_no") or _text(values, "refund_no.uuid")
        if not refund_no and contract.refund is not None and contract.refund.numbered:
            raise ValueError("there is no refund number in the request")
        return RefundRequest(account, refund_no, _refunded(contract, values), order_no, provider_id)
    if operation == CLOCK:
        until = _text(values, "clock.unix")
        return ClockRequest(account, int(_text(values, "clock.advance_s") or 0), int(until) if until else None)
    if operation in ORDER_OPERATIONS:
        return OrderActionRequest(account, OperationKind(operation), order_no, provider_id)
    if operation == OperationKind.LEDGER:
        ledger = contract.ledger
        assert isinstance(ledger, LedgerSpec)  # otherwise no request is parsed as a ledger's
        after, skip = page_start(cursor_of(values), ledger.counted)
        of_all = ledger.extract.account is not None
        return LedgerRequest(account, after, PAGE, of_all, skip, order_no, provider_id)
    texts = {name: str(value) for name, value in values.items()}
    return PrerequisiteRequest(account, operation.partition(":")[2], texts)


def cursor_of(values: Mapping[str, Any]) -> str:
    """Return where a page begins; empty for the first page."""
    return _text(values, "cursor")


def _received_order(contract: Contract, values: Mapping[str, Any], order_no: str) -> ReceivedOrder:
    if not order_no:
        raise ValueError("there is no order number in the request")
    currency = _currency(contract, values)
    amount = _amount(contract, values, currency, "amount")
    return ReceivedOrder(order_no, amount, currency, _text(values, "payee") or "payee")


def _refunded(contract: Contract, values: Mapping[str, Any]) -> int:
    """Return the amount; 0 for all of the order, where a request does not say how much."""
    if contract.refund is not None and not contract.refund.partial:
        return 0
    return _amount(contract, values, _currency(contract, values), "refund_amount")


def _currency(contract: Contract, values: Mapping[str, Any]) -> str:
    return (_text(values, "currency") or _text(values, "currency.lower") or contract.currency).upper()


def _amount(contract: Contract, values: Mapping[str, Any], currency: str, name: str) -> int:
    minor = values.get(f"{name}.minor")
    major = values.get(f"{name}.major", values.get(f"{name}.number"))
    if minor is not None:
        amount = contract.amounts.units().of_minor(_whole(minor), currency)
    elif major is not None:
        amount = Money.from_major(str(major), currency).amount_minor
    else:
        raise ValueError("there is no amount in the request")
    if not 0 < amount < 1 << 62:
        raise ValueError(f"an amount of {amount} cannot be paid")
    return amount


def _whole(minor: Any) -> int:
    """Return a whole number; 10.0 is one, if it is a number of JSON. Raises ``ValueError``."""
    return int(minor) if type(minor) is float and minor.is_integer() else int(str(minor))


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)
