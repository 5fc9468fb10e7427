"""Makes answers in a provider's own words: that there is no such order, that an earlier request is in progress.

Not-found is a genuine answer of the provider to a query of a number that nobody submitted, with the number replaced
where it is echoed, as soon as somebody showed one (``show_not_found``). Until then, as in-progress always, it is what
the contract's emulator would say. Where answers are signed nothing can be made up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...contract.emulate.domain_requests import ProviderRequest, QueryRequest, SubmitRequest
from ...contract.emulate.domain_responses import ReceivedOrder, Refusal, RefusalKind
from ...contract.emulate.emulation import ContractEmulation
from ...contract.loading.loader import LoadedContract
from ...core.operation import Observation
from ...errors import UsageError
from ..faults.edge_actions import SyntheticResponse

__all__ = ["ProviderWords", "why_not_made_up"]

_NOT_PASSED_ON = frozenset(
    "connection content-encoding content-length date keep-alive set-cookie transfer-encoding".split()
)
_PROBE = HttpRequest("GET", "/", (), b"")


def why_not_made_up(loaded: LoadedContract) -> str:
    """Return why no answer of this provider can be made up; empty if it can."""
    contract, codec = loaded.contract, loaded.codec
    unsigned = HttpResponse(200, {"content-type": "application/json"}, b"{}")
    if codec.merchants[contract.owner].problem_of(unsigned, _PROBE):
        return (
            f"the answers of {contract.provider} are signed, so none can be made up; "
            "a stale answer is an earlier genuine one"
        )
    if any(rule.observation is Observation.DEFERRED for rule in contract.query.answers):
        return f"{contract.provider} answers queries by callbacks, which do not pass the gateway"
    return ""


class ProviderWords:
    """Answers that one provider could have given."""

    def __init__(self, loaded: LoadedContract) -> None:
        self._contract = loaded.contract
        self.silent = why_not_made_up(loaded)
        """Why it says nothing; empty if it does."""
        self._emulation: ContractEmulation | None = None
        if not self.silent:
            with contextlib.suppress(UsageError):  # it cannot be emulated; a genuine answer may still be shown
                self._emulation = ContractEmulation(loaded.codec)
        self._example: _Example | None = None

    def show_not_found(self, example: Mapping[str, Any]) -> None:
        """Take a genuine answer: ``status``, ``headers``, ``body`` (text), and ``order_no`` and ``provider_id``, by
        which the order that is not there was asked for.
        """
        self._example = _Example(example)

    def not_found(self, order_no: str, provider_id: str) -> SyntheticResponse | None:
        """Return how it says that it has no such order; ``None``: that cannot be made up, or it is not known which
        order that is.
        """
        if self.silent or not (order_no or provider_id):
            return None
        if self._example is not None:
            return self._example.about(order_no, provider_id)
        asked = QueryRequest(self._contract.owner, order_no, provider_id)
        return self._rendered(asked, RefusalKind.NOT_FOUND)

    def in_progress(self, order_no: str, provider_id: str) -> SyntheticResponse | None:
        """Return how it says that an earlier request is still worked on; ``None``: that cannot be made up."""
        if not (order_no or provider_id):
            return None
        order = ReceivedOrder(order_no, 0, self._contract.currency, "")
        return self._rendered(SubmitRequest(self._contract.owner, order), RefusalKind.IN_PROGRESS)

    def _rendered(self, asked: ProviderRequest, kind: RefusalKind) -> SyntheticResponse | None:
        if self._emulation is None:
            return None
        answer = self._emulation.answer(asked, Refusal(kind, ""), _PROBE)
        return SyntheticResponse(answer.status, _passed_on(answer.headers), answer.body)


class _Example:
    """A genuine answer about an order that is not there, to be told of other orders."""

    def __init__(self, example: Mapping[str, Any]) -> None:
        self._status = int(example["status"])
        self._headers = _passed_on(example["headers"])
        self._body = str(example["body"])
        self._asked = (str(example.get("order_no", "")), str(example.get("provider_id", "")))

    def about(self, *names: str) -> SyntheticResponse:
        headers = tuple((name, self._replaced(value, names)) for name, value in self._headers)
        return SyntheticResponse(self._status, headers, self._replaced(self._body, names).encode())

    def _replaced(self, text: str, names: tuple[str, ...]) -> str:
        for asked, name in zip(self._asked, names, strict=True):
            if asked and name:
                text = text.replace(asked, name)
        return text


def _passed_on(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON)
