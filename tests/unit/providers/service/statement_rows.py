"""A store of movements in memory, as statements read them from PostgreSQL."""

from __future__ import annotations

from ackord.contract.emulate.domain_responses import ProviderMovement
from ackord.providers.service.provider_store import ReadLane, StatedWindow, StatementTotals

__all__ = ["WINDOW", "MemoryLedger"]

WINDOW = StatedWindow("main", 100, 200)


class MemoryLedger:
    """Movements on a primary; the standby lacks the last ``behind``."""

    def __init__(self, count: int, behind: int = 0) -> None:
        self.movements: list[ProviderMovement] = []
        for _ in range(count):
            self.book()
        self._lanes = {ReadLane.PRIMARY: self.movements, ReadLane.STANDBY: self.movements[: count - behind]}

    async def statement_page(
        self, lane: ReadLane, window: StatedWindow, *, after: int, limit: int, skip: int = 0, newest_first: bool = False
    ) -> tuple[list[ProviderMovement], StatementTotals]:
        account, from_s, to_s = window
        mine = [m for m in self._lanes[lane] if m.account == account and from_s <= m.at_s < to_s]
        out = sum(m.amount for m in mine if m.kind == "payout")
        totals = StatementTotals(len(mine), out, sum(m.amount for m in mine) - out)
        rows = sorted((m for m in mine if m.id > after), key=lambda m: m.id, reverse=newest_first)
        return rows[skip:][:limit], totals

    def book(self, account: str = "main", at_s: int = 150) -> None:
        number = len(self.movements) + 1
        self.movements.append(
            ProviderMovement(number, account, f"N-{number}", f"po_{number}", 100 + number, "payout", at_s, "EUR")
        )
