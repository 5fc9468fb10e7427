"""A store of movements in memory, as statements read them from PostgreSQL."""

from __future__ import annotations

from typing import Any

from ackord.contract.emulate.domain_responses import ProviderMovement
from ackord.providers.service.statement_book import StatedWindow

__all__ = ["WINDOW", "MemoryLedger"]

WINDOW = StatedWindow("main", 100, 200)


class _Lane:
    """Answers the one query of a statement."""

    def __init__(self, movements: list[ProviderMovement]) -> None:
        self.movements = movements

    async def rows(
        self, sql: str, account: str, from_s: int, to_s: int, after: int, limit: int, skip: int
    ) -> list[tuple[Any, ...]]:
        mine = [m for m in self.movements if m.account == account and from_s <= m.at_s < to_s]
        out = sum(m.amount for m in mine if m.kind == "payout")
        totals = (len(mine), out, sum(m.amount for m in mine) - out)
        page = sorted((m for m in mine if m.id > after), key=lambda m: m.id, reverse="DESC" in sql)[skip:][:limit]
        return [(*totals, *m) for m in page] or [(*totals, *[None] * 9)]


class MemoryLedger:
    """Movements on a primary; the standby lacks the last ``behind``."""

    def __init__(self, count: int, behind: int = 0) -> None:
        self.movements = [ProviderMovement(0, "", "", "", 0, "")] * 0
        for _ in range(count):
            self.book()
        self.primary: Any = _Lane(self.movements)
        self.standby: Any = _Lane(self.movements[: count - behind])

    def book(self, account: str = "main", at_s: int = 150) -> None:
        number = len(self.movements) + 1
        self.movements.append(
            ProviderMovement(number, account, f"N-{number}", f"po_{number}", 100 + number, "payout", at_s, "EUR")
        )
