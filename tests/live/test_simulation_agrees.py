"""What a simulation counts is what a live run shows: the same policies over the reference provider on real PostgreSQL, by
the real clock, with the gateway's real faults.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.core.clock import MS, SECOND
from ackord.core.event import Begin, Movement
from ackord.core.history import History
from ackord.core.share_interval import CountedShare
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.settings import DrillSettings
from ackord.merchant.presets import PRESETS
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile
from ackord.run.session import Session
from ackord.simulation.merchants.cell import play_cell
from ackord.simulation.merchants.provider_model import INCIDENT

from ..tiers import gate

ORDERS, SIMULATED = 60, 4_000
DOUBT = 1e-4
"""How improbable a count must be under every share of the simulated interval to contradict it."""
CELLS = [
    ("naive", "lost-answers", ""),
    ("new-number-on-timeout", "lost-answers", ""),
    ("command-instead-of-query", "lost-answers", ""),
    ("naive", "provider-errors", ""),
    ("naive", "replica-lag", "standby-reads"),
    ("ordered", "replica-lag", "standby-reads"),
]
Open = Callable[[str], Session]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Sessions over the correct reference provider and over one whose queries a replica serves."""
    with ExitStack() as stack:
        known: dict[str, Session] = {}

        def opened(flaw: str) -> Session:
            if flaw not in known:
                profiles = [profile for _, profile, other in CELLS if other == flaw]
                options = RunOptions(
                    flaw=flaw, profiles=list(dict.fromkeys(profiles)), seed=5, out=tmp_path_factory.mktemp("out")
                )
                known[flaw] = stack.enter_context(Session(drill_plan(options, DrillSettings(command=["true"]))))
            return known[flaw]

        yield opened


def paid_twice(history: History) -> int:
    """Count the payees (one an intent) who kept more than one payout."""
    payees = {e.order: e.payee for e in history.events if isinstance(e, Begin) and e.payee}
    kept: Counter[str] = Counter()
    for movement in {e.movement_id: e for e in history.events if isinstance(e, Movement)}.values():
        kept[payees[movement.order]] += {"payout": 1, "return": -1}.get(movement.kind, 0)
    assert len(set(payees.values())) == ORDERS, "every intent was submitted"
    return sum(count > 1 for count in kept.values())


def agrees(count: int, share: CountedShare) -> bool:
    """Whether a count of ``ORDERS`` is credible for some share within the interval."""

    def at_most(n: int, p: float) -> float:
        return sum(math.comb(ORDERS, k) * p**k * (1 - p) ** (ORDERS - k) for k in range(n + 1))

    return at_most(count, share.low) > DOUBT and 1 - at_most(count - 1, share.high) > DOUBT


IN_THE_GATE = [("naive", "replica-lag", "standby-reads")]


@pytest.mark.parametrize(("policy", "profile", "flaw"), gate(CELLS, IN_THE_GATE))
def test_a_live_count_lies_within_the_simulated_interval(session: Open, policy: str, profile: str, flaw: str) -> None:
    command = [sys.executable, "-m", "ackord.drill.merchant", policy, "--orders", str(ORDERS)]
    live = Drill(session(flaw), DrillSettings(command=command), echo=False).run(load_profile(profile))
    # The reference provider sends no callbacks, and the program waits two seconds for an answer.
    model = replace(INCIDENT, reads_replica=bool(flaw), callback_ns=None, settles_ns=(15 * MS, 40 * MS))
    preset = PRESETS.get(policy)
    simulated = play_cell(
        preset.model_copy(update={"timeout": type(preset.timeout)("2s")}), load_profile(profile), model,
        load_contract("reference").codec, seed=5, orders=SIMULATED, outage_ns=60 * SECOND,
    )  # fmt: skip
    count, share = paid_twice(live.history), simulated.share("paid_twice")
    assert agrees(count, share), f"{count} of {ORDERS} live, {share} simulated"


def test_what_is_far_off_does_not_agree() -> None:
    assert agrees(33, CountedShare(0.55, 0.54, 0.56))
    assert not agrees(55, CountedShare(0.55, 0.54, 0.56))
    assert not agrees(8, CountedShare(0.0, 0.0, 0.0007))
    assert agrees(0, CountedShare(0.0, 0.0, 0.0007))
