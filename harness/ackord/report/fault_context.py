"""Describes the circumstances of a finding: the active faults, and how far the standby and other replicas lagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.clock import MS, SECOND
from ..core.event import FaultChange, ReplicationSample
from ..core.history import History
from ..core.verdict import Finding
from .format import count, milliseconds, printable

__all__ = ["FaultContext", "fault_detail", "replica_name", "replication_proof"]

_NEAR_NS = 2 * SECOND
"""Maximal distance of a replication sample from an answer that it explains."""
_UNITS = {"ms": " ms", "s": " s", "ns": " ns", "us": " µs", "bytes": " bytes", "kbps": " kB/s"}


class FaultContext:
    """Index of the faults and the replication of one history. A run may have thousands of fired faults and many
    findings.
    """

    def __init__(self, history: History) -> None:
        self._switches = [f for f in history.faults if f.activates is not None]
        self._blows = [f for f in history.faults if f.change == "fired" and not f.op]
        self._fired: dict[int, list[FaultChange]] = {}
        for f in history.faults:
            if f.change == "fired" and f.op:
                self._fired.setdefault(f.op, []).append(f)
        self._samples = history.replication

    def faults(self, finding: Finding, at_ns: int, kinds: Mapping[int, str]) -> tuple[str, ...]:
        """Return one line for each fault that was active at ``at_ns``, had fired before, or fired on the evidence.
        ``kinds`` maps operation numbers to kinds.
        """
        armed: dict[str, FaultChange] = {}
        for f in self._switches:
            if f.at_ns <= at_ns:
                if f.activates:
                    armed[f.fault] = f
                else:
                    armed.pop(f.fault, None)
        fired = [f for op in dict.fromkeys(op for op, _ in finding.evidence) for f in self._fired.get(op, ())]
        hit = {f.fault for f in fired}
        # A momentary fault still has effects afterwards, so the last one of each kind before the instant is shown.
        blows = {f.fault: f for f in self._blows if f.at_ns <= at_ns}
        lines = [_fault(f, kinds) for f in [*(f for f in armed.values() if f.fault not in hit | blows.keys()), *fired]]
        return (*lines, *(_blow(f, at_ns) for f in blows.values()))

    def replication(self, at_ns: int) -> str:
        """Return how far each replica lagged at ``at_ns``; empty if no sample is near."""
        told = (_behind(replica, samples, at_ns) for replica, samples in self._samples.items())
        return "; ".join(words for words in told if words)


def replica_name(replica: str) -> str:
    """Return the replica's name in a sentence: ``standby``, ``read model``."""
    return printable(replica).replace("-", " ") or "standby"


def _behind(replica: str, samples: Sequence[ReplicationSample], at_ns: int) -> str:
    """Return the lag by the nearest sample and the nearest probe; empty if both are far."""
    near = [s for s in samples if abs(s.at_ns - at_ns) <= _NEAR_NS]
    if not near:
        return ""
    sample = min(near, key=lambda s: abs(s.at_ns - at_ns))
    behind = sample.primary_lsn - sample.standby_lsn
    if behind > 0:
        words = f"the {replica_name(replica)} was {count(behind, 'byte')} of write-ahead log behind the primary"
    else:
        words = f"the {replica_name(replica)} was level with the primary"
    away_ns = sample.at_ns - at_ns
    when = f"{milliseconds(abs(away_ns))} {'later' if away_ns > 0 else 'earlier'}"
    words += f" (sampled {when})" if abs(away_ns) >= MS else ""
    probed = [s for s in near if s.probe_lag_ns is not None]
    if probed:
        probe = min(probed, key=lambda s: abs(s.at_ns - at_ns))
        words += f"; a probe measured a lag of {milliseconds(probe.probe_lag_ns or 0)}"
    return words


_TOLD_OF_BLOWS = ("node", "down_ms", "lost_wal_bytes", "movements_lost")


def _blow(f: FaultChange, at_ns: int) -> str:
    said = {key: f.detail[key] for key in _TOLD_OF_BLOWS if f.detail.get(key)}
    detail = ", ".join(_detail(key, value) for key, value in said.items())
    return f"{printable(f.fault)} ({printable(f.seam)} seam) struck {milliseconds(at_ns - f.at_ns)} before" + (
        f": {detail}" if detail else ""
    )


def _fault(f: FaultChange, kinds: Mapping[int, str]) -> str:
    detail = fault_detail(f.detail)
    seam = f" ({printable(f.seam)} seam)" if f.seam else ""
    verb = f"fired on {kinds.get(f.op, 'operation')} {f.op}" if f.change == "fired" else "was active"
    return f"{printable(f.fault)}{seam} {verb}" + (f": {detail}" if detail else "")


def fault_detail(detail: Mapping[str, Any]) -> str:
    """Describe a fault's parameters: ``200 ms, on 5 % of what it can hit, after 100 ms``. Default
    values are left out.
    """
    return ", ".join(_detail(key, value) for key, value in detail.items() if value and (key, value) != ("share", 1))


def _detail(key: str, value: Any) -> str:
    """Describe one parameter: ``latency_ms: 200.0`` as ``latency 200 ms``, ``ms: 200`` as ``200 ms``, a share as a
    percentage.
    """
    if isinstance(value, Mapping):
        return fault_detail(value)
    name, _, unit = key.rpartition("_")
    words = printable(name).replace("_", " ")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if unit in _UNITS:
            return f"{words} {_number(value)}{_UNITS[unit]}".lstrip()
        if unit == "share":
            return f"{words} {_number(100 * value)} %" if words else f"on {_number(100 * value)} % of what it can hit"
        return f"{printable(key).replace('_', ' ')} {_number(value)}"
    return printable(key).replace("_", " ") + ("" if value is True else f" {printable(str(value))}")


def _number(value: float) -> str:
    """Format a number without trailing zeros: ``200``, ``0.5``, ``1,200``."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"


def replication_proof(samples: Sequence[ReplicationSample]) -> tuple[int, int | None]:
    """Return the largest sampled lag of a replica in bytes of write-ahead log, and the longest probed lag (ns)."""
    behind_bytes = max(0, *(s.primary_lsn - s.standby_lsn for s in samples))
    return behind_bytes, max((s.probe_lag_ns for s in samples if s.probe_lag_ns is not None), default=None)
