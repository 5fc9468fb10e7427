"""Defines what a contract says of its statements, as plain data for the judge."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["StatementPromises"]


@dataclass(frozen=True, slots=True)
class StatementPromises:
    """One contract's statements."""

    whole_after_ns: int | None = None
    """How long after the end of a period its statement is whole, and changes no more; ``None``: no run knows."""
    grows: bool = True
    """Whether it holds what has moved before the period is over, within the time that is promised for the ledger."""
    paging: str = ""
    """``cursor``, ``row`` (the last row's identifier) or ``counted``; empty: it has no pages."""
    totals: bool = False
    """It says what its lines add up to."""
    shows_returns: bool = True
    shows_refunds: bool = True
    dated: bool = True
    """Each line says when its money moved, and lies in the period that was asked for."""
    beside_ledger: bool = True
    """Movements are read from a ledger, so the statement can be compared with it."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StatementPromises:
        """The inverse of ``to_json``. Raises ``TypeError`` for anything else."""
        return cls(**data)
