"""Tries one submit and one query before a run's load, so that a wrong key, signature, path or clock costs a handful of
requests and is told as what it is.

Only that is tried without which no verdict can mean anything: that the provider answers, that it accepts an order, and
that the contract can read what it says. Whether the answers are right is for the run to judge.
"""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

from ...contract.codec.codec import RequestRenderError
from ...contract.loading.loader import LoadedContract
from ...core.clock import RealClock
from ...core.operation import Observation, OperationKind
from ...errors import EnvironmentFailed, UsageError
from ...report.format import count
from ..environments.base import Environment
from ..options.plan import RunPlan
from .cli import described, open_probe_client
from .probe_client import CheckStep, Culprit, ProbeClient, ProbeOrder
from .steps import ContractCheck

__all__ = ["Preflight", "preflight"]

_O = Observation
_ORDERS = 3
"""A provider that refuses some orders and takes others is judged, so several are tried, each with another amount."""
_SHARE_OF_LIMIT = 4
"""At most one in so many of the orders that the contract allows."""
_CLOCK_APART_S = 60
"""Signatures with times are commonly refused beyond one to five minutes."""


class Preflight(ContractCheck):
    """A contract check that ends at the first order that is accepted and can be asked for."""

    def __init__(self, loaded: LoadedContract, talk: ProbeClient, clock: RealClock) -> None:
        super().__init__(loaded, talk, clock)
        self.orders_sent = 0
        self._orders = min(_ORDERS, loaded.contract.limits.orders // _SHARE_OF_LIMIT)

    @property
    def numbers(self) -> list[str]:
        """The order numbers that were dealt."""
        return [payment.order_no for payment in self._book.payments]

    async def _run(self) -> None:
        order = self._deal()
        if not await self._token(order) or not await self._prepare(order, per_order=False):
            return
        if not self._orders and not self.codec.asks_by_provider_id:
            await self._asked_for(order, _O.NOT_FOUND)
        for _ in range(self._orders):
            self.steps.clear()
            order = self._deal()
            if not await self._prepare(order, per_order=True):
                return
            if await self._accepted(order) and await self._asked_for(order, _O.STATUS):
                return

    async def _accepted(self, order: ProbeOrder) -> bool:
        self.orders_sent += 1
        step, _, reading = await self._perform(order, OperationKind.SUBMIT, "an order is submitted", (_O.ACK,))
        order.provider_id = reading.provider_id
        return not step.findings

    async def _asked_for(self, order: ProbeOrder, wanted: Observation) -> bool:
        """Whether a query gets an answer that can be read, be it right or wrong."""
        if self.codec.asks_by_provider_id and order.provider_id is None:
            return True
        step, _, _ = await self._ask(order, "it is asked for", (wanted, _O.STATUS, _O.NOT_FOUND, _O.IN_PROGRESS))
        return not step.findings


def preflight(plan: RunPlan, environment: Environment) -> int:
    """Return how many orders were submitted.

    Raises ``UsageError`` if the contract does not fit the provider, ``EnvironmentFailed`` if the provider does not
    answer, or with nothing but transient errors.
    """
    clock = RealClock()
    with open_probe_client(plan, environment) as talk:
        tried = Preflight(plan.contract, talk, clock)
        try:
            steps = asyncio.run(tried.run())
        except RequestRenderError as why:
            raise plan.contract.error(why) from None
    environment.numbers.update(tried.numbers)
    wrong = [step for step in steps if step.findings]
    if wrong:
        raise _error(plan, wrong, talk, clock)
    return tried.orders_sent


def _error(
    plan: RunPlan, wrong: list[CheckStep], talk: ProbeClient, clock: RealClock
) -> UsageError | EnvironmentFailed:
    lines = [
        f"{plan.target}: the provider and the contract do not fit, so nothing was begun; "
        f"{count(talk.sent, 'request was', 'requests were')} sent.",
        *described(plan.contract, wrong),
    ]
    if apart := _clocks_apart(talk, clock):
        lines.append(f"  {apart}")
    lines.append(
        f"  mend: try `ackord contract check {plan.contract_argument} --target {plan.target}` until all is well"
    )
    contract_is_wrong = any(finding.fault is Culprit.CONTRACT for step in wrong for finding in step.findings)
    return (UsageError if contract_is_wrong else EnvironmentFailed)("\n".join(lines))


def _clocks_apart(talk: ProbeClient, clock: RealClock) -> str:
    """Return how far the provider's clock is from ours by its last answer; empty if that is near or not told."""
    said = talk.last.headers.get("date", "") if talk.last is not None else ""
    try:
        apart_s = round(clock.unix_s() - parsedate_to_datetime(said).timestamp())
    except ValueError:
        return ""
    if abs(apart_s) < _CLOCK_APART_S:
        return ""
    ahead = "ahead of" if apart_s > 0 else "behind"
    return (
        f"the clocks differ: this machine's is {abs(apart_s):,} s {ahead} the provider's ({said}); a signature with a "
        "time in it is refused then"
    )
