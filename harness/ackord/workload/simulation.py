"""Simulations: programs of the order machine in a simulated world, judged inside, so that Hypothesis shrinks what breaks a guarantee."""

from __future__ import annotations

import gc
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from ..contract.codec import Codec
from ..contract.find import load
from ..core.history import History
from ..core.seed import Seed
from ..core.verdict import GuaranteeVerdict, Result
from ..errors import AckordError
from ..guarantees.judge import judge
from .machine import OrderMachine, run_machine
from .simulated import SimulatedWorld

__all__ = ["GuaranteeViolated", "SimulatedMachine", "Simulation", "SimulationReport", "simulate", "violation_class"]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class GuaranteeViolated(AckordError):
    """A simulated program broke a guarantee. Each guarantee has a class of its own, because Hypothesis tells failures apart by class and line."""

    exit_code = 1

    def __init__(self, verdict: GuaranteeVerdict) -> None:
        self.verdict = verdict
        found = verdict.findings[0]
        super().__init__(f"{found.guarantee}: order {found.order}: {found.summary}")


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
    """Rule executions, those of shrinking included."""
    programs: int
    """Programs, those of shrinking included."""
    programs_until_found: int | None
    """Programs up to the first that broke a guarantee; ``None`` if none did."""
    operations: int
    """Operations of the merchant, those of settling included."""
    exposures: dict[str, int]
    """Occasions on which each guarantee could have been broken, over all programs."""
    trace_hash: str
    """BLAKE2b, 128 bits, in hexadecimal, of all events (JSON arrays of their fields) of all programs up to the first that broke a guarantee: the same for a seed, everywhere."""
    violation: GuaranteeVerdict | None = None
    """The broken guarantee, with its findings in the minimal program."""
    program: str = ""
    """The minimal program, as Python."""


@dataclass
class Simulation:
    """Judges programs and keeps count. ``guarantees``: what is judged; ``None`` for all."""

    guarantees: tuple[str, ...] | None = None
    steps: int = 0
    programs: int = 0
    programs_until_found: int | None = None
    operations: int = 0
    exposures: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    @property
    def trace_hash(self) -> str:
        return self._hash.hexdigest()

    def judge(self, history: History) -> None:
        """Count, hash and judge one program. Raises the class of the first guarantee that is broken."""
        self.programs += 1
        if self.programs_until_found is None:
            self._hash.update(_encode(history.events).encode())
        for g in judge(history, self.guarantees).guarantees:
            self.exposures[g.guarantee] = self.exposures.get(g.guarantee, 0) + g.exposures
            if g.result is Result.ERROR:
                raise RuntimeError(g.reason)
            if g.result is Result.VIOLATED or g.result is Result.UNSAFE:
                self.programs_until_found = self.programs_until_found or self.programs
                raise violation_class(g.guarantee)(g)


class SimulatedMachine(OrderMachine):
    """The order machine with the judge inside. Use ``simulate``; this class has no world."""

    world: SimulatedWorld  # type: ignore[misc]
    simulation: Simulation

    def __init__(self) -> None:
        super().__init__()
        self._outside = sys.exc_info()[1]
        self.simulation.steps -= 1

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        """Hypothesis calls this once at the beginning and after every step. There are no invariants: the judge comes at the end."""
        self.simulation.steps += 1
        if self.simulation.programs_until_found is not None:
            self.simulation.judge(self.world.as_if_over().history())

    def teardown(self) -> None:
        if sys.exc_info()[1] is not self._outside:
            return  # Hypothesis gave the program up in the middle: it is not judged
        super().teardown()
        self.simulation.operations += self.world.recorder.operations
        self.simulation.judge(self.world.history())


@lru_cache(maxsize=1)
def _reference() -> Codec:
    return load("reference").codec


def simulate(
    flaw: str = "", *, seed: int, examples: int, steps: int = 50, guarantees: tuple[str, ...] | None = None
) -> SimulationReport:
    """Run ``examples`` programs of at most ``steps`` steps on the simulated provider; stop and shrink at the first that breaks a guarantee.

    Raises ``UnknownNameError`` for a flaw or a guarantee that does not exist.
    """
    world = SimulatedWorld(_reference(), Seed(seed), flaw)
    simulation = Simulation(guarantees)
    machine = type("SimulatedOrdersMachine", (SimulatedMachine,), {"world": world, "simulation": simulation})
    violation, program = None, ""
    try:
        with _collecting_rarely():
            run_machine(machine, examples=examples, steps=steps, seed_value=Seed(seed).bits("machine"), shrink=True)
    except GuaranteeViolated as error:
        violation, program = error.verdict, _program(error)
    return SimulationReport(
        seed,
        flaw,
        simulation.steps,
        simulation.programs,
        simulation.programs_until_found,
        simulation.operations,
        simulation.exposures,
        simulation.trace_hash,
        violation,
        program,
    )


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """A program is thousands of small objects that all go at once when the next one begins; looking for cycles among them cost a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _program(error: GuaranteeViolated) -> str:
    """The steps that Hypothesis noted on the exception of its last, minimal run."""
    return "\n".join(getattr(error, "__notes__", []))
