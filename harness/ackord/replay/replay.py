"""Replay an order: find or read its scenario, confirm it, shrink it, write what came out of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contract.base.field_types import Duration
from ..core.clock import SECOND, RealClock
from ..errors import UsageError
from ..run.evidence import clear_evidence, unused_folder
from ..run.options.plan import RunPlan
from ..run.options.run_options import RunOptions
from ..run.resolve import load_document, make_plan
from .confirmation import (
    Confirmation,
    ShrinkBound,
    certain_variants,
    chosen,
    confirm,
    hurried_variants,
    shrink_by_plays,
)
from .evidence_order import RecordedOrder, contract_of, orders_by_run
from .extraction import extract
from .order_scenario import OrderScenario, read_scenario, write_scenario
from .player import Player
from .pytest_file import write_pytest_file
from .shrink import ShrunkScenario

__all__ = [
    "ReplaySettings",
    "Replayed",
    "bound_of",
    "clear_replay",
    "most_broken",
    "replay",
    "replay_plan",
    "scenario_of",
    "shortest",
]

SCENARIO_FILE = "scenario.yaml"
SHRUNK_FILE = "shrunk.yaml"


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """What is to be done with a scenario."""

    times: int = 10
    """How often it is played to confirm it."""
    shrink: bool = True
    bound: ShrinkBound = field(default_factory=lambda: ShrinkBound(120, 120 * SECOND))
    pytest_file: Path | None = None
    variants: bool = True
    """Whether variants are tried where not every play broke it. A scenario that somebody gave is played as it is."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came out of a replay."""

    recorded: Confirmation
    """Of the scenario as it was recorded, or read."""
    confirmed: Confirmation
    """The same; or, if no play of that broke the guarantee, of the variant that broke it most often."""
    scenario_file: Path
    shrunk: ShrunkScenario | None = None
    shrunk_confirmed: Confirmation | None = None
    shrunk_file: Path | None = None
    shrunk_ns: int = 0
    """How long the search took."""
    pytest_file: Path | None = None
    """``None``: none was asked for, or nothing was reproduced."""

    @property
    def exit_code(self) -> int:
        return self.confirmed.exit_code


def scenario_of(source: Path, options: RunOptions, *, number: str, guarantee: str, contract: str) -> OrderScenario:
    """Return the scenario of a file, or of an order in a folder of evidence.

    Orders of the first profile in which faults touched them come first: what broke without a fault hung on how busy the
    machine was, and may not break again.

    Raises ``UsageError``; ``FileError`` or ``JournalError`` for a file that cannot be read.
    """
    if source.suffix in (".yaml", ".yml"):
        if number or guarantee:
            raise UsageError("--order and --guarantee choose from a folder of evidence.\n  mend: leave them out")
        scenario = read_scenario(source)
        return scenario.model_copy(update={"contract": contract}) if contract else scenario
    document = load_document(options.openapi, strict=options.openapi_strict)
    undisturbed: OrderScenario | None = None
    refused: UsageError | None = None
    for orders in orders_by_run(source, number, guarantee=guarantee, document=document):
        try:
            scenario = shortest(orders, contract_of(orders[0], contract))
        except UsageError as why:
            refused = refused or why
            continue
        if scenario.fault_count:
            return scenario
        undisturbed = undisturbed or scenario
    if undisturbed is None:
        raise refused or UsageError(f"{source} has no order that can be replayed")
    return undisturbed


def shortest(orders: Sequence[RecordedOrder], contract: str) -> OrderScenario:
    """Return the scenario of the order with the shortest story: it hangs the least on how fast the machine was.

    Raises ``UsageError`` if none can be replayed.
    """
    found, refused = [], None
    for order in orders:
        try:
            found.append(extract(order.history, order.number, order.finding, contract=contract))
        except UsageError as why:
            refused = refused or why
    if not found and refused is not None:
        raise refused
    return min(found, key=lambda scenario: (not scenario.fault_count, scenario.operations, scenario.waits_ms))


def replay_plan(scenario: OrderScenario, options: RunOptions) -> RunPlan:
    """Make the plan of a replay: the target and the flaw are the scenario's, unless the options name others.

    Raises ``UsageError`` for what cannot be run.
    """
    out = options.out or unused_replay_folder(scenario)
    options = replace(
        options,
        contract=scenario.contract,
        target=options.target or scenario.target,
        flaw=options.flaw or scenario.flaw,
        profiles=["none"],
        out=out,
    )
    plan = make_plan(options)
    return replace(plan, repeat=shlex.join(["ackord", "replay", str(out / SCENARIO_FILE)]))


def unused_replay_folder(scenario: OrderScenario) -> Path:
    """Return a folder for the evidence of a replay, in which none is."""
    name = f"replay-{scenario.guarantee}"
    folder = unused_folder(name)
    number = 1
    while (folder / SCENARIO_FILE).exists():
        number += 1
        folder = folder.with_name(f"{name}-{number}")
    return folder


def replay(player: Player, scenario: OrderScenario, out: Path, settings: ReplaySettings) -> Replayed:
    """Confirm a scenario on an open player, shrink it if it broke its guarantee, and write the files.

    The search begins with the variant that breaks it most often, where faults hit a share of the orders.

    Raises ``AckordError``.
    """
    clock = RealClock()
    player.check(scenario)
    recorded = confirm(scenario, player.play, settings.times)
    begin = most_broken(player, recorded) if settings.variants else recorded
    confirmed = recorded if recorded.broken else begin
    write_scenario(confirmed.scenario, out / SCENARIO_FILE)
    result = Replayed(recorded, confirmed, out / SCENARIO_FILE)
    if confirmed.broken and settings.shrink:
        began_ns = clock.now_ns()
        shrunk = shrink_by_plays(begin, player.play, settings.bound, clock, orders_left=player.orders_left)
        took_ns = clock.now_ns() - began_ns
        write_scenario(shrunk.scenario, out / SHRUNK_FILE)
        result = replace(
            result,
            shrunk=shrunk,
            shrunk_ns=took_ns,
            shrunk_confirmed=confirm(shrunk.scenario, player.play, settings.times),
            shrunk_file=out / SHRUNK_FILE,
        )
    if settings.pytest_file is not None and confirmed.broken:
        write_pytest_file(best_of(result), settings.pytest_file)
        result = replace(result, pytest_file=settings.pytest_file)
    return result


def most_broken(player: Player, recorded: Confirmation) -> Confirmation:
    """Return the confirmation of the variant that breaks the guarantee most often, or ``recorded``.

    Variants are tried as long as the contract's limits leave the orders for them, and for what comes afterwards.
    """
    best, scenario, times = recorded, recorded.scenario, recorded.times
    if recorded.broken == times:
        return recorded
    for variant in certain_variants(scenario) + ([] if recorded.broken else hurried_variants(scenario)):
        left = player.orders_left()
        if left is None or left >= 3 * times * scenario.payloads:
            again = confirm(variant, player.play, times)
            best = max(best, again, key=lambda c: sum(map(c.counts, c.plays)))
    return best


def best_of(result: Replayed) -> Confirmation:
    """Return the confirmation of the scenario that a test is made of."""
    return chosen(result.confirmed, result.shrunk_confirmed)


def bound_of(plays: int, time: str) -> ShrinkBound:
    """Raises ``UsageError`` for what is no time."""
    try:
        return ShrinkBound(plays, Duration(time).ns)
    except ValueError:
        raise UsageError(f"--shrink-time {time}: this is no time.\n  expected: such as 90s or 5m") from None


def clear_replay(out: Path, *, keep: Path) -> None:
    """Remove what an earlier replay wrote into ``out``, except ``keep``, which is replayed. Raises ``FileError``."""
    for folder in (out / "plays").glob("*"):
        clear_evidence(folder)
    for path in (out / SCENARIO_FILE, out / SHRUNK_FILE):
        if path.is_file() and path.resolve() != keep.resolve():
            path.unlink()
