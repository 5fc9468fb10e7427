"""Defines simulated providers whose statements are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .simulated_provider import SimulatedProvider
from .simulated_standby import SimulatedMovement
from .simulated_statements import Books, SimulatedStatements, SimulatedWindow, number_of

__all__ = ["SIMULATED_STATEMENT_FLAWS"]

_ODD, _OF = 7, 50
"""The seventh line of fifty is the odd one."""
_Lines = Sequence[SimulatedMovement]


class _OffsetStatements(SimulatedStatements):
    """Counts from the newest line."""

    def stated(self, window: SimulatedWindow) -> _Lines:
        return super().stated(window)[::-1]


class _TwoServersStatements(SimulatedStatements):
    """Reads primary and standby, in no regular turn."""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._reads = 0

    def ledger(self) -> _Lines:
        self._reads += 1
        return self.books.standby.movements() if self._reads.bit_count() % 2 else self.books.ledger


class _AnyCursorStatements(SimulatedStatements):
    def skipped(self, window: SimulatedWindow, cursor: str) -> int | None:
        return super().skipped(window, cursor) or 0


class _WholePagesStatements(SimulatedStatements):
    def page(self, window: SimulatedWindow, cursor: str) -> dict[str, object] | None:
        found = super().page(window, cursor)
        if found is not None and "next" in found:
            following = super().page(window, str(found["next"]))
            if following is not None and "next" not in following:
                del found["next"]
        return found


class _RowsStatements(SimulatedStatements):
    def totals(self, stated: _Lines) -> Mapping[str, int]:
        totals = super().totals(stated)
        return {**totals, "lines": totals["lines"] + 1}


class _RestatingStatements(SimulatedStatements):
    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._issued: dict[SimulatedWindow, int] = {}

    def skipped(self, window: SimulatedWindow, cursor: str) -> int | None:
        if not cursor:
            self._issued[window] = self._issued.get(window, 0) + 1
        return super().skipped(window, cursor)

    def shown(self, window: SimulatedWindow, lines: _Lines) -> _Lines:
        again = self._issued.get(window, 0) > 1
        return [m._replace(amount=m.amount + 1) if again and number_of(m) % 8 == 1 else m for m in lines]


class _MajorStatements(SimulatedStatements):
    def shown(self, window: SimulatedWindow, lines: _Lines) -> _Lines:
        return [m._replace(amount=m.amount * 100) if number_of(m) % 4 == 1 else m for m in lines]


class _GraceStatements(SimulatedStatements):
    def stated(self, window: SimulatedWindow) -> _Lines:
        return super().stated(window._replace(from_s=window.from_s - 1))


class _SkippingStatements(SimulatedStatements):
    def shown(self, window: SimulatedWindow, lines: _Lines) -> _Lines:
        return [m for m in lines if number_of(m) % _OF != _ODD]


class _RepeatingStatements(SimulatedStatements):
    def shown(self, window: SimulatedWindow, lines: _Lines) -> _Lines:
        copies = [(m, m._replace(movement_id=f"{m.movement_id}0000")) for m in lines]
        return [m for pair in copies for m in pair[: 2 if number_of(pair[0]) % _OF == _ODD else 1]]


def _with(statements: type[SimulatedStatements], name: str) -> type[SimulatedProvider]:
    return type(name, (SimulatedProvider,), {"statements_of": statements, "__module__": __name__})


SIMULATED_STATEMENT_FLAWS: dict[str, type[SimulatedProvider]] = {
    "statement-offset-pages": _with(_OffsetStatements, "SimulatedStatementOffsetPages"),
    "statement-page-from-standby": _with(_TwoServersStatements, "SimulatedStatementPageFromStandby"),
    "statement-cursor-ignored": _with(_AnyCursorStatements, "SimulatedStatementCursorIgnored"),
    "statement-last-page-missing": _with(_WholePagesStatements, "SimulatedStatementLastPageMissing"),
    "statement-totals-differ": _with(_RowsStatements, "SimulatedStatementTotalsDiffer"),
    "statement-line-restated": _with(_RestatingStatements, "SimulatedStatementLineRestated"),
    "statement-fen-and-yuan": _with(_MajorStatements, "SimulatedStatementFenAndYuan"),
    "statement-line-on-both-days": _with(_GraceStatements, "SimulatedStatementLineOnBothDays"),
    "statement-line-left-out": _with(_SkippingStatements, "SimulatedStatementLineLeftOut"),
    "statement-line-twice": _with(_RepeatingStatements, "SimulatedStatementLineTwice"),
}
"""By the names of the reference's flaws."""
