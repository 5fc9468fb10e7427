"""Render the request that moves the sandbox's clock on."""

from __future__ import annotations

from collections.abc import Mapping

from ..base.http_messages import HttpRequest
from ..base.payment import PLAIN, RequestContext
from ..base.variables import CLOCK_VARIABLES, TemplateContext
from ..signing import MerchantSide
from ..spec.model import Contract
from ..spec.sandbox import SandboxClock
from .request_renderer import RequestRenderer

__all__ = ["ClockCodec"]


class ClockCodec:
    """The clock of one contract's sandbox."""

    def __init__(self, contract: Contract, clock: SandboxClock, merchants: Mapping[str, MerchantSide]) -> None:
        """Raises ``ContractError``."""
        self._account = contract.owner
        self._account_id = contract.accounts[contract.owner].id or contract.owner
        self._renderer = RequestRenderer(clock.advance, merchants, CLOCK_VARIABLES, ("sandbox_clock", "advance"))

    def advance(self, by_s: int, until_s: int, request_context: RequestContext = PLAIN) -> HttpRequest:
        """Render the request, as the owner: the clock moves on by ``by_s`` seconds, until ``until_s`` since 1970.

        Raises ``RequestRenderError``.
        """
        template_context = TemplateContext(
            self._account, self._account_id, timestamp_nonce=request_context.timestamp_nonce, clock_advance_s=by_s,
            clock_unix_s=until_s,
        )  # fmt: skip
        return self._renderer.render(template_context)
