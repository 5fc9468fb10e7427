"""Gathers what only the orders of a run tell together: the facts that judging one order may need of all others.

The facts of a run's parts add up to those of the run. A guarantee asks for two of them through its context: the words
in which first attempts were turned away, and whose a provider's identifier is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.history import OrderHistory
from ..core.operation import Observation, acknowledges
from ..core.reasons import Place, Rank
from ..core.usable_answers import AnswerTally, FaultSilence

__all__ = ["JointFacts"]

_TURNED_AWAY = (Observation.REJECTED, Observation.CONFLICT, Observation.RETRYABLE)


class JointFacts:
    """Facts of a run's orders, or of a part of them."""

    __slots__ = ("_acked", "answers", "expired", "first_words", "new_again", "orders", "probed", "variations", "varied")

    def __init__(self, *, varied: bool) -> None:
        """``varied``: whether requests of the run may differ from the usual ones; else nothing is gathered of that."""
        self.varied = varied
        self.orders = 0
        self.answers = AnswerTally()
        self.first_words: set[str] = set()
        """The words (``Exchange.detail``) in which attempts that came first for their order were turned away.

        They are the provider's ordinary refusals and errors. Words that only later attempts get speak of the earlier
        ones.
        """
        self.probed = False
        """Whether an order was submitted under a key of an unusual form."""
        self.variations: set[str] = set()
        """How requests differed from the usual ones."""
        self.expired = 0
        """Orders that were asked for after their numbers may have been forgotten."""
        self.new_again = 0
        """Orders of these that were then given a new identifier."""
        self._acked: dict[str, tuple[int, Place, int]] = {}
        """By the provider's identifier: when, where and which submit was acknowledged with it first."""

    def add(self, orders: Sequence[OrderHistory], ranks: Sequence[Rank], silence: FaultSilence) -> None:
        """Add orders with their ranks; ``silence`` as in ``AnswerTally.add``."""
        self.orders += len(orders)
        self.answers.add(orders, ranks, silence)
        for order, rank in zip(orders, ranks, strict=True):
            submits = order.submits
            if submits and (first := submits[0]).observation in _TURNED_AWAY:
                alone = len(submits) == 1 or (first.complete_ns or 0) < submits[1].begin_ns
                if alone:  # a copy that was sent at the same time may have been there before it
                    self.first_words.add(first.detail)
            if self.varied:
                self._add_varied(order, rank)
            if order.expired:
                self.expired += 1
                known = {x.provider_id for x in order.acks}
                self.new_again += any(x.provider_id and x.provider_id not in known for x in order.expired)

    def _add_varied(self, order: OrderHistory, rank: Rank) -> None:
        acked = self._acked
        self.probed = self.probed or bool(order.key_probes)
        for i, x in enumerate((*order.submits, *order.key_probes)):
            if x.variation:
                self.variations.add(x.variation)
            provider_id = x.provider_id
            if provider_id is not None and acknowledges(x.kind, x.observation):
                this = (x.complete_ns or 0, (rank, i), x.op)
                if provider_id not in acked or this < acked[provider_id]:
                    acked[provider_id] = this

    def merge(self, other: JointFacts) -> None:
        """Add the facts of another part of the run."""
        self.orders += other.orders
        self.answers.merge(other.answers)
        self.first_words |= other.first_words
        self.probed = self.probed or other.probed
        self.variations |= other.variations
        self.expired += other.expired
        self.new_again += other.new_again
        for provider_id, this in other._acked.items():
            if provider_id not in self._acked or this < self._acked[provider_id]:
                self._acked[provider_id] = this

    @property
    def first_op(self) -> dict[str, int]:
        """Return, by the provider's identifier, the submit that was acknowledged with it first; empty where no key of
        an unusual form was sent.
        """
        return {provider_id: op for provider_id, (_, _, op) in self._acked.items()} if self.probed else {}
