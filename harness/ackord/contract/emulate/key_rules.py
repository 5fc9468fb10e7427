"""Take or refuse an emulated submit by its key, as the contract's ``promises.keys`` declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.key_promises import KeyAnswer, KeyVariation
from ...core.operation import OperationKind
from ...core.recent_dict import RecentDict
from ..base.http_messages import HttpRequest, TimestampNonce
from ..codec.key_requests import key_header_of, keyless_requests
from ..codec.request_parser import ParsedRequest, RequestParser
from ..spec.model import Contract
from .domain_responses import MovementsResponse, OrderResponse, ProviderOrder, ProviderResponse

__all__ = ["KeyRules", "as_shown", "order_as_shown"]

_UNKEYED = "\x1f"
"""Stands in the number under which an order without a key is stored, before what makes it unique."""
_NUMBERS = ("order_no", "order_no.uuid")


class KeyRules:
    """The keys that one contract's provider takes."""

    def __init__(self, contract: Contract) -> None:
        self._keys = contract.promises.keys.to_core()
        self._header = key_header_of(contract.submit.request).lower()
        keyless = keyless_requests(contract.submit.request).get(KeyVariation.MISSING)
        self._keyless = None
        if keyless is not None:
            submit = contract.submit.model_copy(update={"request": keyless})
            self._keyless = RequestParser(contract.model_copy(update={"submit": submit}))
        self._spelled: RecentDict[str, str] = RecentDict()
        """How a number was spelled when it came first, by its spelling without regard to case."""

    def read(self, request: HttpRequest) -> ParsedRequest | None:
        """Parse a submit that has no key, or an empty one; ``None`` for any other request."""
        parsed = None if self._keyless is None else self._keyless.read(request)
        return parsed if parsed is not None and parsed.operation == OperationKind.SUBMIT else None

    def applied(self, parsed: ParsedRequest, request: HttpRequest, at: TimestampNonce | None) -> ParsedRequest:
        """Return the request with the number that its order is stored under; ``at`` holds what no other request does.

        Raises ``ValueError`` for a key that is refused.
        """
        name = next((name for name in _NUMBERS if parsed.values.get(name)), _NUMBERS[0])
        number = str(parsed.values.get(name) or "")
        if parsed.operation != OperationKind.SUBMIT:
            return self._with(parsed, name, number)
        key = self._key(parsed.values, request)
        if not key:
            form = KeyVariation.MISSING if key is None else KeyVariation.EMPTY
            if self._keys.declared(form) is not KeyAnswer.ACCEPT:
                raise ValueError(f"there is {'no key' if key is None else 'an empty key'} in the request")
            unique = "" if at is None else at.nonce
            return parsed._replace(values={**parsed.values, name: f"{number}{_UNKEYED}{unique}"})
        longest = self._keys.longest
        if longest is not None and len(key) > longest and self._keys.overlong is KeyAnswer.REJECT:
            raise ValueError(f"the key has {len(key)} characters, and {longest} are the most")
        return self._with(parsed, name, number)

    def _key(self, values: Mapping[str, Any], request: HttpRequest) -> str | None:
        if self._header:
            return next((text for name, text in request.headers if name.lower() == self._header), None)
        found = next((values[name] for name in _NUMBERS if values.get(name) is not None), None)
        return None if found is None else str(found)

    def _with(self, parsed: ParsedRequest, name: str, number: str) -> ParsedRequest:
        """Return the request with the number as it was spelled first, where case means nothing."""
        if self._keys.case_sensitive is not False or not number:
            return parsed
        folded = number.casefold()
        first = self._spelled.setdefault(folded, number)
        return parsed._replace(values={**parsed.values, name: first})


def as_shown(reply: ProviderResponse) -> ProviderResponse:
    """Return a reply with the numbers that merchants gave, also of orders that had no key."""
    if isinstance(reply, OrderResponse):
        return reply._replace(order=order_as_shown(reply.order))
    if isinstance(reply, MovementsResponse):
        rows = (row._replace(order_no=row.order_no.partition(_UNKEYED)[0]) for row in reply.movements)
        return reply._replace(movements=tuple(rows))
    return reply


def order_as_shown(order: ProviderOrder) -> ProviderOrder:
    """Return an order with the number that the merchant gave."""
    return order._replace(order_no=order.order_no.partition(_UNKEYED)[0])
