"""Play scenarios on one provider, each time with an order of its own, and judge each play."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from ..chaos.profile import Profile
from ..client.operation_request import OperationRequest
from ..core.verdict import Result
from ..errors import EnvironmentFailed, UsageError
from ..run.extra_faults import with_faults
from ..run.interactive import InteractiveRun
from ..run.options.plan import RunPlan
from ..run.resolve import load_profile
from ..run.session import Session, prepare, refuse_unless_possible
from ..workload.order import WorkloadOrder
from .order_scenario import OrderScenario
from .program import Call, compile_program, faults_to_mark

__all__ = ["Play", "PlayOutcome", "Player", "profile_of"]

PROFILE = "replay"
"""The name of the profile that a scenario is played as: that of the folder of its journal."""
_BROKEN = (Result.VIOLATED, Result.UNSAFE)


class PlayOutcome(StrEnum):
    """What one play showed of the guarantee."""

    BROKEN = "broken"
    HELD = "held"
    UNTESTED = "not put to the test"


class Play(NamedTuple):
    """One play."""

    outcome: PlayOutcome
    said: str
    """The summary of the finding, or why nothing was put to the test."""
    folder: Path
    in_story: bool = False
    """Whether the scenario's own operations broke it; False: it was only seen as the run settled, or in the ledger."""


def profile_of(scenario: OrderScenario) -> Profile:
    """Return the profile that a scenario is played under. Raises ``UsageError`` for a fault that cannot be."""
    profile = with_faults(load_profile("none"), faults_to_mark(scenario))
    return profile.model_copy(update={"name": PROFILE, "connections": scenario.connections})


class Player:
    """A context manager over one session: entering starts the provider and the gateway, leaving ends them."""

    def __init__(self, plan: RunPlan, on_play: Callable[[int, Play], None] = lambda number, play: None) -> None:
        """Raises ``UsageError`` for a plan that cannot be run."""
        self._session = Session(plan)
        self._on_play = on_play
        self.plays = 0

    def __enter__(self) -> Player:
        self._session.__enter__()
        try:
            self._session.preflight()
        except BaseException:
            self._session.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.__exit__(kind, error, trace)

    def orders_left(self) -> int | None:
        """Return how many orders the contract's limits still allow at this provider; ``None``: any number."""
        allowance = self._session.environment.order_allowance
        return None if allowance is None else allowance.left

    def check(self, scenario: OrderScenario) -> None:
        """Raise ``UsageError`` if the target lacks a seam, a node or an account that the scenario needs."""
        environment, plan = self._session.environment, self._session.plan
        refuse_unless_possible(profile_of(scenario), environment)
        for step in scenario.steps:
            if step.node and step.node not in environment.nodes:
                raise UsageError(
                    f"the scenario sends to the node {step.node}, and this target has only "
                    f"{', '.join(environment.nodes) or 'one'}.\n  mend: change or delete `node` in its steps"
                )
            if step.account == "other" and not plan.contract.contract.other_account:
                raise UsageError("the scenario needs a second account, and the contract has only one")

    def play(self, scenario: OrderScenario) -> Play:
        """Play a scenario once, with a new order, settle, and judge. Raises ``AckordError``."""
        self.check(scenario)
        self.plays += 1
        session, profile = self._session, profile_of(scenario)
        environment = session.environment
        prepare(environment, profile, session.plan.flaw)
        plan = replace(session.plan, out=session.plan.out / "plays" / f"{self.plays:03d}")
        with InteractiveRun(plan, profile, environment, name=f"play {self.plays}") as run:
            perform(run, scenario)
            so_far = run.verdict().of(scenario.guarantee)
            run.settle()
            verdict, healed_ns = run.verdict().of(scenario.guarantee), run.history().healed_ns() or 0
            in_story = so_far.result in _BROKEN or any(f.at_ns < healed_ns for f in verdict.findings)
            folder = run.folder
        if death := environment.death():
            raise EnvironmentFailed(death)
        if verdict.result in _BROKEN:
            said = verdict.findings[0].summary if verdict.findings else ""
            played = Play(PlayOutcome.BROKEN, said, folder, in_story)
        elif verdict.result is Result.HELD:
            played = Play(PlayOutcome.HELD, "", folder)
        else:
            played = Play(PlayOutcome.UNTESTED, verdict.reason, folder)
        self._on_play(self.plays, played)
        return played


def perform(run: InteractiveRun, scenario: OrderScenario) -> None:
    """Do what a scenario says with one new order."""
    world = run.world()
    orders = {"owner": world.create_order(scenario.amount_minor, payee=scenario.payee or None)}
    made: dict[int, tuple[WorkloadOrder, OperationRequest]] = {}
    begun: dict[int, Future[Any]] = {}
    for instruction in compile_program(scenario):
        call = instruction.call
        if instruction.do == "arm":
            run.arm(instruction.fault)
        elif instruction.do == "heal":
            run.heal(instruction.fault)
        elif instruction.do == "wait":
            world.wait(instruction.wait_ns)
        elif call is not None and instruction.do == "make":
            if call.step.account not in orders:
                orders[call.step.account] = orders["owner"].as_other_account()
            order = orders[call.step.account]
            made[call.index] = order, _request(order, call, made)
        elif call is not None and instruction.do == "begin":
            begun[call.index] = world.begin(*made[call.index])
        elif call is not None:
            world.complete(begun[call.index])


def _request(
    order: WorkloadOrder, call: Call, made: dict[int, tuple[WorkloadOrder, OperationRequest]]
) -> OperationRequest:
    step = call.step
    hold = f"barrier:{order.token}-{call.group}:{call.barrier}" if call.barrier else ""
    if call.waits_for is not None:
        hold = f"ack:{made[call.waits_for.index][1].token}"
    request = order.submit(hold=hold, variation=step.variation) if step.writes else order.query(hold=hold)
    other = {name: value for name in ("amount_minor", "payee", "currency") if (value := getattr(step, name))}
    return request._replace(node=step.node, payment=request.payment._replace(**other))
