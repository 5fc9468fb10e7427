"""Plays one policy under one profile many times, and counts what became of the intents."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

from ...chaos.faults.edge_actions import SyntheticResponse
from ...chaos.profile import Profile
from ...contract.codec.codec import Codec, HttpResponse, ResponseContext
from ...core.clock import SECOND
from ...core.operation import OperationKind
from ...core.seed import Seed
from ...core.share_interval import CountedShare, counted_share
from ...merchant.events import Conclusion
from ...merchant.policy import MerchantPolicy
from ..simulation import collecting_rarely
from .provider_model import ProviderModel
from .scenario import Reader, Scenario, ScenarioOutcome
from .scenario_faults import ScenarioFaults, faults_without_simulation
from .scenario_provider import ModelAnswer

__all__ = ["BEGIN_WITHIN_NS", "CellTally", "play_cell", "reader_of"]

BEGIN_WITHIN_NS = 10 * SECOND
"""Intents begin at any instant of this time after the faults were armed, so that outages which come and go are met in
every phase."""
_DRAWINGS = 20
"""How often the seed draws a profile's ranges and faults anew within a cell's first sample."""
RARE_BELOW = 10
"""A cell in which something happened less often than this, but did happen, is played on."""


@dataclass(slots=True)
class CellTally:
    """What became of the intents of one policy under one profile. Times are in nanoseconds."""

    policy: str
    profile: str
    orders: int = 0
    paid_twice: int = 0
    """Intents whose payee kept more than one payment."""
    wrongly_failed: int = 0
    """Intents of which the merchant read an order as failed whose money moved and stayed."""
    stuck: int = 0
    unpaid: int = 0
    """Intents that the merchant took for paid, and nothing moved."""
    lowered: int = 0
    """Intents of which a status was overwritten by a lower one."""
    calls: int = 0
    took_ns: array[int] = field(default_factory=lambda: array("q"))
    """From the first submit to the conclusion, of every intent that was concluded as paid or failed."""
    fired: Counter[str] = field(default_factory=Counter)
    """Intents that each fault of the edge hit."""
    not_simulated: tuple[str, ...] = ()
    """Faults of the profile that a simulation leaves out."""

    def add(self, outcome: ScenarioOutcome) -> None:
        self.orders += 1
        self.paid_twice += outcome.payouts > 1
        self.wrongly_failed += outcome.wrongly_failed
        self.unpaid += outcome.unpaid
        self.lowered += outcome.lowered
        self.calls += outcome.calls
        if outcome.conclusion is Conclusion.STUCK:
            self.stuck += 1
        else:
            self.took_ns.append(outcome.took_ns)
        if outcome.fired:
            self.fired.update(outcome.fired)

    def share(self, count: str) -> CountedShare:
        """The share of intents that a counter counts, with its bounds: ``paid_twice``, ``stuck``, ..."""
        return counted_share(getattr(self, count), self.orders)

    def quantile_ns(self, q: float) -> int | None:
        """The time to settle of that share of the intents that settled; ``None``: none did."""
        if not self.took_ns:
            return None
        ordered = sorted(self.took_ns)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))]

    @property
    def calls_each(self) -> float:
        return self.calls / self.orders


def play_cell(
    policy: MerchantPolicy,
    profile: Profile,
    model: ProviderModel,
    codec: Codec,
    *,
    seed: int,
    orders: int,
    outage_ns: int,
    most_orders: int = 0,
) -> CellTally:
    """Play ``orders`` intents. Where a double payment is so rare that fewer than ten were counted, but some were, the
    sample grows tenfold at a time up to ``most_orders``.

    ``outage_ns``: how long after their arming the faults are healed.
    """
    tally = CellTally(policy.name, profile.name, not_simulated=tuple(faults_without_simulation(profile)))
    wanted, each = orders, max(1, orders // _DRAWINGS)
    read = reader_of(codec)
    with collecting_rarely():
        while True:
            while tally.orders < wanted:
                _play_drawing(
                    tally, policy, profile, model, Seed(seed), min(each, wanted - tally.orders), outage_ns, read
                )
            if not 0 < tally.paid_twice < RARE_BELOW or wanted * 10 > most_orders:
                return tally
            wanted *= 10


def _play_drawing(
    tally: CellTally,
    policy: MerchantPolicy,
    profile: Profile,
    model: ProviderModel,
    seed: Seed,
    orders: int,
    outage_ns: int,
    read: Reader,
) -> None:
    # The profile's name is no part of the seed of an intent: every policy meets the same faults at the same orders.
    drawn = seed.derive("drawing", tally.orders)
    faults = ScenarioFaults(profile, drawn, outage_ns)
    within_ns = min(outage_ns, BEGIN_WITHIN_NS)
    for index in range(tally.orders, tally.orders + orders):
        begin_ns = drawn.pick(within_ns, "begin", index)
        tally.add(Scenario(policy, model, faults, drawn, index, begin_ns, read).play())


def reader_of(codec: Codec) -> Reader:
    """Read what faults answer instead of the provider, as the contract does."""
    known: dict[tuple[OperationKind, SyntheticResponse], ModelAnswer] = {}

    def read(kind: OperationKind, response: SyntheticResponse) -> ModelAnswer:
        found = known.get((kind, response))
        if found is None:
            answer = HttpResponse(response.status, dict(response.headers), response.body)
            reading = codec.read(kind, answer, ResponseContext())
            found = known[kind, response] = ModelAnswer(reading.observation, reading.state)
        return found

    return read
