"""Define what a provider is asked, whatever the words of its API; ``domain_responses`` defines what it replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from ...core.operation import OperationKind
from .domain_responses import ReceivedOrder, Refusal

__all__ = [
    "InvalidRequest",
    "LedgerRequest",
    "OrderActionRequest",
    "PrerequisiteRequest",
    "ProviderRequest",
    "QueryRequest",
    "StatementRequest",
    "SubmitRequest",
    "TokenRequest",
]


class SubmitRequest(NamedTuple):
    account: str
    submission: ReceivedOrder
    callback_url: str = ""
    """Where the merchant wants to be called, if the request says so."""


class QueryRequest(NamedTuple):
    account: str
    order_no: str = ""
    provider_id: str = ""
    """One of the two says which order is meant."""
    callback_url: str = ""


class OrderActionRequest(NamedTuple):
    """Something is to be done to an order that was submitted before, such as to cancel it."""

    account: str
    kind: OperationKind
    order_no: str = ""
    provider_id: str = ""
    """One of the two says which order is meant."""


class LedgerRequest(NamedTuple):
    account: str
    after: int
    """The last movement that was seen; 0 at the beginning."""
    limit: int
    of_all: bool = False
    """The movements of all accounts are wanted, not those of the account that asks."""
    skip: int = 0
    """How many behind ``after`` are left out, where pages are counted."""


class StatementRequest(NamedTuple):
    """The movements of a period."""

    account: str
    from_s: int
    """In seconds since 1970."""
    to_s: int
    """The end, which is left out."""
    after: int = 0
    """As in a ledger."""
    limit: int = 1 << 31
    file: bool = False
    """The file itself is wanted, whose address was told before."""
    skip: int = 0
    """As in a ledger."""


class PrerequisiteRequest(NamedTuple):
    """A prerequisite: a quote, a recipient, a consent."""

    account: str
    name: str
    values: Mapping[str, str]
    """What it speaks of, by variables' names."""


class TokenRequest(NamedTuple):
    """An access token is wanted; who asks is in the request."""

    account: str
    name: str = "oauth2"


class InvalidRequest(NamedTuple):
    """A request that does not get as far as being asked."""

    refusal: Refusal
    operation: str = ""
    """Which operation it was meant to be, if that could be seen; the answer has its shape."""
    account: str = ""


ProviderRequest: TypeAlias = (
    SubmitRequest
    | QueryRequest
    | OrderActionRequest
    | LedgerRequest
    | StatementRequest
    | PrerequisiteRequest
    | TokenRequest
    | InvalidRequest
)
