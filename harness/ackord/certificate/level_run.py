"""Plans the run that a level demands: its profiles, as they come with Ackord, at a target that can run them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..contract.loading.loader import PlaceholderEnv, load_contract
from ..core.result import LeftOutProfile
from ..errors import FileError, UsageError
from ..guarantees import GUARANTEES
from ..run.environments import open_environment
from ..run.evidence import why_not_kept
from ..run.options.plan import RunPlan
from ..run.options.run_options import RunOptions
from ..run.possible_profiles import left_out, why_impossible
from ..run.resolve import load_profile, make_plan
from .challenge import checked_nonce, seed_of_challenge
from .levels import LEVELS, CertificateLevel

__all__ = ["impossible_profiles", "level_options", "level_plan"]


def level_options(options: RunOptions, level: str, nonce: str = "") -> RunOptions:
    """Return the options of a level's run; the seed follows from the challenge ``nonce``, if there is one.

    Raises ``UnknownNameError``, and ``UsageError`` for options that contradict the level.
    """
    chosen = LEVELS.get(level)
    if list(options.profiles):
        raise UsageError(
            f"--level {level} says which profiles are run: {', '.join(chosen.every_profile)}.\n"
            "  mend: leave --profile out"
        )
    if not options.inject:
        raise UsageError("--no-inject makes no fault, and no level can be earned so.\n  mend: leave it out")
    if options.repeats > 1:
        raise UsageError("a level is judged by one run of each profile.\n  mend: leave --repeat out")
    if options.target == "emulator":
        raise UsageError(
            "the emulator is Ackord's own service that plays a contract, and nobody's product: it earns no level.\n"
            "  mend: name the provider's address with --target"
        )
    if not nonce:
        return replace(options, profiles=chosen.profiles)
    if options.seed is not None:
        raise UsageError("the seed follows from the challenge.\n  mend: leave --seed or --nonce out")
    return replace(options, profiles=chosen.profiles, seed=seed_of_challenge(checked_nonce(nonce)))


def impossible_profiles(plan: RunPlan, names: Iterable[str]) -> list[LeftOutProfile]:
    """Return those of the profiles that the plan's target has no seams for."""
    seams = open_environment(plan).seams
    found = []
    for name in names:
        profile = load_profile(name)
        if reason := why_impossible(profile, plan.contract.contract, seams):
            found.append(left_out(profile, reason))
    return found


def level_plan(plan: RunPlan, level: CertificateLevel) -> RunPlan:
    """Return the plan with every profile of the level that the target can run; the others are told as left out.

    Raises ``UsageError`` if the target cannot run one that the level cannot do without, or if the contract promises too
    little for it or cannot be put beside the evidence.
    """
    _refuse_contract(plan, level)
    left_out = impossible_profiles(plan, level.every_profile)
    impossible = {p.profile: p.reason for p in left_out}
    needed = {name: reason for name, reason in impossible.items() if name in level.profiles}
    if needed:
        possible = [x.name for x in LEVELS if not needed.keys() & set(x.profiles)]
        reasons = "; ".join(f"{name}: {reason}" for name, reason in needed.items())
        mend = f"take --level {possible[-1]}, or a target" if possible else "take a target"
        raise UsageError(
            f"{level.name} cannot be earned at {plan.target}, where profiles of it cannot run ({reasons}).\n"
            f"  mend: {mend} that has these seams (docs/TOPOLOGY.md)"
        )
    names = [name for name in level.every_profile if name not in impossible]
    again = make_plan(replace(plan.options, profiles=names, seed=plan.seed, out=plan.out))
    return replace(again, left_out=tuple(left_out))


def _refuse_contract(plan: RunPlan, level: CertificateLevel) -> None:
    """Raise ``UsageError`` for what is known of the contract before anything is run."""
    if why := why_not_kept(plan.contract):
        raise UsageError(f"nobody could judge the run again: {why}")
    try:
        load_contract(plan.contract.path, env=PlaceholderEnv())
    except FileError as unreadable:
        raise UsageError(
            f"a stranger could not read the contract, who has not your environment: {unreadable}\n"
            "  mend: write out what is no secret, and take only the secret from the environment: "
            "postgresql://user:${env:PASSWORD}@host/database"
        ) from unreadable
    promises = plan.contract.codec.promises
    for name in level.must:
        if why := GUARANTEES.get(name).not_applicable(promises):
            raise UsageError(
                f"{level.name} demands {name}, which does not apply to {plan.contract.path}: {why}.\n"
                "  mend: take a lower level, or promise more, if the provider does"
            )
