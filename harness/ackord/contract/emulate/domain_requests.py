"""Defines the requests of a provider's domain, independent of any API's format; ``domain_responses`` defines the
responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from ...core.operation import OperationKind
from .domain_responses import ReceivedOrder, Refusal

__all__ = [
    "ClockRequest",
    "InvalidRequest",
    "LedgerRequest",
    "OrderActionRequest",
    "PrerequisiteRequest",
    "ProviderRequest",
    "QueryRequest",
    "RefundRequest",
    "StatementRequest",
    "SubmitRequest",
    "TokenRequest",
]


class SubmitRequest(NamedTuple):
    account: str
    submission: ReceivedOrder
    callback_url: str = ""
    """Where the merchant wants callbacks, if the request says so."""
    trigger: str = ""
    """The sandbox's trigger that the request's headers pull; empty: none."""


class QueryRequest(NamedTuple):
    account: str
    order_no: str = ""
    provider_id: str = ""
    """The order is identified by this or by its number."""
    callback_url: str = ""


class OrderActionRequest(NamedTuple):
    """A request for an action on a submitted order, such as to cancel it."""

    account: str
    kind: OperationKind
    order_no: str = ""
    provider_id: str = ""
    """The order is identified by this or by its number."""


class RefundRequest(NamedTuple):
    """A request to give money of an order back."""

    account: str
    refund_no: str
    """Empty where refunds have no numbers: each request is another refund then."""
    amount: int
    """In minor units; 0: all of the order's."""
    order_no: str = ""
    provider_id: str = ""
    """The order is identified by this or by its number."""


class LedgerRequest(NamedTuple):
    account: str
    after: int
    """The last movement that was read; 0 at the beginning."""
    limit: int
    of_all: bool = False
    """Whether the movements of all accounts are requested, not those of the requesting account."""
    skip: int = 0
    """Number of movements after ``after`` to skip, for counted pages."""
    order_no: str = ""
    """The order whose movements are requested, where a ledger is read by order; empty: all orders'."""
    provider_id: str = ""
    """The same by the provider's identifier."""


class StatementRequest(NamedTuple):
    """A request for the movements of a period."""

    account: str
    from_s: int
    """In seconds since 1970."""
    to_s: int
    """The end, exclusive."""
    after: int = 0
    """As in a ledger."""
    limit: int = 1 << 31
    file: bool = False
    """Whether the file itself is requested, whose address was given before."""
    skip: int = 0
    """As in a ledger."""
    page: str = ""
    """Where the page begins in a statement that says how many pages or lines there are: its movements are requested as
    a whole.
    """
    part: str = ""
    """Which of the contract's ``parts``; empty without any."""
    account_id: str = ""
    """The identifier of an account that the contract does not name; empty for one that it does."""


class PrerequisiteRequest(NamedTuple):
    """A request for a prerequisite: a quote, a recipient, a consent."""

    account: str
    name: str
    values: Mapping[str, str]
    """Its values by variables' names."""


class TokenRequest(NamedTuple):
    """A request for an access token; the request holds the client's identity."""

    account: str
    name: str = "oauth2"


class ClockRequest(NamedTuple):
    """A request that moves the sandbox's clock on."""

    account: str
    advance_s: int = 0
    until_unix_s: int | None = None
    """Until when, instead of by how much."""


class InvalidRequest(NamedTuple):
    """A request that cannot be parsed or authenticated."""

    refusal: Refusal
    operation: str = ""
    """The intended operation, if known; the answer has its shape."""
    account: str = ""


ProviderRequest: TypeAlias = (
    SubmitRequest
    | QueryRequest
    | OrderActionRequest
    | RefundRequest
    | LedgerRequest
    | StatementRequest
    | PrerequisiteRequest
    | TokenRequest
    | ClockRequest
    | InvalidRequest
)
