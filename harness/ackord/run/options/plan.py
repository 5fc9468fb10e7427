"""What is to be run: a contract, profiles, a target, a budget, a seed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...chaos.profile import Profile
from ...contract.loading.loader import LoadedContract
from ...core.registry import Registry
from ...workload.openapi_check import ApiDocument

__all__ = ["BUDGETS", "START", "RunBudget", "RunPlan"]

START = "start"
"""As ``RunPlan.toxiproxy``: a server of our own."""


@dataclass(frozen=True, slots=True)
class RunBudget:
    """How much is done in each profile."""

    name: str
    title: str
    waves: int
    """Storm waves; a profile says how many orders a wave has."""
    examples: int
    """Programs of the stateful machine."""
    steps: int
    """At most so many steps a program."""
    stop_at_violation: bool
    """Stop a profile as soon as something is violated: one violation is a proof."""


BUDGETS: Registry[RunBudget] = Registry("budget")
BUDGETS.add("quick", RunBudget("quick", "seconds: one wave, stops at the first violation", 1, 4, 15, True))
BUDGETS.add("standard", RunBudget("standard", "under a minute for all default profiles", 1, 6, 20, False))
BUDGETS.add("deep", RunBudget("deep", "minutes: many waves, long programs", 10, 120, 40, False))


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run as the user asked for it."""

    contract: LoadedContract
    contract_argument: str
    """The contract's name or path, as the user gave it."""
    profiles: tuple[Profile, ...]
    profile_arguments: Mapping[str, str]
    """Profiles that were given by path: name -> path."""
    all_profiles: bool
    """Whether these are simply all that the target allows."""
    target: str
    """``reference``, ``emulator``, ``docker``, or the provider's address."""
    flaw: str
    """A flaw or variant of the reference provider; empty for the default."""
    seeks: str
    """The guarantee that the flaw breaks by its own word; empty for none."""
    seed: int
    budget: RunBudget
    out: Path
    inject: bool = True
    """False: every fault is announced and none is made. It proves that the judge does not pass on nothing."""
    ca: str = ""
    """PEM file of the authority that signed the certificate of a provider at an address; empty: the system's authorities."""
    toxiproxy: str = ""
    """What makes the links: empty for the embedded engine, ``start`` for a Toxiproxy server of our own, its path, or the address of one that runs."""
    remote: bool = False
    """Whether the target may be on another machine: a sandbox over https, never the contract's production."""
    port: int = 0
    """Where the gateway listens on this machine; 0: any port."""
    callback_port: int = 0
    """Where callbacks are taken on this machine; 0: any port."""
    postgres_bin: str = ""
    """Folder of an installed PostgreSQL's programs; empty: the wheel's."""
    openapi: ApiDocument | None = None
    """What the provider says of its own answers."""

    def command(self, *, profile: str = "") -> str:
        """The command that repeats this run, or one profile of it."""
        words = ["ackord", "certify", self.contract_argument]
        if self.target != "reference":
            words += ["--target", self.target]
        if self.flaw:
            words += ["--flaw", self.flaw]
        named = [p.name for p in self.profiles] if not self.all_profiles else []
        for name in [profile] if profile else named:
            words += ["--profile", self.profile_arguments.get(name, name)]
        words += ["--budget", self.budget.name, "--seed", str(self.seed)]
        if not self.inject:
            words.append("--no-inject")
        if self.ca:
            words += ["--ca", self.ca]
        if self.toxiproxy:
            words += ["--toxiproxy", self.toxiproxy]
        if self.remote:
            words.append("--remote")
        if self.callback_port:
            words += ["--callback-port", str(self.callback_port)]
        if self.openapi is not None:
            words += self.openapi.on_command_line()
        return shlex.join(words)
