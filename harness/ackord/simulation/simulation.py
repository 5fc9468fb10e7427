"""Runs programs of the order machine in a simulated world, and judges them inside Hypothesis, so that failures shrink.

There are two stages. First, long programs are run, each judged once, at its end, which is cheap. When one breaks a
guarantee, ever shorter programs are tried for the same guarantee, from four steps up, and the first that breaks it is
shrunk: finding a short failing program is far quicker than shrinking a long one. While shrinking, every step is judged
as if the program ended there. If only the end were judged, an attempt of the shrinker would count only if it
also ran to its proper end, and most do not.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from ..contract.codec.codec import Codec
from ..contract.loading.loader import load_contract
from ..core.history import History
from ..core.operation import OperationKind
from ..core.seed import Seed
from ..core.verdict import GuaranteeVerdict, Result
from ..errors import AckordError
from ..guarantees.judge import judge
from ..workload.hypothesis_backend import forget_strategies
from ..workload.order_machine import OrderMachine, order_machine, run_machine
from .simulated_system import SimulatedSystem

__all__ = [
    "GuaranteeViolated",
    "SimulatedMachine",
    "Simulation",
    "SimulationReport",
    "canonical",
    "collecting_rarely",
    "reference",
    "simulate",
    "violation_class",
]

SHORT_PROGRAMS = ((4, 400), (6, 1000), (8, 1000), (16, 400))
"""Steps of the programs among which a minimal one is looked for, and how many of them."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


class GuaranteeViolated(AckordError):
    """A simulated program broke a guarantee.

    Each guarantee has its own class, because Hypothesis tells failures apart by class and line.
    """

    exit_code = 1

    def __init__(self, verdict: GuaranteeVerdict) -> None:
        self.verdict = verdict
        found = verdict.findings[0]
        super().__init__(f"{found.guarantee}: order {found.order}: {found.summary}")


def canonical(history: History) -> bytes:
    """The events as one JSON text: a list of lists of their fields."""
    return _encode(history.events).encode()


@cache
def violation_class(guarantee: str) -> type[GuaranteeViolated]:
    """``acknowledged-order-visible`` to ``AcknowledgedOrderVisibleViolated``, the same class every time."""
    name = "".join(word.title() for word in guarantee.split("-")) + "Violated"
    return type(name, (GuaranteeViolated,), {"__module__": __name__})


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What a simulation did and found."""

    seed: int
    flaw: str
    steps: int
    """Rule executions, without those of shrinking."""
    programs: int
    """Programs, up to the first that broke a guarantee."""
    operations: int
    """Operations of the merchant, those of settling included."""
    exposures: dict[str, int]
    """Occasions on which each guarantee could have been broken, over all programs."""
    trace_hash: str
    """BLAKE2b hash (128 bits, hexadecimal) of all events of all programs up to the first that broke a guarantee.

    Events are hashed as JSON arrays of their fields. The hash of a seed is the same on every machine.
    """
    violation: GuaranteeVerdict | None = None
    """The broken guarantee, with its findings in the minimal program."""
    program: str = ""
    """The minimal program, as Python."""

    @property
    def program_steps(self) -> int:
        """Rule executions of the minimal program."""
        return max(0, self.program.count("state.") - 1)


@dataclass
class Simulation:
    """Judges programs by ``guarantees`` (``None``: all) and keeps count until one of them is broken."""

    guarantees: tuple[str, ...] | None = None
    steps: int = 0
    programs: int = 0
    operations: int = 0
    exposures: Counter[str] = field(default_factory=Counter)
    found: bool = False

    def __post_init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self._probed: dict[tuple[tuple[str, Any], ...], GuaranteeVerdict | None] = {}

    @property
    def trace_hash(self) -> str:
        return self._hash.hexdigest()

    def judge(self, history: History) -> None:
        """Count, hash and judge one program. Raises the class of the first guarantee that is broken."""
        judged = judge(history, self.guarantees).guarantees
        self.programs += 1
        self._hash.update(canonical(history))
        self.exposures.update({g.guarantee: g.exposures for g in judged})
        self._raise(_broken(judged))

    def probe(self, world: SimulatedSystem) -> None:
        """Judge the program as if it ended here, without counting.

        The shrinker's attempts mostly begin alike, so each beginning is judged once.
        """
        so_far = tuple(world.log)
        if so_far not in self._probed:
            self._probed[so_far] = _broken(judge(world.as_if_over().history(), self.guarantees).guarantees)
        self._raise(self._probed[so_far])

    def _raise(self, broken: GuaranteeVerdict | None) -> None:
        # In one place, because Hypothesis takes failures that are raised by different lines for different bugs.
        if broken is not None:
            self.found = True
            raise violation_class(broken.guarantee)(broken)


def _broken(judged: Sequence[GuaranteeVerdict]) -> GuaranteeVerdict | None:
    """Return the first broken guarantee. Raises ``RuntimeError`` for a judge that crashed."""
    for g in judged:
        if g.result is Result.ERROR:
            raise RuntimeError(g.reason)
        if g.result is Result.VIOLATED or g.result is Result.UNSAFE:
            return g
    return None


class SimulatedMachine(OrderMachine):
    """The order machine with the judge inside. Use ``simulate``; this class has no world."""

    world: SimulatedSystem  # type: ignore[misc]
    simulation: Simulation

    def __init__(self) -> None:
        super().__init__()
        self._outside = sys.exc_info()[1]
        self._begun = False

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        """Hypothesis calls this at the beginning and after every step."""
        if self.simulation.found:
            self.simulation.probe(self.world)
        elif self._begun:
            self.simulation.steps += 1
        self._begun = True

    def teardown(self) -> None:
        if self.simulation.found or sys.exc_info()[1] is not self._outside:
            forget_strategies(self)
            return  # judged after its last step, or given up by Hypothesis in the middle
        super().teardown()
        self.simulation.operations += self.world.recorder.operations
        self.simulation.judge(self.world.history())


@lru_cache(maxsize=1)
def reference() -> Codec:
    """Return the contract that the simulated provider implements."""
    return load_contract("reference").codec


def simulate(
    flaw: str = "",
    *,
    seed: int,
    examples: int,
    steps: int = 50,
    guarantees: tuple[str, ...] | None = None,
    shrink: bool = True,
) -> SimulationReport:
    """Run ``examples`` programs of at most ``steps`` steps on the simulated provider.

    Stops at the first program that breaks a guarantee, and shrinks it. Raises ``UnknownNameError`` for a flaw or a
    guarantee that does not exist.
    """
    world = SimulatedSystem(reference(), Seed(seed), flaw)
    simulation = Simulation(guarantees)
    with collecting_rarely():
        found = _run(world, simulation, examples, steps)
        if found is not None and shrink:
            found = _shortest(world, found.verdict.guarantee, examples, steps) or found
    return SimulationReport(
        seed,
        flaw,
        simulation.steps,
        simulation.programs,
        simulation.operations,
        dict(simulation.exposures),
        simulation.trace_hash,
        found.verdict if found else None,
        "\n".join(found.__notes__) if found else "",
    )


def _run(
    world: SimulatedSystem, simulation: Simulation, examples: int, steps: int, *, shrink: bool = False
) -> GuaranteeViolated | None:
    """Return the violation, or ``None``. Hypothesis attaches the program to it as a note."""
    base = type("SimulatedMachine", (SimulatedMachine,), {"simulation": simulation})
    machine = order_machine(world, "SimulatedOrders", base, (OperationKind.CANCEL, OperationKind.REFUND))
    try:
        run_machine(
            machine, examples=examples, steps=steps, seed_value=world.seed.bits("machine", steps), shrink=shrink
        )
    except GuaranteeViolated as error:
        return error
    return None


def _shortest(world: SimulatedSystem, guarantee: str, examples: int, steps: int) -> GuaranteeViolated | None:
    for shorter, programs in SHORT_PROGRAMS:
        if shorter < steps:
            found = _run(world, Simulation((guarantee,)), programs, shorter, shrink=True)
            if found is not None:
                return found
    return _run(world, Simulation((guarantee,)), examples, steps, shrink=True)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Run the garbage collector rarely inside the block.

    A program's thousands of small objects are freed one by one when the next program begins (``SimulatedSystem``,
    ``hypothesis_backend``). Searching them for cycles took a third of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
