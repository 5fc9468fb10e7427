"""Say why a profile cannot be run: the target lacks a seam, or the contract an operation that its scenarios perform."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..chaos.profile import Profile
from ..contract.loading.loader import LoadedContract
from ..contract.spec.model import Contract, order_operations_of
from ..contract.spec.statement import StatementSpec
from ..core.result import LeftOutProfile
from ..errors import UsageError
from ..workload.all_scenarios import operations_needed
from .statement_windows import StatementWindows

__all__ = ["NO_OPERATION", "NO_SEAM", "left_out", "refuse_without_operation", "why_impossible"]

_LATE_NS = StatementWindows.LONGEST_WAIT_NS
NO_SEAM = "no seam for "
NO_OPERATION = "the contract has no section "


def why_impossible(profile: Profile, contract: Contract, seams: Collection[str]) -> str:
    """Return why a profile cannot be run; empty if it can."""
    if missing := [seam for seam in profile.needs() if seam not in seams]:
        return f"{NO_SEAM}{', '.join(missing)}"
    return _without_operation(profile, contract)


def left_out(profile: Profile, reason: str) -> LeftOutProfile:
    """Return a profile that is left out, for this reason."""
    return LeftOutProfile(profile.name, reason, tuple(profile.exposes), tuple(profile.requires()))


def refuse_without_operation(profiles: Iterable[Profile], loaded: LoadedContract) -> None:
    """Raise ``UsageError`` for a profile whose scenarios perform an operation that the contract does not have."""
    for profile in profiles:
        if reason := _without_operation(profile, loaded.contract):
            raise UsageError(
                f"the profile {profile.name} cannot be run: {reason}, which its scenarios perform.\n"
                f"  expected: the section in {loaded.path}, or another profile"
            )


def _without_operation(profile: Profile, contract: Contract) -> str:
    offered = {row.kind for row, _ in order_operations_of(contract)}
    missing = [kind.value for kind in operations_needed(profile.workload) if kind not in offered]
    if profile.statement and contract.statement is None:
        missing.append("statement")
    if missing:
        return f"{NO_OPERATION}{', '.join(missing)}"
    return _too_late(contract.statement) if profile.statement and contract.statement is not None else ""


def _too_late(statement: StatementSpec) -> str:
    """Return that a statement is whole long after a run; empty: it is not."""
    after = statement.available_after
    if after is None or (statement.whole_after_ns or _LATE_NS) < _LATE_NS:
        return ""
    return f"the statement is whole only {after} (statement.available_after), and no run waits so long"
