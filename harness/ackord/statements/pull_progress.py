"""Tells on standard error how a pull goes: rows, partitions, rate, and what is late."""

from __future__ import annotations

from collections import Counter
from typing import TextIO

from ..core.clock import SECOND, Clock
from .outcomes import PartitionOutcome, PartitionState, PullResult

__all__ = ["PullProgress"]

_EVERY_NS = 2 * SECOND
_TOLD = (
    PartitionState.UNCHANGED, PartitionState.GROWING, PartitionState.LATE, PartitionState.REFUSED,
    PartitionState.UNREACHABLE,
)  # fmt: skip


class PullProgress:
    """Writes a line every two seconds; over the one before at a terminal."""

    def __init__(self, partitions: int, clock: Clock, stream: TextIO) -> None:
        """``partitions``: how many there are in all."""
        self._partitions, self._clock, self._stream = partitions, clock, stream
        self._began_ns = self._told_ns = clock.now_ns()
        self._rows = 0
        self._states: Counter[PartitionState] = Counter()
        self._late: list[str] = []

    def took(self, outcome: PartitionOutcome) -> None:
        """Take note of a partition that is done."""
        self._rows += outcome.rows if outcome.version else 0
        self._states[outcome.state] += 1
        if outcome.state in (PartitionState.LATE, PartitionState.GROWING):
            self._late.append(str(outcome.key))
        now_ns = self._clock.now_ns()
        if now_ns - self._told_ns >= _EVERY_NS:
            self._told_ns = now_ns
            self._write(self._line(now_ns), ends=not self._stream.isatty())

    def end(self, result: PullResult) -> None:
        """Write the last line, and what is late."""
        self._write(self._line(self._clock.now_ns()), ends=True)
        if self._late:
            more = f" and {len(self._late) - 5} more" if len(self._late) > 5 else ""
            print(f"not whole yet: {', '.join(self._late[:5])}{more}", file=self._stream)

    def _line(self, now_ns: int) -> str:
        done = self._states.total()
        passed_s = max((now_ns - self._began_ns) / SECOND, 1e-9)
        told = "".join(f", {self._states[state]:,} {state}" for state in _TOLD if self._states[state])
        rate = f"{self._rows / passed_s:,.0f} lines/s"
        return f"{self._rows:,} lines of {done:,} of {self._partitions:,} partitions, {rate}{told}"

    def _write(self, line: str, *, ends: bool) -> None:
        begin = "\r\x1b[K" if self._stream.isatty() else ""
        self._stream.write(f"{begin}{line}{chr(10) if ends else ''}")
        self._stream.flush()
