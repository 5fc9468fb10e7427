"""Recognises the requests of foreign merchants by the contract: which operation of which order each is.

Such a request has no ``ackord-*`` headers. Its order's ordinal counts from the first order that was seen; its attempt
counts the writes, or the reads, of its order. A resubmission is the second submit of an order.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...contract.codec.request_parser import RequestParser
from ...contract.codec.response_reader import ResponseContext
from ...contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ...contract.signing import FixedHeaders
from ...contract.signing.base import header_of
from ...core.operation import SUBMITS, OperationKind
from ...core.recent_dict import RecentDict
from .identity import RequestIdentity

__all__ = ["RequestRecognition", "contract_of"]

_NUMBERS = ("order_no", "order_no.uuid")


def contract_of(settings: Mapping[str, Any]) -> LoadedContract:
    """Load the contract that an edge's settings name (``path``; ``emulated``: no variable of the environment counts).

    Raises ``UsageError``.
    """
    known = {} if settings.get("emulated") else os.environ
    return load_contract(settings["path"], env=PlaceholderEnv(known))


class RequestRecognition:
    """What is known of the orders of an edge's foreign merchants, at most ``core.recent_dict.MOST_REMEMBERED``."""

    def __init__(self, loaded: LoadedContract) -> None:
        self._parser = RequestParser(loaded.contract)
        self._submits = loaded.codec.reader(OperationKind.SUBMIT)
        self._same_headers = all(isinstance(side, FixedHeaders) for side in loaded.codec.merchants.values())
        """Whether the credentials in a merchant's requests never change, so that they tell merchants apart."""
        self.forget()

    def forget(self) -> None:
        """Forget every order, because the provider has none any more."""
        self._ordinals = RecentDict[str, int]()
        self._seen = 0
        self._attempts = RecentDict[tuple[str, bool], int]()
        self._numbers = RecentDict[str, str]()
        """Order numbers by the provider's identifiers."""
        self._provider_ids = RecentDict[str, str]()

    def identify(self, who: RequestIdentity, request: HttpRequest) -> RequestIdentity:
        """Return ``who`` with the operation, ordinal, attempt and order of ``request``, as far as it has them.

        Does not raise for what a merchant sends.
        """
        asked = self._parser.read(request)
        if asked is None:
            return who
        values = asked.values
        number = next((str(values[name]) for name in _NUMBERS if values.get(name)), "")
        provider_id = str(values.get("provider_id") or "")
        if not number and provider_id:
            # An identifier that no answer told yet still names one order, the same one every time.
            number = self._numbers.get(provider_id, provider_id)
        if not number:
            return who._replace(operation=asked.operation)
        scope = str(values.get("account.id") or "")
        if self._same_headers:
            scope += header_of(request.headers, "authorization") or ""
        operation, write = asked.operation, asked.operation in SUBMITS
        attempt = self._attempts[number, write] = self._attempts.get((number, write), 0) + 1
        if operation == OperationKind.SUBMIT and attempt > 1:
            operation = OperationKind.RESUBMIT.value
        return who._replace(
            operation=str(operation), ordinal=self._ordinal(number), attempt=attempt, order=number, scope=scope
        )

    def _ordinal(self, number: str) -> int:
        ordinal = self._ordinals.get(number)
        if ordinal is None:
            self._seen += 1
            ordinal = self._ordinals[number] = self._seen
        return ordinal

    def learn(self, who: RequestIdentity, answer: HttpResponse) -> None:
        """Learn the provider's identifier of an order from the answer to its submit."""
        if who.order and who.operation in SUBMITS:
            provider_id = self._submits.read(answer, ResponseContext(who.order)).provider_id
            if provider_id:
                self._numbers[provider_id] = who.order
                self._provider_ids[who.order] = provider_id

    def provider_id(self, number: str) -> str:
        """Return the provider's identifier of an order; empty if no answer told it."""
        return self._provider_ids.get(number, "")
