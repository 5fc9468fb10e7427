"""Plays the provider of one simulated intent: what each request is answered, and what money moves when.

An order's life is decided when it is accepted, by a hash of seed and order, so no timers are needed: a question is
answered from the instants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from ...core.clock import MS
from ...core.operation import Observation
from ...core.payment_state import PaymentState
from ...core.promises import SamePayloadAnswer
from ...core.seed import Seed
from ...providers.service.bank_channel import DUPLICATE_CALLBACK_MS, LATE_MS, PATIENCE_MS, ChannelSettings
from .provider_model import ProviderModel
from .scenario_faults import ScenarioFaults

__all__ = ["ModelAnswer", "ScenarioOrder", "ScenarioProvider"]

_S = PaymentState
_START_NS = MS
"""From the acceptance until the order is given to the bank."""


class ModelAnswer(NamedTuple):
    """What the provider answers, as the contract's words have it."""

    observation: Observation
    state: PaymentState = _S.UNKNOWN


_BUSY = ModelAnswer(Observation.RETRYABLE)
_NOT_FOUND = ModelAnswer(Observation.NOT_FOUND, _S.NOT_FOUND)


@dataclass(slots=True)
class ScenarioOrder:
    """One order number at the provider."""

    accepted_ns: int
    lands_ns: float
    """When a query may find it, for the provider's own reasons."""
    ends_ns: int
    end: PaymentState
    moved_ns: int | None
    """When the money moved; ``None``: never."""
    returned_ns: int | None
    payouts: int = 0
    """Movements to the payee."""

    def state_at(self, now_ns: int) -> PaymentState:
        """What the primary knows of it."""
        if now_ns < self.ends_ns:
            return _S.PROCESSING if now_ns >= self.accepted_ns + _START_NS else _S.RECEIVED
        return _S.RETURNED if self.returned_ns is not None and now_ns >= self.returned_ns else self.end

    @property
    def kept(self) -> int:
        """Payouts that stayed with the payee."""
        return self.payouts - (self.returned_ns is not None)


@dataclass(slots=True)
class ScenarioProvider:
    """The provider of one intent. ``ordinal`` numbers its orders in keyed decisions."""

    model: ProviderModel
    faults: ScenarioFaults
    seed: Seed
    orders: dict[int, ScenarioOrder] = field(default_factory=dict)
    """By the order's ordinal."""
    forgotten: list[ScenarioOrder] = field(default_factory=list)
    """Orders whose number was forgotten and taken anew."""
    _was_busy: set[int] = field(default_factory=set)

    def submit(self, ordinal: int, now_ns: int) -> ModelAnswer:
        """Take a submit or a copy of one."""
        bank = self.faults.bank(now_ns)
        order = self.orders.get(ordinal)
        if order is None:
            if bank.busy_share and ordinal not in self._was_busy and self.seed.hits(bank.busy_share, "busy", ordinal):
                self._was_busy.add(ordinal)
                return _BUSY
            self.orders[ordinal] = self._accepted(ordinal, bank, now_ns)
            return ModelAnswer(Observation.ACK, _S.RECEIVED)
        retention_ns = self.model.key_retention_ns
        if retention_ns is not None and now_ns - order.accepted_ns > retention_ns:
            self.forgotten.append(order)
            self.orders[ordinal] = self._accepted(ordinal, bank, now_ns)
            return ModelAnswer(Observation.ACK, _S.RECEIVED)
        return self._again(ordinal, order, now_ns)

    def query(self, ordinal: int, now_ns: int, *, of_primary: bool) -> ModelAnswer:
        """Answer from the replica, or from the primary."""
        order = self.orders.get(ordinal)
        if order is None:
            return _NOT_FOUND
        known_ns = now_ns
        if self.model.reads_replica and not of_primary:
            known_ns = self.faults.replicated_until_ns(now_ns)
        lands_ns = order.lands_ns if order.lands_ns != math.inf else float(self.faults.healed_ns)
        if order.accepted_ns > known_ns or (now_ns < lands_ns and not of_primary):
            return _NOT_FOUND
        return ModelAnswer(Observation.STATUS, order.state_at(known_ns))

    def _again(self, ordinal: int, order: ScenarioOrder, now_ns: int) -> ModelAnswer:
        twice = self.model.pays_twice_share
        if twice and self.seed.hits(twice, "pays-twice", ordinal) and order.end is _S.SUCCEEDED:
            order.payouts = 2
        match self.model.same_payload:
            case SamePayloadAnswer.NEW_MOVEMENT:
                order.payouts += order.end is _S.SUCCEEDED
                return ModelAnswer(Observation.ACK, _S.RECEIVED)
            case SamePayloadAnswer.REPLAY_ORIGINAL:
                return ModelAnswer(Observation.ACK, _S.RECEIVED)
            case SamePayloadAnswer.REPLAY_CURRENT:
                return ModelAnswer(Observation.ACK, order.state_at(now_ns))
            case SamePayloadAnswer.REJECT_WITH_POINTER:
                return ModelAnswer(Observation.DUPLICATE)
            case SamePayloadAnswer.REJECT_PLAIN:
                return ModelAnswer(Observation.REJECTED)

    def _accepted(self, ordinal: int, bank: ChannelSettings, now_ns: int) -> ScenarioOrder:
        """Decide an order's life."""
        model, seed = self.model, self.seed
        low_ns, high_ns = model.settles_ns
        takes_ns = round(low_ns * (high_ns / low_ns) ** seed.unit("settles", ordinal))
        if bank != _USUAL:
            takes_ns += round((bank.latency_ms - _USUAL.latency_ms + bank.late_ms) * MS)
        begins_ns = self.faults.bank_is_back_ns(now_ns)
        ends_ns = max(now_ns + 2 * _START_NS, begins_ns + takes_ns)
        lands_ns = now_ns + model.landing_ns(seed.unit("lands", ordinal)) if model.lands_ns or model.unbounded else 0.0
        if seed.hits(max(bank.decline_share, model.declined_share), "declined", ordinal):
            return ScenarioOrder(now_ns, lands_ns, ends_ns, _S.DECLINED, None, None)
        moved_ns = ends_ns
        if bank.timeout_share and seed.hits(bank.timeout_share, "bank-timeout", ordinal):
            # The bank pays late, or gets the instruction again: the provider learns of it by its inquiry.
            if seed.hits(bank.pays_share, "bank-pays", ordinal):
                moved_ns = now_ns + round(LATE_MS * MS)
                ends_ns = moved_ns + round(PATIENCE_MS * MS)
            else:
                moved_ns = ends_ns = now_ns + round((PATIENCE_MS + LATE_MS) * MS) + takes_ns
        returned_ns = None
        if bank.return_share and seed.hits(bank.return_share, "returned", ordinal):
            returned_ns = ends_ns + round(bank.return_after_ms * MS)
        return ScenarioOrder(now_ns, lands_ns, ends_ns, _S.SUCCEEDED, moved_ns, returned_ns, payouts=1)

    def callbacks(self, ordinal: int, order: ScenarioOrder) -> list[tuple[int, PaymentState]]:
        """When callbacks about a new order arrive, and what they say."""
        if self.model.callback_ns is None:
            return []
        low_ns, high_ns = self.model.callback_ns
        takes_ns = low_ns + round((high_ns - low_ns) * self.seed.unit("callback", ordinal))
        found = [(order.ends_ns + takes_ns, order.end)]
        if order.returned_ns is not None:
            found.append((order.returned_ns + takes_ns, _S.RETURNED))
        if self.seed.hits(self.faults.bank(order.accepted_ns).duplicate_callback_share, "callback-again", ordinal):
            low_ms, high_ms = DUPLICATE_CALLBACK_MS
            found.append((order.ends_ns + round(self.seed.between(low_ms, high_ms, "again", ordinal) * MS), order.end))
        return found


_USUAL = ChannelSettings()
