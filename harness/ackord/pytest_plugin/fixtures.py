"""Define the fixtures of a user's own tests. ``pytest --fixtures`` prints these docstrings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .ending import note_run
from .guarantee_item import stop_at
from .marks import surroundings_of
from .options import runs_of

if TYPE_CHECKING:
    from ..drill.bench import DrillBench
    from ..run.interactive import InteractiveRun

__all__ = ["ackord_bench", "ackord_profile", "chaos", "drill", "history", "merchant", "provider"]


@pytest.fixture
def ackord_profile(request: pytest.FixtureRequest) -> str | None:
    """The chaos profile of a test that is run under several; ``None`` if there is only one."""
    profile: str | None = getattr(request, "param", None)
    return profile


@pytest.fixture
def ackord_bench(request: pytest.FixtureRequest, ackord_profile: str | None) -> Iterator[InteractiveRun]:
    """A provider behind the gateway for one test, with a recorder and a history of its own: what ``merchant``,
    ``chaos`` and ``history`` share (``ackord.run.interactive.InteractiveRun``).
    ``@pytest.mark.ackord(contract=..., profile=..., seed=..., faults=[...])`` chooses them for one test, class or
    module. Without a profile it is ``none``; with several the test is run under each.
    """
    with stop_at():
        opened = runs_of(request.config).interactive(surroundings_of(request.node, ackord_profile))
        interactive_run = opened.__enter__()
    note_run(request.node, interactive_run)
    try:
        yield interactive_run
    finally:
        with stop_at():
            opened.__exit__(None, None, None)


@pytest.fixture
def provider(ackord_bench: InteractiveRun) -> Any:
    """The surroundings: ``edge_url`` (the gateway) and ``direct_url`` (the provider itself).
    Give ``provider.edge_url`` to a client of your own: its calls are read by the contract, recorded and judged like
    the merchant's. ``merchant.foreign_calls`` says how many were, and which could not be read.
    """
    return ackord_bench.environment


@pytest.fixture
def merchant(ackord_bench: InteractiveRun) -> InteractiveRun:
    """A merchant who pays as the contract says.
    - ``submit(amount_minor=1000, payee=None, inject="")`` returns the order, ``resubmit(order, inject="")`` and
      ``query(order, inject="")`` what the contract makes of the answer (``None``: there was no answer)
    - ``inject="lost-answer"`` puts a fault of the edge on that one call, whatever the seed and the profile
    - ``settle()`` takes all faults back, asks until every order is terminal, and reads the ledger
    - ``assert_held("acknowledged-order-visible")`` settles, judges, and fails with the explanation; without a name
      no guarantee may be broken, and one must have been put to the test
    - ``verdict()`` judges what happened so far; ``world()`` is for ``ackord.workload.order_machine.order_machine``
    """
    return ackord_bench


@pytest.fixture
def chaos(ackord_bench: InteractiveRun) -> InteractiveRun:
    """The faults of the chosen profile, and those of the mark's ``faults``.
    - ``arm("lost-answer")`` puts a fault in force and returns what it can hit; without a name, all of them
    - ``assert_fired("lost-answer")`` fails if it had no effect since then; without a name, if one of the armed had none
    - ``heal("lost-answer")`` takes it back; without a name, all of them
    """
    return ackord_bench


@pytest.fixture
def history(ackord_bench: InteractiveRun) -> Any:
    """A callable that returns the history so far; judge it with ``ackord.guarantees.judge.judge``."""
    return ackord_bench.history


@pytest.fixture
def drill(request: pytest.FixtureRequest, ackord_profile: str | None) -> DrillBench:
    """A drill of a merchant: your own code meets the provider through the gateway, under the profile's faults, and is
    judged by its calls.
    - ``drill.run(["npm", "test"])`` runs a command, which finds the provider at ``ACKORD_PROVIDER_URL``; the keywords
      ``env``, ``intent``, ``report_pattern``, ``verify_cmd`` and ``time_limit`` are options of ``ackord drill``
    - ``with drill.running(): ...`` is for a merchant in the test itself, which sends to ``drill.url``
    - ``drill.assert_held("merchant-pays-once")`` fails with the explanation; without a name no guarantee may be broken,
      and one must have been put to the test
    """
    with stop_at():
        from ..drill.bench import DrillBench

        return DrillBench(runs_of(request.config), surroundings_of(request.node, ackord_profile))
