"""Holds the results of a campaign in memory: each profile's verdict with its history, and all profiles together.
Reports are written from these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .history import History
from .landing import LandingWindow
from .shard import Shard
from .verdict import ENVIRONMENT_FAILED, INTERRUPTED, GuaranteeVerdict, Result, Verdict, exit_code, worst

__all__ = ["CampaignResult", "LeftOutProfile", "ProfileResult", "UnaskedAddress", "campaign_of"]


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """One profile's run."""

    profile: str
    verdict: Verdict
    history: History
    landing: LandingWindow | None
    """``None`` where no order was acknowledged."""
    journal: str
    """Path of the journal."""
    operations: int
    """Operations of the merchant."""
    elapsed_ns: int
    repeat: str
    """The command that runs this profile again with this seed."""
    cut_short: str = ""
    """Why the run ended before its end; empty for a whole one."""


@dataclass(frozen=True, slots=True)
class LeftOutProfile:
    """A profile that belongs to the run and that its target cannot run."""

    profile: str
    reason: str
    """``no seam for replication``."""
    exposes: tuple[str, ...]
    """Guarantees that it would have put to the test."""
    proves: tuple[str, ...]
    """Guarantees of these that it would have judged under faults of its own."""


@dataclass(frozen=True, slots=True)
class UnaskedAddress:
    """A node or host of the provider that the contract declares and that no request went to."""

    what: str
    """``node`` or ``host``."""
    name: str
    sections: tuple[str, ...]
    """The contract's sections whose requests go to this host; a node's are not listed."""

    @property
    def needed(self) -> bool:
        """Whether nothing passes without it. A run need neither cancel nor fetch a statement."""
        return not self.sections or not _OPTIONAL.issuperset(self.sections)

    @property
    def sentence(self) -> str:
        """Return in a sentence, without its full stop, what was not asked and why nothing is known of it."""
        if self.what == "host" and not self.sections:
            return f"host {self.name} of the contract is named by no request, so nothing is known of it"
        of = f" ({', '.join(self.sections)})" if self.sections else ""
        return f"{self.what} {self.name} of the contract{of} was never asked, so nothing is known of it"


_OPTIONAL = frozenset({"cancel", "statement"})


def _answers_elsewhere(sections: Sequence[str], history: History) -> bool:
    """Whether a host was asked by requests that are about no order: no node stands beside them in a history."""
    if "ledger" in sections and (history.ledger_was_read or history.ledger_problem):
        return True
    return "prerequisites" in sections and bool(history.outcome_counts())


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """One contract under many profiles."""

    contract: str
    provider: str
    """Description of what was judged: ``reference provider (PostgreSQL 18.1), flaw standby-reads``."""
    subject: str
    """``provider``, ``integration`` or ``sandbox``."""
    target: str
    flaw: str
    """Empty for none."""
    seed: int
    budget: str
    started: str
    """Civil time in UTC, ISO 8601."""
    elapsed_ns: int
    profiles: tuple[ProfileResult, ...]
    not_run: tuple[str, ...]
    """Profiles that were chosen but not run, because the run stopped early."""
    out: str
    """The output folder."""
    repeat: str
    options: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[LeftOutProfile, ...] = ()
    """Profiles that a run of this kind includes and that the target cannot run; empty where the user chose profiles."""
    required: tuple[str, ...] = ()
    """Profiles and guarantees without which the campaign is not a pass."""
    failure: str = ""
    """What failed and ended the campaign, the surroundings or the user's input; empty if nothing did."""
    failed_with: int = ENVIRONMENT_FAILED
    """The exit code of a campaign with a ``failure``: 2 where the user's input was at fault."""
    interrupted: bool = False
    """Whether the user ended the campaign."""
    contract_file: str = ""
    """The contract's file, relative to the working folder where it is below it; empty where nobody knows it."""
    contract_lines: Mapping[str, int] = field(default_factory=dict)
    """Guarantee -> the line of the contract, from 1, that says what the guarantee is about."""
    provider_version: str = ""
    """The version of what was judged, as the user named it; empty if nobody did."""
    shard: Shard | None = None
    """Which part of a campaign this is; ``None``: it is whole."""

    def line_of(self, guarantee: str) -> int:
        """Return the contract's line that a guarantee is about; the first where nothing says."""
        return self.contract_lines.get(guarantee, 1)

    @property
    def result(self) -> Result:
        """Return the worst result of the profiles; at best ``INCONCLUSIVE`` if none ran or if there are ``doubts``."""
        results = [p.verdict.result for p in self.profiles]
        return worst([*results, Result.INCONCLUSIVE] if self.doubts else results)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return what keeps the whole from being a pass, whatever its profiles say; one sentence each."""
        unasked = [u.sentence for u in self.unasked if u.needed]
        early = [f"the run ended early: {self.ended_by}"] if self.ended_by else []
        if self.shard is not None:  # what it did not ask may be asked by another one
            return tuple(early)
        why = {p.profile: f"cannot run here: {p.reason}" for p in self.left_out}
        required = [f"{name} is required, and {why.get(name, 'was not judged')}" for name in self.absent]
        return (*early, *unasked, *required)

    @property
    def unasked(self) -> tuple[UnaskedAddress, ...]:
        """Return the provider's nodes and hosts that the contract declares and that no profile asked."""
        nodes: dict[str, None] = {}
        hosts: dict[str, list[str]] = {}
        asked: set[str] = set()
        for p in self.profiles:
            options = p.history.header.options
            nodes.update(dict.fromkeys(options.get("nodes", ())))
            hosts.update(options.get("hosts", {}))
            asked |= p.history.nodes_asked
            asked |= {host for host, sections in hosts.items() if _answers_elsewhere(sections, p.history)}
        found = [UnaskedAddress("node", name, ()) for name in nodes if name not in hosts]
        found += [UnaskedAddress("host", name, tuple(sections)) for name, sections in hosts.items()]
        return tuple(u for u in found if u.name not in asked)

    @property
    def ended_by(self) -> str:
        """Return in a few words what ended the campaign early; empty if nothing did."""
        return "it was interrupted" if self.interrupted else self.failure.partition("\n")[0].rstrip(".")

    @property
    def absent(self) -> tuple[str, ...]:
        """Return what is required and was not judged: profiles that did not run, guarantees that no profile judged."""
        judged = {p.profile for p in self.profiles}
        for p in self.profiles:
            judged.update(g.guarantee for g in p.verdict.guarantees if g.result is not Result.NOT_APPLICABLE)
        return tuple(name for name in self.required if name not in judged)

    @property
    def exit_code(self) -> int:
        """Return 130 for a campaign that was interrupted, ``failed_with`` for one that failed, else the result's."""
        if self.interrupted:
            return INTERRUPTED
        return self.failed_with if self.failure else exit_code([self.result])

    def table(self) -> dict[str, dict[str, GuaranteeVerdict]]:
        """Guarantee -> profile -> verdict, in the order in which they were judged."""
        rows: dict[str, dict[str, GuaranteeVerdict]] = {}
        for p in self.profiles:
            for g in p.verdict.guarantees:
                rows.setdefault(g.guarantee, {})[p.profile] = g
        return rows


def campaign_of(results: Sequence[ProfileResult], folder: str) -> CampaignResult:
    """Return results of one contract together, as their headers describe them; ``folder`` is where they are.

    ``results`` has at least one.
    """
    header = results[0].history.header
    return CampaignResult(
        contract=header.contract,
        provider=header.contract,
        subject=header.subject,
        target=str(header.options.get("target", "")),
        flaw=str(header.options.get("flaw", "")),
        seed=header.seed,
        budget=str(header.options.get("budget", "")),
        provider_version=str(header.options.get("provider_version", "")),
        started=header.started,
        elapsed_ns=sum(r.elapsed_ns for r in results),
        profiles=tuple(results),
        not_run=(),
        out=folder,
        repeat=results[0].repeat,
    )
