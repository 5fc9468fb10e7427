"""Make a plan from the options of a run: look up every name, fill in the defaults, refuse what cannot be run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..chaos import profile as chaos_profile
from ..chaos.faults import Seam
from ..chaos.gateway.connect_host import authority
from ..chaos.profile import Profile
from ..contract.base.field_types import Duration
from ..contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract, shipped
from ..contract.spec.model import Contract
from ..core.clock import RealClock
from ..core.result import LeftOutProfile
from ..core.shard import Shard, shard_numbers
from ..errors import FileError, UnknownNameError, UsageError
from ..guarantees import GUARANTEES, load_guarantee_plugins
from ..guarantees.merchant import MERCHANT_GUARANTEES
from ..providers.flaws import FLAWS
from ..workload.all_scenarios import NEEDS, SCENARIOS
from ..workload.openapi_check import ApiDocument, requests_of
from .environments import open_environment
from .environments.managed import MANAGED
from .evidence import unused_folder
from .options.hook_guard import hooks_are_allowed, refuse_hooks, refuse_table_ledger, refuse_topology
from .options.plan import BUDGETS, RunPlan
from .options.run_options import RunOptions
from .possible_profiles import left_out, refuse_without_operation, why_impossible
from .production_guard import refuse_production

__all__ = ["EVERY", "document_of", "load_document", "load_profile", "make_plan", "new_seed"]

EVERY = "all"
"""Given as the only profile, it means every one that the target has the seams for."""


def new_seed() -> int:
    """Return a seed that nobody chose: below a million, so that it can be typed."""
    return RealClock().now_ns() // 1000 % 1_000_000


def make_plan(options: RunOptions, *, merchants: bool = False) -> RunPlan:
    """Make a plan.

    Raises ``UsageError`` (or a subclass) for an unknown name, a file that is wrong, or a target that is refused.

    Without ``profiles``: the one that catches the flaw, or else the default ones that the target has the seams for.
    ``["all"]``: every profile that the target has the seams for. Those that try a merchant, and may judge no provider,
    are among them if ``merchants`` are judged.
    """
    loaded = load_contract(options.contract, env=PlaceholderEnv() if options.target == "emulator" else None)
    refuse_production(loaded, options.target, options.production)
    if options.ca and not Path(options.ca).is_file():
        raise UsageError(f"--ca {options.ca}: there is no such file.\n  expected: certificates in PEM")
    if options.proxy_host:
        authority(options.proxy_host)
    document = document_of(loaded, options.openapi, strict=options.openapi_strict)
    flaw, seed = options.flaw, options.seed
    chosen, every = _chosen(options.profiles, flaw)
    if seed is None:
        seed = new_seed()
    loaded_profiles = {name: load_profile(name) for name in chosen}
    _refuse_bytes_around_tls(options, loaded_profiles.values())
    refuse_without_operation(loaded_profiles.values(), loaded)
    _refuse_undeclared(loaded, loaded_profiles.values())
    if not hooks_are_allowed(loaded, allow_hooks=options.allow_hooks):
        refuse_hooks(loaded, loaded_profiles.values())
        if options.target not in MANAGED:  # what we serve is in no table of the contract's, so none is asked
            refuse_table_ledger(loaded)
            refuse_topology(loaded, options.target or loaded.contract.address or "")
    plan = RunPlan(
        contract=loaded,
        contract_argument=loaded.path.stem if loaded.path.parent == shipped("contracts") else options.contract,
        profiles=tuple(loaded_profiles.values()),
        all_profiles=False,
        profile_arguments={p.name: given for given, p in loaded_profiles.items() if given != p.name},
        target=options.target or loaded.contract.address or "reference",
        flaw=flaw,
        seeks=FLAWS.get(flaw).caught_by if flaw else "",
        seed=seed,
        budget=BUDGETS.get(options.budget),
        out=options.out or unused_folder(f"{loaded.contract.provider}{f'-{flaw}' if flaw else ''}-seed{seed}"),
        options=options,
        openapi=document,
        required=_required(options.require, loaded),
        time_limit=_time_limit(options),
    )
    whole = plan if chosen else _with_all_possible(plan, every=every, merchants=merchants)
    return _sharded(whole) if options.shard else whole


def _sharded(plan: RunPlan) -> RunPlan:
    """Return the part of the plan that ``--shard`` names. Raises ``UsageError`` for a part that cannot be."""
    text = plan.options.shard
    try:
        number, count = shard_numbers(text)
    except ValueError as why:
        raise UsageError(f"--shard {text}: this is no shard.\n  {why}") from None
    if plan.options.seed is None:
        raise UsageError(
            f"--shard {text}: without --seed every shard would draw another one, and they could not be merged.\n"
            "  mend: give the same --seed to all shards, such as the number of the build"
        )
    names = tuple(p.name for p in plan.profiles)
    if 1 < len(names) < count:
        raise UsageError(
            f"--shard {text}: the campaign has {len(names)} profiles, so {count - len(names)} of {count} shards would "
            f"run nothing.\n  mend: make at most {len(names)} shards"
        )
    shard = Shard(number, count, plan.seed, names, plan.command())
    mine = tuple(p for p in plan.profiles if p.name in shard.own_profiles)
    out = plan.out if plan.options.out else plan.out.with_name(f"{plan.out.name}-shard{number}of{count}")
    return replace(plan, profiles=mine, seed=shard.own_seed, shard=shard, out=out)


def _refuse_bytes_around_tls(options: RunOptions, profiles: Iterable[Profile]) -> None:
    """Raise ``UsageError`` for a profile that disturbs bytes where merchants connect by TLS, which has a port apart."""
    flag = "--tls" if options.tls else "--proxy-host" if options.proxy_host else ""
    for profile in profiles:
        if flag and Seam.WIRE in profile.needs():
            raise UsageError(
                f"the profile {profile.name} disturbs the bytes in front of the gateway, which listens there without "
                f"TLS.\n  mend: leave {flag} out, or take another profile"
            )


def _undeclared(profile: Profile, contract: Contract) -> str:
    """Return the section that the contract lacks and without which the profile has nothing to play; empty: none."""
    needed = [NEEDS[name] for name, weight in profile.workload.items() if weight and name in NEEDS]
    needed += ["sandbox_clock"] if profile.clock else []
    return next((section for section in needed if not getattr(contract, section)), "")


def _refuse_undeclared(loaded: LoadedContract, profiles: Iterable[Profile]) -> None:
    for profile in profiles:
        if section := _undeclared(profile, loaded.contract):
            raise UsageError(
                f"the profile {profile.name} has nothing to play: {loaded.path} declares no {section}.\n"
                f"  expected: {section}, with what the provider's documentation says of its sandbox\n"
                "  mend: declare it, or take another profile"
            )


def _chosen(profiles: Sequence[str], flaw: str) -> tuple[list[str], bool]:
    """The profiles by name, and, where there are none, whether that means every one rather than the default ones."""
    chosen = list(profiles)
    if chosen == [EVERY]:
        return [], True
    if flaw:
        entry = FLAWS.get(flaw)
        if not chosen and not entry.correct:
            chosen = [entry.profile]
    if len(set(chosen)) != len(chosen):
        raise UsageError(f"a profile is named twice: {', '.join(chosen)}")
    return chosen, False


def document_of(loaded: LoadedContract, path: str = "", *, strict: bool = False) -> ApiDocument | None:
    """Return the OpenAPI document at ``path``, or else the contract's; ``None`` without any. Raises ``UsageError``."""
    named = loaded.contract.openapi
    if path or named is None:
        return load_document(path, strict=strict, contract=loaded.contract)
    try:
        return load_document(str(loaded.path.parent / named), strict=strict, contract=loaded.contract)
    except FileError as error:
        problem = f'"openapi": {error.problem}'
        raise loaded.document.error(("openapi",), problem, expected=error.expected, mend=error.mend) from None


def load_document(path: str, *, strict: bool, contract: Contract | None = None) -> ApiDocument | None:
    """Return the OpenAPI document at ``path``; ``None`` without a path.

    Raises ``UsageError`` if it does not describe what ``contract`` sends.
    """
    if path:
        document = ApiDocument(Path(path), strict=strict)
        if contract is not None:
            document.operations(requests_of(contract))
        return document
    if strict:
        raise UsageError(
            "--openapi-strict says how an OpenAPI document is applied.\n  mend: name it with --openapi FILE"
        )
    return None


def load_profile(name_or_path: str | Path) -> Profile:
    """A profile whose scenarios and guarantees exist. Raises ``UnknownNameError`` or ``FileError``."""
    loaded = chaos_profile.read_profile(name_or_path)
    load_guarantee_plugins()
    loaded.check_names(scenarios=SCENARIOS.names(), guarantees=[*GUARANTEES.names(), *MERCHANT_GUARANTEES.names()])
    return loaded.profile


def _with_all_possible(plan: RunPlan, *, every: bool, merchants: bool) -> RunPlan:
    seams = open_environment(plan).seams
    possible: list[Profile] = []
    absent: list[LeftOutProfile] = []
    # The quiet day first: what breaks there needs no chaos.
    for name in sorted(chaos_profile.profile_names(), key=lambda name: (name != "none", name)):
        profile = load_profile(name)
        if (profile.tries_merchant and not merchants) or not (every or profile.default):
            continue
        if _undeclared(profile, plan.contract.contract):
            continue  # nothing is promised that could be tried
        if reason := why_impossible(profile, plan.contract.contract, seams):
            absent.append(left_out(profile, reason))
        else:
            possible.append(profile)
    return replace(plan, profiles=tuple(possible), all_profiles=not every, left_out=tuple(absent))


def _time_limit(options: RunOptions) -> Duration:
    if not options.time_limit:
        return BUDGETS.get(options.budget).time_limit
    try:
        limit = Duration(options.time_limit)
        if limit.ns:
            return limit
    except ValueError:
        pass
    raise UsageError(
        f"--time-limit {options.time_limit}: this is no time.\n"
        "  expected: a number over 0 with its unit, such as 90s, 30m or 2h"
    )


def _required(names: Sequence[str], loaded: LoadedContract) -> tuple[str, ...]:
    """Profiles and guarantees that must be judged. Raises ``UnknownNameError``."""
    load_guarantee_plugins()
    profiles = chaos_profile.profile_names()
    found: list[str] = []
    for name in names:
        if name == EVERY:
            # What the contract does not offer is not required; money is, whether or not it says where that is read.
            promises = replace(loaded.codec.promises, has_ledger=True, ledger_shows_returns=True)
            defaults = [profile for profile in map(load_profile, profiles) if profile.default]
            offered = [p for p in defaults if not why_impossible(p, loaded.contract, tuple(Seam))]
            found += [profile.name for profile in offered if not _undeclared(profile, loaded.contract)]
            found += [g.id for g in GUARANTEES if not g.not_applicable(promises)]
        elif Path(name).suffix in (".yaml", ".yml"):
            found.append(load_profile(name).name)
        elif name in profiles or name in GUARANTEES or name in MERCHANT_GUARANTEES:
            found.append(name)
        else:
            raise UnknownNameError(
                "profile or guarantee", name, [*profiles, *GUARANTEES.names(), *MERCHANT_GUARANTEES.names(), EVERY]
            )
    return tuple(dict.fromkeys(found))
