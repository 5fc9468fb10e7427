"""Finds the cheapest policy that pays nothing twice, and the buffer that a merchant needs which only waits.

A buffer is enough for an outage only if it is longer than the time for which an order may be missing. Where that time
has no bound, no buffer is enough: this is found by making the outage longer and looking whether the buffer that is
needed grows with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...chaos.profile import Profile
from ...contract.base.field_types import Duration
from ...contract.codec.codec import Codec
from ...core.promises import SamePayloadAnswer
from ...core.share_interval import CountedShare
from ...merchant.policy import MerchantPolicy
from ...merchant.polling import FixedPolling
from .cell import CellTally, play_cell
from .grid import PolicyGrid
from .provider_model import ProviderModel

__all__ = ["BUFFERS", "BufferNeed", "Recommendation", "buffer_needs", "recommend"]

BUFFERS = ("0s", "200ms", "1s", "5s", "30s", "2m", "10m", "1h", "6h")
"""The buffers that are tried, shortest first."""
_LONGER = 8
"""How many times longer the second outage is, by which a need that grows with the outage is told."""


@dataclass(frozen=True, slots=True)
class BufferNeed:
    """Which buffer a merchant needs under a profile that takes "not found" for a failure after it."""

    profile: str
    buffer: Duration | None
    """The shortest one tried with which nothing was paid twice; ``None``: none was enough."""
    grows: bool = False
    """Whether a longer outage takes a longer buffer, so that none is enough for every outage."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a simulation recommends."""

    policy: str
    """The cheapest policy that paid nothing twice; empty: there is none among those that were played."""
    bound: CountedShare | None
    """Its share of double payments in the profile with the fewest orders: 0, and the most that there may be."""
    unsafe: tuple[str, ...]
    """Policies that paid something twice."""
    buffers: tuple[BufferNeed, ...] = ()

    def lines(self, model: ProviderModel) -> list[str]:
        """The recommendation in sentences."""
        found = []
        if self.policy and self.bound is not None:
            most = self.bound.high * 1_000_000
            found.append(
                f"{self.policy} is the cheapest policy that paid nothing twice: at most {most:,.0f} of a million "
                "orders under any profile, with 95 % confidence"
            )
        else:
            found.append("every policy that was played paid something twice")
        if self.unsafe:
            found.append(f"paid twice: {', '.join(self.unsafe)}")
        for need in self.buffers:
            if need.buffer is None or need.grows:
                found.append(
                    f"under {need.profile} no finite buffer is enough: the longer the outage, the longer an order is "
                    "not found. Only a resubmission under the original number is safe"
                )
            elif need.buffer.ns:
                found.append(f"under {need.profile} a merchant that only waits needs a buffer of {need.buffer}")
        if model.unbounded:
            found.append(
                "the provider publishes no bound for landing, so no finite buffer is enough; only a resubmission under "
                "the original number is safe"
            )
        if model.same_payload is SamePayloadAnswer.NEW_MOVEMENT:
            found.append(
                "a resubmission moves money again at this provider: no policy that resubmits is safe, only one that "
                "asks until it knows, or asks a person"
            )
        return found


def recommend(grid: PolicyGrid, buffers: Sequence[BufferNeed] = ()) -> Recommendation:
    """Choose among the policies of a grid: nothing paid twice, nothing taken for paid that was not; then the fewest
    stuck, the fewest calls, and the shortest time to settle.
    """

    def cost(policy: MerchantPolicy) -> tuple[int, float, int]:
        cells = grid.of_policy(policy.name)
        stuck = sum(cell.stuck for cell in cells)
        calls = sum(cell.calls for cell in cells) / sum(cell.orders for cell in cells)
        # A tenth of a call decides nothing; then the quicker one is cheaper.
        return stuck, round(calls), max(cell.quantile_ns(0.99) or 0 for cell in cells)

    def is_safe(cells: Sequence[CellTally]) -> bool:
        return not any(cell.paid_twice or cell.unpaid for cell in cells)

    safe = [p for p in grid.policies if is_safe(grid.of_policy(p.name))]
    unsafe = tuple(p.name for p in grid.policies if any(c.paid_twice for c in grid.of_policy(p.name)))
    if not safe:
        return Recommendation("", None, unsafe, tuple(buffers))
    best = min(safe, key=cost)
    fewest = min(grid.of_policy(best.name), key=lambda cell: cell.orders)
    return Recommendation(best.name, fewest.share("paid_twice"), unsafe, tuple(buffers))


def buffer_needs(
    profiles: Sequence[Profile], model: ProviderModel, codec: Codec, *, seed: int, orders: int, outage_ns: int
) -> list[BufferNeed]:
    """Find the shortest buffer for each profile, with ``orders`` intents for each that is tried."""

    def need(profile: Profile, outage_ns: int) -> Duration | None:
        for text in BUFFERS:
            policy = _waiting(Duration(text))
            cell = play_cell(policy, profile, model, codec, seed=seed, orders=orders, outage_ns=outage_ns)
            if not cell.paid_twice and not cell.wrongly_failed:
                return policy.buffer if isinstance(policy.buffer, Duration) else None
        return None

    found = []
    for profile in profiles:
        buffer = need(profile, outage_ns)
        longer = need(profile, _LONGER * outage_ns) if buffer is not None and buffer.ns else buffer
        grows = buffer is not None and (longer is None or longer.ns > buffer.ns)
        found.append(BufferNeed(profile.name, buffer, grows))
    return found


def _waiting(buffer: Duration) -> MerchantPolicy:
    """A merchant that knows nothing but a buffer: it asks after every doubt, and fails what is not found after it."""
    every = Duration(f"{max(200, buffer.ns // 4_000_000)}ms")
    return MerchantPolicy(
        name=f"buffer-{buffer}",
        on_not_found="fail",
        buffer=buffer,
        poll=FixedPolling(every=every),
        merge="last",
        on_timeout="query",
        on_error="query",
        callbacks="ignore",
        pays_again=1,
        give_up_after=Duration("1d"),
    )
