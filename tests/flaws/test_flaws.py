"""Break it on purpose: every flaw is caught by the guarantee named for it, every correct variant passes.

One environment serves all flaws of a worker: the reference provider becomes another variant without PostgreSQL starting
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from ackord.chaos.profile import profile_names
from ackord.core.verdict import Result
from ackord.providers.flaws import Flaw
from ackord.providers.statement_flaw_texts import STATEMENT_FLAWS
from ackord.run.resolve import load_profile
from ackord.run.session import Session

from ..tiers import gate
from .scenarios import CORRECT, DEFAULT, FLAWED, HANDFUL, VARIANT_PROFILES, opened, passes, seams_of, told, violated

NO_CALLBACKS = {"callbacks-first", "callbacks-refused"}
"""The reference provider calls nobody: tests/flaws/test_callbacks.py and tests/live/test_callbacks_in_runs.py play
them."""
OTHERS = [
    name
    for name in profile_names()
    if name not in {*DEFAULT, *NO_CALLBACKS, "failover-async"} and not load_profile(name).tries_merchant
]
REFERENCE_PROFILES = ("clock-step", "failover-sync", "flapping", "table-lag")
"""Those of the gate, for the seams that no default profile needs."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    yield from opened(tmp_path_factory.mktemp("flaws"))


LIVE_STATEMENTS = ("statement-offset-pages", "statement-page-from-standby", "statement-line-on-both-days")
"""Flaws of statements that depend on real time: the gate plays these live, and the others in simulation alone."""
IN_THE_GATE = {f.name for f in FLAWED} - {text[0] for text in STATEMENT_FLAWS} | set(LIVE_STATEMENTS)


@pytest.mark.parametrize("flaw", gate(FLAWED, IN_THE_GATE, lambda f: f.name))
def test_a_flaw_is_caught_by_the_guarantee_that_is_named_for_it(session: Session, flaw: Flaw) -> None:
    violated(session, flaw)


LAG, *TURNS = VARIANT_PROFILES
IN_TURN = [(f.name, profile) for i, f in enumerate(CORRECT) for profile in (LAG, TURNS[i % len(TURNS)])]
"""Every variant under lag, and under one of the other profiles whose turn it is."""
IN_TURN += [("primary-reads", name) for name in ("cancel-race", "refunds", "statement-paging", "statement-replica-lag")]


@pytest.mark.parametrize(
    ("variant", "profile"),
    gate(list(product(CORRECT, DEFAULT)), IN_TURN, lambda pair: (pair[0].name, pair[1])),
)
def test_a_correct_variant_passes_everywhere(session: Session, variant: Flaw, profile: str) -> None:
    passes(session, variant.name, profile)


def test_the_gate_meets_every_seam() -> None:
    every = seams_of(
        name for name in profile_names() if name not in NO_CALLBACKS and not load_profile(name).tries_merchant
    )
    assert seams_of(VARIANT_PROFILES) | seams_of(REFERENCE_PROFILES) == every
    assert seams_of(f.profile for f in FLAWED if f.name in HANDFUL) == every - {"clock", "read-model", "wire"}


@pytest.mark.parametrize("profile", gate(OTHERS, REFERENCE_PROFILES))
def test_the_reference_passes_what_is_not_a_default_too(session: Session, profile: str) -> None:
    passes(session, "", profile)


def test_an_asynchronous_failover_loses_acknowledged_orders_and_names_them(session: Session) -> None:
    session.reset_as("")
    result = session.run(load_profile("failover-async"))
    visible = result.verdict.of("acknowledged-order-visible")
    assert visible.result is Result.VIOLATED, told(session, "failover-async", "", "acknowledged-order-visible")
    (blow,) = [f for f in result.history.faults if f.fault == "failover" and f.change == "fired"]
    assert blow.detail["promoted"]
    assert blow.detail["lost_wal_bytes"] > 0
    lost = {f.order for f in visible.findings}
    assert lost
    for finding in visible.findings:
        assert "404" in finding.summary


@pytest.mark.parametrize("profile", ["replica-lag", "table-lag"])
def test_without_injection_nothing_about_lag_is_held(session: Session, profile: str) -> None:
    """No false pass: standby reads would be caught if the standby lagged; it does not, and that must not look like a
    pass.
    """
    session.reset_as("")
    result = session.without_injection().run(load_profile(profile))
    proven = dict(load_profile(profile).requires())
    assert proven
    for guarantee in proven:
        assert result.verdict.of(guarantee).result is Result.INCONCLUSIVE, told(session, profile, "", guarantee)
    assert result.verdict.result is Result.INCONCLUSIVE
